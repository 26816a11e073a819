"""A second, independent look at given places of a page, so that a misreading shows as a disagreement.

It has its own cut of each place, so that the first reader's slips of detection are not repeated. The engine that read
first looks at each place in two other shapes; another one is asked for the characters that values are written in.
"""

import re
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ingest.lines import ink
from ingest.ocr import EasyOcrEngine, Image, OcrLine, PageEngine, Recognised
from ingest.pages import ReadPage
from ingest.records import Box

Reread = Callable[[ReadPage, Sequence[Box]], list[OcrLine]]

VALUE_CHARACTERS = "0123456789.,<>+-*"
# Shares of a value's height: page kept above and below, so little that no rule of a table comes in; paper put around
# instead; how far a side that cuts through a letter moves out.
_ABOVE = 0.12
_PAPER = 0.2
_BESIDE = 0.15
_REACH = 0.6
_STRETCHES = (1.35, 0.75)


def second_reading(second: PageEngine, *, first: str) -> Reread:
    """Make the second reading of value cells.

    Args:
        second: the engine that reads again: the one that read first, or EasyOCR, which sees more of the wrong values
            and doubts more of the right ones on badly damaged pages.
        first: the name of the engine that read first. The same engine looks twice, at each value made wider and made
            narrower with full contrast; of its two answers the one that contradicts the first reading is told.

    Returns:
        A function of a page and boxes on it, in pixels of its image, that gives one line for each box: the text,
        empty where nothing is read, with its confidence. Compare digits, points, commas and comparators only.
    """

    def reread(page: ReadPage, boxes: Sequence[Box]) -> list[OcrLine]:
        if not boxes:
            return []
        cuts = [cut_out(page.image, box) for box in boxes]
        if second.name != first:
            found = _values(second, cuts)
        else:
            looks = [_values(second, [_changed(cut, stretch) for cut in cuts]) for stretch in _STRETCHES]
            found = [_contradicting(page, box, both) for box, *both in zip(boxes, *looks, strict=True)]
        return [OcrLine(one.text, one.confidence, box) for one, box in zip(found, boxes, strict=True)]

    return reread


def _values(engine: PageEngine, cuts: Sequence[Image]) -> list[Recognised]:
    if isinstance(engine, EasyOcrEngine):
        return engine.recognise(cuts, allowed=VALUE_CHARACTERS)
    return engine.recognise(cuts)


def _contradicting(page: ReadPage, box: Box, looks: Sequence[Recognised]) -> Recognised:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    there = " ".join(
        piece.text for piece in page.pieces if piece.box[0] <= x <= piece.box[2] and piece.box[1] <= y <= piece.box[3]
    )
    return next((look for look in looks if look.text and not _holds(there, look.text)), looks[0])


def _holds(text: str, value: str) -> bool:
    """Whether a value stands in a text as a whole: "1.2" does not in "11.2"; "<0.5" does in "< 0.5"."""
    whole = re.compile(rf"(?<![\d.,]){re.escape(value.replace(' ', ''))}(?![\d.,])")
    return any(whole.search(form) for form in (text, text.replace(" ", "")))


def cut_out(image: Image, box: Box) -> Image:
    """The place of a value with some paper around it; a side that cuts through a letter is moved out to its end."""
    height, width = image.shape[:2]
    tall = max(4.0, box[3] - box[1])
    top, bottom = max(0, round(box[1] - _ABOVE * tall)), min(height, round(box[3] + _ABOVE * tall))
    reach = round(_REACH * tall)
    left, right = max(0, round(box[0]) - reach), min(width, round(box[2]) + reach)
    wide = image[top:bottom, left:right]
    if not wide.size:
        return np.full((8, 8, 3), 255, dtype=np.uint8)
    empty: npt.NDArray[np.bool_] = np.asarray(~ink(wide).any(axis=0))
    start, end = _edge(empty, round(box[0]) - left, -1), _edge(empty, round(box[2]) - left, 1)
    beside = round(_BESIDE * tall)
    cut, paper = wide[:, max(0, start - beside) : end + beside], round(_PAPER * tall)
    shade = np.median(wide, axis=(0, 1)).tolist()
    framed = cv2.copyMakeBorder(cut, paper, paper, paper, paper, cv2.BORDER_CONSTANT, value=shade)
    return np.asarray(framed, dtype=np.uint8)


def _edge(empty: npt.NDArray[np.bool_], at: int, step: int) -> int:
    """The first column without ink from `at` on in one direction, or `at` where there is none within reach."""
    column = min(max(0, at), len(empty) - 1)
    while 0 <= column < len(empty):
        if empty[column]:
            return column
        column += step
    return min(max(0, at), len(empty) - 1)


def _changed(cut: Image, stretch: float) -> Image:
    """Wider or narrower and with full contrast, so that the same model does not see the same picture."""
    low, high = np.percentile(cut, (1, 90))
    clear = ((cut - low) / max(1.0, high - low) * 255).clip(0, 255).astype(np.uint8)
    size = (max(2, round(cut.shape[1] * stretch)), cut.shape[0])
    return np.asarray(cv2.resize(clear, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
