"""Requests that get a fixed answer: a dose, an outlook or a diagnosis for a person, and what is not of this field.

A question about groups of people ("the five-year survival of AML", "the starting dose of imatinib") is in scope; what
a message tells of an emergency is for triage.
"""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from generator.combine import Combination, Place, combination, holds
from generator.records import AnswerAudience
from generator.signs import Lexicon, spelling
from generator.signs import lexicon as triage_signs
from generator.subjects import Subject, subjects
from generator.wording import Word, plain, words

FixedKind = Literal["dose", "prognosis", "diagnosis", "outside", "veterinary"]
_SELF_HARM, _ILLNESS = "self_harm", "illness"
# Signs that no phrase stands for.
_DERIVED = frozenset({"verdict", "has_disease"})
# A disease that ends a question ("are these nodes Richter?") is its verdict, unless one of these relates it.
_ENDING = frozenset(
    "or right now then yet again already please instead rather leukemia lymphoma transformation disease".split()
)
_RELATING = frozenset("for of with from in during after before without against about to on and my his her".split())
_HAS = frozenset("has have had got".split())


@dataclass(frozen=True, slots=True)
class Fixed:
    """A fixed answer; `evidence` tells whether cited passages may follow it."""

    kind: FixedKind
    message: str
    evidence: bool


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """A row of scope.toml: one of its combinations holds in a sentence that has no sign of `unless`."""

    kind: FixedKind
    about: str
    source: str
    messages: Mapping[AnswerAudience, str]
    evidence: bool
    signs: tuple[Combination, ...]
    unless: frozenset[str]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("generator").joinpath("scope.toml").read_text("utf-8"))


@cache
def _lexicon() -> Lexicon:
    return Lexicon(_table()["sign"])


@cache
def scope_rules() -> tuple[ScopeRule, ...]:
    """The rules in the order in which they are tried; read once.

    Raises:
        ValueError: if a rule names a sign that the table has not.
    """
    known = _lexicon().names | _DERIVED
    return tuple(
        ScopeRule(
            **{key: row[key] for key in ("kind", "about", "source", "evidence")},
            messages={"patient": row["patient"], "clinician": row["clinician"]},
            signs=tuple(combination(text, known) for text in row["signs"]),
            unless=frozenset(
                name for (part,) in (combination(text, known) for text in row["unless"]) for name in part.names
            ),
        )
        for row in _table()["fixed"]
    )


def scope(question: str, audience: AnswerAudience) -> Fixed | None:
    """The fixed answer that a question gets, in the words for the audience; None for a question in scope.

    A question with thoughts of self-harm is none of these. Time grows with the length of the question.

    Source: rules and their sources in scope.toml.
    """
    sentences = [s for s in re.split(r"(?<=[.!?])\s+|\n", plain(question, spelling())) if s.strip()]
    for sentence in sentences:
        parts = words(sentence)
        if any(sign.name == _SELF_HARM for sign in triage_signs().find(parts)):
            return None
        found = _found(sentence, parts)
        for rule in scope_rules():
            if rule.unless.isdisjoint(found) and any(holds(parts_, found) for parts_ in rule.signs):
                return Fixed(rule.kind, rule.messages[audience], rule.evidence)
    return None


def _found(sentence: str, parts: Sequence[Word]) -> Mapping[str, list[Place]]:
    found: dict[str, list[Place]] = defaultdict(list)
    for sign in _lexicon().find(parts):
        found[sign.name].append((0, sign.first, sign.last))
        if sign.name == _ILLNESS:
            for name in _of_illness(parts, sign.first, sign.last):
                found[name].append((0, sign.first, sign.last))
    starts, ends = [part.start for part in parts], [part.end for part in parts]
    for subject in subjects(sentence):
        first, last = bisect_right(ends, subject.start), bisect_left(starts, subject.end) - 1
        for name in _names(subject, parts, first, last) if first <= last else ():
            found[name].append((0, first, last))
    return {name: sorted(set(places)) for name, places in found.items()}


def _names(subject: Subject, parts: Sequence[Word], first: int, last: int) -> Iterator[str]:
    """The signs that a subject of the tables, in words first to last, stands for."""
    yield "subject"
    yield "medical_word"
    if subject.kind == "drugs":
        yield "drug"
    if subject.kind == "diseases":
        yield from _of_illness(parts, first, last)


def _of_illness(parts: Sequence[Word], first: int, last: int) -> Iterator[str]:
    before = parts[first - 1].text if first else ""
    if before in _HAS:
        yield "has_disease"
    after = parts[last + 1].text if last + 1 < len(parts) else "or"
    if after in _ENDING and before not in _RELATING:
        yield "verdict"
