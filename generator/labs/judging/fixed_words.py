"""The fixed words that go before the findings of a report: how soon to call whom."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from generator.labs.judging.rulebook import alarm_of
from generator.labs.records import Finding, Severity
from generator.records import AnswerAudience, Triage

_ALERTS: tuple[Literal["emergency"], Literal["urgent"]] = ("emergency", "urgent")
_REST_ALARM = "today"


@dataclass(frozen=True, slots=True)
class Rest:
    """What is said where no rule is met; `text` and `steps` by audience."""

    key: str
    title: str
    text: Mapping[AnswerAudience, str]
    steps: Mapping[AnswerAudience, tuple[str, ...]]
    basis: str
    url: str


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("generator.labs.judging").joinpath("fixed_words.toml").read_text("utf-8"))


@cache
def rest() -> Mapping[str, Rest]:
    """The words for values that no rule speaks of: "critical", "outside", "in_range", "not_compared"."""
    return {key: _rest(f"{key}_value" if key == "critical" else key, row) for key, row in _table()["rest"].items()}


def _rest(key: str, row: Mapping[str, Any]) -> Rest:
    return Rest(
        key=key,
        title=row["title"],
        text={"patient": row["patient"], "clinician": row["clinician"]},
        steps={"patient": tuple(row["patient_steps"]), "clinician": tuple(row["clinician_steps"])},
        basis=row["basis"],
        url=row["url"],
    )


def provisional_words(audience: AnswerAudience) -> str:
    """What is added to a finding that rests on a value read with doubt."""
    words: str = _table()["provisional"][audience]
    return words


def step_words(severity: Severity, audience: AnswerAudience) -> tuple[str, ...]:
    """The first of the next steps; none where nothing is urgent."""
    return (_table()["steps"][audience][severity],) if severity in _ALERTS else ()


def note(key: str, **values: object) -> str:
    """A remark on the whole report."""
    words: str = _table()["note"][key]
    return words.format(**values)


def is_note(text: str) -> bool:
    """Whether a remark is one of those that `note` makes, whatever its values."""
    parts = (re.split(r"\{\w+\}", words) for words in _table()["note"].values())
    return any(re.fullmatch(".*".join(map(re.escape, some)), text, re.DOTALL) for some in parts)


def why_words(alarm: str, audience: AnswerAudience) -> str:
    """Why a finding is urgent.

    Raises:
        KeyError: if fixed_words.toml has no such words.
    """
    words: str = _table()["why"][audience][alarm]
    return words


def triage_of(findings: Sequence[Finding], *, audience: AnswerAudience) -> Triage:
    """How urgent a report is, with the fixed words: whom to call, which values, why, and to compare with the paper.

    The level is that of the most urgent finding; a finding that is provisional counts in full. Findings may come from
    `judge` and from the notices of `trends`.
    """
    level = next((level for level in _ALERTS if any(f.severity == level for f in findings)), None)
    if level is None:
        return Triage(level="routine" if any(f.severity == "routine" for f in findings) else "none")
    alarming = [finding for finding in findings if finding.severity == level]
    words = _table()
    parts = [f"{words['lead'][audience][level]} {words['call'][audience][level]}"]
    told: set[str] = set()
    for finding in alarming:
        why = alarm_of(finding.rule) or _REST_ALARM
        values = [value for value in map(_briefly, finding.used) if value not in told]
        reasons = [f"{'; '.join(values)}."] if values else []
        reasons += [why_words(why, audience)] if why not in told else []
        parts += [" ".join(reasons)] if reasons else []
        told.update((why, *values))
    parts += [words["doubt" if any(f.provisional for f in alarming) else "check"][audience]]
    reason = "; ".join(f"{finding.rule}: {finding.title}" for finding in alarming)
    return Triage(level=level, reason=reason, message="\n\n".join(parts))


def _briefly(value: str) -> str:
    """A value used without how it was worked out, its power of ten as people write it."""
    return value.partition(", worked out as")[0].replace("10*", "10^")
