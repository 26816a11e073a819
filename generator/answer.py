"""Question to answer: triage, condense, retrieve, compose, verify."""

import logging
import re
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel

from generator.citations import Quote, citation
from generator.compose import ComposeConfig, select_quotes
from generator.prompts import UNREADABLE_SCRIPT, refusal
from generator.records import (
    Answer,
    AnswerAudience,
    Citation,
    Sentence,
    SentenceReady,
    StreamEvent,
    Triage,
    TriageReady,
    Turn,
)
from generator.reword import reword
from generator.triage import triage
from generator.verify import Check, VerifyConfig
from ingest.errors import MarrowError
from retriever.embedder import Embedder
from retriever.records import Filters
from retriever.search import Findings, Searcher, check_question
from retriever.terms import terms
from retriever.vocabulary import MARK

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnswerConfig:
    """How questions are answered; see the parts."""

    compose: ComposeConfig = field(default_factory=ComposeConfig)
    verify: VerifyConfig = field(default_factory=VerifyConfig)
    max_question_chars: int = 4_000
    max_triage_chars: int = 8_000
    nearest: int = 3


class Answerer:
    """Answers questions from the active index."""

    def __init__(
        self,
        searcher: Searcher,
        embedder: Embedder,
        *,
        model: BaseChatModel | None = None,
        model_name: str = "quote",
        config: AnswerConfig | None = None,
    ) -> None:
        """Answer by quoting, or with `model` rewording the quotes; `model_name` goes on every answer."""
        self._searcher = searcher
        self._embedder = embedder
        self._model = model
        self._model_name = model_name
        self._config = config or AnswerConfig()

    def ask(
        self,
        question: str,
        *,
        audience: AnswerAudience = "patient",
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
    ) -> Answer:
        """Answer a question at once.

        Raises:
            BadRequest: if the question is empty or too long.
            RetrieverError: if no index can be opened.
        """
        for event in self.stream(question, audience=audience, history=history, filters=filters):
            if isinstance(event, Answer):
                return event
        raise AssertionError("a stream ends with the answer")

    def stream(
        self,
        question: str,
        *,
        audience: AnswerAudience = "patient",
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
    ) -> Iterator[StreamEvent]:
        """Answer a question piece by piece: fixed words of triage, settled sentences, then the whole answer.

        Where a message tells of an emergency and cannot be answered (too long, no index), the fixed words are the
        answer.

        Raises:
            BadRequest: if the question is empty or too long.
            RetrieverError: if no index can be opened.
        """
        start = time.perf_counter()
        urgency = triage(question[: self._config.max_triage_chars])
        if urgency.message:
            yield TriageReady(triage=urgency)
        try:
            yield from self._pieces(question, urgency, start, audience=audience, history=history, filters=filters)
        except MarrowError as error:
            if not urgency.message:
                raise
            logger.warning("only the fixed words could be given: %s", error)
            yield _words_alone(urgency, self._model_name, {"total": _ms(time.perf_counter() - start)})

    def _pieces(
        self,
        question: str,
        urgency: Triage,
        start: float,
        *,
        audience: AnswerAudience,
        history: Sequence[Turn],
        filters: Filters | None,
    ) -> Iterator[SentenceReady | Answer]:
        clock = time.perf_counter
        timings = {"triage": _ms(clock() - start)}
        text = check_question(question, self._config.max_question_chars)
        begin = clock()
        query = condense(text, history, limit=self._config.max_question_chars)
        findings = self._searcher.search(query, k=self._config.compose.passages, filters=filters)
        timings["search"] = _ms(clock() - begin)
        begin = clock()
        quotes = self._select(query, findings, audience) if reads(text) else ()
        if urgency.level == "emergency":
            # What to do now has been said; more than the best sentence would only draw attention from it.
            quotes = quotes[:1]
        draft = _Draft(urgency, findings, self._model_name)
        for quote, words, check in self._worded(query, quotes, audience):
            yield draft.add(quote, words, check)
        timings["compose"] = _ms(clock() - begin)
        timings["total"] = _ms(clock() - start)
        if not quotes:
            yield draft.refuse(self._refusal(text, query), nearest=self._config.nearest, timings=timings)
            return
        yield draft.finish(timings)

    def _select(self, query: str, findings: Findings, audience: AnswerAudience) -> tuple[Quote, ...]:
        lexicon = self._searcher.index().lexical
        config = self._config.compose
        return select_quotes(
            query, findings, encode=self._embedder.encode, lexicon=lexicon, audience=audience, config=config
        ).quotes

    def _worded(
        self, query: str, quotes: Sequence[Quote], audience: AnswerAudience
    ) -> Iterator[tuple[Quote, str, Check]]:
        if self._model is None or not quotes:
            return ((quote, quote.shown, Check("quoted", 1.0)) for quote in quotes)
        encode, config = self._embedder.encode, self._config.verify
        return reword(query, quotes, model=self._model, audience=audience, encode=encode, config=config)

    def _refusal(self, text: str, query: str) -> str:
        documents = self._searcher.index().store.documents
        if not reads(text):
            return f"{refusal([], documents=documents)} {UNREADABLE_SCRIPT}"
        searched = dict.fromkeys(word for word in re.findall(r"[\w:/-]+", query) if terms(word))
        return refusal(list(searched)[:12], documents=documents)


