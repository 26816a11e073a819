"""The words of the field: tables of concepts and their written forms, matched over the parts of a text.

Forms that mean the same carry one concept term ("§aml" for AML and for acute myeloid leukaemia), so that a question in
one meets a passage in the other.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from retriever.words import APART, JOINED, JOINTS, SPACED, TOKEN, read_token

MARK = "§"
TABLES = ("diseases", "drugs", "genes", "medicine", "units")
# How many parts before and after an ambiguous form are searched for the words that decide it.
_REACH = 15
# A number of a name that is this long is no count or citation beside it: STI 571, but not AML 1.
_LONG_NUMBER = 3
# Nor is one beside a whole word: interleukin 3.
_WHOLE_WORD = 5
# In a text in capitals an abbreviation that is also an ordinary word says nothing; these and long words tell it.
_NEIGHBOURS = 2
_LONG_WORD = 7
_CAPITALS = frozenset({"AND", "FOR", "IN", "OF", "THE", "TO", "WITH"})
_LETTERS_DIGITS = re.compile(r"([A-Za-z]{2,})(\d+[A-Z]?)")
Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """A row of a table.

    `forms` are read in any case, `cased` only as written, `in_context` only as written with a word of `near` close by.
    `also` names the concepts that it is one of (T-ALL is also ALL). A `unit` counts only after a number, and the two
    give one term. An `ordinary` abbreviation, such as ALL, is not read in context among words in capitals.
    """

    id: str
    source: str
    forms: tuple[str, ...] = ()
    cased: tuple[str, ...] = ()
    in_context: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unit: bool = False
    ordinary: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a form means, on its conditions: written so, its parts as close as `joint`, and near one of these keys."""

    terms: tuple[str, ...]
    written: Keys | None
    near: frozenset[str] | None
    unit: bool
    joint: int
    ordinary: bool

    def holds(
        self, keys: Sequence[str], written: Sequence[str], joints: Sequence[int], *, start: int, end: int
    ) -> bool:
        if self.written is not None and tuple(written[start:end]) != self.written:
            return False
        if self.joint and min(joints[start : end - 1]) < self.joint:
            return False
        if self.near is None:
            return True
        if self.ordinary and _in_capitals(written, start, end):
            return False
        around = (*keys[max(0, start - _REACH) : start], *keys[end : end + _REACH])
        return not self.near.isdisjoint(around)


