"""What stands over the columns of a table: its heading row, and which column a number belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from generator.labs.layout.marks import Mark
from generator.labs.parsing.dates import read_moment
from generator.labs.parsing.headings import ColumnRole, column_role, plain
from ingest.records import Box

_WORDS = 4
_WORD_GAP = 1.2


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its heading.

    Attributes:
        role: what stands in it.
        x0: left edge of the heading.
        x1: right edge.
        unit: the unit in the heading, as printed: "Result (g/dL)".
        date: the date in the heading, as printed: a column of that day's results.
    """

    role: ColumnRole
    x0: float
    x1: float
    unit: str = ""
    date: str = ""


def read_heading(marks: Sequence[Mark]) -> tuple[Column, ...]:
    """The columns a row names, from the left; none where the row is no heading.

    A heading names at least two different things, holds no number, and at most as many other words as headings.
    """
    if any(mark.kind in ("number", "range", "absent") for mark in marks):
        return ()
    columns: list[Column] = []
    other = start = 0
    while start < len(marks):
        found = _column(marks, start)
        if found:
            column, start = found
            columns.append(column)
            continue
        mark = marks[start]
        if mark.kind == "unit" and columns and mark.gap <= _WORD_GAP:
            columns[-1] = replace(columns[-1], unit=mark.text)
        elif mark.kind in ("word", "name") and plain(mark.text):
            other += 1
        start += 1
    columns = _dated(columns)
    roles = {column.role for column in columns}
    # Labels and dates of a report's head are no heading.
    headed = {column.role for column in columns if not column.date} - {"other"}
    # "Absolute values" is the title of a section: two columns stand apart, or there are more.
    if len(columns) < 3 and not any(mark.gap > _WORD_GAP for mark in marks[1:]):
        return ()
    return tuple(columns) if headed and len(roles) >= 2 and other <= len(columns) else ()


def read_dates(marks: Sequence[Mark]) -> tuple[Column, ...]:
    """The columns of a line that holds nothing but several dates, which a heading may go on below."""
    if not marks or any(mark.kind != "date" for mark in marks):
        return ()
    columns: list[Column] = []
    start = 0
    while start < len(marks):
        found = None if _is_time(marks[start]) else _column(marks, start)
        if found is None:
            return ()
        columns.append(found[0])
        start = found[1]
    return tuple(columns) if len(columns) > 1 else ()


def _is_time(mark: Mark) -> bool:
    return mark.kind == "date" and ":" in mark.text


def with_times(columns: Sequence[Column], marks: Sequence[Mark]) -> tuple[Column, ...] | None:
    """The columns with the times of a line of times under their dates; None where the line is none."""
    if not marks or not all(map(_is_time, marks)):
        return None
    timed = list(columns)
    for mark in marks:
        under = column_of(
            mark.box, [column for column in columns if column.date], roles=frozenset(("value", "previous"))
        )
        if under in timed:
            timed[timed.index(under)] = replace(under, date=f"{under.date} {mark.text}")
    return tuple(timed)


def _column(marks: Sequence[Mark], start: int) -> tuple[Column, int] | None:
    if marks[start].kind == "date":
        end = start + 1
        if end < len(marks) and marks[end].gap <= _WORD_GAP and _is_time(marks[end]):
            end += 1
        date = " ".join(mark.text for mark in marks[start:end])
        return Column("value", marks[start].box[0], marks[end - 1].box[2], date=date), end
    for end in range(min(len(marks), start + _WORDS), start, -1):
        parts = marks[start:end]
        if any(mark.gap > _WORD_GAP for mark in parts[1:]) or any(mark.kind == "date" for mark in parts):
            continue
        role = column_role(" ".join(mark.text for mark in parts))
        if role:
            return Column(role, parts[0].box[0], parts[-1].box[2]), end
    return None


def _dated(columns: Sequence[Column]) -> list[Column]:
    """A date beside a heading's words belongs to them; one alone heads a column of its own."""
    joined: list[Column] = []
    for column in columns:
        last = joined[-1] if joined else None
        close = last is not None and column.x0 - last.x1 < 0.5 * (last.x1 - last.x0)
        if column.date and last and close and last.role in ("value", "previous") and not last.date:
            joined[-1] = replace(last, x1=column.x1, date=column.date)
        else:
            joined.append(column)
    return joined


def current_by_date(columns: Sequence[Column], *, days_first: bool | None = None) -> tuple[Column, ...]:
    """Of columns headed by dates the newest is the current one; beside a plain "Result" all are earlier ones.

    Where the dates do not tell which is the newest, they stay as they are, and their values are doubted.

    Args:
        columns: of a heading.
        days_first: whether the page's numeric dates begin with the day; None where nothing tells.
    """
    values = [column for column in columns if column.role == "value"]
    dated = [column for column in values if column.date]
    current = next((column for column in values if not column.date), None) or _newest(dated, days_first)
    if current is None:
        return tuple(columns)
    return tuple(
        replace(column, role="previous") if column in dated and column is not current else column for column in columns
    )


def _newest(dated: Sequence[Column], days_first: bool | None) -> Column | None:
    """The one newest column, the same however the dates can be read."""
    place = newest([column.date for column in dated], days_first=days_first)
    return None if place is None else dated[place]


def newest(dates: Sequence[str], *, days_first: bool | None) -> int | None:
    """Which of some printed dates, with or without times, is the newest; None where that cannot be told.

    Two at one moment, and dates that change places when their days are read as months, cannot be told apart.
    """
    places: set[int] = set()
    for order in (True, False) if days_first is None else (days_first,):
        moments = [read_moment(date, days_first=order) for date in dates]
        known = [moment for moment in moments if moment]
        if not known or len(known) < len(moments) or known.count(max(known)) > 1:
            return None
        places.add(known.index(max(known)))
    return places.pop() if len(places) == 1 else None


def merge_headings(upper: Sequence[Column], lower: Sequence[Column]) -> tuple[Column, ...]:
    """Two heading rows over one table: "Current | Previous" above "Result | Result" is one heading."""
    merged = [column for column in upper if not any(_overlap(column, other) > 0 for other in lower)]
    for column in lower:
        above = [other for other in upper if _overlap(column, other) > 0 and other.role == "previous"]
        dates = [other.date for other in upper if _overlap(column, other) > 0 and other.date]
        role = "previous" if above and column.role == "value" else column.role
        merged.append(replace(column, role=role, date=column.date or next(iter(dates), "")))
    return tuple(sorted(merged, key=lambda column: column.x0))


def _overlap(one: Column, other: Column) -> float:
    return min(one.x1, other.x1) - max(one.x0, other.x0)


def column_of(box: Box, columns: Sequence[Column], *, roles: frozenset[ColumnRole]) -> Column | None:
    """The column of these roles that the box stands under: the one it overlaps most, else the nearest."""
    among = [column for column in columns if column.role in roles]

    def distance(column: Column) -> tuple[float, float, float]:
        apart = max(column.x0 - box[2], box[0] - column.x1, 0.0)
        shared = max(0.0, min(column.x1, box[2]) - max(column.x0, box[0]))
        return apart, -shared, abs(column.x0 + column.x1 - box[0] - box[2])

    return min(among, key=distance, default=None)
