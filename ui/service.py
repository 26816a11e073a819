"""The only place where the parts are wired together; the command line, REST and chat all call this."""

import logging
import threading
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import Field

from generator.answer import Answerer
from generator.citations import sources_between
from generator.language_models.chat import ChatModel
from generator.models import QUOTE, ModelConfig, answering_name, open_chat_model
from generator.quoting import Quoted, quoting
from generator.records import Answer, AnswerAudience, StreamEvent, Turn
from ingest.catalog import Catalog
from ingest.errors import BadRequest, MarrowError
from ingest.pipeline import kept_name
from retriever.embedder import Embedder
from retriever.index import IndexFolder
from retriever.records import Filters, PassageView, Record, SearchResult
from retriever.rerank import open_reranker
from retriever.search import Mode, Searcher
from ui.diet import DietDesk
from ui.labs import LabDesk
from ui.settings import Settings

logger = logging.getLogger(__name__)
_KEPT = 1024


class NotFound(BadRequest):
    """What was asked for is not in the active index."""

    default_hint = "The index may have changed since; ask the question again."


class AskRequest(Record):
    """A question with its audience and the conversation so far."""

    question: str
    audience: AnswerAudience = "patient"
    history: tuple[Turn, ...] = ()
    filters: Filters = Filters()


class SearchRequest(Record):
    """A search: `k` hits, 1 to 1,000, each with up to `context` passages before and after it."""

    question: str
    k: int = Field(default=10, ge=1, le=1000)
    filters: Filters = Filters()
    mode: Mode = "hybrid"
    context: int = Field(default=0, ge=0, le=10)


class Status(Record):
    """Whether questions can be answered, from what, and how the chat model stands (a failing one is not asked)."""

    ready: bool
    problems: tuple[str, ...]
    index_version: str | None
    documents: int
    passages: int
    model: str
    model_state: str


