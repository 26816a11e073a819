"""The one way in: a question to ranked passages, also as a LangChain retriever."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from ingest.errors import BadRequest, MarrowError
from retriever.embedder import Embedder, Vectors
from retriever.fusion import min_max_sum
from retriever.index import IndexFolder, OpenIndex
from retriever.records import Filters, Hit, Scores, SearchResult
from retriever.store import StoredPassage

logger = logging.getLogger(__name__)
Mode = Literal["hybrid", "bm25", "dense"]


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How passages are ranked.

    `depth` passages are taken from each retriever; `lexical_weight` is BM25's share of the fused score.
    """

    depth: int = 100
    lexical_weight: float = 0.5
    max_question_chars: int = 4_000
    max_k: int = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with the stored passage behind it and the question's vector, for the stages that follow."""

    hit: Hit
    stored: StoredPassage


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a search found. `vector` is the question's, shape (dimension,)."""

    found: tuple[Found, ...]
    vector: Vectors
    timings_ms: dict[str, float]
    index_version: str

    def result(self) -> SearchResult:
        """What crosses the outside."""
        hits = tuple(found.hit for found in self.found)
        return SearchResult(hits=hits, timings_ms=self.timings_ms, index_version=self.index_version)


class Searcher:
    """Searches the active index version, and changes over when another becomes active."""

    def __init__(self, home: Path, embedder: Embedder, config: SearchConfig | None = None) -> None:
        """Search the versions under `home`; the active one is opened at first use."""
        self._folder = IndexFolder(home)
        self._embedder = embedder
        self._config = config or SearchConfig()
        self._open: OpenIndex | None = None
        self._lock = threading.Lock()
        self._refused: str | None = None

    def index(self) -> OpenIndex:
        """The active version, opened.

        Raises:
            RetrieverError: if there is none, or it cannot be opened and none was open before.
        """
        with self._lock:
            if self._open is None:
                self._open = self._folder.open(self._embedder)
            else:
                self._open = self._successor(self._open)
            return self._open

    def _successor(self, current: OpenIndex) -> OpenIndex:
        """The version to go on with: the active one, or `current` where that cannot be opened."""
        try:
            name = self._folder.active_name()
            if name in (None, current.manifest.version, self._refused):
                return current
            # Tried once: each search that tried again would read half an index in vain.
            self._refused = name
            # The version left behind is not closed here: a search in another thread may still read it.
            return self._folder.open(self._embedder, name)
        except MarrowError:
            logger.exception("the new index version cannot be opened; the one before goes on serving")
            return current

    def search(self, question: str, *, k: int = 10, filters: Filters | None = None, mode: Mode = "hybrid") -> Findings:
        """Rank passages for a question.

        Args:
            question: 1 to 4,000 characters.
            k: how many hits, 1 to 1,000.
            filters: conditions every hit meets; a filter that nothing meets gives no hits.
            mode: both retrievers fused, or one alone.

        Returns:
            At most k hits, best first; equal scores in index order. In "hybrid" a score is in 0..1.

        Raises:
            BadRequest: if the question or k are out of bounds.
            RetrieverError: if no index can be opened.
        """
        text = check_question(question, self._config.max_question_chars)
        if not 1 <= k <= self._config.max_k:
            raise BadRequest(f"k is {k}; it must be from 1 to {self._config.max_k}")
        timings: dict[str, float] = {}
        with _timed(timings, "total"):
            index = self.index()
            allowed = index.store.allowed(filters or Filters())
            depth = max(k, self._config.depth)
            with _timed(timings, "bm25"):
                lexical = index.lexical.search(text, depth, allowed=allowed) if mode != "dense" else []
            with _timed(timings, "embed"):
                vector = self._embedder.encode([text])[0]
            with _timed(timings, "dense"):
                dense = index.dense.search(vector, depth, allowed=allowed) if mode != "bm25" else []
            ranked = self._fuse(lexical, dense, mode)[:k]
            stored = index.store.rows([row for row, _ in ranked])
            hits = _hits(ranked, stored, dict(lexical), dict(dense))
        found = tuple(Found(hit, passage) for hit, passage in zip(hits, stored, strict=True))
        return Findings(found, vector, timings, index.manifest.version)

    def _fuse(
        self, lexical: Sequence[tuple[int, float]], dense: Sequence[tuple[int, float]], mode: Mode
    ) -> Sequence[tuple[int, float]]:
        if mode == "bm25":
            return lexical
        if mode == "dense":
            return dense
        weight = self._config.lexical_weight
        return min_max_sum([lexical, dense], weights=[weight, 1 - weight])


def check_question(question: str, limit: int) -> str:
    """The question without surrounding space and control characters.

    Raises:
        BadRequest: if nothing is left, or more than `limit` characters.
    """
    text = "".join(c if c.isprintable() else " " for c in question).strip()
    if not text:
        raise BadRequest("the question is empty", hint="Type a question, for example: What is neutropenia?")
    if len(text) > limit:
        raise BadRequest(
            f"the question has {len(text):,} characters; at most {limit:,} can be searched",
            hint="Shorten it to what you want to know.",
        )
    return text


def _hits(
    ranked: Sequence[tuple[int, float]],
    stored: Sequence[StoredPassage],
    lexical: dict[int, float],
    dense: dict[int, float],
) -> list[Hit]:
    hits = []
    for rank, ((row, score), item) in enumerate(zip(ranked, stored, strict=True), start=1):
        passage, meta = item.passage, item.document.meta
        hits.append(
            Hit(
                rank=rank,
                score=round(score, 6),
                passage_id=passage.passage_id,
                doc_id=passage.doc_id,
                title=meta.title,
                text=passage.text,
                section=passage.section,
                year=meta.year,
                journal=meta.journal,
                page=passage.page,
                url=meta.url,
                publication_types=meta.publication_types,
                audience=meta.audience,
                retracted=meta.retracted,
                scores=Scores(bm25=lexical.get(row), dense=dense.get(row)),
            )
        )
    return hits


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    timings[stage] = round((time.perf_counter() - begin) * 1000, 3)


class MarrowRetriever(BaseRetriever):
    """Marrow's search as a LangChain retriever; metadata holds the hit without its text."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    searcher: Searcher
    k: int = 10
    filters: Filters = Filters()

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        found = self.searcher.search(query, k=self.k, filters=self.filters).result()
        return [
            LangChainDocument(page_content=hit.text, id=hit.passage_id, metadata=hit.model_dump(exclude={"text"}))
            for hit in found.hits
        ]
