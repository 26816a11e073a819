"""The rules for lab reports, read from rules.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from generator.labs.judging.conditions import AnyOf, Value, Values, parse_condition, rounded
from generator.labs.records import Severity, Sex
from generator.quoting import Terms, speaks_of
from generator.records import AnswerAudience


@dataclass(frozen=True, slots=True)
class About:
    """What the rules on one subject share.

    Attributes:
        key: its name in the table.
        text: by audience: what the values are consistent with and what confirms it.
        also: what else it can be.
        steps: by audience: what to do or discuss.
        basis: the sources of the thresholds, with year.
        year: of the newest of them.
        url: where to read the first.
        query: the question that a citation is searched with.
        terms: the beginnings of words that a quote has to have to be cited: one entry, and every part of it.
    """

    key: str
    text: Mapping[AnswerAudience, str]
    also: tuple[str, ...]
    steps: Mapping[AnswerAudience, tuple[str, ...]]
    basis: str
    year: int
    url: str
    query: str
    terms: Terms

    def named_in(self, words: str) -> bool:
        """Whether words speak of the subject by one of its terms."""
        return speaks_of(words, self.terms)


@dataclass(frozen=True, slots=True)
class Persons:
    """Whom a rule is for: ages in years from `ages[0]` up to but without `ages[1]`; None is anybody."""

    ages: tuple[float, float] | None = None
    unknown_age: bool = True
    sex: Sex | Literal["unknown"] | None = None

    def include(self, sex: Sex | None, age: float | None) -> bool:
        """Whether a person of this sex and age, None where it is not known, is one of them."""
        if self.sex is not None and self.sex != (sex or "unknown"):
            return False
        if age is None:
            return self.unknown_age
        return self.ages is None or self.ages[0] <= age < self.ages[1]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of rules.toml.

    Attributes:
        key: its name, unique.
        about: what it shares with others.
        title: the finding.
        severity: how soon to act.
        ladder: of the rules of a ladder the first that holds speaks; its own key for a rule that stands alone.
        persons: whom it is for.
        when: all of these have to hold,
        of: and `least` of these,
        least: 0 where `of` is empty,
        unless: and none of these.
        criterion: the thresholds in words.
        alarm: the key of the fixed words of fixed_words.toml; "" for none.
    """

    key: str
    about: About
    title: str
    severity: Severity
    ladder: str
    persons: Persons
    when: tuple[AnyOf, ...]
    of: tuple[AnyOf, ...]
    least: int
    unless: tuple[AnyOf, ...]
    criterion: str
    alarm: str

    def met(self, values: Values) -> tuple[Value, ...]:
        """The values that make the rule hold, each once; empty where it does not."""
        if any(condition.met(values) for condition in self.unless):
            return ()
        needed = [condition.met(values) for condition in self.when]
        some = [value for condition in self.of if (value := condition.met(values))]
        if len(some) < self.least or not all(needed):
            return ()
        return tuple(dict.fromkeys(value for value in (*needed, *some) if value))


@dataclass(frozen=True, slots=True)
class TrendRule:
    """A row of rules.toml on two neighbouring values of an analyte, the older one first.

    `change` is the way that the value has to go, `times` the least share of the older value that it has to reach, `by`
    the least difference in the analyte's unit, both None where any change counts; `days` is the most days between them.
    """

    key: str
    about: About
    title: str
    severity: Severity
    analyte: str
    change: Literal["fall", "rise"]
    times: float | None
    by: float | None
    days: int
    older: AnyOf | None
    newer: AnyOf | None
    criterion: str
    alarm: str

    @property
    def measured(self) -> bool:
        """Whether the change has to be of a certain size."""
        return self.times is not None or self.by is not None

    def met(self, older: Value, newer: Value, *, days: int) -> bool:
        """Whether the rule holds for two values so many days apart; never where only a bound of one is known."""
        if days > self.days or older.comparator or newer.comparator:
            return False
        for condition, value in ((self.older, older), (self.newer, newer)):
            if condition and not condition.met({value.analyte: (value,)}):
                return False
        way = 1 if self.change == "rise" else -1
        difference = rounded(way * (newer.number - older.number))
        if difference <= 0 or difference < (self.by or 0):
            return False
        reached = rounded(older.number * self.times) if self.times else None
        return reached is None or way * rounded(newer.number) >= way * reached


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("generator.labs.judging").joinpath("rules.toml").read_text("utf-8"))