class Service:
    """Marrow, wired up from settings; every part is opened at first use and shared by all threads."""

    def __init__(self, settings: Settings) -> None:
        """Wire the parts; nothing is opened yet."""
        self._settings = settings
        self._opening = threading.Lock()

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model."""
        return Embedder(self._settings.embedder)

    @cached_property
    def indexes(self) -> IndexFolder:
        """The index versions."""
        return IndexFolder(self._settings.home)

    @cached_property
    def searcher(self) -> Searcher:
        """Search over the active index version."""
        return Searcher(self._settings.home, self.embedder, reranker=open_reranker(self._settings.reranker))

    @property
    def home(self) -> Path:
        """The data folder."""
        return self._settings.home

    @property
    def files(self) -> Path:
        """The folder of kept PDFs."""
        return self._settings.home / "files"

    def catalog(self) -> Catalog:
        """Open the catalog; the caller closes it."""
        if self._settings.database_url:
            return Catalog(self._settings.database_url)
        return Catalog.at(self._settings.home)

    @cached_property
    def chat_model(self) -> ChatModel | None:
        """The chat model that the settings name; None for quoting."""
        return open_chat_model(model_config(self._settings))

    @cached_property
    def _answerer(self) -> Answerer:
        return Answerer(
            self.searcher, self.embedder, model=self.chat_model, model_name=answering_name(model_config(self._settings))
        )

    def answerer(self) -> Answerer:
        """The answer pipeline; a chat model is loaded once, by the first caller."""
        with self._opening:
            return self._answerer

    @cached_property
    def labs(self) -> LabDesk:
        """Lab reports."""
        return LabDesk(engine=self._settings.ocr, second=self._settings.lab_second_reader, search=self._quoted)

    @cached_property
    def diet(self) -> DietDesk:
        """Diet plans."""
        return DietDesk(search=self._quoted, ask=self._asked)

    # What the rules of the desks ask is always the same, and so is the answer until another index version is active.
    def _asked(self, question: str) -> Answer:
        return self._kept_answer(self.searcher.index().manifest.version, question)

    def _quoted(self, question: str, audience: AnswerAudience) -> Quoted:
        return self._kept_quotes(self.searcher.index().manifest.version, question, audience)

    @cached_property
    def _kept_answer(self) -> Callable[[str, str], Answer]:
        return lru_cache(_KEPT)(lambda version, question: self.ask(AskRequest(question=question)))

    @cached_property
    def _kept_quotes(self) -> Callable[[str, str, AnswerAudience], Quoted]:
        find = quoting(self.searcher, self.embedder)
        return lru_cache(_KEPT)(lambda version, question, audience: find(question, audience))

    def ask(self, request: AskRequest) -> Answer:
        """Answer a question.

        Raises:
            MarrowError: if the request or the index cannot serve.
        """
        return self.answerer().ask(
            request.question, audience=request.audience, history=request.history, filters=request.filters
        )

    def stream(self, request: AskRequest) -> Iterator[StreamEvent]:
        """Answer a question piece by piece; the last event is the whole answer. Blocks: run it in a thread."""
        return self.answerer().stream(
            request.question, audience=request.audience, history=request.history, filters=request.filters
        )

    def search(self, request: SearchRequest) -> SearchResult:
        """Rank passages for a question."""
        found = self.searcher.search(
            request.question, k=request.k, filters=request.filters, mode=request.mode, context=request.context
        )
        return found.result()

    def passage(self, passage_id: str) -> PassageView:
        """A passage with all that is shown of its document.

        Raises:
            NotFound: if the active index has no such passage.
        """
        item = self.searcher.index().store.passage(passage_id)
        if item is None:
            raise NotFound(f"there is no passage {passage_id} in the active index")
        passage, document, meta = item.passage, item.document, item.document.meta
        return PassageView(
            passage_id=passage.passage_id,
            doc_id=document.doc_id,
            title=meta.title,
            text=passage.text,
            start=passage.start,
            end=passage.end,
            kind=document.kind,
            section=passage.section,
            page=passage.page,
            box=passage.box,
            authors=meta.authors,
            journal=meta.journal,
            year=meta.year,
            url=meta.url,
            doi=meta.doi,
            licence=meta.licence,
            fetched=meta.fetched,
            publication_types=meta.publication_types,
            audience=meta.audience,
            retracted=meta.retracted,
            corrections=meta.corrections,
            evidence=document.evidence,
            origins=document.origins,
            has_file=self.file(document.doc_id) is not None,
            sources=sources_between(item, 0, len(passage.text)),
        )

    def file(self, doc_id: str) -> Path | None:
        """The kept PDF of a document of the active index; None if it has none."""
        file = self.files / kept_name(doc_id)
        return file if file.is_file() and self.searcher.index().store.has_document(doc_id) else None

    def status(self) -> Status:
        """Whether questions can be answered now."""
        model = {"model": answering_name(model_config(self._settings)), "model_state": self._model_state()}
        try:
            manifest = self.searcher.index().manifest
        except MarrowError as error:
            problems = (f"{error} {error.hint}",)
            return Status(ready=False, problems=problems, index_version=None, documents=0, passages=0, **model)
        return Status(
            ready=True,
            problems=(),
            index_version=manifest.version,
            documents=manifest.documents,
            passages=manifest.passages,
            **model,
        )

    def _model_state(self) -> str:
        if self._settings.model == QUOTE:
            return "not needed"
        model = self.__dict__.get("chat_model")  # opened by the first question, not by asking how it is
        return model.state if model else "not opened yet"

    def warm_up(self) -> None:
        """Load what the first question needs, so that it is as fast as the next."""
        Answerer(self.searcher, self.embedder).ask("What is leukemia?")
        self.diet.warm_up()
        if self._settings.model != QUOTE:
            self.answerer()


def model_config(settings: Settings) -> ModelConfig:
    """The chat model that the settings name."""
    return ModelConfig(
        name=settings.model,
        adapter=settings.adapter,
        bits=settings.model_bits,
        device=settings.model_device,
        base_url=settings.model_url,
        api_key=settings.model_key.get_secret_value() if settings.model_key else None,
        max_tokens=settings.model_max_tokens,
        window_tokens=settings.model_window_tokens,
        facts_per_call=settings.model_facts_per_call,
        temperature=settings.model_temperature,
        top_p=settings.model_top_p,
        seed=settings.model_seed,
        timeout_s=settings.model_timeout_s,
        connect_timeout_s=settings.model_connect_timeout_s,
        retries=settings.model_retries,
        failures=settings.model_failures,
        pause_s=settings.model_pause_s,
    )
