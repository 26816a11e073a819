"""Reference intervals by age and sex, for reports that print none; the printed one always wins."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from generator.labs.records import Sex

# Of a person whose age is not known.
ASSUMED_YEARS = 40.0
_DAYS, _MONTHS = 365.25, 12.0


@dataclass(frozen=True, slots=True)
class Interval:
    """A row of intervals.toml.

    Attributes:
        analyte: the key.
        low: the lower limit in the analyte's unit, None where there is none.
        high: the upper limit.
        sex: whom it holds for, None for everybody, "unknown" where the sex is not known.
        age_from: in years, inclusive.
        age_to: in years, exclusive.
        source: who publishes it.
    """

    analyte: str
    low: float | None
    high: float | None
    sex: Sex | Literal["unknown"] | None
    age_from: float
    age_to: float
    source: str


@cache
def intervals() -> tuple[Interval, ...]:
    """The rows of intervals.toml, in its order; read once.

    Raises:
        ValueError: if a row has no limit, crossed limits or ages, or two rows hold for one person.
    """
    table = tomllib.loads(files("generator.labs.judging").joinpath("intervals.toml").read_text("utf-8"))
    made: list[Interval] = []
    for row in table["interval"]:
        new = Interval(
            analyte=row["analyte"],
            low=row.get("low"),
            high=row.get("high"),
            sex=row.get("sex"),
            age_from=_years(row.get("from", "0 d")),
            age_to=_years(row.get("to", "200 y")),
            source=table["sources"][row["source"]],
        )
        if new.low is None and new.high is None or new.age_from >= new.age_to:
            raise ValueError(f"{new.analyte}: a row of intervals.toml has no limit, or no ages")
        if new.low is not None and new.high is not None and new.low >= new.high:
            raise ValueError(f"{new.analyte}: the limits of a row of intervals.toml are crossed")
        if any(_overlap(new, old) for old in made):
            raise ValueError(f"{new.analyte}: two rows of intervals.toml hold for one person")
        made.append(new)
    return tuple(made)


def interval(analyte_key: str, *, sex: Sex | None, age_years: float | None) -> Interval | None:
    """The interval for a person, None where the table has none, or has rows by sex and the sex is not known.

    Without an age an adult of 40 years is assumed, which has to be said where the interval is shown.

    Args:
        analyte_key: of analytes.toml.
        sex: "F", "M" or None if unknown.
        age_years: in years, or None if unknown.
    """
    age = ASSUMED_YEARS if age_years is None else age_years
    rows = (row for row in intervals() if row.analyte == analyte_key and row.age_from <= age < row.age_to)
    return next((row for row in rows if row.sex in (None, sex or "unknown")), None)


def _years(printed: str) -> float:
    """An age such as "30 d", "23 mo" or "10 y" in years."""
    number, unit = printed.split()
    return float(number) / {"d": _DAYS, "mo": _MONTHS, "y": 1.0}[unit]


def _overlap(one: Interval, other: Interval) -> bool:
    return (
        one.analyte == other.analyte
        and (one.sex is None or other.sex is None or one.sex == other.sex)
        and one.age_from < other.age_to
        and other.age_from < one.age_to
    )