@cache
def rulebook() -> tuple[Rule, ...]:
    """The rules in the order of the table; read once.

    Raises:
        ValueError: if a condition cannot be read or names an analyte without a unit, or a key stands twice.
    """
    table, shared = _tables(), _abouts()
    made = tuple(_rule(row, shared[row["about"]]) for row in table["rule"])
    if len({rule.key for rule in made}) < len(made):
        raise ValueError("a rule stands twice in rules.toml")
    named = {c.analyte for rule in made for some in (*rule.when, *rule.of, *rule.unless) for c in some.conditions}
    if strange := named - table["units"].keys():
        raise ValueError(f"no unit in rules.toml for {sorted(strange)}")
    return made


@cache
def rule_units() -> Mapping[str, str]:
    """The unit of each analyte's thresholds."""
    units: dict[str, str] = _tables()["units"]
    return units


@cache
def trend_rules() -> tuple[TrendRule, ...]:
    """The rules on two reports, in the order of the table; read once.

    Raises:
        ValueError: if a condition cannot be read.
    """
    return tuple(_trend_rule(row, _abouts()[row["about"]]) for row in _tables()["trend"])


def _trend_rule(row: Mapping[str, Any], about: About) -> TrendRule:
    return TrendRule(
        about=about,
        times=row.get("times"),
        by=row.get("by"),
        alarm=row.get("alarm", ""),
        older=parse_condition(row["older"]) if "older" in row else None,
        newer=parse_condition(row["newer"]) if "newer" in row else None,
        **{key: row[key] for key in ("key", "title", "severity", "analyte", "change", "days", "criterion")},
    )


def about_of(key: str) -> About | None:
    """What the rule of this key, of one report or of two, is about; None for a finding that no rule made."""
    return _by_key()[key].about if key in _by_key() else None


def alarm_of(key: str) -> str:
    """The fixed words that the rule of this key names; "" where it names none or no rule has the key."""
    return _by_key()[key].alarm if key in _by_key() else ""


@cache
def _by_key() -> Mapping[str, Rule | TrendRule]:
    found: dict[str, Rule | TrendRule] = {rule.key: rule for rule in rulebook()}
    return found | {rule.key: rule for rule in trend_rules()}


@cache
def _abouts() -> Mapping[str, About]:
    return {name: _about(name, row) for name, row in _tables()["about"].items()}


def _about(key: str, row: Mapping[str, Any]) -> About:
    return About(
        key=key,
        text={"patient": row["patient"], "clinician": row["clinician"]},
        also=tuple(row["also"]),
        steps={"patient": tuple(row["patient_steps"]), "clinician": tuple(row["clinician_steps"])},
        terms=tuple(tuple(term.split(" + ")) for term in row["terms"]),
        **{field: row[field] for field in ("basis", "year", "url", "query")},
    )


def _rule(row: Mapping[str, Any], about: About) -> Rule:
    when, of, unless = (tuple(map(parse_condition, row.get(key, ()))) for key in ("when", "of", "unless"))
    return Rule(
        about=about,
        ladder=row.get("ladder", row["key"]),
        persons=_persons(row),
        when=when,
        of=of,
        unless=unless,
        least=row.get("least", 1 if of else 0),
        alarm=row.get("alarm", ""),
        **{key: row[key] for key in ("key", "title", "severity", "criterion")},
    )


def _persons(row: Mapping[str, Any]) -> Persons:
    ages = row.get("ages")
    if ages == "unknown":
        return Persons(ages=(0.0, 0.0), unknown_age=True, sex=row.get("sex"))
    if ages is None:
        return Persons(sex=row.get("sex"))
    return Persons(ages=(ages[0], ages[1]), unknown_age=row.get("unknown_age", False), sex=row.get("sex"))
