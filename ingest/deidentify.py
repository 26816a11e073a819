"""Personal data out of lab reports and uploads, before anything is stored, logged or passed on.

Three readings are joined: labels of report headers and the values they point to, forms such as e-mails and phones, and
Presidio for names in running text. What one of them finds is then removed wherever it stands again. Not found for
certain: names without label or title in languages other than English, and handwriting.
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ingest.header_labels import words
from ingest.header_values import Cell, Header, cells_of, has_unit, looks_like_name, read_header, titled_names
from ingest.identifiers import (
    IdentifierKind,
    Removed,
    find_by_form,
    find_dates,
    find_long_numbers,
    find_places,
    fold,
    is_address,
    year_of,
)
from ingest.ocr import Image, OcrLine
from ingest.persons import common_words, find_persons
from ingest.records import Box

logger = logging.getLogger(__name__)

_PRIORITY: tuple[IdentifierKind, ...] = (
    "email", "url", "birth_date", "number", "phone", "name", "address", "age", "date",
)  # fmt: skip
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
_OLD_YEARS = 2


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
    return _find(text, cells_of(text), config or DeidentifyConfig())


def deidentify(text: str, config: DeidentifyConfig | None = None) -> Deidentified:
    """Put placeholders such as "[NAME]" where personal data stand; of a date its year stays: "[DATE 2024]".

    Raises:
        MissingPart: as `find_identifiers`.
    """
    found = find_identifiers(text, config)
    # Lengths and counts only; a report's text belongs in no log.
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    logger.info("removed %d identifiers from %d letters (%s)", len(found), len(text), digest)
    return Deidentified(_replaced(text, found), found)


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
        replace(piece, text=_replaced(piece.text, found)) if found else piece
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
    for members in _rows(pieces):
        row = []
        for number in members:
            piece = pieces[number]
            starts[number] = offset
            row.append(Cell(piece.text, offset, len(rows), piece.box[0], piece.box[2]))
            offset += len(piece.text) + 1
        rows.append(row)
        lines.append("\t".join(pieces[number].text for number in members))
    found = _find("\n".join(lines), rows, config or DeidentifyConfig())
    by_piece: list[list[Removed]] = []
    for number, piece in enumerate(pieces):
        start, end = starts[number], starts[number] + len(piece.text)
        inside = [one for one in found if one.start < end and one.end > start]
        by_piece.append([Removed(max(0, one.start - start), min(end, one.end) - start, one.kind) for one in inside])
    return by_piece


def _rows(pieces: Sequence[OcrLine]) -> list[list[int]]:
    """Numbers of the pieces of each row from the top; a row's from the left."""
    rows: list[list[int]] = []
    for number in sorted(range(len(pieces)), key=lambda n: (pieces[n].box[1] + pieces[n].box[3], pieces[n].box[0])):
        box = pieces[number].box
        first = pieces[rows[-1][0]].box if rows else None
        if first and (box[1] + box[3] - first[1] - first[3]) / 2 < 0.5 * min(box[3] - box[1], first[3] - first[1]):
            rows[-1].append(number)
        else:
            rows.append([number])
    return [sorted(row, key=lambda n: pieces[n].box[0]) for row in rows]


def _find(text: str, rows: Sequence[Sequence[Cell]], config: DeidentifyConfig) -> tuple[Removed, ...]:
    keep = {fold(word) for word in config.keep}
    known = common_words() | keep | words().keep
    header = read_header(rows, keep=keep, known=known)
    folded = fold(text)
    by_form = _by_form(folded, config)
    found = [*header.removed, *by_form]
    for row in rows:
        found += [one for one in _in_row(row, known, header) if not _overlaps(one, by_form)]
    titled = [Removed(start, end, "name") for start, end in titled_names(text)]
    found += titled
    if config.persons:
        found += _persons(text, rows, header, keep)
    found += _dates(folded, header, found, config)
    found += _again(text, found, known, sure=[*header.removed, *titled])
    return _merged([one for one in found if one.end > one.start])


def _by_form(folded: str, config: DeidentifyConfig) -> list[Removed]:
    found = list(find_by_form(folded))
    dates = list(find_dates(folded))
    return [
        one
        for one in found
        if not (config.keep_urls and one.kind == "url")
        and not (one.kind == "phone" and any(start < one.end and one.start < end for start, end in dates))
    ]


