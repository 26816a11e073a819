"""A second reading of the values: where it differs from the first, the value needs review."""

from collections.abc import Sequence

from generator.labs.records import LabResult
from ingest.pages import ReadPage
from ingest.records import Box
from ingest.reread import Reread

_COMPARED = "0123456789.<>"
# From this confidence on a first reading stands where the second one finds nothing.
_SURE = 0.97


def compare_readings(results: Sequence[LabResult], pages: Sequence[ReadPage], reread: Reread) -> list[LabResult]:
    """Read the values of scanned pages again and compare; a text layer is not read again."""
    compared = list(results)
    for page in pages:
        places = [i for i, result in enumerate(results) if result.page == page.number and result.box]
        if page.source != "ocr" or not places:
            continue
        lines = reread(page, [_on_page(results[i], page) for i in places])
        for i, line in zip(places, lines, strict=True):
            compared[i] = _compared(results[i], line.text)
    return compared


def _on_page(result: LabResult, page: ReadPage) -> Box:
    x0, y0, x1, y1 = result.box or (0.0, 0.0, 0.0, 0.0)
    return (x0 * page.width, y0 * page.height, x1 * page.width, y1 * page.height)


def _compared(result: LabResult, again: str) -> LabResult:
    first, second = _signs(result.printed.value), _signs(again)
    if second == first or (not again.strip() and result.confidence >= _SURE):
        return result
    doubt = f'Two readings of the value differ: "{result.printed.value}" and "{again}".'
    if not again.strip():
        doubt = "The second reading found no value."
    return result.model_copy(update={"needs_review": True, "doubts": (*result.doubts, doubt)})


def _signs(text: str) -> str:
    """What of a value two readings have to agree on; points and commas count as one sign."""
    return "".join(letter for letter in text.replace(",", ".") if letter in _COMPARED).rstrip(".")
