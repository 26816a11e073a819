"""A scanned page becomes fragments: rendered at a bounded size, read by an OCR engine, placed in points."""

import math
from statistics import median
from typing import Any

import numpy as np
import pymupdf

from ingest.layout import Fragment, Word, fragment
from ingest.ocr import Image, OcrEngine, OcrLine

OCR_DPI = 200
MAX_OCR_PIXELS = 12_000_000
MAX_IMAGE_PIXELS = 400_000_000

# PyMuPDF's functions carry no types.
_mupdf: Any = pymupdf


def read_scan(page: Any, ocr: OcrEngine) -> list[Fragment]:
    """Read the text of a page off its picture, at up to 200 dots per inch and 12 million pixels.

    Args:
        page: a `pymupdf.Page`, in the rotation it is shown in.
        ocr: the engine.

    Returns:
        One fragment per line; boxes in points. Words get their share of the line's box.

    Raises:
        ValueError: if an image on the page is too large to be unpacked.
    """
    image, scale = _rendered(page)
    return _ocr_fragments(ocr.read(image), scale)


def _rendered(page: Any) -> tuple[Image, float]:
    """The page as an RGB image, and its pixels per point."""
    for image in page.get_image_info():
        if image["width"] * image["height"] > MAX_IMAGE_PIXELS:
            raise ValueError(f"an image of {image['width']} x {image['height']} pixels is too large")
    area = max(1.0, float(page.rect.width * page.rect.height))
    scale = min(OCR_DPI / 72, math.sqrt(MAX_OCR_PIXELS / area))
    pixmap = page.get_pixmap(matrix=_mupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    pixels = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.stride)
    return pixels[:, : pixmap.width * 3].reshape(pixmap.height, pixmap.width, 3), scale


def _ocr_fragments(lines: list[OcrLine], scale: float) -> list[Fragment]:
    """OCR lines in points; sizes near the usual one are evened out, as boxes are only about right."""
    if not lines:
        return []
    heights = [(line.box[3] - line.box[1]) / scale for line in lines]
    usual = max(0.1, median(heights))
    pieces: list[Fragment] = []
    for line, height in zip(lines, heights, strict=True):
        size = usual if 0.75 < height / usual < 1.3 else height
        pieces.append(fragment(_ocr_words(line, scale), size=max(0.5, round(size * 0.8 * 2) / 2), bold=False))
    return pieces


def _ocr_words(line: OcrLine, scale: float) -> list[Word]:
    x0, y0, x1, y1 = (edge / scale for edge in line.box)
    step = (x1 - x0) / max(1, len(line.text))
    words: list[Word] = []
    at = 0
    for text in line.text.split():
        at = line.text.index(text, at)
        words.append(Word(text, (x0 + at * step, y0, x0 + (at + len(text)) * step, y1)))
        at += len(text)
    return words
