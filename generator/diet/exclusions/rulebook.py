"""The rules on what to leave out, read from the tables of this folder. No clinician has signed them off."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from generator.diet.exclusions.matching import Kinds, parse_pattern
from generator.diet.records import Priority, Source
from generator.quoting import Terms, speaks_of

EVERYONE = "everyone"
GRAVITY: tuple[Priority, ...] = get_args(Priority)
_TABLES: Mapping[Priority, str] = {
    "safety": "safety.toml",
    "drug": "drugs.toml",
    "restriction": "restrictions.toml",
    "condition": "conditions.toml",
    "symptom": "symptoms.toml",
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rule rests on.

    Attributes:
        source: where to read it.
        query: the question that a sentence of the index is searched with.
        terms: beginnings of words that the sentence has to have to be cited: one entry, and every part of it.
    """

    source: Source
    query: str
    terms: Terms

    def named_in(self, words: str) -> bool:
        """Whether words speak of the subject by one of its terms."""
        return speaks_of(words, self.terms)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row `rule`: what to leave out, or to have rather more or rather less of.

    Attributes:
        key: its name, unique.
        priority: how grave a reason it is.
        people: whom it is for: keys of drugs or their classes, restrictions, conditions, symptoms or states.
        kinds: the foods.
        herbs: herbs and supplements by name.
        weight: None is never; above 0 up to 1 is rather not, below 0 down to -1 is gladly.
        reason: in a sentence; {who} stands for what it is for.
        basis: what it rests on; None for a wish of the person, which needs no source.
    """

    key: str
    priority: Priority
    people: frozenset[str]
    kinds: Kinds
    herbs: tuple[str, ...]
    weight: float | None
    reason: str
    basis: Basis | None


@dataclass(frozen=True, slots=True)
class Remark:
    """A row `timing` or `warning`: what a person of `people` has to be told; {who} stands for what it is for."""

    key: str
    priority: Priority
    people: frozenset[str]
    text: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class ApartRule:
    """A row `apart`: kinds of food that people of `people` do not eat at one meal."""

    key: str
    people: frozenset[str]
    one: str
    other: str
    reason: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class WaitRule:
    """A row `wait`: after a meal with `first` people of `people` wait so many `hours` before one with `then`."""

    key: str
    people: frozenset[str]
    first: str
    then: str
    hours: float
    reason: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class States:
    """How open to infection and bleeding a person counts as.

    Attributes:
        neutrophils_below: in 10*9/L; fewer are low.
        quiet_phases: phases of treatment in which a count that is not known is not taken for low.
        transplant_phases, transplant_conditions: what makes "transplant".
        neutropenia_conditions: what makes "neutropenia" beside the count.
        low_platelets_conditions: what makes "low_platelets".
        source: of the bound.
    """

    neutrophils_below: float
    quiet_phases: frozenset[str]
    transplant_phases: frozenset[str]
    transplant_conditions: frozenset[str]
    neutropenia_conditions: frozenset[str]
    low_platelets_conditions: frozenset[str]
    source: Source


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules, in the order of gravity and then of the tables.

    `classes` are groups of drugs that a rule can be for; `unruled` is what to say of drugs that no rule speaks of.
    """

    rules: tuple[Rule, ...]
    timings: tuple[Remark, ...]
    warnings: tuple[Remark, ...]
    apart: tuple[ApartRule, ...]
    waits: tuple[WaitRule, ...]
    classes: Mapping[str, frozenset[str]]
    states: States
    unruled: str

    def bases(self) -> Iterator[tuple[str, Basis]]:
        """What each rule rests on, by its key."""
        for rows in (self.rules, self.timings, self.warnings, self.apart, self.waits):
            for row in rows:
                if row.basis:
                    yield row.key, row.basis


