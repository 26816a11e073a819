"""Personal data out of lab reports and uploads, before anything is stored, logged or passed on.

Three readings are joined: labels of report headers and the values they point to, forms such as e-mails and phones, and
Presidio for names in running text. What one of them finds is then removed wherever it stands again. Not found for
certain: names without label or title in languages other than English, and handwriting.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ingest.ocr import Image, OcrLine
from ingest.privacy.cells import Cell, cells_of, rows_of
from ingest.privacy.find import find
from ingest.privacy.forms import IdentifierKind, Removed, fold, year_of
from ingest.records import Box

logger = logging.getLogger(__name__)

_PLACEHOLDERS: dict[IdentifierKind, str] = {
    "name": "[NAME]",
    "birth_date": "[BIRTH DATE]",
    "number": "[NUMBER]",
    "address": "[ADDRESS]",
    "phone": "[PHONE]",
    "email": "[EMAIL]",
    "url": "[URL]",
    "age": "[AGE 90+]",
    "date": "[DATE]",
}


@dataclass(frozen=True, slots=True)
class DeidentifyConfig:
    """What to remove.

    Attributes:
        keep: words that are no names, as printed or not: analytes, drugs, genes.
        keep_dates: leave days that are not a birth date; else only their year stays.
        keep_urls: leave web addresses without a person in them.
        persons: look for names in running text by Presidio; False needs no language model and misses them.
    """

    keep: frozenset[str] = frozenset()
    keep_dates: bool = False
    keep_urls: bool = False
    persons: bool = True


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A text without personal data, and where they stood in the original one."""

    text: str
    removed: tuple[Removed, ...]


def find_identifiers(text: str, config: DeidentifyConfig | None = None) -> tuple[Removed, ...]:
    """Where personal data stand in a text, in order, without overlap.

    Raises:
        MissingPart: if `config.persons` and Presidio or its language model is not installed.
    """
    return _find(text, cells_of(text), config)


def deidentify(text: str, config: DeidentifyConfig | None = None) -> Deidentified:
    """Put placeholders such as "[NAME]" where personal data stand; of a date its year stays: "[DATE 2024]".

    Raises:
        MissingPart: as `find_identifiers`.
    """
    found = find_identifiers(text, config)
    # Lengths and counts only; a report's text belongs in no log.
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    logger.info("removed %d identifiers from %d letters (%s)", len(found), len(text), digest)
    return Deidentified(put_placeholders(text, found), found)


def put_placeholders(text: str, found: Sequence[Removed]) -> str:
    """The text with a placeholder for each of `found`, which are in order, without overlap."""
    parts = []
    position = 0
    for one in found:
        parts += [text[position : one.start], _placeholder(one.kind, text[one.start : one.end])]
        position = one.end
    return "".join([*parts, text[position:]])


def deidentify_lines(pieces: Sequence[OcrLine], config: DeidentifyConfig | None = None) -> list[OcrLine]:
    """De-identify the pieces of a page, where label and value may be separate pieces.

    Args:
        pieces: of one page, in any order.
        config: `keep_dates` is the usual choice, so that the day of collection can still be read.

    Returns:
        As many pieces in the order given, with the same boxes.

    Raises:
        MissingPart: as `find_identifiers`.
    """
    return [
        replace(piece, text=put_placeholders(piece.text, found)) if found else piece
        for piece, found in zip(pieces, _find_in_pieces(pieces, config), strict=True)
    ]


def boxes_to_blank(pieces: Sequence[OcrLine], config: DeidentifyConfig | None = None) -> list[Box]:
    """Boxes of personal data on a page: the part of each piece's box that its removed letters take up.

    Raises:
        MissingPart: as `find_identifiers`.
    """
    boxes = []
    for piece, found in zip(pieces, _find_in_pieces(pieces, config), strict=True):
        x0, y0, x1, y1 = piece.box
        letter = (x1 - x0) / max(1, len(piece.text))
        for one in found:
            # Letters differ in width: one and a half on each side, within the piece.
            left, right = x0 + (one.start - 1.5) * letter, x0 + (one.end + 1.5) * letter
            boxes.append((max(x0, left), y0, min(x1, right), y1))
    return boxes


def blank(image: Image, boxes: Iterable[Box]) -> Image:
    """A copy of an RGB image of shape (height, width, 3) with the boxes (x0, y0, x1, y1 in pixels) painted grey."""
    painted = image.copy()
    height, width = painted.shape[:2]
    for x0, y0, x1, y1 in boxes:
        top, bottom = max(0, int(np.floor(y0))), min(height, int(np.ceil(y1)))
        left, right = max(0, int(np.floor(x0))), min(width, int(np.ceil(x1)))
        painted[top:bottom, left:right] = 128
    return painted


def _find_in_pieces(pieces: Sequence[OcrLine], config: DeidentifyConfig | None) -> list[list[Removed]]:
    """What is to be removed from each piece, by offsets in its own text."""
    rows: list[list[Cell]] = []
    starts: dict[int, int] = {}
    lines: list[str] = []
    offset = 0
    for members in rows_of(pieces):
        row = []
        for number in members:
            piece = pieces[number]
            starts[number] = offset
            row.append(Cell(piece.text, offset, len(rows), piece.box[0], piece.box[2]))
            offset += len(piece.text) + 1
        rows.append(row)
        lines.append("\t".join(pieces[number].text for number in members))
    found = _find("\n".join(lines), rows, config)
    by_piece: list[list[Removed]] = []
    for number, piece in enumerate(pieces):
        start, end = starts[number], starts[number] + len(piece.text)
        inside = [one for one in found if one.start < end and one.end > start]
        by_piece.append([Removed(max(0, one.start - start), min(end, one.end) - start, one.kind) for one in inside])
    return by_piece


def _find(text: str, rows: Sequence[Sequence[Cell]], config: DeidentifyConfig | None) -> tuple[Removed, ...]:
    asked = config or DeidentifyConfig()
    return find(
        text,
        rows,
        keep=asked.keep,
        keep_dates=asked.keep_dates,
        keep_urls=asked.keep_urls,
        persons=asked.persons,
    )


def _placeholder(kind: IdentifierKind, printed: str) -> str:
    year = year_of(fold(printed)) if kind == "date" else None
    return f"[DATE {year}]" if year else _PLACEHOLDERS[kind]
