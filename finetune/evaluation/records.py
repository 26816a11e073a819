"""What an evaluation measured, of each question and of all; these models are its files."""

from typing import Literal

from finetune.evaluation.intervals import Comparison
from retriever.records import Record

# Whether more of a figure is better, or less, or neither.
Better = Literal["more", "less", ""]


class Likelihood(Record):
    """How likely a text is: the sum of -ln p over its `tokens`, in nats."""

    nats: float
    tokens: int


class Reading(Record):
    """How likely a model finds an example's answer, and each label as the start of one, in nats (-ln p)."""

    answer: Likelihood
    labels: dict[str, float]


class Said(Record):
    """What a model answered; `ended` where it stopped by itself, not for length."""

    text: str
    ended: bool


class Choice(Record):
    """How likely a model finds the choices of an item of the general benchmark, the right one first, in nats a byte."""

    nats: tuple[float, ...]


class Outcome(Record):
    """What one model made of one question; `measures` holds those that its kind allows."""

    reading: Reading
    said: Said
    measures: dict[str, float]


class Pair(Record):
    """A question with its reference answer and what both models made of it; a line of questions.jsonl."""

    id: str
    kind: str
    question: str
    passages: tuple[str, ...]
    reference: str
    base: Outcome
    tuned: Outcome


class Figure(Record):
    """A measure over a group of questions: a kind, a topic of the general benchmark, or "all" of a section."""

    section: str
    group: str
    name: str
    better: Better
    comparison: Comparison


class Evaluation(Record):
    """What was evaluated on what; `data` is the hash of the prepared folder, `date` ISO 8601 in UTC.

    `kinds` says how many of the test questions of each kind were asked and how many there are; `majority` is the share
    of the commonest label of the questions with yes, no or maybe; `seconds` is what each stage took, 0 where it was
    kept from an earlier run.
    """

    format: Literal[1] = 1
    base: str
    tuned: str
    folder: str
    data: str
    date: str
    kinds: dict[str, tuple[int, int]]
    majority: float | None
    settings: dict[str, str | int | bool | None]
    figures: tuple[Figure, ...]
    seconds: dict[str, float]


class EvaluationRun(Record):
    """The figures, and every question with what both models made of it."""

    evaluation: Evaluation
    pairs: tuple[Pair, ...]
