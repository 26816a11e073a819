"""A stretch of a row with one analyte's name becomes its printed result: value, unit, range and flag, told apart."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from generator.labs.analytes import analytes
from generator.labs.layout.columns import Column, column_of
from generator.labs.layout.marks import Mark
from generator.labs.parsing.headings import ColumnRole, named_sex, plain
from generator.labs.parsing.numbers import parse_number
from generator.labs.parsing.units import commensurable, read_unit

Direction = Literal["right", "left"]

_NUMERIC: frozenset[ColumnRole] = frozenset(
    ("value", "previous", "range", "low", "high", "percent", "absolute", "other")
)
_IN_NAME = re.compile(r"[(\[,]\s*([^()\[\],]*[^()\[\],\s])\s*[)\]]?\s*$")
_DIGIT_LIKE = re.compile(r"\d")
_LIKE_RANGE = re.compile(r"[(\[.]?\d[\w.,]*[-–—/:~]+[\w.,]*\d[\w.,]*[)\]]?")
_SLASH = re.compile(r"(\d+(?:[.,]\d+)?)/(\d+(?:[.,]\d+)?)")
# Between a percentage and its count.
_THAT_IS = ("soit", "=", "i.e.", "ie")
TWO_VALUES = "Several values stand on this line and nothing says which is the current one; the first was taken."
NO_HEADING = "Columns are headed by dates, and a value of this line stands under none of them."
ODD_LETTERS = "The value is printed or read with letters among its digits."


@dataclass(frozen=True, slots=True)
class Cells:
    """A printed result, its parts as printed; "" for what is not there.

    Attributes:
        value: the mark of the value.
        unit: of the value, from its cell, the name's cell, the heading, or the section.
        range: the reference interval, parts joined by "; ".
        flag: the flag beside it.
        doubts: what was not clear, one sentence each.
        labelled: a heading names its column as that of the current result.
    """

    value: Mark
    unit: str = ""
    range: str = ""
    flag: str = ""
    doubts: tuple[str, ...] = ()
    labelled: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds around a row: the columns over it, where values stand, and what its section says.

    `triples` says that rows of this table print value, low and high as three numbers, `slashed` that its ranges are
    printed as "4.0 / 11.0".
    """

    columns: tuple[Column, ...] = ()
    direction: Direction = "right"
    unit: str = ""
    triples: bool = False
    slashed: bool = False


def read_segment(segment: Sequence[Mark], name: Mark, setting: Setting) -> list[Cells]:
    """The results a segment prints under one name: none, one, or a percentage and an absolute count."""
    values, limits, strays = _sorted_out(segment, name, setting)
    doubts: tuple[str, ...] = ()
    if len(values) == len(strays) == 1 and _pair([*values, *strays], segment, setting):
        values = sorted([*values, *strays], key=lambda mark: mark.box[0])
    elif strays and any(column.role == "value" and column.date for column in setting.columns):
        doubts = (NO_HEADING,)
    if not values:
        values, doubts = _odd_value(segment, name, setting)
    if len(values) == 2 and not _pair(values, segment, setting) or len(values) > 2:
        values, doubts = values[:1], (*doubts, TWO_VALUES)
    if not values:
        return []
    ranges = [limits or _ranges(segment)] if len(values) == 1 else _shared_out(segment, values)
    results: list[Cells] = []
    for value, own in zip(values, ranges, strict=True):
        flags = [mark.text for mark in segment if mark.kind == "flag" and _nearest(mark, values) is value]
        column = column_of(value.box, setting.columns, roles=_NUMERIC)
        results.append(
            Cells(
                value,
                _unit(value, segment, name, setting, taken=[_own_unit(other, segment, setting) for other in values]),
                "; ".join(own) or (_damaged_range(segment, values, setting) if len(values) == 1 else ""),
                flags[0] if flags else "",
                doubts,
                column is not None and column.role in ("value", "percent", "absolute"),
            )
        )
    return results


def _sorted_out(segment: Sequence[Mark], name: Mark, setting: Setting) -> tuple[list[Mark], list[str], list[Mark]]:
    """The numbers that are values, the limits printed as plain numbers, and numbers that stand near the values."""
    numbers = [mark for mark in segment if mark.kind == "number"]
    if any(column.role in ("value", "percent", "absolute") for column in setting.columns):
        return _by_columns(numbers, setting.columns)
    side = [mark for mark in numbers if _beside(mark, name, segment, setting)]
    printed_range = any(mark.kind == "range" for mark in segment)
    if len(side) == 1 and _bound(side[0]) and _taken_place(side[0], name, segment):
        return [], [side[0].text], []
    if not printed_range and len(side) >= 2 and (_bound(side[-1]) or _none_expected(side, segment, setting)):
        return side[:-1], [side[-1].text], []
    if not printed_range and setting.triples and len(side) == 3:
        return side[:1], [f"{side[1].text} - {side[2].text}"], []
    return [mark for mark in side if not (printed_range and _bound(mark) and len(side) > 1)] or side, [], []


