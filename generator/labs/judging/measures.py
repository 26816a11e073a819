"""Which analyte a printed result is of, and in which unit: by name and unit, by its range, or by the white cells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from generator.labs.analytes import Analyte, analytes
from generator.labs.judging.intervals import interval
from generator.labs.layout.entries import Entry
from generator.labs.parsing.matching import Match, find_analyte
from generator.labs.parsing.numbers import Number, Range
from generator.labs.parsing.units import Unit, commensurable, convert, read_unit, usual_units
from generator.labs.records import Sex

Expected = Callable[[str], float | None]

# A range in the right unit lies within this factor of the usual interval.
_NEAR = 3.0
# Rounding of three printed numbers; the units to tell apart differ by ten at least.
_ABOUT = 0.15
# Below it a unit lost its slash or its exponent; above, a letter at most: "mmol/I".
_SURE_UNIT = 0.9
_SEXES: tuple[Sex | None, ...] = (None, "F", "M")

OTHER_TEST = "The name can mean several analytes, and neither unit nor range tells which."
NO_UNIT = "No unit is printed or readable, and the value differs by a factor between the usual ones."
DAMAGED_UNIT = 'The printed unit "{}" cannot be this analyte\'s; {} fits the range.'
OTHER_SCALE = 'The unit "{}" does not fit the printed range; {} does, and was taken.'
UNCONFIRMED = 'The unit "{}" was read as {}, and nothing else on the page confirms it.'
WRONG_UNIT = "The printed unit is none in which this analyte is measured."


@dataclass(frozen=True, slots=True)
class Measure:
    """An analyte with the UCUM unit its value and range are printed in, and what was doubtful about it."""

    analyte: Analyte
    ucum: str
    doubts: tuple[str, ...] = ()
    certainty: float = 1.0

    def same_scale(self, other: "Measure") -> bool:
        """Whether a number means the same in both: 10*9/L is 10*3/uL."""
        return self.analyte == other.analyte and abs(self.scale / other.scale - 1) < 1e-6

    @property
    def scale(self) -> float:
        """What one of the printed unit is in the analyte's."""
        return convert(1.0, self.ucum, self.analyte)


def nothing_expected(_: str) -> float | None:
    """No analyte's value is known from others."""
    return None


def choose_measure(
    entry: Entry, number: Number, printed_range: Range | None, *, expected: Expected = nothing_expected
) -> Measure | str:
    """Choose analyte and unit, or say why that cannot be told.

    A unit that the range contradicts gives way to the one usual unit that the range fits, with a doubt. A unit that
    OCR damaged, or that is not usual for the analyte, is doubted unless range or white cells confirm it.

    Args:
        entry: the printed result.
        number: its value.
        printed_range: its range, if one is printed and readable.
        expected: the value of a count or percentage in its analyte's unit by the white cells and its counterpart.
    """
    printed = entry.cells.unit
    match = find_analyte(entry.name, unit=printed) or entry.match
    told = _told_by_cells(match, number, expected)
    unit = read_unit(printed, analyte=analytes()[match.key]) if printed else None
    if unit is None:
        return told or _without_unit(entry, match, number, printed_range)
    keys = [key for key in (match.key, *match.alternatives) if commensurable(unit.ucum, analytes()[key])]
    if not keys:
        other = _without_unit(entry, match, number, printed_range) if printed_range else WRONG_UNIT
        if isinstance(other, str):
            return WRONG_UNIT
        return replace(other, doubts=(DAMAGED_UNIT.format(printed, other.ucum),))
    measure = Measure(analytes()[keys[0]], unit.ucum, certainty=max(match.certainty, 0.5))
    if told and told.same_scale(measure):
        return measure
    agrees = _agrees(printed_range, measure)
    if agrees is False or (not agrees and (told or not is_possible(number.value, measure))):
        other = told or _without_unit(entry, match, number, printed_range)
        if isinstance(other, Measure) and not other.same_scale(measure):
            doubt = OTHER_SCALE if printed_range else UNCONFIRMED
            return replace(other, doubts=(doubt.format(printed, other.ucum),))
    confirmed = bool(agrees) or not _several_scales(measure, number)
    doubts = (*_unit_doubts(printed, unit, measure, confirmed=confirmed), *((OTHER_TEST,) if len(keys) > 1 else ()))
    return replace(measure, doubts=doubts)


