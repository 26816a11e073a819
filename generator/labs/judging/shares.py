"""What the white cells say of a kind of cell: its count by its percentage, and its percentage by its count."""

from collections.abc import Sequence

from generator.labs.analytes import analytes
from generator.labs.judging.measures import Expected
from generator.labs.records import LabResult


def expected_shares(results: Sequence[LabResult]) -> Expected:
    """A function from the key of a count or percentage to the value that its counterpart and the white cells give it.

    Only values without doubt, printed once, and not under a limit of detection say anything; a result that is there
    already is expected no second time.
    """
    known: dict[str, float] = {}
    for result in results:
        once = sum(other.analyte == result.analyte for other in results) == 1
        if once and not result.needs_review and not result.comparator:
            known[result.analyte] = result.value
    there = {result.analyte for result in results if not result.needs_review}

    def expected(key: str) -> float | None:
        white = known.get("wbc")
        if not white or key in there:
            return None
        if analytes()[key].unit == "%":
            count = known.get(analytes()[key].share)
            return None if count is None else 100 * count / white
        percents = [other for other, row in analytes().items() if row.share == key and row.unit == "%"]
        percent = next((known[other] for other in percents if other in known), None)
        return None if percent is None else white * percent / 100

    return expected
