"""The rows of a page become printed results: which analyte, which value, and what stands beside it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from generator.labs.layout.blocks import read_blocks
from generator.labs.layout.columns import Column, current_by_date, merge_headings, read_dates, read_heading, with_times
from generator.labs.layout.left_out import NO_NAME, NO_VALUE, Named, names_without_result, still_missing
from generator.labs.layout.marks import Mark, read_marks
from generator.labs.layout.rows import Row
from generator.labs.layout.segments import TWO_VALUES, Cells, Direction, Setting, read_segment
from generator.labs.layout.stacks import Stack, names_alone, read_stacks
from generator.labs.layout.wraps import Wrapped, lines_of_names, wrapped_names
from generator.labs.parsing.headings import column_role
from generator.labs.parsing.matching import Match, find_analyte
from generator.labs.parsing.numbers import parse_number
from generator.labs.records import Unread
from ingest.pages import ReadPage

IN_PROSE = "A number in a sentence, not in a table of results."
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_MEASURES = ("number", "range", "unit")


@dataclass(frozen=True, slots=True)
class Entry:
    """A printed result with its analyte's name, before anything is converted.

    Attributes:
        name: as printed, of one or two lines.
        match: the analyte by that name.
        confidence: of the reading of the name, 0..1.
        cells: its value, unit, range and flag as printed.
        line: the text of its row.
        page: from 1.
        section: "absolute" or "percent" where the heading of its section says so, else "".
    """

    name: str
    match: Match
    confidence: float
    cells: Cells
    line: str
    page: int
    section: str = ""


@dataclass(frozen=True, slots=True)
class _Block:
    """What was read of a block, the lines that could not be, and names that no result of their row tells of."""

    entries: list[Entry]
    unread: list[Unread]
    named: list[Named]


def read_entries(page: ReadPage, *, days_first: bool | None = None) -> tuple[list[Entry], list[Unread]]:
    """The results a page prints, from the top, and the lines that look like results and could not be read.

    Args:
        page: with its pieces of text.
        days_first: whether its numeric dates begin with the day; None where nothing tells.
    """
    entries: list[Entry] = []
    unread: list[Unread] = []
    named: list[Named] = []
    for rows in read_blocks(page.pieces):
        with_heading = _read_block(rows, page.number, days_first=days_first, use_headings=True)
        without = _read_block(rows, page.number, days_first=days_first, use_headings=False)
        # A heading is believed only if the cells below parse to what it says.
        found = with_heading if len(with_heading.entries) >= 0.6 * len(without.entries) else without
        entries += found.entries
        unread += found.unread
        named += found.named
    read = [find_analyte(entry.name, unit=entry.cells.unit) or entry.match for entry in entries]
    keys = {key for match in read for key in (match.key, *match.alternatives)}
    return entries, [*unread, *still_missing(named, read=keys, listed=unread)]


def _read_block(rows: Sequence[Row], page: int, *, days_first: bool | None, use_headings: bool) -> _Block:
    block = _Block([], [], [])
    marked = [read_marks(row) for row in rows]
    setting = Setting(direction=_direction(marked), triples=_triples(marked), slashed=_slashed(marked))
    wrapped = wrapped_names(rows, marked)
    stacks = read_stacks(marked, wrapped=lines_of_names(wrapped))
    below = {line for position, group in stacks.items() for line in range(position + 1, group[0].end)}
    heading_at, section, table_begun = -2, "", False
    heading: tuple[Column, ...] = ()
    for position, (row, marks) in enumerate(zip(rows, marked, strict=True)):
        if position in stacks:
            found = list(_stacked(stacks[position], page, days_first=days_first))
            block.entries.extend(found)
            told = {entry.match.key for entry in found}
            block.named.extend(names_without_result(marked, position, told=told, page=page))
            table_begun = True
        if position in {*stacks, *below}:
            continue
        named = _heading(marks, heading if heading_at == position - 1 else ())
        if named:
            heading, heading_at, section = named, position, ""
            columns = current_by_date(heading, days_first=days_first) if use_headings else ()
            setting = replace(setting, unit="", columns=columns)
            continue
        if dates := read_dates(marks):
            heading, heading_at = dates, position
            continue
        if not any(mark.kind in ("number", "range", "absent") for mark in marks):
            setting, section = _section(marks, setting, section)
        if position in wrapped and wrapped[position] is None:
            continue
        read, missed = _read_row(row, _with_name(marks, wrapped.get(position)), setting)
        block.entries.extend(_entries(read, row.text, page, section=section))
        # Before the first result or heading stands the patient's head, which is no result of anything.
        table_begun = table_begun or bool(read) or heading_at >= 0
        if names_alone(marks):
            block.named.extend(names_without_result(marked, position, told=(), page=page))
        if table_begun:
            block.unread.extend(Unread(text=row.text, reason=reason, page=page) for reason in missed)
    return block


def _heading(marks: Sequence[Mark], above: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns that a row names, together with those of a heading row right above it; none if it is no heading."""
    named = read_heading(marks)
    if above and not named:
        return with_times(above, marks) or ()
    return merge_headings(above, named) if above else named


