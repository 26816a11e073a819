"""Two or more reports side by side: each analyte's values by date, and what stands out between them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Literal

from generator.labs.judging.derived import as_value, shown
from generator.labs.judging.fixed_words import provisional_words, step_words
from generator.labs.judging.rulebook import TrendRule, trend_rules
from generator.labs.records import Comparator, Finding, Flag, LabReading, LabResult, RangeSource
from generator.records import AnswerAudience
from retriever.records import Record

Direction = Literal["rising", "falling", "unchanged", "unclear"]


class TrendPoint(Record):
    """A value of one report; `report` counts the reports from 1 in the order they were given."""

    report: int
    collected: date | None
    value: float
    comparator: Comparator = ""
    flag: Flag | None = None
    needs_review: bool = False
    shown: str


class Trend(Record):
    """One analyte over several reports.

    Attributes:
        analyte: its key.
        name: its name for people.
        unit: UCUM.
        low: the lower limit of the interval of the newest report that has one.
        high: its upper limit.
        range_source: where that interval comes from.
        points: the dated values, oldest first, those of a day in the order of the reports.
        undated: the values of reports without a date; their place in time is not guessed.
        direction: from the last day but one to the last; "unclear" with fewer than two days, with different values on
            one of them, or where a value is only known to lie above or below a number.
        change: of the value over these two days, in `unit`; None where the direction is unclear.
        days: between them.
        notices: what stands out, as findings; `generator.labs.judging.fixed_words.triage_of` takes them too.
        notes: what holds for the table: reports without a date, two values of a day, intervals that differ.
    """

    analyte: str
    name: str
    unit: str
    low: float | None = None
    high: float | None = None
    range_source: RangeSource = "none"
    points: tuple[TrendPoint, ...] = ()
    undated: tuple[TrendPoint, ...] = ()
    direction: Direction = "unclear"
    change: float | None = None
    days: int | None = None
    notices: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def trends(readings: Sequence[LabReading], *, audience: AnswerAudience = "patient") -> tuple[Trend, ...]:
    """The trend of each analyte that at least two of the reports have, in the order of first sight.

    Reports may come in any order; all have to be of one person, which is for the caller to make sure.
    """
    by_analyte: dict[str, list[tuple[int, date | None, LabResult]]] = defaultdict(list)
    for report, reading in enumerate(readings, start=1):
        for result in reading.results:
            by_analyte[result.analyte].append((report, reading.collected, result))
    return tuple(_trend(rows, audience) for rows in by_analyte.values() if len({report for report, _, _ in rows}) > 1)


def trend_rows(made: Sequence[Trend]) -> tuple[tuple[str, ...], ...]:
    """A table: a heading with the days, then for each analyte its name and its values, with flags L and H.

    Values of one day stand in one cell; those of reports without a date in the last column.
    """
    days = sorted({point.collected for trend in made for point in trend.points if point.collected})
    undated = any(trend.undated for trend in made)
    heading = ("", *(day.isoformat() for day in days), *(("no date",) if undated else ()))
    return (heading, *(_row(trend, days, undated) for trend in made))


def _row(trend: Trend, days: Sequence[date], undated: bool) -> tuple[str, ...]:
    cells = [" / ".join(_cell(p) for p in trend.points if p.collected == day) for day in days]
    cells += [" / ".join(_cell(p) for p in trend.undated)] if undated else []
    return (f"{trend.name} ({trend.unit})" if trend.unit else trend.name, *cells)


def _cell(point: TrendPoint) -> str:
    flag = point.flag if point.flag != "N" else None
    marks = (flag, "?" if point.needs_review else None)
    return " ".join([f"{point.comparator}{point.value:.6g}", *(mark for mark in marks if mark)])


def _trend(rows: Sequence[tuple[int, date | None, LabResult]], audience: AnswerAudience) -> Trend:
    ordered = sorted(rows, key=lambda row: (row[1] is not None, row[1] or date.min, row[0]))
    points = [_point(report, day, result) for report, day, result in ordered]
    dated = tuple(point for point in points if point.collected)
    newest = next((r for _, _, r in reversed(ordered) if r.range_source != "none"), ordered[-1][2])
    direction, change, days = _last_change(dated)
    return Trend(
        analyte=newest.analyte,
        name=newest.name,
        unit=newest.unit,
        low=newest.low,
        high=newest.high,
        range_source=newest.range_source,
        points=dated,
        undated=tuple(point for point in points if not point.collected),
        direction=direction,
        change=change,
        days=days,
        notices=_notices(ordered, audience),
        notes=_notes(ordered, dated),
    )


def _point(report: int, day: date | None, result: LabResult) -> TrendPoint:
    return TrendPoint(
        report=report,
        collected=day,
        value=result.value,
        comparator=result.comparator,
        flag=result.flag,
        needs_review=result.needs_review,
        shown=shown(result),
    )


def _last_change(points: Sequence[TrendPoint]) -> tuple[Direction, float | None, int | None]:
    """The way of the value over the last two days, the difference, and the days between."""
    by_day = [list(group) for _, group in groupby(points, key=lambda point: point.collected)]
    if len(by_day) < 2 or any(len({(p.value, p.comparator) for p in day}) > 1 for day in by_day[-2:]):
        return "unclear", None, None
    older, newer = by_day[-2][0], by_day[-1][0]
    if older.comparator or newer.comparator or not (older.collected and newer.collected):
        return "unclear", None, None
    change = round(newer.value - older.value, 6)
    direction: Direction = "rising" if change > 0 else "falling" if change < 0 else "unchanged"
    return direction, change, (newer.collected - older.collected).days


def _notices(ordered: Sequence[tuple[int, date | None, LabResult]], audience: AnswerAudience) -> tuple[Finding, ...]:
    """What stands out of the newest day against the days before it; a day with different values counts with each."""
    dated = [(day, result) for _, day, result in ordered if day]
    by_day = [[*group] for _, group in groupby(dated, key=lambda row: row[0])]
    pairs = [(older, newer) for day in reversed(by_day[:-1]) for older in day for newer in by_day[-1]]
    last_pairs = [(older, newer) for older, newer in pairs if older[0] == by_day[-2][0][0]]
    made = []
    for rule in trend_rules():
        # Any change is one against the day before; how much is counted from any day near enough.
        for older, newer in pairs if rule.measured else last_pairs:
            days = (newer[0] - older[0]).days
            if rule.analyte == newer[1].analyte and rule.met(as_value(older[1]), as_value(newer[1]), days=days):
                made.append(_notice(rule, older, newer, audience))
                break
    return tuple(made)


def _notice(
    rule: TrendRule, older: tuple[date, LabResult], newer: tuple[date, LabResult], audience: AnswerAudience
) -> Finding:
    doubtful = older[1].needs_review or newer[1].needs_review
    parts = [rule.about.text[audience], rule.criterion if audience == "clinician" else ""]
    parts += [provisional_words(audience)] if doubtful else []
    return Finding(
        rule=rule.key,
        title=rule.title,
        severity=rule.severity,
        text=" ".join(part for part in parts if part),
        used=tuple(f"{day.isoformat()}: {shown(result)}" for day, result in (older, newer)),
        also=rule.about.also,
        next_steps=(*step_words(rule.severity, audience), *rule.about.steps[audience]),
        basis=rule.about.basis,
        basis_url=rule.about.url,
        provisional=doubtful,
    )


def _notes(ordered: Sequence[tuple[int, date | None, LabResult]], dated: Sequence[TrendPoint]) -> tuple[str, ...]:
    notes = []
    if any(day is None for _, day, _ in ordered):
        notes.append("A report without a date is listed apart, because its place in time is not known.")
    for day, group in groupby(dated, key=lambda point: point.collected):
        if day and len({(p.value, p.comparator) for p in group}) > 1:
            notes.append(f"There are different values of {day.isoformat()}; which came first is not known.")
    if len({(r.low, r.high) for _, _, r in ordered if r.range_source != "none"}) > 1:
        notes.append("The reports print different intervals; the band is that of the newest.")
    return tuple(notes)
