"""Requests that get a fixed answer: a dose, an outlook or a diagnosis for a person, and what is not of this field.

A question about groups of people ("the five-year survival of AML", "the starting dose of imatinib") is in scope, and so
is one of which no rule is sure; what a message tells of an emergency is for triage.
"""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from generator.question.phrases import Classes, Phrase
from generator.question.subjects import subjects
from generator.records import AnswerAudience
from generator.urgency.signs import lexicon, spelling
from generator.urgency.wording import Word, plain, words
from retriever.vocabulary import MARK

FixedKind = Literal["dose", "prognosis", "diagnosis", "outside", "veterinary"]
_SELF_HARM = "self_harm"
_STOP_TOKENS = {".": ".", "!": ".", "\n": ".", "?": "?"}
_STOP = re.compile(r"[.?!\n](?=\s|$)|\n|[,;:](?=\s|$)|\s[-–—]+\s")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A fixed answer; `evidence` tells whether the nearest sources may be listed below it."""

    kind: FixedKind
    message: str
    evidence: bool


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """A row of scope.toml: a question with one of its phrases, and none of `unless`, is of its kind."""

    kind: FixedKind
    about: str
    source: str
    messages: Mapping[AnswerAudience, str]
    evidence: bool
    phrases: tuple[Phrase, ...]
    unless: tuple[Phrase, ...]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("generator").joinpath("scope.toml").read_text("utf-8"))


@cache
def scope_rules() -> tuple[ScopeRule, ...]:
    """The rules in the order in which they are tried; read once.

    Raises:
        ValueError: if a phrase names a class of words that the table has not.
    """
    classes = Classes(_table()["class"])
    return tuple(
        ScopeRule(
            **{key: row[key] for key in ("kind", "about", "source", "evidence")},
            messages={"patient": row["patient"], "clinician": row["clinician"]},
            phrases=tuple(map(classes.phrase, row["phrases"])),
            unless=tuple(map(classes.phrase, row["unless"])),
        )
        for row in _table()["fixed"]
    )


def scope(question: str, audience: AnswerAudience) -> Fixed | None:
    """The fixed answer that a question gets, in the words for the audience; None for a question in scope.

    A question with thoughts of self-harm is none of these. Time grows with the length of the question.

    Source: rules and their sources in scope.toml.
    """
    text = plain(question, spelling())
    parts = words(text)
    if any(sign.name == _SELF_HARM for sign in lexicon().find(parts)):
        return None
    read = _read(text, parts)
    for rule in scope_rules():
        if any(p.search(read) for p in rule.phrases) and not any(p.search(read) for p in rule.unless):
            return fixed_answer(rule.kind, audience)
    return None


def fixed_answer(kind: FixedKind, audience: AnswerAudience) -> Fixed:
    """The fixed answer of a kind, in the words for the audience."""
    rule = next(rule for rule in scope_rules() if rule.kind == kind)
    return Fixed(kind, rule.messages[audience], rule.evidence)


def note_of(kind: FixedKind, audience: AnswerAudience) -> str:
    """What is said below an answer to a question that seems to ask about one person."""
    return str(_table()["note"][kind][audience])


def _read(text: str, parts: Sequence[Word]) -> str:
    """The words of a text, a space after each: a drug is "§drugs", the end of a sentence "." or "?", a pause ","."""
    apart = _table()["apart"]
    names = () if text.isupper() else apart["names"]
    starts, ends = [part.start for part in parts], [part.end for part in parts]
    tokens = [f"{MARK}name" if text[part.start : part.end] in names else part.text for part in parts]
    # Of two that overlap the earlier one stands.
    for subject in reversed(subjects(text)):
        first, after = bisect_right(ends, subject.start), bisect_left(starts, subject.end)
        if first < after and subject.concept.removeprefix(MARK) not in apart["symptoms"]:
            tokens[first:after] = [MARK + subject.kind] + [""] * (after - first - 1)
    stops = [(match.start(), _STOP_TOKENS.get(match[0], ",")) for match in _STOP.finditer(text)]
    read = sorted([*zip(starts, tokens, strict=True), *stops])
    return ". " + "".join(f"{token} " for _, token in read if token) + ". "
