"""Values that a person typed or confirmed become results like those that were read: converted, placed, checked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from generator.labs.analytes import Analyte, analytes
from generator.labs.judging.consistency import doubt_inconsistent
from generator.labs.judging.flags import alerts, critical, flag
from generator.labs.judging.intervals import interval
from generator.labs.judging.resolve import Person, printed_side
from generator.labs.parsing.digits import DecimalMark
from generator.labs.parsing.numbers import Number, Range, decimal_mark, parse_number, parse_range
from generator.labs.parsing.units import UnitMismatch, commensurable, convert, read_unit, usual_units
from generator.labs.records import Comparator, LabResult, Printed, RangeSource
from ingest.errors import BadRequest

_MARKS: tuple[DecimalMark, ...] = (".", ",")
_NO_LIMITS: dict[str, object] = {"low": None, "high": None, "range_source": "none"}


@dataclass(frozen=True, slots=True)
class Typed:
    """A value as a person gives it.

    Attributes:
        analyte: a key of analytes.toml.
        value: the number.
        unit: as printed or UCUM; empty for the analyte's own.
        comparator: what stands before the number.
        low: the lower limit that the report prints, in `unit`.
        high: the upper one; without both, the interval is the table's.
    """

    analyte: str
    value: float
    unit: str = ""
    comparator: Comparator = ""
    low: float | None = None
    high: float | None = None


def typed_result(typed: Typed, patient: Person) -> LabResult:
    """A result of a typed value.

    Raises:
        BadRequest: if the analyte or unit is unknown, the unit does not measure it, or the limits are not in order.
    """
    analyte = _analyte(typed.analyte)
    if typed.low is not None and typed.high is not None and typed.low >= typed.high:
        raise BadRequest(
            f"the lower limit of {analyte.name}, {typed.low:g}, is not below the upper one, {typed.high:g}",
            hint="Give the limits as the report prints them, the lower one first, or leave both out.",
        )
    ucum = _ucum(typed.unit, analyte)
    value, low, high = (
        None if number is None else round(convert(number, ucum, analyte), 10)
        for number in (typed.value, typed.low, typed.high)
    )
    assert value is not None
    printed = Printed(
        name=analyte.name, value=f"{typed.comparator}{typed.value:.12g}", unit=typed.unit, range=_span(typed)
    )
    made = LabResult(
        analyte=analyte.key,
        name=analyte.name,
        loinc=analyte.loinc,
        value=value,
        comparator=typed.comparator,
        unit=analyte.unit,
        low=low,
        high=high,
        range_source="none" if low is None and high is None else "printed",
        printed=printed,
    )
    return _placed(made) if made.range_source == "printed" else for_patient(made, patient)


def corrected(result: LabResult, *, value: str, unit: str | None, patient: Person) -> LabResult:
    """A result with the value and unit that a person read off the page instead; its box and range stay.

    Args:
        result: as read.
        value: as on the page: "<0.5", "13,2", "1,50,000".
        unit: as on the page; empty for the analyte's own, None for the one that the result was read in.
        patient: for whom an interval is chosen where the page prints none that can be used.

    Raises:
        BadRequest: if the value is no number or one that can be read in two ways, or the unit does not fit.
    """
    analyte = _analyte(result.analyte)
    number = _number(value, analyte.name, _decimal(result))
    factor = printed_factor(result) if unit is None else convert(1.0, _ucum(unit, analyte), analyte)
    amount = _one_meaning(number, factor, analyte)
    kept = result.printed.unit if unit is None else unit.strip()
    printed = result.printed.model_copy(update={"value": value.strip(), "unit": kept, "flag": ""})
    span = _printed_range(result)
    low, high, source = _limits(span, factor, patient) if span else (None, None, "none")
    made = result.model_copy(
        update={
            "value": amount,
            "comparator": number.comparator,
            "low": low,
            "high": high,
            "range_source": source,
            "printed": printed,
            "confidence": 1.0,
            "needs_review": False,
            "doubts": (),
        }
    )
    return _placed(made) if source == "printed" else for_patient(made, patient)


def for_patient(result: LabResult, patient: Person) -> LabResult:
    """A result with the interval for a patient: the table's where the page prints none, and the page's for the sex."""
    analyte = _analyte(result.analyte)
    span = _printed_range(result)
    if span is not None and span.bands:
        low, high, source = _limits(span, printed_factor(result), patient)
        return _placed(result.model_copy(update={"low": low, "high": high, "range_source": source}))
    if result.range_source == "printed" or result.printed.range:
        return _placed(result)
    row = interval(analyte.key, sex=patient.sex, age_years=patient.age)
    found = {"low": row.low, "high": row.high, "range_source": "table"} if row else _NO_LIMITS
    return _placed(result.model_copy(update=dict(found)))


def checked(result: LabResult) -> LabResult:
    """A result that a person compared with the page."""
    return result.model_copy(update={"needs_review": False, "doubts": (), "confidence": 1.0})


def rechecked(results: Sequence[LabResult]) -> tuple[LabResult, ...]:
    """The results, each that contradicts another or cannot be marked, whoever read it."""
    return tuple(doubt_inconsistent(results))


def printed_factor(result: LabResult) -> float:
    """What the printed numbers were multiplied with to give those of the result; 1 where nothing tells.

    That is not always what the printed unit says: one that is damaged was not believed.
    """
    analyte = analytes()[result.analyte]
    unit = read_unit(result.printed.unit, analyte=analyte) if result.printed.unit else None
    factor = convert(1.0, unit.ucum, analyte) if unit and commensurable(unit.ucum, analyte) else 1.0
    number = parse_number(result.printed.value)
    if number is None or not number.value or not result.value:
        return factor
    if any(_same(value * factor, result.value) for value in (number.value, *number.alternatives)):
        return factor
    return result.value / number.value


def meant_unit(result: LabResult) -> str:
    """The usual UCUM unit that a value without printed unit was read in; its analyte's own where nothing tells."""
    analyte, factor = analytes()[result.analyte], printed_factor(result)
    fitting = (u for u in usual_units(analyte) if _same(convert(1.0, u, analyte), factor))
    return analyte.unit if _same(factor, 1.0) else next(fitting, analyte.unit)