def _taken_place(bound: Mark, name: Mark, segment: Sequence[Mark]) -> bool:
    """Whether between a name and a bound stands what is there for the value: "Pending … < 0.10", or damaged digits."""
    first, last = sorted((segment.index(name), segment.index(bound)))
    return any(
        mark.kind == "absent" or (mark.kind == "word" and mark.text[0].isdigit()) for mark in segment[first + 1 : last]
    )


def _none_expected(side: Sequence[Mark], segment: Sequence[Mark], setting: Setting) -> bool:
    """Whether a lone 0 behind a value and its unit is the range: none of these cells belong there."""
    return len(side) == 2 and side[1].text == "0" and bool(_own_unit(side[0], segment, setting))


def _by_columns(numbers: Sequence[Mark], columns: Sequence[Column]) -> tuple[list[Mark], list[str], list[Mark]]:
    placed: dict[ColumnRole, list[tuple[float, Mark]]] = {}
    for mark in numbers:
        column = column_of(mark.box, columns, roles=_NUMERIC)
        if column:
            apart = max(column.x0 - mark.box[2], mark.box[0] - column.x1, 0.0)
            placed.setdefault(column.role, []).append((apart, mark))
    values = [mark for role in ("percent", "absolute") for _, mark in placed.get(role, [])]
    under = sorted(placed.get("value", []), key=lambda item: (item[0], item[1].box[0]))
    # A number right under the heading keeps one that only strays towards it from being taken for a second value.
    inside = [mark for apart, mark in under if apart == 0.0] or [mark for _, mark in under]
    inside = [mark for mark in inside if not _bound(mark)] or inside
    # One number is no range; a bound is, and a second value may stand nearer to the range's heading than to its own.
    limits = [mark.text for _, mark in placed.get("range", []) if _bound(mark) or mark.text == "0"]
    limits += [mark.text for _, mark in under if mark not in inside and _bound(mark) and not limits]
    values += sorted(inside, key=lambda mark: mark.box[0])
    low, high = (next((mark.text for _, mark in placed.get(role, [])), "") for role in ("low", "high"))
    if low and high:
        limits = [f"{low} - {high}"]
    elif low or high:
        limits = [f"> {low}" if low else f"< {high}"]
    strays = [mark for _, mark in (*under, *placed.get("range", [])) if mark not in values and not _bound(mark)]
    return values, limits, strays


def _odd_value(segment: Sequence[Mark], name: Mark, setting: Setting) -> tuple[list[Mark], tuple[str, ...]]:
    """A number with letters among its digits, where no clean one stands."""
    if any(mark.kind == "absent" for mark in segment):
        return [], ()
    for mark in segment:
        beside = _beside(mark, name, segment, setting)
        if mark.kind == "word" and beside and _DIGIT_LIKE.search(mark.text) and parse_number(mark.text):
            return [mark], (ODD_LETTERS,)
    return [], ()


def _beside(mark: Mark, name: Mark, segment: Sequence[Mark], setting: Setting) -> bool:
    """Whether a mark stands on the side of the name where values do."""
    return (segment.index(mark) > segment.index(name)) == (setting.direction == "right")


def _bound(mark: Mark) -> bool:
    number = parse_number(mark.text)
    return number is not None and bool(number.comparator)


def _pair(values: Sequence[Mark], segment: Sequence[Mark], setting: Setting) -> bool:
    """Whether two values are a percentage and a count: by their units or their headings."""
    columns = [column_of(value.box, setting.columns, roles=_NUMERIC) for value in values]
    if {column.role for column in columns if column} == {"percent", "absolute"}:
        return True
    percents = [plain(_own_unit(value, segment, setting)) == "%" for value in values]
    units = [_own_unit(value, segment, setting) for value in values]
    # "0.17 (8.0 %)": the percentage in brackets behind its count, whose unit may stand elsewhere.
    behind = percents[-1] and values[-1].text.startswith("(")
    before = segment[segment.index(values[-1]) - 1].text.casefold()
    return sum(percents) == 1 and (all(units) or behind or before in _THAT_IS)


