"""The answer and its parts; these models cross the command line, REST and the chat."""

from typing import Literal

from retriever.records import Hit, Record, SourceRef

Verdict = Literal["quoted", "supported", "unsupported"]
TriageLevel = Literal["emergency", "urgent", "routine", "none"]
AnswerAudience = Literal["clinician", "patient"]
Part = Literal["answer", "detail", "list", "cell", "contrast"]


class Turn(Record):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    text: str


class Citation(Record):
    """Where a sentence comes from: `quote` equals `passage.text[start:end]`.

    `n` is the number shown as [n]. `sources` are the public sources the quoted words rest on, where the
    document is itself a digest (a handbook article).
    """

    n: int
    doc_id: str
    passage_id: str
    title: str
    quote: str
    start: int
    end: int
    year: int | None = None
    journal: str | None = None
    url: str | None = None
    page: int | None = None
    retracted: bool = False
    sources: tuple[SourceRef, ...] = ()


class Sentence(Record):
    """A sentence of the answer; `citations` are numbers of the answer's citations, `support` is 0..1.

    `part` is its place in the layout: the direct answer, a detail, an entry of a list, a cell of a comparison (whose
    column is `subject`), or one of studies that differ. `lines` are the introduction and the entries where the text is
    itself a list. `evidence` is what its source is worth ("Randomised controlled trial, 2017, n = 1,106").
    """

    text: str
    citations: tuple[int, ...]
    verdict: Verdict
    support: float
    part: Part = "detail"
    subject: str = ""
    evidence: str = ""
    lines: tuple[str, ...] = ()


class Explanation(Record):
    """A word of the field in plain words of our own, with the public source it rests on."""

    term: str
    meaning: str
    source: str
    url: str


class Triage(Record):
    """How urgent the message is; `reason` names the rule, `message` holds the fixed words to show first."""

    level: TriageLevel
    reason: str = ""
    message: str = ""


class Answer(Record):
    """A cited answer, or a refusal (`abstained`).

    `answer` is the whole text as shown, with [n] marks. `nearest` holds the closest passages when the
    answer is a refusal, and `scope` says what was asked where that got fixed words: "dose", "prognosis", "diagnosis",
    "outside" or "veterinary". `timings_ms` has one entry per stage. `notes` are closing words of our own: what the
    sources do not say, a next step. `glossary` explains words of the answer to a patient.
    """

    answer: str
    abstained: bool
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    triage: Triage
    index_version: str
    model: str
    timings_ms: dict[str, float]
    nearest: tuple[Hit, ...] = ()
    scope: str = ""
    notes: tuple[str, ...] = ()
    glossary: tuple[Explanation, ...] = ()


class SentenceReady(Record):
    """A stream event: the next sentence of the answer is settled, with the citations it is first to use."""

    sentence: Sentence
    new_citations: tuple[Citation, ...] = ()


class TriageReady(Record):
    """A stream event: fixed words that go before the answer."""

    triage: Triage


StreamEvent = TriageReady | SentenceReady | Answer
