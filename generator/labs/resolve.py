"""A printed result becomes a value in its analyte's unit, with interval, flag and doubts; or the reason why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from generator.labs.analytes import Analyte, Match, analytes, find_analyte
from generator.labs.digits import DecimalMark
from generator.labs.flags import alerts, critical, flag
from generator.labs.intervals import interval
from generator.labs.numbers import Number, Range, parse_flag, parse_number, parse_range
from generator.labs.parse import Entry
from generator.labs.records import BoxOnPage, Flag, LabResult, Printed, RangeSource, Sex, Unread
from generator.labs.units import commensurable, convert, read_unit, usual_units
from ingest.pages import ReadPage

# Below these a person looks: chosen on the development pages by the silent errors they leave.
_SURE_VALUE = 0.9
_SURE_NAME = 0.8
_SURE_UNIT = 0.6
# A range in the right unit lies within this factor of the usual interval.
_NEAR = 3.0

NO_NUMBER = "The value cannot be read as one number."
OTHER_TEST = "The name can mean several analytes, and neither unit nor range tells which."
NO_UNIT = "No unit is printed or readable, and the value differs by a factor between the usual ones."
DAMAGED_UNIT = 'The printed unit "{}" cannot be this analyte\'s; {} fits the range.'
WRONG_UNIT = "The printed unit is none in which this analyte is measured."


@dataclass(frozen=True, slots=True)
class Person:
    """Whose report it is, as far as intervals depend on it; age in years."""

    sex: Sex | None = None
    age: float | None = None


@dataclass(frozen=True, slots=True)
class _Measure:
    """An analyte with the UCUM unit its value and range are printed in, and what was doubtful about it."""

    analyte: Analyte
    ucum: str
    doubts: tuple[str, ...] = ()
    certainty: float = 1.0


def resolve(entry: Entry, page: ReadPage, person: Person, *, decimal: DecimalMark = "") -> LabResult | Unread:
    """Convert a printed result, choosing the person's interval; `decimal` is the page's mark for decimals."""
    cells = entry.cells
    number = parse_number(cells.value.text, decimal=decimal)
    if number is None:
        return _unread(entry, NO_NUMBER)
    printed_range = parse_range(cells.range, decimal=decimal) if cells.range else None
    measure = _measure(entry, number, printed_range)
    if isinstance(measure, str):
        return _unread(entry, measure)
    value, doubts = _value(number, measure, printed_range)
    limits = _limits(printed_range, measure, person, printed=bool(cells.range))
    doubts = (*cells.doubts, *measure.doubts, *doubts, *limits.doubts, *_reading_doubts(entry, number))
    placed = flag(value, limits.low, limits.high, alert=alerts().get(measure.analyte.key), comparator=number.comparator)
    doubts = (*doubts, *_flag_doubts(cells.flag or number.flag, value, limits))
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
        printed=Printed(
            name=entry.name, value=cells.value.text, unit=cells.unit, range=cells.range, flag=cells.flag or number.flag
        ),
        confidence=round(min(cells.value.confidence, entry.confidence, number.certainty, measure.certainty), 4),
        needs_review=bool(doubts),
        doubts=tuple(dict.fromkeys(doubts)),
        page=page.number,
        box=_share(entry, page),
    )


def _unread(entry: Entry, reason: str) -> Unread:
    return Unread(text=entry.line, reason=reason, page=entry.page)


def _share(entry: Entry, page: ReadPage) -> BoxOnPage:
    x0, y0, x1, y1 = entry.cells.value.box
    corners = (x0 / page.width, y0 / page.height, x1 / page.width, y1 / page.height)
    left, top, right, bottom = (min(1.0, max(0.0, round(corner, 5))) for corner in corners)
    return (left, top, right, bottom)


def _measure(entry: Entry, number: Number, printed_range: Range | None) -> _Measure | str:
    """Which analyte in which unit, or the reason why that cannot be told."""
    printed = entry.cells.unit
    match = find_analyte(entry.name, unit=printed) or entry.match
    unit = read_unit(printed, analyte=analytes()[match.key]) if printed else None
    if unit is None:
        return _without_unit(entry, match, number, printed_range)
    keys = [key for key in (match.key, *match.alternatives) if commensurable(unit.ucum, analytes()[key])]
    if not keys:
        other = _without_unit(entry, match, number, printed_range) if printed_range else WRONG_UNIT
        return (
            WRONG_UNIT if isinstance(other, str) else replace(other, doubts=(DAMAGED_UNIT.format(printed, other.ucum),))
        )
    measure = _Measure(analytes()[keys[0]], unit.ucum)
    # A power of ten that lost a digit gives a unit that the value and its range cannot have.
    if not _is_possible(number.value, unit.ucum, measure.analyte) and not (
        printed_range and _fits(printed_range, measure)
    ):
        other = _without_unit(entry, match, number, printed_range)
        if not isinstance(other, str):
            return replace(
                other, doubts=(*other.doubts, *(() if printed_range else (DAMAGED_UNIT.format(printed, other.ucum),)))
            )
    doubts = []
    if unit.certainty < _SURE_UNIT or unit.alternatives:
        doubts.append(f'The unit "{printed}" was read as {unit.ucum}.')
    if len(keys) > 1:
        doubts.append(OTHER_TEST)
    return _Measure(measure.analyte, unit.ucum, tuple(doubts), max(match.certainty, 0.5))


def _without_unit(entry: Entry, match: Match, number: Number, printed_range: Range | None) -> _Measure | str:
    """The one usual unit that makes the value possible and the printed range a usual one."""
    keys = _meant(match, entry.section)
    possible = [
        _Measure(analytes()[key], ucum)
        for key in keys
        for ucum in usual_units(analytes()[key])
        if _is_possible(number.value, ucum, analytes()[key])
    ]
    if printed_range is not None:
        possible = [measure for measure in possible if _fits(printed_range, measure)]
    if not possible:
        return NO_UNIT
    values = {(measure.analyte.key, round(convert(1.0, measure.ucum, measure.analyte), 6)) for measure in possible}
    if len({key for key, _ in values}) > 1:
        return OTHER_TEST
    if len(values) > 1:
        return NO_UNIT
    analyte, ucum = possible[0].analyte, possible[0].ucum
    # Where laboratories use one unit only, and where the range shows which it is, none has to be printed.
    only = len({round(convert(1.0, other, analyte), 6) for other in usual_units(analyte)}) == 1
    told = printed_range is not None and not entry.cells.unit
    doubt = () if only or told else (f"No readable unit is printed; {ucum} is the only usual one that fits.",)
    return _Measure(analyte, ucum, doubt)


def _meant(match: Match, section: str) -> list[str]:
    keys = [match.key, *match.alternatives]
    if section:
        keys = [key for key in keys if analytes()[key].percent == (section == "percent")] or keys
    return keys


def _is_possible(value: float, ucum: str, analyte: Analyte) -> bool:
    low, high = analyte.plausible
    return low <= convert(value, ucum, analyte) <= high


def _fits(printed: Range, measure: _Measure) -> bool:
    """Whether a printed range, in this unit, lies near the usual interval."""
    ends = _ends(printed)
    if ends is None:
        return True
    usual = [row for sex in (None, "F", "M") if (row := interval(measure.analyte.key, sex=_sex(sex), age_years=40.0))]
    highs = [row.high for row in usual if row.high]
    if not highs or not ends[1]:
        return True
    high = convert(ends[1], measure.ucum, measure.analyte)
    return any(usual_high / _NEAR <= high <= usual_high * _NEAR for usual_high in highs)


def _sex(letter: str | None) -> Sex | None:
    return "F" if letter == "F" else "M" if letter == "M" else None


def _ends(printed: Range) -> tuple[float | None, float | None] | None:
    if printed.bands:
        return printed.bands[0].low, printed.bands[0].high
    return printed.low, printed.high


def _value(number: Number, measure: _Measure, printed_range: Range | None) -> tuple[float, tuple[str, ...]]:
    """The value in the analyte's unit, read as the one of two ways that the range tells."""
    values = [convert(value, measure.ucum, measure.analyte) for value in (number.value, *number.alternatives)]
    values = [round(value, 10) for value in values]
    if len(values) == 1:
        return values[0], ()
    low, high = measure.analyte.plausible
    possible = [value for value in values if low <= value <= high] or values
    if len(possible) == 1:
        return possible[0], ()
    ends = _ends(printed_range) if printed_range else None
    if ends and ends[1]:
        top = convert(ends[1], measure.ucum, measure.analyte)
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


