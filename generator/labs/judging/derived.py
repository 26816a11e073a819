"""Values that a report does not print and that follow from those it does."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from generator.labs.judging.conditions import Value, Values
from generator.labs.judging.intervals import interval
from generator.labs.records import LabResult, Sex

# Absolute counts that follow from the white cells and a share of them.
_SHARES = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils", "blasts")
# Corrected calcium where it is printed or can be worked out, else total calcium.
BEST_CALCIUM = "calcium_best"
_ORIGIN = {"printed": "report", "table": "our table"}
_NORMAL_ALBUMIN, _PER_ALBUMIN = 4.0, 0.8  # g/dL; mg of calcium per g of albumin


def report_values(results: Sequence[LabResult], *, sex: Sex | None, age: float | None) -> Values:
    """The values of a report by analyte, in its order, with those that follow from them where it prints none.

    An absolute count is white cells times its share; neutrophils are at most the granulocytes of a three-part count;
    calcium is corrected by 0.8 mg/dL for each g/dL that albumin is below 4.0. What follows from a value that needs
    review needs it too.

    Source: the correction of calcium as at https://reference.medscape.com/calculator/267.
    """
    found: dict[str, list[Value]] = defaultdict(list)
    for result in results:
        found[result.analyte].append(as_value(result))
    for name in _SHARES:
        if not found.get(name) and found.get("wbc") and found.get(f"{name}_percent"):
            found[name] += _absolute(name, found["wbc"][0], found[f"{name}_percent"][0], sex=sex, age=age)
    if not found.get("neutrophils") and found.get("granulocytes"):
        found["neutrophils"] += _at_most(found["granulocytes"][0])
    if not found.get("calcium_corrected") and found.get("calcium") and found.get("albumin"):
        found["calcium_corrected"] += _corrected(found["calcium"][0], found["albumin"][0])
    found[BEST_CALCIUM] += found["calcium_corrected"] or found["calcium"]
    return found


def shown(result: LabResult) -> str:
    """A result in words, with the interval it was compared with, and as printed where that differs.

    "Hemoglobin 7.1 g/dL (report: 13 to 17; printed as 71 g/L)".
    """
    value = f"{result.name} {result.comparator}{result.value:.4g} {result.unit}".strip()
    remarks = [*_interval_words(result), *_printed_words(result)]
    return f"{value} ({'; '.join(remarks)})" if remarks else value


def _interval_words(result: LabResult) -> list[str]:
    low, high, origin = result.low, result.high, _ORIGIN.get(result.range_source)
    if origin is None or (low is None and high is None):
        return []
    if low is None:
        return [f"{origin}: up to {high:.4g}"]
    return [f"{origin}: from {low:.4g}" if high is None else f"{origin}: {low:.4g} to {high:.4g}"]


def _printed_words(result: LabResult) -> list[str]:
    printed = result.printed.value.strip()
    same = printed.lstrip("<>=≤≥ ").replace(",", ".") == f"{result.value:.6g}"
    return [] if same or not printed else [f"printed as {printed} {result.printed.unit}".strip()]


def as_value(result: LabResult) -> Value:
    """A result as the rules see it."""
    return Value(
        result.analyte,
        result.value,
        result.comparator,
        result.low,
        result.high,
        shown(result),
        doubtful=result.needs_review,
    )


def _absolute(name: str, wbc: Value, share: Value, *, sex: Sex | None, age: float | None) -> list[Value]:
    comparators = {c for c in (wbc.comparator, share.comparator) if c}
    if len({c[0] for c in comparators}) > 1:
        return []
    count = wbc.number * share.number / 100
    limits = interval(name, sex=sex, age_years=age)
    words = f"{name.capitalize()} {count:.3g} 10*9/L, worked out as {wbc.shown} x {share.shown}"
    return [
        Value(
            name,
            count,
            max(comparators, key=len, default=""),
            limits.low if limits else None,
            limits.high if limits else None,
            words,
            doubtful=wbc.doubtful or share.doubtful,
        )
    ]


def _at_most(granulocytes: Value) -> list[Value]:
    if granulocytes.comparator.startswith(">"):
        return []
    words = f"Neutrophils at most those, {granulocytes.shown}"
    comparator = granulocytes.comparator or "<="
    return [replace(granulocytes, analyte="neutrophils", comparator=comparator, low=None, high=None, shown=words)]


def _corrected(calcium: Value, albumin: Value) -> list[Value]:
    if calcium.comparator or albumin.comparator:
        return []
    number = calcium.number + _PER_ALBUMIN * (_NORMAL_ALBUMIN - albumin.number)
    words = f"Corrected calcium {number:.3g} mg/dL, worked out from {calcium.shown} and {albumin.shown}"
    doubtful = calcium.doubtful or albumin.doubtful
    return [Value("calcium_corrected", number, "", calcium.low, calcium.high, words, doubtful=doubtful)]
