"""An analyte that a report prints twice: the same value counts once, different ones are both doubted."""

from collections.abc import Sequence

from generator.labs.records import LabResult

_SAME = 0.006
_LISTED = 5


def one_each(results: Sequence[LabResult]) -> tuple[list[LabResult], int]:
    """Keep one result where an analyte stands several times with one value; mark all where the values differ.

    Returns:
        The results in order, and how many analytes stand there with different values.
    """
    kept: list[LabResult] = []
    differing: set[str] = set()
    for result in results:
        twin = next((other for other in kept if other.analyte == result.analyte and _same(other, result)), None)
        if twin is None:
            kept.append(result)
        elif (twin.needs_review, -twin.confidence) > (result.needs_review, -result.confidence):
            kept[kept.index(twin)] = result
    for result in kept:
        values = [other.printed.value for other in kept if other.analyte == result.analyte]
        if len(values) > 1:
            differing.add(result.analyte)
    return [_marked(result, kept) if result.analyte in differing else result for result in kept], len(differing)


def _same(one: LabResult, other: LabResult) -> bool:
    return one.comparator == other.comparator and abs(one.value - other.value) <= _SAME * max(
        abs(one.value), abs(other.value)
    )


def _marked(result: LabResult, kept: Sequence[LabResult]) -> LabResult:
    found = [f"{other.printed.value} {other.printed.unit}".strip() for other in kept if other.analyte == result.analyte]
    more = [f"{len(found) - _LISTED} more"] if len(found) > _LISTED else []
    values = " and ".join([*found[:_LISTED], *more])
    doubt = f"The report holds {result.name} more than once, with different values ({values})."
    return result.model_copy(update={"needs_review": True, "doubts": (*result.doubts, doubt)})
