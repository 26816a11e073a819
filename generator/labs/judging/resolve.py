"""A printed result becomes a value in its analyte's unit, with interval, flag and doubts; or the reason why not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.labs.judging.flags import alerts, critical, flag
from generator.labs.judging.intervals import interval
from generator.labs.judging.measures import Expected, Measure, choose_measure, nothing_expected, upper_end
from generator.labs.layout.entries import Entry
from generator.labs.parsing.digits import DecimalMark
from generator.labs.parsing.numbers import Number, Range, parse_flag, parse_number, parse_range
from generator.labs.parsing.units import convert
from generator.labs.records import BoxOnPage, Flag, LabResult, Printed, RangeSource, Sex, Unread
from ingest.pages import ReadPage

# Below these a person looks. Of 4,200 values that RapidOCR read on 189 drawn pages, those below 0.8 that were wrong had
# other doubts as well; a name of six letters and more that is exactly a known one was never wrong.
_SURE_VALUE = 0.8
_SURE_NAME = 0.8
_SURE_SHORT_NAME = 0.6
_LONG_NAME = 6
_LETTER_AS_DIGIT = re.compile(r"\d[lIOoSB|]|[lIOoSB|]\d")

UNREADABLE_RANGE = "The printed range cannot be read."
NO_NUMBER = "The value cannot be read as one number."


@dataclass(frozen=True, slots=True)
class Person:
    """Whose report it is, as far as intervals depend on it; age in years."""

    sex: Sex | None = None
    age: float | None = None


def resolve(
    entry: Entry, page: ReadPage, person: Person, *, decimal: DecimalMark = "", expected: Expected = nothing_expected
) -> LabResult | Unread:
    """Convert a printed result, choosing the person's interval.

    `decimal` is the page's mark for decimals; `expected` what the white cells lead to expect of a kind of cell.
    """
    cells = entry.cells
    number = parse_number(cells.value.text, decimal=decimal)
    if number is None:
        return _unread(entry, NO_NUMBER)
    printed_range = parse_range(cells.range, decimal=decimal) if cells.range else None
    measure = choose_measure(entry, number, printed_range, expected=expected)
    if isinstance(measure, str):
        return _unread(entry, measure)
    value, doubts = _value(number, measure, printed_range)
    limits = _limits(printed_range, measure, person, printed=bool(cells.range))
    doubts = (*cells.doubts, *measure.doubts, *doubts, *limits.doubts, *_reading_doubts(entry, number))
    placed = flag(value, limits.low, limits.high, alert=alerts().get(measure.analyte.key), comparator=number.comparator)
    doubts = (*doubts, *_flag_doubts(cells.flag or number.flag, value, limits))
    if limits.low is None and limits.high is None:
        placed = placed or printed_side(cells.flag or number.flag)
    return LabResult(
        analyte=measure.analyte.key,
        name=measure.analyte.name,
        loinc=measure.analyte.loinc,
        value=value,
        comparator=number.comparator,
        unit=measure.analyte.unit,
        low=limits.low,
        high=limits.high,
        range_source=limits.source,
        flag=placed,
        critical=critical(measure.analyte.key, value, comparator=number.comparator),
        printed=_printed(entry, number),
        confidence=round(min(cells.value.confidence, entry.confidence, number.certainty, measure.certainty), 4),
        needs_review=bool(doubts),
        doubts=tuple(dict.fromkeys(doubts)),
        page=page.number,
        box=_share(entry, page),
    )


def _printed(entry: Entry, number: Number) -> Printed:
    cells = entry.cells
    said = cells.flag or number.flag
    return Printed(name=entry.name, value=cells.value.text, unit=cells.unit, range=cells.range, flag=said)


def _unread(entry: Entry, reason: str) -> Unread:
    return Unread(text=entry.line, reason=reason, page=entry.page)


def _share(entry: Entry, page: ReadPage) -> BoxOnPage:
    x0, y0, x1, y1 = entry.cells.value.box
    corners = (x0 / page.width, y0 / page.height, x1 / page.width, y1 / page.height)
    left, top, right, bottom = (min(1.0, max(0.0, round(corner, 5))) for corner in corners)
    return (left, top, right, bottom)


def _value(number: Number, measure: Measure, printed_range: Range | None) -> tuple[float, tuple[str, ...]]:
    """The value in the analyte's unit, read as the one of two ways that the range tells."""
    values = [convert(value, measure.ucum, measure.analyte) for value in (number.value, *number.alternatives)]
    values = [round(value, 10) for value in values]
    if len(values) == 1:
        return values[0], ()
    low, high = measure.analyte.plausible
    possible = [value for value in values if low <= value <= high] or values
    if len(possible) == 1:
        return possible[0], ()
    end = upper_end(printed_range)
    if end:
        top = convert(end, measure.ucum, measure.analyte)
        near = sorted(possible, key=lambda value: max(value / top, top / value) if value > 0 else float("inf"))
        return near[0], ("The mark in the value can part thousands or decimals; it was read by the range.",)
    return possible[0], ("The mark in the value can part thousands or decimals.",)