def _unit_doubts(printed: str, unit: Unit, measure: Measure, *, confirmed: bool) -> Iterator[str]:
    usual = any(measure.same_scale(Measure(measure.analyte, ucum)) for ucum in usual_units(measure.analyte))
    if not confirmed and (unit.certainty < _SURE_UNIT or not usual):
        yield UNCONFIRMED.format(printed, unit.ucum)
    if unit.alternatives:
        yield f'The unit "{printed}" was read as {unit.ucum}.'


def _told_by_cells(match: Match, number: Number, expected: Expected) -> Measure | None:
    """The one analyte and scale that gives what the white cells lead to expect."""
    found: list[Measure] = []
    for key in (match.key, *match.alternatives):
        wanted = expected(key)
        for ucum in usual_units(analytes()[key]) if wanted else ():
            measure = Measure(analytes()[key], ucum)
            value = convert(number.value, ucum, measure.analyte)
            fits = wanted is not None and abs(value - wanted) <= _ABOUT * wanted
            if fits and not any(measure.same_scale(other) for other in found):
                found.append(measure)
    return found[0] if len(found) == 1 else None


def _several_scales(measure: Measure, number: Number) -> bool:
    """Whether the value is possible on another scale that is usual for the analyte."""
    others = (Measure(measure.analyte, ucum) for ucum in usual_units(measure.analyte))
    return any(not other.same_scale(measure) and is_possible(number.value, other) for other in others)


def _without_unit(entry: Entry, match: Match, number: Number, printed_range: Range | None) -> Measure | str:
    """The one usual unit that makes the value possible and the printed range a usual one."""
    possible = [
        measure
        for key in _meant(match, entry.section)
        for ucum in usual_units(analytes()[key])
        if is_possible(number.value, measure := Measure(analytes()[key], ucum))
        and _agrees(printed_range, measure) is not False
    ]
    if not possible:
        return NO_UNIT
    if len({measure.analyte.key for measure in possible}) > 1:
        return OTHER_TEST
    first = possible[0]
    if not all(first.same_scale(other) for other in possible):
        return NO_UNIT
    # Where laboratories use one unit only, and where the range shows which it is, none has to be printed.
    only = all(first.same_scale(Measure(first.analyte, ucum)) for ucum in usual_units(first.analyte))
    told = printed_range is not None and not entry.cells.unit
    doubt = () if only or told else (f"No readable unit is printed; {first.ucum} is the only usual one that fits.",)
    return replace(first, doubts=doubt)


def _meant(match: Match, section: str) -> list[str]:
    keys = [match.key, *match.alternatives]
    if section:
        keys = [key for key in keys if analytes()[key].percent == (section == "percent")] or keys
    return keys


def is_possible(value: float, measure: Measure) -> bool:
    """Whether the value, in this unit, is possible for the analyte at all."""
    low, high = measure.analyte.plausible
    return low <= convert(value, measure.ucum, measure.analyte) <= high


def _agrees(printed: Range | None, measure: Measure) -> bool | None:
    """Whether a printed range, in this unit, lies near the usual interval; None where that cannot be told."""
    top = upper_end(printed)
    usual = [row for sex in _SEXES if (row := interval(measure.analyte.key, sex=sex, age_years=40.0))]
    highs = [row.high for row in usual if row.high]
    if not highs or not top:
        return None
    high = convert(top, measure.ucum, measure.analyte)
    return any(usual_high / _NEAR <= high <= usual_high * _NEAR for usual_high in highs)


def upper_end(printed: Range | None) -> float | None:
    """The upper limit of a printed range, of its first group where it has groups."""
    if printed is None:
        return None
    return printed.bands[0].high if printed.bands else printed.high
