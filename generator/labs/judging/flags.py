"""Where a value lies: below, in or above its interval, and past the alert limit."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from generator.labs.records import Comparator, Flag


@dataclass(frozen=True, slots=True)
class Alert:
    """A row of alerts.toml: the value from which on a laboratory calls at once, in the analyte's unit.

    Attributes:
        low: the lower limit, None where there is none.
        high: the upper limit.
        low_included: whether a value at the lower limit is already past it.
        high_included: likewise at the upper one.
        source: who publishes it.
    """

    low: float | None
    high: float | None
    low_included: bool
    high_included: bool
    source: str

    def below(self, value: float) -> bool:
        """Whether a value is past the lower limit."""
        return self.low is not None and (value < self.low or (self.low_included and value == self.low))

    def above(self, value: float) -> bool:
        """Whether a value is past the upper limit."""
        return self.high is not None and (value > self.high or (self.high_included and value == self.high))


@cache
def alerts() -> dict[str, Alert]:
    """The alert limits by analyte key; read once.

    Raises:
        ValueError: if an analyte is there twice, or a row has no limit or crossed ones.
    """
    table = tomllib.loads(files("generator.labs.judging").joinpath("alerts.toml").read_text("utf-8"))
    made: dict[str, Alert] = {}
    for row in table["alert"]:
        low, high = row.get("low"), row.get("high")
        if row["analyte"] in made or (low is None and high is None) or (None not in (low, high) and low >= high):
            raise ValueError(f"{row['analyte']} is twice in alerts.toml, or its limits are missing or crossed")
        made[row["analyte"]] = Alert(
            low=low,
            high=high,
            low_included=row.get("low_included", False),
            high_included=row.get("high_included", False),
            source=table["sources"][row["source"]],
        )
    return made


def critical(analyte: str, value: float, *, comparator: Comparator = "") -> bool:
    """Whether a value, in its analyte's unit, is past the alert limit.

    A bound counts as its least alarming value: "<10" is critical where every value below 10 is, "<100" is not.
    """
    return _past(alerts().get(analyte), value, comparator) is not None


def flag(
    value: float, low: float | None, high: float | None, *, alert: Alert | None = None, comparator: Comparator = ""
) -> Flag | None:
    """Where a value lies; limits belong to the interval, and LL and HH are past the alert limit.

    Args:
        value: in the same unit as the limits.
        low: the lower limit of the reference interval, None where it has none.
        high: the upper limit.
        alert: the analyte's alert limits.
        comparator: of the value; "<5" of an interval 4-11 cannot be placed, and is None.
    """
    if past := _past(alert, value, comparator):
        return past
    if low is None and high is None:
        return None
    return _bounded(value, low, high, comparator) if comparator else _placed(value, low, high)


def _past(alert: Alert | None, value: float, comparator: Comparator) -> Literal["LL", "HH"] | None:
    """Past which alert limit all values lie that the comparator leaves open."""
    if alert is None:
        return None
    if comparator not in (">", ">=") and (alert.below(value) or (comparator == "<" and value == alert.low)):
        return "LL"
    if comparator not in ("<", "<=") and (alert.above(value) or (comparator == ">" and value == alert.high)):
        return "HH"
    return None


def _placed(value: float, low: float | None, high: float | None) -> Flag:
    if low is not None and value < low:
        return "L"
    return "H" if high is not None and value > high else "N"


def _bounded(value: float, low: float | None, high: float | None, comparator: Comparator) -> Flag | None:
    """Where every value below or above a bound lies, None where they lie on both sides of a limit."""
    if comparator in ("<", "<="):
        if low is not None and (value < low or (comparator == "<" and value == low)):
            return "L"
        return "N" if (low is None or low <= 0) and high is not None and value <= high else None
    if high is not None and (value > high or (comparator == ">" and value == high)):
        return "H"
    return "N" if high is None and low is not None and value >= low else None
