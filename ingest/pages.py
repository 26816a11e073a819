"""An upload becomes upright pages with the pieces of text on them, by text layer or by OCR."""

import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from ingest.lines import read_lines
from ingest.ocr import Corners, Image, OcrLine, PageEngine, in_rows
from ingest.pdf_apart import drawn_pages
from ingest.pdf_upload import PdfPage
from ingest.photo import upright
from ingest.records import Box
from ingest.speckle import without_speckle
from ingest.uploads import UnreadableUpload, UploadLimits, images_of, kind_of

logger = logging.getLogger(__name__)

# Pieces of a text layer that are compared with what is shown, and the share that has to agree.
_COMPARED = 16
_AGREEING = 0.6
_FEW_CHARS = 20
_UNSURE = 0.6
_OTHER_SCRIPT = re.compile(r"[\u0370-\u03bb\u03bd-\u1bff\u2e80-\u9fff\ua000-\ud7ff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class ReadPage:
    """An upright page and its text.

    Attributes:
        number: from 1.
        width: of the upright page, in the units of the boxes (pixels of `image`).
        height: likewise.
        pieces: runs of text with confidence (1 for a text layer) and box, in rows from the top.
        source: a PDF's "text" layer or "ocr".
        image: the upright page, RGB, shape (height, width, 3), uint8; what the boxes refer to.
        engine: the OCR engine's name, or "text".
    """

    number: int
    width: float
    height: float
    pieces: tuple[OcrLine, ...]
    source: Literal["text", "ocr"]
    image: Image
    engine: str


def open_upload(
    data: bytes, *, name: str = "", engine: PageEngine | None, limits: UploadLimits | None = None
) -> list[ReadPage]:
    """Read the pages of an upload.

    Photos are turned upright, levelled and squared, speckled faxes smoothed. Pages of a PDF give their text layer where
    that says what they show, and are read by OCR where it does not; pictures on a page with text are read too.

    Args:
        data: the file: PDF, PNG, JPEG, WebP or TIFF, told by its bytes.
        name: what the sender calls it; only its hash is logged.
        engine: reads pictures; without it only PDFs with a text layer are read.
        limits: bytes, pixels and pages that are accepted; by default those of `UploadLimits`.

    Returns:
        The pages in order; a page without text has no pieces. A page with text in two directions comes twice.

    Raises:
        UnreadableUpload: if no page can be made of it; the message says what it is and the hint what to send.
    """
    limits = limits or UploadLimits()
    logger.info("upload %s: %d bytes", hashlib.sha256(name.encode()).hexdigest()[:8], len(data))
    if len(data) > limits.max_bytes:
        raise UnreadableUpload(
            f"the file has {len(data) / 1e6:.0f} MB; at most {limits.max_bytes / 1e6:.0f} MB are read",
            hint="Send fewer pages, or a smaller photo.",
        )
    kind = kind_of(data)
    if kind == "pdf":
        return [page for one in drawn_pages(data, limits=limits) for page in _of_pdf(one, engine)]
    if engine is None:
        raise _no_engine()
    images = images_of(data, kind=kind, limits=limits)
    return [_by_ocr(image, number, engine) for number, image in enumerate(images, start=1)]


def complaint(pages: Sequence[ReadPage]) -> str:
    """What is wrong with the text of an upload as a whole: a sentence for who sent it, or "" where it can be used.

    It tells a blank page or a picture without text, writing that is not read with confidence (by hand, or blurred),
    and scripts other than Latin, whose names no table here knows.
    """
    pieces = [piece for page in pages for piece in page.pieces]
    text = "".join(piece.text for piece in pieces if piece.confidence > 0.5)
    letters = re.findall(r"[^\W\d_]", text)
    if len(re.findall(r"\w", text)) < _FEW_CHARS:
        return "No text was found on it: this looks like a blank page, or a picture that is no report."
    if len(_OTHER_SCRIPT.findall(text)) > 0.3 * max(1, len(letters)):
        return "Most of it is written in another script than Latin, which cannot be read reliably here."
    if median(piece.confidence for piece in pieces) < _UNSURE:
        return "Most of it cannot be read with confidence: it may be blurred, or written by hand."
    return ""


def _no_engine() -> UnreadableUpload:
    return UnreadableUpload(
        "this is a picture, and no OCR engine is there to read it",
        hint="Run: pip install rapidocr onnxruntime; or send a PDF whose text can be marked and copied.",
    )


def _by_ocr(image: Image, number: int, engine: PageEngine) -> ReadPage:
    page = upright(without_speckle(image), engine)
    lines = read_lines(engine, page.image, page.corners)
    height, width = page.image.shape[:2]
    return ReadPage(number, float(width), float(height), tuple(lines), "ocr", page.image, engine.name)


def _of_pdf(page: PdfPage, engine: PageEngine | None) -> Iterator[ReadPage]:
    if page.scanned and engine is None:
        raise _no_engine()
    if engine and (page.scanned or not _agrees(page, engine)):
        yield _by_ocr(page.image, page.number, engine)
        return
    pieces = list(page.pieces)
    if engine and page.pictures:
        corners = engine.detect(page.image)
        corners = corners[[_is_new(quad, page) for quad in corners.mean(axis=1)]] if len(corners) else corners
        pieces = in_rows(pieces + read_lines(engine, page.image, corners))
    height, width = page.image.shape[:2]
    yield ReadPage(page.number, float(width), float(height), tuple(pieces), "text", page.image, "text")


def _is_new(middle: Corners, page: PdfPage) -> bool:
    """Whether a place lies on a picture, and no piece of the text layer there."""

    def within(box: Box) -> bool:
        return bool(box[0] <= middle[0] <= box[2] and box[1] <= middle[1] <= box[3])

    return any(map(within, page.pictures)) and not any(within(piece.box) for piece in page.pieces)


def _agrees(page: PdfPage, engine: PageEngine) -> bool:
    """Compare some numbers of the text layer with what is shown there; a font can claim any letter for any shape."""
    numbers = [piece for piece in page.pieces if re.search(r"\d", piece.text) and len(piece.text) < 30]
    chosen = numbers[:: max(1, len(numbers) // _COMPARED)][:_COMPARED]
    if not chosen:
        return True
    read = engine.recognise([_cut(page.image, piece.box) for piece in chosen])
    same = sum(_digits(one.text) == _digits(piece.text) for one, piece in zip(read, chosen, strict=True))
    return same >= _AGREEING * len(chosen)


def _cut(image: Image, box: Box) -> Image:
    x0, y0, x1, y1 = (round(edge) for edge in box)
    cut = image[max(0, y0) : max(1, y1), max(0, x0 - 4) : max(1, x1 + 4)]
    return cut if cut.size else np.full((8, 8, 3), 255, dtype=np.uint8)


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(char)) for char in text if char.isdigit())
