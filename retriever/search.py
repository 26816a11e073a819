"""The one way in: a question to ranked passages, also as a LangChain retriever."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from ingest.errors import BadRequest, MarrowError
from retriever.embedder import Embedder, EncodedQuestion, Vectors
from retriever.evidence import prior
from retriever.feedback import nearness_to_best
from retriever.fusion import Ranking, min_max_sum
from retriever.hits import best_groups, make_hits
from retriever.index import IndexFolder, OpenIndex
from retriever.lexical import Mask
from retriever.records import Filters, Hit, SearchResult
from retriever.rerank import LateInteraction, Reranker
from retriever.store import StoredPassage

logger = logging.getLogger(__name__)
Mode = Literal["hybrid", "fusion", "bm25", "dense"]


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How passages are ranked.

    `depth` passages are taken from each retriever and fused with equal weights; the `reranked` best go through the
    second stage, whose score is mixed with those of BM25 and the dense index by `weights` (BM25, dense, second stage).
    `feedback_weight` is then the share of nearness to the three best in the score, `evidence_weight` that of the
    evidence prior in the final score: at 0.02 it can only turn round passages less than 0.021 apart.
    A share of 0 turns its stage off. benchmarks/weights.py shows how weights and shares were chosen.
    """

    depth: int = 100
    reranked: int = 100
    weights: tuple[float, float, float] = (0.2, 0.1, 0.7)
    feedback_weight: float = 0.3
    evidence_weight: float = 0.02
    max_question_chars: int = 4_000
    max_k: int = 1_000
    max_context: int = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with the stored passage behind it, for the stages that follow."""

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


@dataclass(frozen=True, slots=True)
class Trace:
    """What a search notes on its way: each stage's time, and by field of `Scores` the score it gave each row."""

    timings_ms: dict[str, float] = field(default_factory=dict)
    scores: dict[str, dict[int, float]] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Note the time of a stage."""
        begin = time.perf_counter()
        yield
        self.timings_ms[stage] = round((time.perf_counter() - begin) * 1000, 3)


class Searcher:
    """Searches the active index version, and changes over when another becomes active."""

    def __init__(
        self,
        home: Path,
        embedder: Embedder,
        config: SearchConfig | None = None,
        *,
        reranker: Reranker | None = None,
    ) -> None:
        """Search the versions under `home`; the active one is opened at first use.

        Args:
            home: the data folder.
            embedder: the model that the index was built with.
            config: how passages are ranked.
            reranker: the second stage; late interaction unless another is given.
        """
        self._folder = IndexFolder(home)
        self._embedder = embedder
        self._config = config or SearchConfig()
        self._reranker = reranker or LateInteraction()
        self._open: OpenIndex | None = None
        self._lock = threading.Lock()
        self._refused: str | None = None

    @property
    def config(self) -> SearchConfig:
        """How passages are ranked."""
        return self._config

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

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        filters: Filters | None = None,
        mode: Mode = "hybrid",
        context: int = 0,
    ) -> Findings:
        """Rank passages for a question.

        Args:
            question: 1 to 4,000 characters.
            k: how many hits, 1 to 1,000.
            filters: conditions every hit meets; a filter that nothing meets gives no hits.
            mode: both retrievers fused, reranked, with the evidence prior ("hybrid"); fused only; or one alone.
            context: how many passages before and after each hit come with it, 0 to 10.

        Returns:
            At most k hits, best first; equal scores in index order. In "hybrid" a score is in 0..1. A passage that says
            the same as a better one stands behind it, in `Hit.also`.

        Raises:
            BadRequest: if the question, k or context are out of bounds.
            RetrieverError: if no index can be opened.
        """
        config, trace = self._config, Trace()
        text = check_question(question, config.max_question_chars)
        _check_bounds("k", k, 1, config.max_k)
        _check_bounds("context", context, 0, config.max_context)
        with trace.timed("total"):
            index = self.index()
            allowed = index.store.allowed(filters or Filters())
            encoded, first = self._first_stage(
                index, text, mode, depth=max(k, config.depth), allowed=allowed, trace=trace
            )
            ranked = self._fused(first, trace) if mode in ("hybrid", "fusion") else first["bm25"] or first["dense"]
            if mode == "hybrid":
                ranked = self._second_stage(index, text, encoded=encoded, first=first, fused=ranked, trace=trace)
                ranked = self._with_feedback(index, ranked, trace)
                ranked = self._with_prior(index, ranked, trace)
            with trace.timed("hits"):
                groups = best_groups(index.store, [row for row, _ in ranked], k)
                hits = make_hits(
                    groups, index=index, question=text, final=dict(ranked), stages=trace.scores, context=context
                )
        found = tuple(Found(hit, group.first) for hit, group in zip(hits, groups, strict=True))
        return Findings(found, encoded.vector, trace.timings_ms, index.manifest.version)

    def _first_stage(
        self, index: OpenIndex, text: str, mode: Mode, *, depth: int, allowed: Mask | None, trace: Trace
    ) -> tuple[EncodedQuestion, dict[str, Ranking]]:
        """The question encoded, and the candidates of each retriever."""
        with trace.timed("bm25"):
            lexical = index.lexical.search(text, depth, allowed=allowed) if mode != "dense" else []
        with trace.timed("embed"):
            encoded = self._embedder.encode_question(text)
        with trace.timed("dense"):
            dense = index.dense.search(encoded.vector, depth, allowed=allowed) if mode != "bm25" else []
        trace.scores.update(bm25=dict(lexical), dense=dict(dense))
        return encoded, {"bm25": lexical, "dense": dense}

    def _fused(self, first: Mapping[str, Ranking], trace: Trace) -> Ranking:
        fused = min_max_sum([first["bm25"], first["dense"]], weights=[0.5, 0.5])
        trace.scores["fused"] = dict(fused)
        return fused

    def _second_stage(
        self,
        index: OpenIndex,
        text: str,
        *,
        encoded: EncodedQuestion,
        first: Mapping[str, Ranking],
        fused: Ranking,
        trace: Trace,
    ) -> Ranking:
        """All candidates, by the scores of the three; one that is not reranked gets 0 there, as the worst that is."""
        rows = [row for row, _ in fused[: self._config.reranked]]
        with trace.timed("rerank"):
            scores = self._reranker.scores(index, text, encoded, rows)
        reranked = list(zip(rows, scores.tolist(), strict=True))
        trace.scores["rerank"] = dict(reranked)
        return min_max_sum([first["bm25"], first["dense"], reranked], weights=self._config.weights)

    def _with_feedback(self, index: OpenIndex, ranking: Ranking, trace: Trace) -> Ranking:
        """Scores mixed with the nearness of each candidate to the three best."""
        with trace.timed("feedback"):
            vectors = index.dense.vectors([row for row, _ in ranking])
            nearness = nearness_to_best(vectors, [score for _, score in ranking]).tolist()
        return _mixed(ranking, nearness, field="feedback", weight=self._config.feedback_weight, trace=trace)

    def _with_prior(self, index: OpenIndex, ranking: Ranking, trace: Trace) -> Ranking:
        """Scores mixed with the evidence prior, recency counted to the year of the build."""
        this_year = datetime.fromisoformat(index.manifest.built).year
        found = index.store.evidence([row for row, _ in ranking])
        priors = [prior(evidence, this_year=this_year) for evidence in found]
        return _mixed(ranking, priors, field="prior", weight=self._config.evidence_weight, trace=trace)


def _mixed(ranking: Ranking, values: Sequence[float], *, field: str, weight: float, trace: Trace) -> Ranking:
    """A ranking with a share of another value in each score; the values are noted as a field of `Scores`."""
    trace.scores[field] = {row: value for (row, _), value in zip(ranking, values, strict=True)}
    mixed = [(row, (1 - weight) * score + weight * own) for (row, score), own in zip(ranking, values, strict=True)]
    return sorted(mixed, key=lambda pair: (-pair[1], pair[0]))


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


def _check_bounds(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise BadRequest(f"{name} is {value}; it must be from {least} to {most}")


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
