"""Values of one report that have to fit each other: those that do not are doubted, never changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.labs.analytes import analytes
from generator.labs.parsing.numbers import parse_number
from generator.labs.records import LabResult

# Beyond rounding: analysers work with more digits than they print, and measure some of what follows from the rest.
_SLACK = 0.03
_SUM_SLACK = 1.0
_MAIN_CELLS = ("neutrophils_percent", "lymphocytes_percent", "monocytes_percent", "eosinophils_percent")
# Cells that some analysers count within others, so that a differential may sum to 100 with or without them.
_WITHIN_OTHERS = ("immature_granulocytes_percent", "bands_percent", "atypical_lymphocytes_percent")
_NO_SHARE = ("reticulocytes_percent", "nrbc_percent", "granulocytes_percent")


@dataclass(frozen=True, slots=True)
class _Span:
    """A value with what rounding hides: the printed number stands for low..high."""

    value: float
    half: float


@dataclass(frozen=True, slots=True)
class _Relation:
    """Values that have to fit: which, in words, and whether they do."""

    keys: tuple[str, ...]
    words: str
    holds: Callable[[Mapping[str, _Span]], bool]


def doubt_inconsistent(results: Sequence[LabResult]) -> list[LabResult]:
    """Mark values that contradict each other or cannot be, with a sentence each; nothing is corrected.

    Where a broken relation leaves one value that no other relation confirms, only that one is marked; otherwise all its
    values are. Analytes that stand twice with different values take no part.

    Source: definitions of the red cell indices and of the differential count: Bain, Dacie and Lewis Practical
    Haematology, 12th edition 2017, chapter 3.
    """
    once = {
        result.analyte: result for result in results if sum(result.analyte == other.analyte for other in results) == 1
    }
    spans = {key: _span(result) for key, result in once.items() if not result.comparator}
    doubts: dict[str, list[str]] = {}
    relations = [relation for relation in _relations(spans) if set(relation.keys) <= set(spans)]
    broken = [relation for relation in relations if not relation.holds(spans)]
    confirmed = {key for relation in relations if relation not in broken for key in relation.keys}
    for relation in broken:
        for key in _suspects(relation, broken, confirmed):
            doubts.setdefault(key, []).append(relation.words)
            slip = _slip(key, [other for other in broken if key in other.keys], spans)
            if slip and slip not in doubts[key]:
                doubts[key].append(slip)
    return [_doubted(_possible(result), doubts.get(result.analyte, ())) for result in results]


def _span(result: LabResult) -> _Span:
    """The value and half a step of its last printed digit, in the analyte's unit."""
    number = parse_number(result.printed.value)
    digits = _decimals(result.printed.value)
    factor = result.value / number.value if number and number.value else 1.0
    return _Span(result.value, 0.5 * 10.0**-digits * factor)


def _decimals(printed: str) -> int:
    number = "".join(letter for letter in printed if letter.isdigit() or letter in ".,").strip(".,")
    cut = max(number.rfind("."), number.rfind(","))
    return len(number) - cut - 1 if cut >= 0 else 0


def _relations(spans: Mapping[str, _Span]) -> Iterator[_Relation]:
    yield _ratio("mcv", "hematocrit", "rbc", factor=10, words="MCV does not fit haematocrit and red cells.")
    yield _ratio("mch", "hemoglobin", "rbc", factor=10, words="MCH does not fit haemoglobin and red cells.")
    yield _ratio("mchc", "hemoglobin", "hematocrit", factor=100, words="MCHC does not fit haemoglobin and haematocrit.")
    cells = [key for key, analyte in analytes().items() if analyte.unit == "%" and analyte.share and key in spans]
    cells = [key for key in cells if key not in _NO_SHARE]
    for key in cells:
        count = analytes()[key].share
        words = f"{analytes()[count].name} in percent and as a count do not fit the white cells."
        yield _product(count, key, words=words)
    if all(key in spans for key in _MAIN_CELLS):
        yield _Relation(tuple(cells), "The percentages of the differential do not sum to 100.", _sums_to_100(cells))


def _ratio(result: str, over: str, under: str, *, factor: float, words: str) -> _Relation:
    def holds(spans: Mapping[str, _Span]) -> bool:
        top, bottom, printed = spans[over], spans[under], spans[result]
        if bottom.value <= bottom.half:
            return True
        low = factor * (top.value - top.half) / (bottom.value + bottom.half)
        high = factor * (top.value + top.half) / (bottom.value - bottom.half)
        return low * (1 - _SLACK) - printed.half <= printed.value <= high * (1 + _SLACK) + printed.half

    return _Relation((result, over, under), words, holds)


def _product(count: str, percent: str, *, words: str) -> _Relation:
    def holds(spans: Mapping[str, _Span]) -> bool:
        white, share, printed = spans["wbc"], spans[percent], spans[count]
        low = max(0.0, white.value - white.half) * max(0.0, share.value - share.half) / 100
        high = (white.value + white.half) * (share.value + share.half) / 100
        return low * (1 - _SLACK) - printed.half <= printed.value <= high * (1 + _SLACK) + printed.half

    return _Relation((count, percent, "wbc"), words, holds)


def _sums_to_100(cells: Sequence[str]) -> Callable[[Mapping[str, _Span]], bool]:
    def holds(spans: Mapping[str, _Span]) -> bool:
        optional = [key for key in cells if key in _WITHIN_OTHERS]
        slack = _SUM_SLACK + sum(spans[key].half for key in cells)
        sums = [sum(spans[key].value for key in cells)]
        for key in optional:
            sums += [total - spans[key].value for total in sums]
        return any(abs(total - 100) <= slack for total in sums)

    return holds


def _suspects(relation: _Relation, broken: Sequence[_Relation], confirmed: set[str]) -> tuple[str, ...]:
    """The values of a broken relation to doubt: those that most broken relations share and no kept one confirms."""
    open_keys = [key for key in relation.keys if key not in confirmed] or list(relation.keys)
    counts = {key: sum(key in other.keys for other in broken) for key in open_keys}
    return tuple(key for key in open_keys if counts[key] == max(counts.values()))


def _slip(key: str, broken: Iterable[_Relation], spans: Mapping[str, _Span]) -> str:
    """Whether a moved decimal point would mend all that the value breaks."""
    relations = list(broken)
    for factor, words in ((0.1, "a tenth"), (10.0, "ten times"), (0.01, "a hundredth"), (100.0, "a hundred times")):
        moved = {**spans, key: _Span(spans[key].value * factor, spans[key].half * factor)}
        if all(relation.holds(moved) for relation in relations):
            return f"A decimal point may be lost or moved: {words} the value would fit."
    return ""


def _possible(result: LabResult) -> LabResult:
    low, high = analytes()[result.analyte].plausible
    if low <= result.value <= high:
        return result
    return _doubted(result, (f"The value is outside what is possible ({low:g} to {high:g} {result.unit}).",))


def _doubted(result: LabResult, doubts: Sequence[str]) -> LabResult:
    if not doubts:
        return result
    kept = tuple(dict.fromkeys((*result.doubts, *doubts)))
    return result.model_copy(update={"doubts": kept, "needs_review": True})