@dataclass(frozen=True, slots=True)
class _Limits:
    """The interval of a result in its analyte's unit."""

    low: float | None
    high: float | None
    source: RangeSource
    doubts: tuple[str, ...] = ()


def _limits(printed_range: Range | None, measure: Measure, person: Person, *, printed: bool) -> _Limits:
    """The printed interval, for the person where it depends on one; the table's where none is printed or readable."""
    if printed_range is not None:
        band = printed_range.band_for(person.sex)
        if band is None:
            return _Limits(None, None, "none", ("The range depends on who the patient is, which is not known.",))
        low, high = (
            None if end is None else round(convert(end, measure.ucum, measure.analyte), 10)
            for end in (band.low, band.high)
        )
        if low is not None and low > measure.analyte.plausible[1]:
            return _Limits(None, None, "none", ("The range beside it is of another value.",))
        return _Limits(low, high, "printed")
    doubts = (UNREADABLE_RANGE,) if printed else ()
    row = interval(measure.analyte.key, sex=person.sex, age_years=person.age)
    return _Limits(row.low, row.high, "table", doubts) if row else _Limits(None, None, "none", doubts)


def _reading_doubts(entry: Entry, number: Number) -> Iterator[str]:
    if entry.cells.value.confidence < _SURE_VALUE:
        yield "The value is hard to read on the page."
    if not _clear_name(entry):
        yield f'The name "{entry.name}" is hard to read.'
    lettered = _LETTER_AS_DIGIT.search(entry.cells.value.text) or not number.alternatives
    if number.certainty <= _SURE_VALUE and lettered:
        yield "Letters in the value were read as digits."
    if any(sign.isdigit() for sign in number.rest):
        yield "Not all of the value could be read as one number."


def _clear_name(entry: Entry) -> bool:
    """Whether a name is what it was read as: another one would be spelt otherwise in more than a damaged letter."""
    if entry.match.certainty == 1.0:
        return sum(map(str.isalpha, entry.name)) >= _LONG_NAME or entry.confidence >= _SURE_SHORT_NAME
    return entry.confidence >= _SURE_NAME and (entry.match.certainty >= _SURE_NAME or bool(entry.match.alternatives))


def printed_side(printed: str) -> Flag | None:
    """The side of its interval that a value lies on by the flag printed with it; None where that does not tell."""
    said = _SIDES.get(parse_flag(printed), ())
    return said[0] if len(said) == 1 else None


_SIDES: dict[str, Sequence[Flag]] = {"H": ("H",), "HH": ("H",), "L": ("L",), "LL": ("L",), "N": ("N",), "*": ("L", "H")}


def _flag_doubts(printed: str, value: float, limits: _Limits) -> Iterator[str]:
    """Whether the printed flag says what value and interval say."""
    said = _SIDES.get(parse_flag(printed))
    placed = flag(value, limits.low, limits.high)
    if said and placed and placed not in said:
        yield f'The flag "{printed}" does not fit the value and its interval.'