def _words_alone(urgency: Triage, model_name: str, timings: dict[str, float]) -> Answer:
    return Answer(
        answer=urgency.message,
        abstained=True,
        sentences=(),
        citations=(),
        triage=urgency,
        index_version="",
        model=model_name,
        timings_ms=timings,
    )


@dataclass(slots=True)
class _Draft:
    """An answer as it grows: citations are numbered in the order their words are first shown."""

    urgency: Triage
    findings: Findings
    model_name: str
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)

    def add(self, quote: Quote, words: str, check: Check) -> SentenceReady:
        cited = citation(quote, len(self.citations) + 1)
        sentence = Sentence(text=words, citations=(cited.n,), verdict=check.verdict, support=check.support)
        self.citations.append(cited)
        self.sentences.append(sentence)
        return SentenceReady(sentence=sentence, new_citations=(cited,))

    def finish(self, timings: dict[str, float]) -> Answer:
        shown = [f"{s.text} {''.join(f'[{n}]' for n in s.citations)}" for s in self.sentences]
        return self._answer("\n\n".join(shown), timings)

    def refuse(self, words: str, *, nearest: int, timings: dict[str, float]) -> Answer:
        hits = self.findings.result().hits[:nearest]
        return self._answer(words, timings).model_copy(update={"abstained": True, "nearest": hits})

    def _answer(self, words: str, timings: dict[str, float]) -> Answer:
        return Answer(
            answer="\n\n".join(part for part in (self.urgency.message, words) if part),
            abstained=False,
            sentences=tuple(self.sentences),
            citations=tuple(self.citations),
            triage=self.urgency,
            index_version=self.findings.index_version,
            model=self.model_name,
            timings_ms=timings,
        )


_FOLLOW_UP = re.compile(
    r"^\W*(?:and|but|so|what about|how about|also|in (?:children|adults|pregnancy))\b|^\W*why(?: not)?\W*$|"
    r"\b(?:it|they|them|those|that one|this drug|these)\b",
    re.IGNORECASE,
)
_EARLIER_CHARS = 500


def condense(question: str, history: Sequence[Turn], *, limit: int) -> str:
    """A question that stands alone: a follow-up is joined to the user's last question that does.

    A follow-up is a question that opens or refers back like one ("and in children?", "is it safe?"), or has fewer than
    two terms of its own. One that leaves no room for the earlier question in `limit` characters stays as it is.
    """
    earlier = [" ".join(turn.text.split())[:_EARLIER_CHARS] for turn in history if turn.role == "user"]
    earlier = [text for text in earlier if text]
    if not earlier or not _leans(question):
        return question
    subject = next((text for text in reversed(earlier) if not _leans(text)), earlier[0])
    joined = f"{subject} {question}"
    return joined if len(joined) <= limit else question


def _leans(question: str) -> bool:
    return bool(_FOLLOW_UP.search(question)) or sum(not term.startswith(MARK) for term in terms(question)) < 2


def reads(text: str) -> bool:
    """Whether most letters are Latin or Greek: the scripts that the search and its sources can read."""
    letters = [c for c in text if c.isalpha()]
    known = sum(unicodedata.name(c, "").startswith(("LATIN", "GREEK")) for c in letters)
    return bool(letters) and known * 2 > len(letters)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
