"""A PDF becomes a document: every block with its page and place, in the order a reader takes them.

MuPDF keeps state of its own: read one PDF at a time in a process.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymupdf

from ingest.errors import UnreadableSource
from ingest.layout import Boxed, Fragment, Line, Picture, lines_of, reading_order
from ingest.margins import Sheet, without_margins
from ingest.ocr import OcrEngine
from ingest.paragraphs import Region, blocks_of
from ingest.pdf_meta import PdfInfo, pdf_metadata
from ingest.pdf_scan import read_scan
from ingest.pdf_tables import Table, ruled_table
from ingest.pdf_text import is_garbage, page_fragments, turn_box
from ingest.records import Block, Box, Document, make_document

logger = logging.getLogger(__name__)

# PyMuPDF's functions carry no types.
_mupdf: Any = pymupdf

MAX_STAMP_CHARS = 60
MIN_RULES, MAX_RULES = 4, 3000
MAX_TABLE_SECONDS = 30.0
# A broken page tree may claim millions of pages.
MAX_FAILED_PAGES = 100

# What MuPDF and its Python code raise on pages that are damaged.
_PAGE_ERRORS = (
    *(RuntimeError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, MemoryError, OSError),
    pymupdf.mupdf.FzErrorBase,
)


def read_pdf(
    path: Path,
    *,
    fetched: str,
    ocr: OcrEngine | None = None,
    on_page: Callable[[int, int], None] | None = None,
) -> Document:
    """Read a PDF.

    Headings, paragraphs, list items, captions and table rows become blocks; running headers, page and line
    numbers and turned margin text are left out. Pages that are only images are read by `ocr`, if given, at
    up to 200 dots per inch and 12 million pixels, and else left out with a warning, as damaged pages are.

    Args:
        path: the file.
        fetched: ISO day, kept in the metadata.
        ocr: engine for pages without a text layer.
        on_page: called with (pages done, pages in all) after each page.

    Raises:
        UnreadableSource: "empty file", "encrypted: needs a password", "not a PDF or broken: …", "no pages",
            "no text layer: N scanned pages; run again with --ocr", "no text: …".
        OSError: if the file cannot be opened.
    """
    with _opened(path) as document:
        reader = _Reader(document, ocr)
        count = reader.read_all(on_page)
        sheets = without_margins(reader.sheets)
        if not any(sheet.fragments for sheet in sheets):
            raise UnreadableSource(_no_text(reader, count))
        if reader.scans_left:
            logger.warning("%s: %d scanned pages have no text layer and were left out", path, reader.scans_left)
        first = next(sheet for sheet in reader.sheets if sheet.fragments)
        meta = pdf_metadata(_info(document), first, stem=path.stem, fetched=fetched)
    blocks = _blocks(sheets, meta.title)
    if not any(block.text.strip() for block in blocks):
        raise UnreadableSource(f"no text: nothing legible on {count} pages")
    return make_document(meta, blocks, kind="pdf", origin=str(path))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a PDF for reading; MuPDF's own messages are silenced."""
    if path.stat().st_size == 0:
        raise UnreadableSource("empty file")
    _mupdf.TOOLS.mupdf_display_errors(False)
    _mupdf.TOOLS.mupdf_display_warnings(False)
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(4096):
            raise UnreadableSource("not a PDF or broken: it does not begin as a PDF does")
    try:
        document: Any = _mupdf.open(path, filetype="pdf")
        locked = bool(document.needs_pass)
        # The page tree is read only now, and may be what is broken.
        count = 0 if locked else document.page_count
    except _PAGE_ERRORS as error:
        raise UnreadableSource("not a PDF or broken: it cannot be opened or repaired") from error
    try:
        if locked:
            raise UnreadableSource(
                "encrypted: needs a password", hint="Save a copy without the password and ingest that."
            )
        if count == 0:
            raise UnreadableSource("no pages")
        yield document
    finally:
        document.close()


def _brief(error: BaseException) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__


def _no_text(reader: "_Reader", count: int) -> str:
    if reader.scans and reader.ocr is None:
        return f"no text layer: {reader.scans} scanned pages; run again with --ocr"
    if reader.problems:
        return f"not a PDF or broken: no page can be read; {reader.problems[0]}"
    if reader.scans:
        return f"no text: OCR found nothing on {reader.scans} scanned pages"
    return f"no text: all {count} pages are blank"


def _info(document: Any) -> PdfInfo:
    """What the file declares; damaged metadata counts as none."""
    pages: list[str] = []
    for number in range(min(2, document.page_count)):
        try:
            pages.append(document[number].get_text("text", sort=False))
        except _PAGE_ERRORS as error:
            logger.warning("page %d: its plain text cannot be read: %s", number + 1, _brief(error))
    try:
        return PdfInfo(dict(document.metadata or {}), document.get_xml_metadata() or "", pages)
    except _PAGE_ERRORS as error:
        logger.warning("the metadata cannot be read: %s", _brief(error))
        return PdfInfo({}, "", pages)