def _own_unit(value: Mark, segment: Sequence[Mark], setting: Setting) -> str:
    """The unit right behind a value, before the next number, or over its column."""
    behind = segment[segment.index(value) + 1 :]
    for mark in behind:
        if mark.kind in ("number", "name"):
            break
        if mark.kind == "unit":
            return mark.text
    column = column_of(value.box, setting.columns, roles=_NUMERIC)
    if column and column.unit:
        return column.unit
    return "%" if column and column.role == "percent" else ""


def _unit(value: Mark, segment: Sequence[Mark], name: Mark, setting: Setting, *, taken: Sequence[str]) -> str:
    """Its own unit, else the nearest on the line that is no other value's, else that of the name or the section."""
    own = _own_unit(value, segment, setting)
    if own:
        return own
    units = [mark for mark in segment if mark.kind == "unit" and mark.text not in taken]
    if units and not any(column.role == "absolute" for column in setting.columns):
        place = segment.index(value)
        return min(units, key=lambda mark: abs(segment.index(mark) - place)).text
    return unit_in(name.text) or (setting.unit if _measures(name, setting.unit) else "")


def _measures(name: Mark, printed: str) -> bool:
    """Whether a section's unit can be that of a name: "Basophils %" is no count."""
    unit = read_unit(printed) if printed else None
    if unit is None or name.match is None:
        return bool(printed)
    return any(commensurable(unit.ucum, analytes()[key]) for key in (name.match.key, *name.match.alternatives))


def unit_in(name: str) -> str:
    """The unit printed inside a name's cell: "Hb (g/dL)" or "Platelets, 10^9/L"; "" where there is none."""
    found = _IN_NAME.search(name)
    return found[1] if found and read_unit(found[1]) else ""


def _ranges(segment: Sequence[Mark]) -> list[str]:
    ranges = [mark for mark in segment if mark.kind == "range"]
    if len(ranges) < 2:
        return [mark.text for mark in ranges]
    told = [_with_word(mark, segment) for mark in ranges]
    if any(text != mark.text for text, mark in zip(told, ranges, strict=True)):
        return told
    return [ranges[0].text]


def _shared_out(segment: Sequence[Mark], values: Sequence[Mark]) -> list[list[str]]:
    """The ranges of a percentage and a count on one row: in their order, or each by the value before it."""
    ranges = [
        mark
        for mark in segment
        if mark.kind == "range" or (mark not in values and mark.kind == "number" and _bound(mark))
    ]
    if len(ranges) == len(values):
        return [[mark.text] for mark in ranges]
    bracketed = [value for value in values if value.text.startswith("(")]
    owners = [
        max(
            (value for value in values if value not in bracketed and segment.index(value) < segment.index(mark)),
            key=segment.index,
            default=values[0],
        )
        for mark in ranges
    ]
    return [[mark.text for mark, owner in zip(ranges, owners, strict=True) if owner is value][:1] for value in values]


def _damaged_range(segment: Sequence[Mark], values: Sequence[Mark], setting: Setting) -> str:
    """What stands where the range is expected and is none as it is read: "7156", "20Q-400"; "" where nothing does."""
    rest = [
        mark
        for mark in segment
        if mark.kind in ("word", "date", "number") and mark not in values and any(map(str.isdigit, mark.text))
    ]
    if any(column.role == "range" for column in setting.columns):
        places = [(mark, column_of(mark.box, setting.columns, roles=_NUMERIC)) for mark in rest]
        found = [mark.text for mark, column in places if column and column.role == "range"]
    else:
        found = [mark.text for mark in rest if mark.kind == "word" and _LIKE_RANGE.fullmatch(mark.text)]
    text = " ".join(found)
    slash = _SLASH.fullmatch(text) if setting.slashed else None
    return f"{slash[1]} - {slash[2]}" if slash else text


def _with_word(mark: Mark, segment: Sequence[Mark]) -> str:
    """The range with the sex printed before it."""
    position = segment.index(mark)
    before = segment[position - 1] if position else None
    return f"{before.text} {mark.text}" if before and before.kind == "word" and named_sex(before.text) else mark.text


def _nearest(mark: Mark, values: Sequence[Mark]) -> Mark:
    apart = max(values, key=lambda value: value.box[2]).box[2] - min(values, key=lambda value: value.box[0]).box[0]
    return (
        min(values, key=lambda value: max(value.box[0] - mark.box[2], mark.box[0] - value.box[2]))
        if apart
        else values[0]
    )