def _in_row(row: Sequence[Cell], known: frozenset[str] | set[str], header: Header) -> list[Removed]:
    """Numbers, places and bare names in cells of a row that hold no result."""
    found = []
    table = row[0].row in header.results
    for cell in row:
        folded = fold(cell.text)
        end = cell.start + len(cell.text)
        labelled = any(start < end and cell.start < last for start, last in header.labels)
        places = list(find_places(cell.text))
        if table and (not places or has_unit(folded)):
            continue
        if not labelled and is_address(cell.text.strip(" ·.")):
            found.append(Removed(cell.start, end, "address"))
        inside = [*places, *([] if table else find_long_numbers(folded))]
        found += [Removed(cell.start + one.start, cell.start + one.end, one.kind) for one in inside]
        comma = re.fullmatch(r"[^\W\d_]['’\w-]+,\s?[^\W\d_][\w'’. -]+", cell.text.strip())
        if comma and not table and not labelled and looks_like_name(cell.text, known):
            found.append(Removed(cell.start, end, "name"))
    return found


def _persons(text: str, rows: Sequence[Sequence[Cell]], header: Header, keep: set[str]) -> list[Removed]:
    """Names in running text; rows of results and labels hold none."""
    held = [(cell.start, cell.start + len(cell.text)) for row in rows if row[0].row in header.table for cell in row]
    held += [*header.labels, *find_dates(fold(text))]
    return [
        one
        for one in find_persons(text, keep=keep)
        if not any(start < one.end and one.start < end for start, end in held)
    ]


def _overlaps(one: Removed, others: Iterable[Removed]) -> bool:
    return any(other.start < one.end and one.start < other.end for other in others)


def _dates(folded: str, header: Header, found: Sequence[Removed], config: DeidentifyConfig) -> list[Removed]:
    """Days: beside an age or years before all others they are a birth date; of others the year stays, or all."""
    days = [day for day in find_dates(folded) if not any(one.start < day[1] and day[0] < one.end for one in found)]
    years = [year for start, end in find_dates(folded) if (year := year_of(folded[start:end]))]
    newest = max(years, default=0)
    dates = []
    for start, end in days:
        timed = any(first <= start < last for first, last in header.timing)
        year = year_of(folded[start:end])
        aged = re.match(r"\s?[(/,-]{0,2}\s?\d{1,3}\s?(?:y|yrs|years|j|jahre|ans|anos|anni|a)\b", folded[end:])
        old = year is not None and (year < newest - _OLD_YEARS or len(years) == 1)
        if (aged or old) and not timed and (config.keep_dates or aged):
            dates.append(Removed(start, end, "birth_date"))
        elif not config.keep_dates:
            dates.append(Removed(start, end, "date"))
    return dates


def _again(
    text: str, found: Sequence[Removed], known: frozenset[str] | set[str], *, sure: Sequence[Removed]
) -> list[Removed]:
    """Names, numbers and birth dates that were found once, wherever else they stand; of sure names also each word."""
    sought: dict[str, IdentifierKind] = {}
    certain = {one.start for one in sure}
    for one in found:
        printed = text[one.start : one.end]
        if one.kind in ("number", "birth_date") and len(re.findall(r"\d", printed)) >= 4:
            sought.setdefault(printed, one.kind)
        elif one.kind == "name":
            sought |= dict.fromkeys(_name_parts(printed, known, certain=one.start in certain), one.kind)
    spans = []
    for printed, kind in sought.items():
        pattern = re.escape(printed).replace(r"\ ", r"\s+")
        spans += [
            Removed(match.start(), match.end(), kind)
            for match in re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", text, re.I if kind == "name" else 0)
            if kind != "name" or match.group()[0].isupper()
        ]
    return spans


def _name_parts(name: str, known: frozenset[str] | set[str], *, certain: bool) -> list[str]:
    """A name whole, where it has two words and more; of a certain one also its words that are no common ones."""
    tables = words()
    parts = re.findall(r"[^\W\d_][\w'’-]{2,}", name)
    rare = [
        part
        for part in parts
        if (plain := fold(part)) not in known and plain not in tables.titles | tables.particles | tables.credentials
    ]
    return ([name] if len(parts) > 1 else []) + (rare if certain else [])


def _merged(found: Sequence[Removed]) -> tuple[Removed, ...]:
    """Overlapping spans as one, of the kind that comes first in the order of certainty."""
    merged: list[Removed] = []
    for one in sorted(found):
        if merged and one.start < merged[-1].end:
            last = merged.pop()
            kind = min(last.kind, one.kind, key=_PRIORITY.index)
            merged.append(Removed(last.start, max(last.end, one.end), kind))
        else:
            merged.append(one)
    return tuple(merged)


def _replaced(text: str, found: Sequence[Removed]) -> str:
    parts = []
    position = 0
    for one in found:
        parts += [text[position : one.start], _placeholder(one.kind, text[one.start : one.end])]
        position = one.end
    return "".join([*parts, text[position:]])


def _placeholder(kind: IdentifierKind, printed: str) -> str:
    year = year_of(fold(printed)) if kind == "date" else None
    return f"[DATE {year}]" if year else _PLACEHOLDERS[kind]
