"""What leaves a report: its values and lines without the person, and its pages with the person painted over."""

import math
import re
from collections.abc import Iterator, Sequence
from functools import cache

from generator.labs.analytes import analytes
from generator.labs.records import LabReading, LabResult
from ingest.deidentify import DeidentifyConfig, blank, boxes_to_blank, deidentify, deidentify_lines
from ingest.ocr import Image
from ingest.pages import ReadPage

# Above this an age tells who it is. Source: HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C).
_OLDEST = 90.0
_PLACEHOLDER = re.compile(r"\[(?:NAME|BIRTH DATE|NUMBER|ADDRESS|PHONE|EMAIL|URL|AGE 90\+|DATE(?: \d{4})?)\]")
_GONE = "[REMOVED]"
_SHORT_NUMBER = re.compile(r"(?:\W*\d){1,5}\W*")


@cache
def lab_words() -> DeidentifyConfig:
    """What is kept on a report: days, by which reports are put in order, and the names of analytes."""
    names = (name for one in analytes().values() for many in one.names.values() for name in many)
    return DeidentifyConfig(keep=frozenset(word for name in names for word in name.split()), keep_dates=True)


def without_person(reading: LabReading, pages: Sequence[ReadPage]) -> LabReading:
    """A reading without names, numbers and addresses in its lines, and with an age in whole years, at most 90.

    Values are read off the page as it is, since what hides a person may also hide a value; only then the texts that
    are passed on are cleaned. An exact age and the day of the sample would tell the birth date.

    Raises:
        MissingPart: if Presidio or its language model is not installed.
    """
    private = _private_words(pages)
    unread = tuple(line.model_copy(update={"text": _cleaned(line.text, private)}) for line in reading.unread)
    results = tuple(_without_private(result, private) for result in reading.results)
    notes = tuple(_without(note, private) for note in reading.notes)
    cleaned = {"unread": unread, "results": results, "notes": notes, "age": _rounded(reading.age)}
    return reading.model_copy(update=cleaned)


def clean_image(page: ReadPage) -> Image:
    """The picture of a page, (height, width, 3), uint8, with personal data painted over.

    Raises:
        MissingPart: as `without_person`.
    """
    return blank(page.image, boxes_to_blank(page.pieces, lab_words()))


def _private_words(pages: Sequence[ReadPage]) -> tuple[str, ...]:
    """What de-identification took out of the pieces of the pages, whole and by its rarer words, the longest first."""
    found = {
        text.strip()
        for page in pages
        for piece, clean in zip(page.pieces, deidentify_lines(page.pieces, lab_words()), strict=True)
        for text in _taken(piece.text, clean.text)
    }
    known = {word.lower() for word in lab_words().keep}
    parts = {word for text in found for word in re.findall(r"\w{3,}", text) if word.lower() not in known}
    return tuple(sorted((text for text in found | parts if len(text) > 1), key=lambda text: (-len(text), text)))


def _taken(before: str, after: str) -> Iterator[str]:
    """The parts of a text that placeholders took the place of."""
    if before == after:
        return
    pattern = "(.+?)".join(re.escape(part) for part in _PLACEHOLDER.split(after))
    match = re.fullmatch(pattern, before, re.DOTALL)
    yield from match.groups() if match else (before,)


def _without_private(result: LabResult, private: Sequence[str]) -> LabResult:
    """A result without the person in its texts; beside values a short number is a value or a limit, and stays."""
    telling = [words for words in private if not _SHORT_NUMBER.fullmatch(words)]
    printed = result.printed.model_copy(
        update={
            "name": _without(result.printed.name, private),
            "unit": _without(result.printed.unit, telling),
            "range": _without(result.printed.range, telling),
        }
    )
    doubts = tuple(_without(doubt, telling) for doubt in result.doubts)
    return result.model_copy(update={"printed": printed, "doubts": doubts})


def _cleaned(text: str, private: Sequence[str]) -> str:
    return deidentify(_without(text, private), lab_words()).text


def _without(text: str, private: Sequence[str]) -> str:
    for words in private:
        pattern = r"\s+".join(re.escape(word) for word in words.split())
        text = re.sub(rf"(?<!\w){pattern}(?!\w)", _GONE, text)
    return text


def _rounded(age: float | None) -> float | None:
    """Whole years from two on; tenths before, where intervals change by months."""
    if age is None:
        return None
    return min(_OLDEST, float(math.floor(age))) if age >= 2 else math.floor(age * 10) / 10