class Vocabulary:
    """A matcher for the forms of concepts: at each place the longest form, from left to right."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        """Compile concepts.

        Raises:
            ValueError: if a form without conditions belongs to two concepts, an id is taken twice, `also` names no
                concept, `in_context` lacks `near`, or a word of `near` has several parts.
        """
        by_id: dict[str, Concept] = {}
        for concept in concepts:
            if concept.id in by_id:
                raise ValueError(f"two concepts are called {concept.id}")
            by_id[concept.id] = concept
        self._readings: dict[Keys, list[_Reading]] = {}
        for concept in by_id.values():
            for keys, reading in _readings(concept, by_id):
                self._add(concept.id, keys, reading)
        lengths: dict[str, set[int]] = {}
        for form in self._readings:
            lengths.setdefault(form[0], set()).add(len(form))
        self._lengths = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}

    def _add(self, concept_id: str, keys: Keys, reading: _Reading) -> None:
        there = self._readings.setdefault(keys, [])
        if reading in there:
            return
        for other in there if reading.near is None else ():
            if other.near is None and other.written == reading.written and other.terms != reading.terms:
                raise ValueError(f"{' '.join(keys)} of {concept_id} also belongs to {other.terms[0]}")
        there.append(reading)
        there.sort(key=lambda item: (item.near is None, item.written is None))

    def find(self, keys: Sequence[str], written: Sequence[str], joints: Sequence[int]) -> list[tuple[str, int, int]]:
        """The concept terms of a text, in order, each with the parts it covers, from start up to end.

        Args:
            keys: the parts of the text as `read_token` gives them.
            written: the same parts as they stand in the text.
            joints: how closely each part stands to the next, from `APART` to `JOINED` of `retriever.words`.
        """
        found: list[tuple[str, int, int]] = []
        free = 0
        lengths, forms = self._lengths, self._readings
        for start in [place for place, key in enumerate(keys) if key in lengths]:
            if start < free:
                continue
            for length in lengths[keys[start]]:
                end = start + length
                if end > len(keys):
                    continue
                for reading in forms.get(tuple(keys[start:end]), ()):
                    if free <= start and reading.holds(keys, written, joints, start=start, end=end):
                        found += _terms(reading, keys, start, end)
                        free = end
                if free > start:
                    break
        return found


def _in_capitals(written: Sequence[str], start: int, end: int) -> bool:
    around = (*written[max(0, start - _NEIGHBOURS) : start], *written[end : end + _NEIGHBOURS])
    return any(word.isupper() and (word in _CAPITALS or len(word) >= _LONG_WORD) for word in around)


def _terms(reading: _Reading, keys: Sequence[str], start: int, end: int) -> list[tuple[str, int, int]]:
    if not reading.unit:
        return [(term, start, end) for term in reading.terms]
    if start and keys[start - 1][0].isdigit():
        return [(f"{MARK}{keys[start - 1]}{reading.terms[0].removeprefix(MARK)}", start - 1, end)]
    return []


def _readings(concept: Concept, by_id: dict[str, Concept]) -> list[tuple[Keys, _Reading]]:
    if concept.in_context and not concept.near:
        raise ValueError(f"{concept.id}: in_context needs near")
    terms = tuple(MARK + name for name in _closure(concept.id, by_id))
    near = frozenset(key for word in concept.near for key in _one_part(word))
    made: list[tuple[Keys, _Reading]] = []
    for forms, cased, context in (
        (concept.forms, False, None),
        (concept.cased, True, None),
        (concept.in_context, True, near),
    ):
        for form in (variant for name in forms for variant in _variants(name, joined=not concept.unit)):
            keys, written, joints = _split(form)
            joint = APART if concept.unit else _joint(form, keys, joints)
            as_written = written if cased else None
            made.append((keys, _Reading(terms, as_written, context, concept.unit, joint, concept.ordinary)))
    return made


def _joint(form: str, keys: Keys, joints: Sequence[int]) -> int:
    """How closely the parts of a form have to stand, or a count or citation beside a word would make a name.

    AML-1 and 7+3 in one token; FLT3-ITD, STI-571 and "interleukin 2" with white space at most; other phrases anyhow.
    """
    numbers = [key for key in keys if key.isdigit()]
    if " " in form or any(key.isalpha() and len(key) >= _WHOLE_WORD for key in keys):
        needed = SPACED if numbers else APART
    else:
        needed = JOINED if any(len(number) < _LONG_NUMBER for number in numbers) else SPACED
    return min(needed, *joints) if joints else APART


def _one_part(word: str) -> Keys:
    keys = _split(word)[0]
    if len(keys) != 1:
        raise ValueError(f"a word of near has to have one part: {word}")
    return keys


def _closure(name: str, by_id: dict[str, Concept]) -> list[str]:
    """A concept and all that it is one of, nearest first."""
    if name not in by_id:
        raise ValueError(f"no concept is called {name}")
    found = [name]
    for other in by_id[name].also:
        found += [item for item in _closure(other, by_id) if item not in found]
    return found


def _variants(form: str, *, joined: bool) -> list[str]:
    """A form with and without its hyphen (FLT3-ITD, FLT3ITD; STI571, STI-571), and the plural of an abbreviation."""
    variants = [form]
    if joined and _LETTERS_DIGITS.fullmatch(form):
        variants.append(_LETTERS_DIGITS.sub(r"\1-\2", form))
    if joined and " " not in form and len(_split(form)[0]) > 1:
        variants.append("".join(_split(form)[1]))
    if form[-1].isupper() and sum(letter.isupper() for letter in form) > 1:
        variants += [f"{variant}s" for variant in variants]
    return variants


def _split(form: str) -> tuple[Keys, Keys, tuple[int, ...]]:
    """The keys of a form, its parts as written, and the joints between them, one fewer."""
    found = [(read_token(token), JOINTS.get(gap, SPACED)) for token, gap in TOKEN.findall(form)]
    return (
        tuple(key for token, _ in found for key in token.keys),
        tuple(part for token, _ in found for part in token.written),
        tuple(joint for token, after in found for joint in (*token.inside, after))[:-1],
    )


@cache
def concepts() -> tuple[Concept, ...]:
    """The concepts of all tables, read once.

    Raises:
        ValueError: if a source abbreviates an address that its table does not have.
    """
    return tuple(concept for name in TABLES for concept in _read_table(name))


def _read_table(name: str) -> list[Concept]:
    table = tomllib.loads(files("retriever").joinpath("tables", f"{name}.toml").read_text("utf-8"))
    return [_concept(row, table["sources"], table.get("contexts", {})) for row in table["concept"]]


def _concept(row: dict[str, Any], sources: dict[str, str], contexts: dict[str, list[str]]) -> Concept:
    lists = {key: tuple(row[key]) for key in ("forms", "cased", "in_context", "also") if key in row}
    spelled = []
    for source in row["source"].split("; "):
        short, _, rest = source.partition(":")
        if short not in sources:
            raise ValueError(f"{row['id']}: {short} is not among the sources of its table")
        spelled.append(sources[short].format(rest))
    near = tuple(word for name in row.get("near", ()) for word in contexts[name])
    return Concept(
        id=row["id"],
        source="; ".join(spelled),
        near=near,
        unit=row.get("unit", False),
        ordinary=row.get("ordinary", False),
        **lists,
    )


@cache
def vocabulary() -> Vocabulary:
    """The matcher over all tables, compiled once."""
    return Vocabulary(concepts())
