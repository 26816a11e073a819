"""The peer of our reading of lab reports: a plain pattern over lines of text, with the renderer's own tables."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby

from lab_report import analyte_table

from generator.labs.records import LabResult, Printed
from ingest.ocr import OcrLine
from ingest.pages import ReadPage

_LINE = re.compile(r"^(?P<name>.+?)[\s.:]+[*HL]{0,2}\s*(?P<value>\d[\d.,]*)\s*[*HL]{0,2}\s*(?P<unit>\S+)?")


def read_plainly(pages: Sequence[ReadPage]) -> Sequence[LabResult]:
    """Results of lines that hold name, number and unit in this order; nothing is doubted or checked."""
    return [result for page in pages for line in _lines(page.pieces) if (result := _result(line))]


def _lines(pieces: Sequence[OcrLine]) -> Iterator[str]:
    """Pieces whose middles lie within eight pixels, joined from the left."""
    by_height = sorted(pieces, key=lambda piece: piece.box[1] + piece.box[3])
    middles = [(piece.box[1] + piece.box[3]) / 2 for piece in by_height]
    rows = [0]
    for before, after in zip(middles, middles[1:], strict=False):
        rows.append(rows[-1] + (after - before > 8))
    for _, row in groupby(zip(rows, by_height, strict=False), key=lambda pair: pair[0]):
        yield " ".join(piece.text for _, piece in sorted(row, key=lambda pair: pair[1].box[0]))


@cache
def _names() -> dict[str, str]:
    languages = ("en", "es", "pt", "fr", "de", "it", "nl", "pl")
    analytes = analyte_table()["analytes"].items()
    return {name.casefold(): key for key, facts in analytes for language in languages for name in facts[language]}


@cache
def _factors() -> dict[tuple[str, str], float]:
    """What a value is divided by, by kind of analyte and unit."""
    found = {}
    for system in analyte_table()["systems"].values():
        for kind, facts in system.items():
            for unit in facts["units"] if isinstance(facts, dict) else ():
                found[(kind.split("_")[0], unit.casefold())] = float(facts["factor"])
    return found


def _result(line: str) -> LabResult | None:
    match = _LINE.match(line)
    key = _names().get(match["name"].strip().casefold()) if match else None
    if match is None or key is None:
        return None
    if (match["unit"] or "") != "%" and f"{key}".removesuffix("_percent") != key:
        key = key.removesuffix("_percent")
    facts = analyte_table()["analytes"][key]
    factor = _factors().get((facts["kind"], (match["unit"] or "").casefold()))
    digits = match["value"].rstrip(".,")
    groups = re.split(r"[.,]", digits)
    number = "".join(groups) if len(groups) > 2 else digits.replace(",", ".")
    if factor is None:
        return None
    return LabResult(
        analyte=key,
        name=key,
        loinc=facts["loinc"],
        value=float(number) / factor,
        unit=facts["unit"],
        printed=Printed(name=match["name"], value=digits, unit=match["unit"] or ""),
    )