@cache
def rulebook() -> Rulebook:
    """The rules of all tables; read once.

    Raises:
        ValueError: if a key stands twice, a rule is about no food, has a source that sources.toml does not know, or a
            weight is not within -1..1.
    """
    tables = {priority: _table(_TABLES[priority]) for priority in GRAVITY if priority in _TABLES}
    made = Rulebook(
        rules=tuple(_rule(row, priority) for priority, table in tables.items() for row in table.get("rule", ())),
        timings=tuple(_remark(row, priority) for priority, table in tables.items() for row in table.get("timing", ())),
        warnings=tuple(
            _remark(row, priority) for priority, table in tables.items() for row in table.get("warning", ())
        ),
        apart=tuple(_apart(row) for table in tables.values() for row in table.get("apart", ())),
        waits=tuple(_wait(row) for table in tables.values() for row in table.get("wait", ())),
        classes={name: frozenset(keys) for name, keys in tables["drug"]["classes"].items()},
        states=_states(tables["safety"]["states"]),
        unruled=tables["drug"]["unruled"],
    )
    keys = [key for key, _ in made.bases()]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise ValueError(f"rules that stand twice: {sorted(twice)}")
    return made


@cache
def sources() -> Mapping[str, Source]:
    """The sources of sources.toml by key."""
    return {key: Source(**row) for key, row in _table("sources.toml").items()}


def basis_of(row: Mapping[str, Any]) -> Basis:
    """The source, query and terms of a row.

    Raises:
        ValueError: if the source is not in sources.toml.
    """
    if row["source"] not in sources():
        raise ValueError(f"{row.get('key')}: {row['source']} is not in sources.toml")
    terms = tuple(tuple(term.split(" + ")) for term in row["terms"])
    return Basis(sources()[row["source"]], row["query"], terms)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("generator.diet.exclusions").joinpath(name).read_text("utf-8"))


_FIELDS = frozenset(
    "key for foods unless parts food_most dish_most spared herbs weight reason text one other first then hours "
    "source query terms".split()
)


def _states(row: Mapping[str, Any]) -> States:
    lists = {name: frozenset(keys) for name, keys in row.items() if isinstance(keys, list)}
    return States(neutrophils_below=row["neutrophils_below"], source=sources()[row["source"]], **lists)


def _people(row: Mapping[str, Any]) -> frozenset[str]:
    if strange := row.keys() - _FIELDS:
        raise ValueError(f"{row['key']}: unknown columns {sorted(strange)}")
    return frozenset(row.get("for", [EVERYONE]))


def _rule(row: Mapping[str, Any], priority: Priority) -> Rule:
    kinds = Kinds(
        patterns=tuple(map(parse_pattern, row.get("foods", ()))),
        unless=tuple(map(parse_pattern, row.get("unless", ()))),
        parts=row.get("parts", False),
        food_most=tuple(row.get("food_most", {}).items()),
        dish_most=tuple(row.get("dish_most", {}).items()),
        spared=frozenset(row.get("spared", ())),
    )
    herbs, weight = tuple(row.get("herbs", ())), row.get("weight")
    if not (kinds.patterns or kinds.food_most or herbs):
        raise ValueError(f"{row['key']} is about no food")
    if weight is not None and not -1 <= weight <= 1:
        raise ValueError(f"{row['key']}: the weight {weight} is not within -1..1")
    return Rule(row["key"], priority, _people(row), kinds, herbs, weight, row["reason"], basis_of(row))


def _remark(row: Mapping[str, Any], priority: Priority) -> Remark:
    return Remark(row["key"], priority, _people(row), row["text"], basis_of(row))


def _apart(row: Mapping[str, Any]) -> ApartRule:
    return ApartRule(row["key"], _people(row), row["one"], row["other"], row["reason"], basis_of(row))


def _wait(row: Mapping[str, Any]) -> WaitRule:
    kinds = row["first"], row["then"], float(row["hours"])
    return WaitRule(row["key"], _people(row), *kinds, row["reason"], basis_of(row))