def _analyte(key: str) -> Analyte:
    if key not in analytes():
        raise BadRequest(f"there is no analyte {key!r}", hint="Use the keys that a reading gives, such as hemoglobin.")
    return analytes()[key]


def _ucum(unit: str, analyte: Analyte) -> str:
    if not unit.strip():
        return analyte.unit
    read = read_unit(unit.strip(), analyte=analyte)
    hint = f"{analyte.name} is measured in {', '.join(usual_units(analyte))}."
    if read is None:
        raise BadRequest(f"the unit {unit.strip()!r} is not known", hint=hint)
    try:
        convert(1.0, read.ucum, analyte)
    except UnitMismatch as error:
        raise BadRequest(f"{analyte.name} is not measured in {unit.strip()}", hint=hint) from error
    return read.ucum


def _number(value: str, name: str, decimal: DecimalMark) -> Number:
    """A typed number; the marks of the page settle what a comma means."""
    number = parse_number(value.strip(), decimal=decimal)
    if number is None or number.rest.strip():
        raise BadRequest(f"the value of {name} is no number", hint="Write it as on the page, such as 13.2 or <0.5.")
    return number


def _decimal(result: LabResult) -> DecimalMark:
    """The mark for decimals in which a value was read, "" where it does not tell."""
    factor, marks = printed_factor(result), []
    for mark in _MARKS:
        number = parse_number(result.printed.value, decimal=mark)
        if number and not number.alternatives and _same(number.value * factor, result.value):
            marks.append(mark)
    return marks[0] if len(marks) == 1 else decimal_mark((result.printed.value, result.printed.range))


def _printed_range(result: LabResult) -> Range | None:
    """The printed range, in that of its readings which gave the result its limits."""
    if not result.printed.range:
        return None
    factor = printed_factor(result)
    read = (parse_range(result.printed.range, decimal=mark) for mark in (_decimal(result), *_MARKS))
    spans = [one for span in read if span for one in (span, *span.alternatives)]
    return next((span for span in spans if _gave(span, result, factor)), spans[0] if spans else None)


def _gave(span: Range, result: LabResult, factor: float) -> bool:
    """Whether a reading of the range, or one of its groups, gives the limits of the result."""
    limits = (result.low, result.high)
    for band in span.bands or (span,):
        ends = zip((band.low, band.high), limits, strict=True)
        if all(end is limit if end is None or limit is None else _same(end * factor, limit) for end, limit in ends):
            return True
    return False


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-6)


def _one_meaning(number: Number, factor: float, analyte: Analyte) -> float:
    """The value in the analyte's unit; of two readings the only possible one."""
    low, high = analyte.plausible
    meanings = [float(f"{value * factor:.12g}") for value in (number.value, *number.alternatives)]
    possible = [value for value in meanings if low <= value <= high] or meanings
    if len(possible) > 1:
        raise BadRequest(
            f"the value of {analyte.name} can be read in two ways, as {number.value:g} or {number.alternatives[0]:g}",
            hint="Write decimals with a point, and thousands without any mark.",
        )
    return possible[0]


def _limits(span: Range, factor: float, patient: Person) -> tuple[float | None, float | None, RangeSource]:
    band = span.band_for(patient.sex)
    if band is None or (band.low is None and band.high is None):
        return None, None, "none"
    low, high = (None if end is None else float(f"{end * factor:.12g}") for end in (band.low, band.high))
    return low, high, "printed"


def _placed(result: LabResult) -> LabResult:
    placed = flag(
        result.value,
        result.low,
        result.high,
        alert=alerts().get(result.analyte),
        comparator=result.comparator,
    )
    if result.low is None and result.high is None:
        placed = placed or printed_side(result.printed.flag)
    alarm = critical(result.analyte, result.value, comparator=result.comparator)
    return result.model_copy(update={"flag": placed, "critical": alarm})


def _span(typed: Typed) -> str:
    ends = [f"{end:.12g}" for end in (typed.low, typed.high) if end is not None]
    if len(ends) == 2:
        return " - ".join(ends)
    return f"{'>' if typed.high is None else '<'} {ends[0]}" if ends else ""
