"""Question to answer: triage, condense, retrieve, compose, verify."""

import logging
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel

from generator.citations import Quote, citation
from generator.compose import ComposeConfig, Point, Selection, select_quotes
from generator.composing.layout import markdown
from generator.prompts import UNREADABLE_SCRIPT, refusal
from generator.question.condense import condense, reads
from generator.question.personal import personal
from generator.question.rephrase import rephrased
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
from generator.scope import Fixed, FixedKind, fixed_answer, note_of, scope
from generator.triage import triage
from generator.urgency.alarm import look_again
from generator.verify import Check, VerifyConfig
from ingest.errors import MarrowError
from retriever.embedder import Embedder
from retriever.records import Filters
from retriever.search import Findings, Searcher, check_question
from retriever.spelling import corrected
from retriever.terms import terms

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnswerConfig:
    """How questions are answered; see the parts.

    A reworded sentence has to come nearer to its quote than `VerifyConfig` asks by itself: the quote always stands by.
    """

    compose: ComposeConfig = field(default_factory=ComposeConfig)
    verify: VerifyConfig = field(default_factory=lambda: VerifyConfig(min_support=0.6))
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
        urgency = self._triage(question[: self._config.max_triage_chars])
        if urgency.message:
            yield TriageReady(triage=urgency)
        try:
            yield from self._pieces(question, urgency, start, audience=audience, history=history, filters=filters)
        except MarrowError as error:
            if not urgency.message:
                raise
            logger.warning("only the fixed words could be given: %s", error)
            yield _words_alone(urgency, self._model_name, {"total": _ms(time.perf_counter() - start)})

    def _triage(self, message: str) -> Triage:
        found = triage(message)
        if not reads(message):
            return found
        try:
            return look_again(message, found, self._embedder.encode, embedder=self._embedder.checksum)
        except MarrowError:
            logger.exception("the second look at a message failed; the rules stand")
            return found

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
        fixed = scope(text, audience) if urgency.level != "emergency" else None
        begin = clock()
        alone = condense(text, history, limit=self._config.max_question_chars).query
        spelt = corrected(rephrased(alone), self._searcher.index().lexical)
        query = spelt.text
        findings = self._searcher.search(query, k=self._config.compose.passages, filters=filters)
        timings["search"] = _ms(clock() - begin)
        begin = clock()
        selection = Selection() if fixed else self._select(text, query, findings, audience=audience)
        if urgency.level == "emergency":  # more than the best sentence would draw attention from what to do now
            selection = Selection(selection.points[:1])
        asked = None if fixed else self._asked(text, urgency)
        if asked and not selection.points:
            fixed = fixed_answer(asked, audience)
        remarks = [note_of(asked, audience)] if asked else []
        remarks += [f"Searched for {change.searched} instead of {change.written}." for change in spelt.changes]
        draft = _Draft(urgency, findings, self._model_name, selection, tuple(remarks))
        worded = self._worded(query, selection.quotes, audience)
        for point, (_, words, check) in zip(selection.points, worded, strict=True):
            yield draft.add(point, words, check)
        timings["compose"] = _ms(clock() - begin)
        timings["total"] = _ms(clock() - start)
        if fixed:
            yield draft.decline(fixed, nearest=self._config.nearest, timings=timings)
        elif not selection.points:
            yield draft.refuse(self._refusal(text, query), nearest=self._config.nearest, timings=timings)
        else:
            yield draft.finish(timings)

    def _asked(self, text: str, urgency: Triage) -> FixedKind | None:
        """What a question that no rule of `scope` knows seems to ask about one person."""
        if urgency.level == "emergency" or not reads(text):
            return None
        return personal(text, self._embedder.encode, embedder=self._embedder.checksum)

    def _select(self, text: str, query: str, findings: Findings, *, audience: AnswerAudience) -> Selection:
        if not reads(text):
            return Selection()
        lexicon = self._searcher.index().lexical
        config = self._config.compose
        return select_quotes(
            query, findings, encode=self._embedder.encode, lexicon=lexicon, audience=audience, config=config
        )

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
        searched = dict.fromkeys(word for word in re.findall(r"\w+(?:(?:::|[/-])\w+)*", query) if terms(word))
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
    selection: Selection
    remarks: tuple[str, ...] = ()
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)

    def add(self, point: Point, words: str, check: Check) -> SentenceReady:
        first = len(self.citations) + 1
        # Another source is cited for the quote that it carries, not for words a model made of it.
        quotes = point.quotes if check.verdict == "quoted" else point.quotes[:1]
        cited = [citation(quote, n) for n, quote in enumerate(quotes, start=first)]
        sentence = Sentence(
            text=words,
            citations=tuple(c.n for c in cited),
            verdict=check.verdict,
            support=check.support,
            part=point.part,
            subject=point.subject,
            evidence=point.evidence,
            lines=point.quotes[0].lines if check.verdict == "quoted" else (),
        )
        self.citations += cited
        self.sentences.append(sentence)
        return SentenceReady(sentence=sentence, new_citations=tuple(cited))

    def finish(self, timings: dict[str, float]) -> Answer:
        notes, glossary = (*self.remarks, *self.selection.notes), self.selection.glossary
        answer = self._answer(markdown(self.sentences, notes=notes, glossary=glossary), timings)
        return answer.model_copy(update={"notes": notes, "glossary": glossary})

    def decline(self, fixed: Fixed, *, nearest: int, timings: dict[str, float]) -> Answer:
        refused = self.refuse(fixed.message, nearest=nearest if fixed.evidence else 0, timings=timings)
        return refused.model_copy(update={"scope": fixed.kind})

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


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
