"""Conditions over the values of a report: "neutrophils < 0.5", "alt > 3 x high", "blasts_percent > 0 | blasts > 0"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from generator.labs.records import Comparator

Sign = Literal["<", "<=", ">", ">="]
_FORM = re.compile(
    r"(?P<analyte>[a-z][a-z0-9_]*) (?P<sign><=?|>=?) (?:(?P<number>\d+(?:\.\d+)?)|"
    r"(?:(?P<factor>\d+(?:\.\d+)?) x )?(?P<limit>low|high))$"
)
# Converted units leave noise behind the digits a laboratory prints.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Value:
    """One value as the rules see it.

    Attributes:
        analyte: its key.
        number: in the one unit of the analyte.
        comparator: what the report prints before it: "<" says only that the value is below `number`.
        low: the lower limit of its interval, if there is one.
        high: the upper limit.
        shown: the value in words, with how it was worked out where it was.
        doubtful: a person still has to compare it with the report.
    """

    analyte: str
    number: float
    comparator: Comparator
    low: float | None
    high: float | None
    shown: str
    doubtful: bool = False


Values = Mapping[str, Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Condition:
    """An analyte against a number, or against a multiple of a limit of its own interval."""

    analyte: str
    sign: Sign
    number: float
    limit: Literal["", "low", "high"] = ""

    def met_by(self, value: Value) -> bool:
        """Whether every value that the report allows meets the condition; never against a limit that is not known.

        "<0.5" meets "< 1.0", and does not meet ">= 0.1": the true value may be lower.
        """
        threshold = self.number
        if self.limit:
            edge = value.low if self.limit == "low" else value.high
            if edge is None:
                return False
            threshold *= edge
        return _certain(rounded(value.number), value.comparator, self.sign, rounded(threshold))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions of which one is enough."""

    conditions: tuple[Condition, ...]

    def met(self, values: Values) -> Value | None:
        """The first value that meets one of the conditions, in their order and that of the report."""
        for condition in self.conditions:
            for value in values.get(condition.analyte, ()):
                if condition.met_by(value):
                    return value
        return None


def parse_condition(text: str) -> AnyOf:
    """Read a condition.

    Raises:
        ValueError: if it has another form.
    """
    return AnyOf(tuple(_parsed(part.strip()) for part in text.split("|")))


def _parsed(text: str) -> Condition:
    match = _FORM.match(text)
    if match is None:
        raise ValueError(f"not a condition: {text!r}")
    number = float(match["number"] or match["factor"] or 1.0)
    return Condition(match["analyte"], match["sign"], number, match["limit"] or "")  # type: ignore[arg-type]


def _certain(number: float, comparator: Comparator, sign: Sign, threshold: float) -> bool:
    """Whether all values that "comparator number" leaves open meet "sign threshold"."""
    if sign[0] == "<":
        if comparator.startswith(">"):
            return False
        return number < threshold or (number == threshold and (sign == "<=" or comparator == "<"))
    if comparator.startswith("<"):
        return False
    return number > threshold or (number == threshold and (sign == ">=" or comparator == ">"))


def rounded(number: float) -> float:
    """A number without the noise that converting leaves behind."""
    return float(f"{number:.{_DIGITS}g}")