class _Reader:
    """Reads pages one by one into sheets and counts what could not be read."""

    def __init__(self, document: Any, ocr: OcrEngine | None) -> None:
        self.sheets: list[Sheet] = []
        self.ocr = ocr
        self.problems: list[str] = []
        self.scans = self.scans_left = 0
        self._document = document
        self._table_seconds = 0.0
        self._failed_in_a_row = 0

    def read_all(self, on_page: Callable[[int, int], None] | None) -> int:
        """Read every page; returns how many there are."""
        count = int(self._document.page_count)
        for number in range(count):
            self._failed_in_a_row = 0 if self._read(number) else self._failed_in_a_row + 1
            if on_page:
                on_page(number + 1, count)
            if self._failed_in_a_row >= MAX_FAILED_PAGES:
                logger.warning("%s: given up after page %d of %d", self._document.name, number + 1, count)
                break
        return count

    def _read(self, number: int) -> bool:
        """Read page `number` (from 0); a page that fails is skipped with a warning."""
        try:
            page = self._document[number]
            self.sheets += self._sheets(page, number + 1)
        except _PAGE_ERRORS as error:
            self.problems.append(f"page {number + 1}: {_brief(error)}")
            logger.warning("%s: skipped %s", self._document.name, self.problems[-1])
            return False
        return True

    def _sheets(self, page: Any, number: int) -> list[Sheet]:
        rotation = int(page.rotation)
        shown = page.rect
        # Text comes in the coordinates of the page before its rotation, so it is read there.
        page.set_rotation(0)
        found = page_fragments(page)
        text = "".join(piece.text for pieces in found.values() for piece in pieces)
        marks = page.get_bboxlog()
        if self._is_scan(page, text, marks):
            page.set_rotation(rotation)
            return self._scanned(page, number, float(shown.width), float(shown.height))
        return [
            self._sheet(page, pieces, number=number, turn=turn, rotation=rotation, marks=marks)
            for turn, pieces in found.items()
        ]

    def _is_scan(self, page: Any, text: str, marks: list[Any]) -> bool:
        """No text, unreadable text, or just a stamp on an image that fills the page."""
        if not text or is_garbage(text):
            return bool(marks)
        if len(text) > MAX_STAMP_CHARS:
            return False
        area = abs(page.rect.width * page.rect.height)
        return any(_area(mark[1]) > 0.7 * area for mark in marks if "image" in mark[0])

    def _sheet(
        self, page: Any, pieces: list[Fragment], *, number: int, turn: int, rotation: int, marks: list[Any]
    ) -> Sheet:
        width, height = max(1.0, float(page.rect.width)), max(1.0, float(page.rect.height))
        boxes = [turn_box(tuple(mark[1]), turn, width, height) for mark in marks if "image" in mark[0]]
        large = [
            box for box in boxes if min(box[2] - box[0], box[3] - box[1]) > 20 and _area(box) < 0.7 * width * height
        ]
        grids = self._grids(page, marks) if turn == 0 else []
        if turn in (90, 270):
            width, height = height, width
        pictures = tuple(Picture(box) for box in large[:50])
        return Sheet(number, width, height, tuple(pieces), pictures, tuple(grids), (turn - rotation) % 360)

    def _grids(self, page: Any, marks: list[Any]) -> list[tuple[tuple[Box, ...], ...]]:
        """The tables that are drawn with rules; a drawing of thousands of lines is none."""
        rules = sum("path" in mark[0] for mark in marks)
        if not MIN_RULES <= rules <= MAX_RULES or self._table_seconds > MAX_TABLE_SECONDS:
            return []
        started = time.monotonic()
        try:
            tables = page.find_tables(use_layout=False).tables
        except _PAGE_ERRORS as error:
            logger.warning(
                "%s: page %d: tables were not looked for: %s", self._document.name, page.number + 1, _brief(error)
            )
            return []
        finally:
            self._table_seconds += time.monotonic() - started
        return [
            tuple(tuple(tuple(cell) for cell in row.cells if cell) for row in table.rows if any(row.cells))
            for table in tables
        ]

    def _scanned(self, page: Any, number: int, width: float, height: float) -> list[Sheet]:
        self.scans += 1
        if self.ocr is None:
            self.scans_left += 1
            return []
        pieces = read_scan(page, self.ocr)
        return [Sheet(number, width, height, tuple(pieces), scanned=True)] if pieces else []


def _area(box: Any) -> float:
    return float(abs((box[2] - box[0]) * (box[3] - box[1])))


def _blocks(sheets: list[Sheet], title: str) -> list[Block]:
    regions = [region for number, sheet in enumerate(sheets) for region in _regions(number, sheet)]
    return [_placed(block, sheets) for block in blocks_of(regions, title=title)]


def _regions(number: int, sheet: Sheet) -> list[Region]:
    """Lay out one sheet; regions carry the sheet's number in place of a page."""
    pieces = list(sheet.fragments)
    tables: list[Table] = []
    for grid in sheet.grids:
        made = ruled_table(grid, pieces)
        if made is not None:
            tables.append(made[0])
            used = {id(piece) for piece in made[1]}
            pieces = [piece for piece in pieces if id(piece) not in used]
    regions: list[Region] = []
    items: list[Boxed] = [*pieces, *tables, *sheet.pictures]
    for group in reading_order(items):
        parts: list[Line | Table] = [*lines_of([item for item in group if isinstance(item, Fragment)])]
        parts += [item for item in group if isinstance(item, Table)]
        parts.sort(
            key=lambda part: ((part.box[1] + part.box[3]) / 2 if isinstance(part, Line) else part.box[1], part.box[0])
        )
        if parts:
            regions.append(Region(number, tuple(parts), sheet.scanned))
    return regions


def _placed(block: Block, sheets: list[Sheet]) -> Block:
    """Give a block the number of its page, and its box on the page as it is shown."""
    sheet = sheets[block.page or 0]
    box = turn_box(block.box, -sheet.turn % 360, sheet.width, sheet.height) if block.box else None
    return replace(block, page=sheet.page, box=box)
