"""An uploaded PDF becomes pictures of its upright pages and what their text layer says, with doubts about that.

Nothing in it is run or unpacked but what its pages show: no script, no attachment, no link.
What others send is read by `ingest.pdf_apart`, which bounds the time it takes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymupdf

from ingest.errors import MarrowError
from ingest.layout import Fragment
from ingest.ocr import Char, Image, OcrLine, in_rows
from ingest.pdf_text import is_garbage, page_fragments
from ingest.records import Box
from ingest.uploads import KEPT_SIDE, UnreadableUpload, UploadLimits, too_many_pages

DPI = 220
_MAX_STAMP_CHARS = 60
_MANY_PATHS = 100
_MAX_UNMAPPED = 0.02
_LARGE_PICTURE = 0.15
PRINT_ANEW = "Print it to a new PDF, or send a photo or screenshot of the page."

# PyMuPDF's functions carry no types.
_mupdf: Any = pymupdf
_DAMAGE = (
    *(RuntimeError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, MemoryError, OSError),
    pymupdf.mupdf.FzErrorBase,
)


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page as it is shown, turned so that its text is upright.

    Attributes:
        number: from 1.
        image: RGB, (height, width, 3).
        pieces: what the text layer says, in rows, split at gaps of an em; boxes in pixels of `image`.
        scanned: the text layer does not carry what is shown: it is missing, hidden or has letters without a meaning.
        pictures: boxes of pictures on it that are large enough to show results, in pixels of `image`.
    """

    number: int
    image: Image
    pieces: tuple[OcrLine, ...]
    scanned: bool
    pictures: tuple[Box, ...] = ()


def pdf_pages(data: bytes, *, limits: UploadLimits) -> Iterator[PdfPage]:
    """Read the pages of a PDF; one with text in two directions comes once for each.

    Raises:
        UnreadableUpload: if it is broken, encrypted, empty or has more pages or pixels than the limits allow.
    """
    with _opened(data) as document:
        count = int(document.page_count)
        if not count:
            raise UnreadableUpload("the PDF has no pages", hint=PRINT_ANEW)
        if count > limits.max_pages:
            raise too_many_pages(count, limits)
        for number in range(count):
            try:
                found = list(_read(document[number], number + 1, limits))
            except _DAMAGE as error:
                raise UnreadableUpload(f"page {number + 1} of the PDF is damaged", hint=PRINT_ANEW) from error
            yield from found


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    try:
        document = _mupdf.open(stream=data, filetype="pdf")
        locked = bool(document.needs_pass)
    except _DAMAGE as error:
        raise UnreadableUpload("the PDF is broken and cannot be opened", hint=PRINT_ANEW) from error
    try:
        if locked:
            raise UnreadableUpload(
                "the PDF is encrypted and needs a password", hint="Save a copy without the password and send that."
            )
        yield document
    finally:
        document.close()


def _read(page: Any, number: int, limits: UploadLimits) -> Iterator[PdfPage]:
    for one in page.get_image_info():
        if one["width"] * one["height"] > limits.max_pixels:
            raise _too_large(number, one["width"], one["height"])
    rotation = int(page.rotation)
    # Text comes in the coordinates of the page before its rotation, so it is read there.
    page.set_rotation(0)
    found = page_fragments(page)
    marks = page.get_bboxlog()
    if _is_scanned(page, found, marks):
        page.set_rotation(rotation)
        yield PdfPage(number, _picture(page)[0], (), scanned=bool(marks))
        return
    for turn, fragments in found.items():
        page.set_rotation(turn)
        image, scale = _picture(page)
        pieces = in_rows([_line(one, scale) for one in fragments])
        yield PdfPage(number, image, tuple(pieces), scanned=False, pictures=_pictures(page, scale))


def _too_large(number: int, width: int, height: int) -> MarrowError:
    return UnreadableUpload(
        f"page {number} of the PDF holds a picture of {width} x {height} pixels, which is too large",
        hint="Scan it again at 200 to 300 dots per inch.",
    )


def _is_scanned(page: Any, found: dict[int, list[Fragment]], marks: list[Any]) -> bool:
    """No text, or text that is unreadable, hidden or no more than a stamp on a picture or drawing."""
    raw = page.get_text("text")
    text = "".join(piece.text for pieces in found.values() for piece in pieces)
    if not text or is_garbage(raw) or _unmapped(raw) > _MAX_UNMAPPED or _hidden(marks) > 0.5:
        return True
    area = abs(page.rect.width * page.rect.height)
    pictured = any("image" in kind and _area(box) > 0.5 * area for kind, box, *_ in marks)
    drawn = sum("path" in kind for kind, *_ in marks) > _MANY_PATHS
    return len(text) <= _MAX_STAMP_CHARS and (pictured or drawn)


def _unmapped(text: str) -> float:
    """The share of characters whose font does not say which letter they are."""
    seen = [char for char in text if not char.isspace()]
    bad = sum(char == "\ufffd" or 0xE000 <= ord(char) < 0xF000 or 0xF0FF < ord(char) < 0xF900 for char in seen)
    return bad / max(1, len(seen))


def _hidden(marks: list[Any]) -> float:
    """The share of the text's area that is drawn invisibly, as scanners do, or under a picture drawn later."""
    shown = hidden = 0.0
    images: list[Any] = []
    for kind, box, *_ in reversed(marks):
        if "image" in kind and "mask" not in kind:
            images.append(box)
        elif "text" in kind:
            if kind == "ignore-text" or any(_inside(box, one) for one in images):
                hidden += _area(box)
            else:
                shown += _area(box)
    return hidden / max(1e-9, hidden + shown)


def _inside(box: Any, outer: Any) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3])


def _area(box: Any) -> float:
    return float(abs((box[2] - box[0]) * (box[3] - box[1])))


def _picture(page: Any) -> tuple[Image, float]:
    """The page as it is shown, RGB, and its pixels per point."""
    scale = min(DPI / 72, KEPT_SIDE / max(1.0, float(page.rect.width), float(page.rect.height)))
    pixmap = page.get_pixmap(matrix=_mupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    pixels = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.stride)
    return pixels[:, : pixmap.width * 3].reshape(pixmap.height, pixmap.width, 3).copy(), scale


def _pictures(page: Any, scale: float) -> tuple[Box, ...]:
    """Boxes of large pictures on a page in the rotation it is shown in, in pixels."""
    least = _LARGE_PICTURE * abs(page.rect.width * page.rect.height)
    boxes = [pymupdf.Rect(one["bbox"]) * page.rotation_matrix & page.rect for one in page.get_image_info()]
    return tuple(tuple(edge * scale for edge in box) for box in boxes if _area(box) >= least)


def _line(piece: Fragment, scale: float) -> OcrLine:
    chars: list[Char] = []
    for word in piece.words:
        x0, x1 = word.box[0] * scale, word.box[2] * scale
        if chars:
            chars.append(Char(chars[-1].x1, max(chars[-1].x1, x0), 1.0))
        step = (x1 - x0) / len(word.text)
        chars += [Char(x0 + n * step, x0 + (n + 1) * step, 1.0) for n in range(len(word.text))]
    x0, y0, x1, y1 = (edge * scale for edge in piece.box)
    return OcrLine(piece.text, 1.0, (x0, y0, x1, y1), tuple(chars))