def _stacked(stacks: Sequence[Stack], page: int, *, days_first: bool | None) -> Iterator[Entry]:
    """The results whose values stand below their names."""
    for stack in stacks:
        marks, known = stack.current(days_first=days_first)
        for cells in read_segment(marks, stack.name, Setting()):
            told = cells if known else replace(cells, doubts=(*cells.doubts, TWO_VALUES))
            yield from _entries([(stack.name, told)], " ".join(mark.text for mark in marks), page)


def _entries(read: Sequence[tuple[Mark, Cells]], line: str, page: int, *, section: str = "") -> Iterator[Entry]:
    for name, cells in read:
        if name.match:
            yield Entry(name.text, name.match, name.confidence, cells, line, page, section)


def _numbers_alone(marks: Sequence[Mark]) -> bool:
    kinds = {mark.kind for mark in marks}
    return "number" in kinds and kinds <= {"number", "range", "unit", "flag", "absent"}


def _section(marks: Sequence[Mark], setting: Setting, section: str) -> tuple[Setting, str]:
    """What a line of words says of the lines under it: their unit, or that they are percentages or counts."""
    text = " ".join(mark.text for mark in marks)
    if text.startswith("(") or len(marks) > 8 or any(mark.kind == "name" for mark in marks):
        return setting, section
    units = [mark.text for mark in marks if mark.kind == "unit"]
    roles = {column_role(mark.text) for mark in marks}
    said = "absolute" if "absolute" in roles else "percent" if "percent" in roles or "%" in units else ""
    return replace(setting, unit=units[0] if units else ""), said


def _with_name(marks: Sequence[Mark], wrapped: Wrapped | None) -> list[Mark]:
    """The row's marks, its name replaced by the one that runs over two lines."""
    if wrapped is None:
        return list(marks)
    kept = [mark for mark in marks if mark not in wrapped.replaces]
    return sorted([*kept, wrapped.name, *wrapped.carried], key=lambda mark: mark.box[0])


def _read_row(row: Row, marks: Sequence[Mark], setting: Setting) -> tuple[list[tuple[Mark, Cells]], list[str]]:
    names = [mark for mark in marks if mark.kind == "name"]
    kinds = Counter(mark.kind for mark in marks)
    if not names:
        return [], [NO_NAME] if _measured(marks) and kinds["word"] and not kinds["date"] and not _prose(marks) else []
    if _prose(marks):
        stated = kinds["number"] and kinds["unit"]
        return [], [IN_PROSE] if stated else []
    read: list[tuple[Mark, Cells]] = []
    missed: list[str] = []
    for name, segment in _segments(marks, setting.direction):
        found = read_segment(segment, name, _columns_for(segment, marks, setting))
        read += [(name, cells) for cells in found]
        if not found and _seems_missed(segment):
            missed.append(NO_VALUE)
    return read, missed


def _seems_missed(segment: Sequence[Mark]) -> bool:
    kinds = Counter(mark.kind for mark in segment)
    # "1:530" and "20:45" are no times there.
    dated = any(mark.kind == "date" and not _CLOCK.fullmatch(mark.text) for mark in segment)
    if kinds["absent"] or dated:
        return False
    damaged = any(any(letter.isdigit() for letter in mark.text) for mark in segment if mark.kind in ("word", "date"))
    return bool(kinds["range"] or damaged or kinds["number"])


