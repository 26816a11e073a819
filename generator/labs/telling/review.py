"""The tables on lab reports as lists for a clinician to review; a part of docs/clinical-review.md."""

from collections.abc import Sequence

from generator.labs.judging.fixed_words import rest, why_words
from generator.labs.judging.flags import alerts
from generator.labs.judging.rulebook import About, Persons, Rule, TrendRule, rulebook, trend_rules

_RULES = """
## Findings of a lab report

Of the rules of one ladder the first that holds speaks; limits are those of the interval printed on the report, else of
our table. Not judged: ionised calcium, D-dimer, urine, marrow and genetics (`generator/labs/judging/rules.toml`).

| | rule | level | ladder | whose | criterion | subject |
|---|---|---|---|---|---|---|
"""
_TRENDS = """
## What stands out between two lab reports

| | rule | level | criterion | subject |
|---|---|---|---|---|
"""
_SUBJECTS = """
## Words on each subject of a lab report

What else it can be, and the next steps, are in our own words.

| | subject | words, patient | words, clinician | what else | next steps, patient | next steps, clinician | source |
|---|---|---|---|---|---|---|---|
"""
_REST = """
## Words where no rule of a lab report is met

| | case | words for a patient | words for a clinician | source |
|---|---|---|---|---|
"""
_WHY = """
## Why a lab report is urgent

Fixed words that stand behind the values and before whom to call (`generator/labs/judging/fixed_words.toml`).

| | rules | words for a patient | words for a clinician |
|---|---|---|---|
"""
_LIMITS = """
## Alert limits of a lab report

A value past one is urgent where no rule above speaks of it (`generator/labs/judging/alerts.toml`).

| | analyte | low | high | source |
|---|---|---|---|---|
"""

_ANY_AGE = 200


def lab_review() -> str:
    """The lists as Markdown: rules, notices, words, fixed words, alert limits; each in the order of its table."""
    both: Sequence[Rule | TrendRule] = (*rulebook(), *trend_rules())
    parts = [
        *(_RULES, *map(_rule_row, rulebook())),
        *(_TRENDS, *map(_trend_row, trend_rules())),
        *(_SUBJECTS, *map(_subject_row, {rule.about.key: rule.about for rule in both}.values())),
        *(_REST, *_rest_rows()),
        *(_WHY, *_why_rows(both)),
        *(_LIMITS, *_limit_rows()),
    ]
    return "".join(parts)


def _row(*cells: str) -> str:
    return f"| ☐ | {' | '.join(cells)} |\n"


def _rule_row(rule: Rule) -> str:
    ladder = rule.ladder if rule.ladder != rule.key else ""
    return _row(rule.key, rule.severity, ladder, _whose(rule.persons), _bare(rule.criterion), rule.about.key)


def _trend_row(rule: TrendRule) -> str:
    return _row(rule.key, rule.severity, _bare(rule.criterion), rule.about.key)


def _subject_row(about: About) -> str:
    words = (about.text["patient"], about.text["clinician"], "; ".join(about.also))
    steps = (" ".join(about.steps["patient"]), " ".join(about.steps["clinician"]))
    return _row(about.key, *words, *steps, f"{about.basis}, {about.url}")


def _rest_rows() -> list[str]:
    return [_row(r.title, r.text["patient"], r.text["clinician"], f"{r.basis}, {r.url}") for r in rest().values()]


def _why_rows(both: Sequence[Rule | TrendRule]) -> list[str]:
    by_alarm: dict[str, list[str]] = {}
    for rule in both:
        if rule.alarm:
            by_alarm.setdefault(rule.alarm, []).append(rule.key)
    return [
        _row(", ".join(keys), why_words(alarm, "patient"), why_words(alarm, "clinician"))
        for alarm, keys in by_alarm.items()
    ]


def _limit_rows() -> list[str]:
    return [
        _row(
            key,
            _limit("≤" if alert.low_included else "<", alert.low),
            _limit("≥" if alert.high_included else ">", alert.high),
            alert.source,
        )
        for key, alert in alerts().items()
    ]


def _limit(sign: str, value: float | None) -> str:
    return "" if value is None else f"{sign} {value:g}"


def _bare(criterion: str) -> str:
    return criterion.removeprefix("Criterion: ")


def _whose(persons: Persons) -> str:
    told = {"F": "female, ", "M": "male, ", "unknown": "sex not known, ", None: ""}[persons.sex]
    if persons.ages is None:
        return f"{told}any age"
    low, high = persons.ages
    if low == high:
        return f"{told}age not known"
    years = f"from {low:g} years" if high >= _ANY_AGE else f"{low:g} to below {high:g} years"
    return f"{told}{years}{' or age not known' if persons.unknown_age else ''}"
