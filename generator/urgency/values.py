"""Values of the blood and the pulse that a message names and that are alarming by themselves."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from generator.urgency.context import PERSONAL

_NAME_TO_NUMBER = (
    r"(?: ?(?:count|counts|level|levels|reading|value|result|sat|saturation|stats|x))?\s*(?:[:=~]+\s*|"
    r"(?:(?:is|are|was|were|at|of|only|now|just|came|come|back|as|down|up|to|dropped|fell|has|have|had|been|my|his|her|"
    r"about|around|result|said|says|today|this|morning|shows?|showing|reads?|reading|went|got|a|critically|low|high|"
    r"still|"
    r"currently|the|in|with|level|levels|count|sitting|hovering|measured|on room air|lab|labs|today's)\b[\s,:]*){0,6}"
    r"(?P<less>(?:below|under|less than|<|above|over|>|more than)\s*)?)"
    r"(?P<number>\d{1,3}(?:[,. ]000\b|,\d{3}\b)|\d+(?:[.,]\d+)?)\s*(?P<thousand>k\b|thousand\b|000\b)?"
    r"(?![.,]?\d)(?!\s*-?\s*(?:days?|weeks?|months?|years?|hours?|hrs?|mins?|minutes?|mg(?! ?\/)|units?|bags?|times|"
    r"doses?|"
    r"patients|people|tablets?|pills?|th\b|st\b|nd\b|rd\b|percent of))"
)

_BELOW = re.compile(r"below|under|less|<", re.IGNORECASE)
# "Below 10" is a little less than 10.
_LITTLE = 0.01


@dataclass(frozen=True, slots=True)
class Alert:
    """A row of triage.toml: a value named so, within low..high after scaling, is the sign `sign`.

    A number of `from` or more is first divided by `divide` (0: never): 4000 platelets per microlitre are 4.
    """

    sign: str
    pattern: re.Pattern[str]
    low: float
    high: float
    scale_from: float
    divide: float
    source: str


@cache
def alerts() -> tuple[Alert, ...]:
    """The alerts of triage.toml; read once."""
    table = tomllib.loads(files("generator.urgency").joinpath("triage.toml").read_text("utf-8"))
    return tuple(
        Alert(
            sign=row["sign"],
            pattern=re.compile(rf"(?<![\w/])(?:{'|'.join(row['names'])})(?!\w){_NAME_TO_NUMBER}", re.IGNORECASE),
            low=row["low"],
            high=row["high"],
            scale_from=row.get("scale_from", 0.0),
            divide=row.get("divide", 1.0),
            source=row["source"],
        )
        for row in table["value"]
    )


def names_value(sentence: str) -> bool:
    """Whether a sentence names a value of the tables with its number, alarming or not."""
    return any(alert.pattern.search(sentence) for alert in alerts())


def value_signs(sentence: str) -> list[tuple[str, int, int]]:
    """The alarming values of a sentence: sign, and where the words that name it start and end."""
    found = []
    for alert in alerts():
        for match in alert.pattern.finditer(sentence):
            if match["less"] and not PERSONAL.search(sentence):
                continue
            value = _scaled(match, alert)
            if match["less"] and _BELOW.match(match["less"]):
                value -= _LITTLE
            if alert.low <= value <= alert.high:
                found.append((alert.sign, match.start(), match.end()))
    return found


def _scaled(match: re.Match[str], alert: Alert) -> float:
    written = match["number"]
    grouped = re.sub(r"[,. ](?=\d{3}\b)", "", written) if re.search(r"[,. ]\d{3}\b", written) else written
    value = float(grouped.replace(",", "."))
    if match["thousand"]:
        value *= 1000
    return value / alert.divide if alert.scale_from and value >= alert.scale_from else value