def _measured(marks: Sequence[Mark]) -> bool:
    """Whether a line holds a number with a unit behind it or a range beside it, as addresses do not."""
    numbers = [position for position, mark in enumerate(marks) if mark.kind == "number"]
    ranges = sum(mark.kind == "range" for mark in marks)
    if not 1 <= len(numbers) <= 3 or ranges > 2:
        return False
    unit = any(mark.kind == "unit" for mark in marks[numbers[0] + 1 : numbers[0] + 3])
    return unit or (ranges == 1 and (len(numbers) == 1 or any(mark.kind == "unit" for mark in marks)))


def _prose(marks: Sequence[Mark]) -> bool:
    """Whether a line is a sentence: many words that are part of no result."""
    words = sum(mark.kind == "word" and sum(map(str.isalpha, mark.text)) >= 2 for mark in marks)
    measures = sum(mark.kind in _MEASURES for mark in marks)
    return words >= 6 and words > 2 * measures


def _segments(marks: Sequence[Mark], direction: Direction) -> Iterator[tuple[Mark, list[Mark]]]:
    """Each name with the marks that belong to it: up to the next name, on the side where values stand."""
    names = _distinct_names(marks)
    if len(names) == 1:
        yield names[0], list(marks)
        return
    places = [marks.index(name) for name in names]
    for position, name in enumerate(names):
        if direction == "right":
            end = places[position + 1] if position + 1 < len(names) else len(marks)
            yield name, list(marks[places[position] : end])
        else:
            start = places[position - 1] + 1 if position else 0
            end = places[position] + 1 if position + 1 < len(names) else len(marks)
            yield name, list(marks[start:end])


def _distinct_names(marks: Sequence[Mark]) -> list[Mark]:
    """The names of a row, without a second name of the same analyte that no number parts from the first."""
    kept: list[Mark] = []
    measured = True
    for mark in marks:
        if mark.kind == "name":
            if measured or not kept or not mark.match or not kept[-1].match or mark.match.key != kept[-1].match.key:
                kept.append(mark)
            measured = False
        elif mark.kind in ("number", "range", "absent"):
            measured = True
    return kept


def _columns_for(segment: Sequence[Mark], marks: Sequence[Mark], setting: Setting) -> Setting:
    """The columns over a segment, where a row holds several."""
    if len(segment) == len(marks) or not setting.columns:
        return setting
    x0, x1 = min(mark.box[0] for mark in segment), max(mark.box[2] for mark in segment)
    over = tuple(column for column in setting.columns if column.x1 > x0 and column.x0 < x1)
    return replace(setting, columns=over)


def _direction(rows: Sequence[Sequence[Mark]]) -> Direction:
    """On which side of the name values stand, by the rows with one name."""
    right = left = 0
    for marks in rows:
        names = _distinct_names(marks)
        if names and not read_heading(marks):
            numbers = [mark for mark in marks if mark.kind == "number"]
            right += any(marks.index(number) > marks.index(names[0]) for number in numbers)
            left += any(number.box[0] < names[-1].box[0] for number in numbers) and not any(
                number.box[0] > names[-1].box[0] for number in numbers
            )
    return "left" if left > right else "right"


def _triples(rows: Sequence[Sequence[Mark]]) -> bool:
    """Whether rows print value, low and high as three numbers: in at least four, the second below the third in all."""
    found = []
    for marks in rows:
        numbers = [parse_number(mark.text) for mark in marks if mark.kind == "number"]
        if len(_distinct_names(marks)) == 1 and len(numbers) == 3 and not any(mark.kind == "range" for mark in marks):
            found.append(numbers)
    return len(found) >= 4 and all(low and high and low.value < high.value for _, low, high in found)


def _slashed(rows: Sequence[Sequence[Mark]]) -> bool:
    """Whether the ranges of this table are printed with a slash: at least three, and most of them."""
    ranges = [mark.text for marks in rows for mark in marks if mark.kind == "range"]
    slashed = sum("/" in text for text in ranges)
    return slashed >= 3 and 2 * slashed > len(ranges)