def _limits(printed_range: Range | None, measure: _Measure, person: Person, *, printed: bool) -> _Limits:
    """The printed interval, for the person where it depends on one; the table's only where none is printed."""
    if printed_range is not None:
        band = printed_range.band_for(person.sex)
        if band is None:
            return _Limits(None, None, "none", ("The range depends on who the patient is, which is not known.",))
        low, high = (
            None if end is None else round(convert(end, measure.ucum, measure.analyte), 10)
            for end in (band.low, band.high)
        )
        return _Limits(low, high, "printed")
    if printed:
        return _Limits(None, None, "none", ("The printed range cannot be read.",))
    row = interval(measure.analyte.key, sex=person.sex, age_years=person.age)
    return _Limits(row.low, row.high, "table") if row else _Limits(None, None, "none")


def _reading_doubts(entry: Entry, number: Number) -> Iterator[str]:
    if entry.cells.value.confidence < _SURE_VALUE:
        yield "The value is hard to read on the page."
    if entry.confidence < _SURE_NAME or entry.match.certainty < _SURE_NAME and not entry.match.alternatives:
        yield f'The name "{entry.name}" is hard to read.'
    if not number.alternatives and number.certainty <= _SURE_VALUE:
        yield "Letters in the value were read as digits."


_SIDES: dict[str, Sequence[Flag]] = {"H": ("H",), "HH": ("H",), "L": ("L",), "LL": ("L",), "N": ("N",), "*": ("L", "H")}


def _flag_doubts(printed: str, value: float, limits: _Limits) -> Iterator[str]:
    """Whether the printed flag says what value and interval say."""
    said = _SIDES.get(parse_flag(printed))
    placed = flag(value, limits.low, limits.high)
    if said and placed and placed not in said:
        yield f'The flag "{printed}" does not fit the value and its interval.'
