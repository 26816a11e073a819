"""Corners found on an upright page become lines of text with tight boxes, split where columns part."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ingest.clean import normalise
from ingest.ocr import Char, Corners, Image, OcrLine, PageEngine, Recognised, in_rows
from ingest.records import Box

# Between the middles of two letters lie about 1.6 pitches with a space between them, 2 in a monospaced font, and 3
# with two spaces there.
COLUMN_GAP_PITCHES = 2.7
# What an em is where a piece has too few letters to measure their pitch, as a share of the box's height.
_PITCH_OF_HEIGHT = 0.4
_INK = 0.35
_LEAST_INK = 25.0


def read_lines(engine: PageEngine, image: Image, corners: Corners) -> list[OcrLine]:
    """Read the text within corners.

    Args:
        engine: reads the crops.
        image: RGB, upright.
        corners: as `PageEngine.detect` gives them.

    Returns:
        Lines of every confidence, in rows from the top; what an engine joined over a gap between columns is split.
    """
    crops = [crop(image, quad) for quad in corners]
    lines: list[OcrLine] = []
    for quad, cut, read in zip(corners, crops, engine.recognise(crops), strict=True):
        lines += _lines(quad, cut, read)
    return in_rows(lines)


def crop(image: Image, quad: npt.NDArray[np.float32]) -> Image:
    """Cut four corners (4, 2) out of an image and make them a rectangle; never turned."""
    width, height = _size(quad)
    goal = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(np.asarray(quad, dtype=np.float32), goal)
    return np.asarray(
        cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
        dtype=np.uint8,
    )


def ink(image: Image) -> npt.NDArray[np.bool_]:
    """Where something is printed on a crop of one line: what differs most from its usual grey; (height, width)."""
    grey = image.mean(axis=2)
    off = np.abs(grey - np.median(grey))
    return np.asarray(off > max(_LEAST_INK, _INK * float(np.percentile(off, 99.5))))


def _size(quad: npt.NDArray[np.float32]) -> tuple[int, int]:
    def side(a: int, b: int) -> float:
        return float(np.linalg.norm(quad[a] - quad[b]))

    return max(2, round(max(side(0, 1), side(3, 2)))), max(2, round(max(side(0, 3), side(1, 2))))


def _lines(quad: npt.NDArray[np.float32], cut: Image, read: Recognised) -> list[OcrLine]:
    letters, middles, sure = _clean(read)
    if not letters:
        return []
    left, top, right, bottom = _extent(cut)
    if not middles:
        return [OcrLine(letters, _within(read.confidence), _place(quad, (left, top, right, bottom)))]
    spans = _spans(letters, middles, left, right, pitch=_pitch(letters, middles, cut))
    lines: list[OcrLine] = []
    for start, end in _cells(letters, middles, _pitch(letters, middles, cut)):
        box = _place(quad, (spans[start][0], top, spans[end - 1][1], bottom))
        chars = tuple(
            Char(*_place(quad, (x0, top, x1, bottom))[::2], _within(one))
            for (x0, x1), one in zip(spans[start:end], sure[start:end], strict=True)
        )
        least = min(char.confidence for char, letter in zip(chars, letters[start:end], strict=True) if letter != " ")
        lines.append(OcrLine(letters[start:end], least, box, chars))
    return lines


def _within(confidence: float) -> float:
    return min(1.0, max(0.0, confidence))


def _clean(read: Recognised) -> tuple[str, list[float], list[float]]:
    """The text in one form, with one space between words, and the middle and confidence of each character left."""
    places = read.middles or (0.0,) * len(read.text)
    sure = read.sure or (read.confidence,) * len(read.text)
    kept: list[tuple[str, float, float]] = []
    for letter, middle, one in zip(read.text, places, sure, strict=True):
        for char in normalise(letter):
            if not char.isspace():
                kept.append((char, middle, one))
            elif kept and kept[-1][0] != " ":
                kept.append((" ", middle, one))
    if kept and kept[-1][0] == " ":
        kept.pop()
    text = "".join(char for char, _, _ in kept)
    return text, [middle for _, middle, _ in kept] if read.middles else [], [one for _, _, one in kept]


def _extent(cut: Image) -> Box:
    """The part of a crop that carries ink, as shares of its width and height."""
    marks = ink(cut)
    height, width = marks.shape
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.any(axis=0))
    if not len(rows):
        return (0.0, 0.0, 1.0, 1.0)
    return (columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height)


def _pitch(letters: str, middles: Sequence[float], cut: Image) -> float:
    """How far the middles of neighbouring letters usually lie apart, as a share of the crop's width."""
    steps = [
        middles[n + 1] - middles[n] for n in range(len(letters) - 1) if letters[n] != " " and letters[n + 1] != " "
    ]
    usual = _PITCH_OF_HEIGHT * cut.shape[0] / cut.shape[1]
    return float(max(0.5 * usual, np.median(steps))) if len(steps) > 2 else usual


def _spans(
    letters: str, middles: Sequence[float], left: float, right: float, *, pitch: float
) -> list[tuple[float, float]]:
    """From where to where each letter goes: half a pitch to each side, but not over the middle to its neighbour."""
    spans: list[tuple[float, float]] = []
    for n, middle in enumerate(middles):
        before = (middles[n - 1] + middle) / 2 if n else left
        after = (middle + middles[n + 1]) / 2 if n + 1 < len(middles) else right
        x0 = max(before, middle - 0.6 * pitch) if n else before
        x1 = min(after, middle + 0.6 * pitch) if n + 1 < len(middles) else after
        spans.append((min(x0, middle), max(x1, middle)))
    return spans


def _cells(letters: str, middles: Sequence[float], pitch: float) -> list[tuple[int, int]]:
    """Where the text falls apart at gaps between columns: (start, end) of each piece, without spaces at its ends."""
    cells: list[tuple[int, int]] = []
    start, last = 0, 0
    for n, letter in enumerate(letters):
        if letter == " ":
            continue
        if n and middles[n] - middles[last] > COLUMN_GAP_PITCHES * pitch:
            cells.append((start, last + 1))
            start = n
        last = n
    return [*cells, (start, last + 1)]


def _place(quad: npt.NDArray[np.float32], shares: Box) -> Box:
    """The box on the page around a part of the corners, given as shares of their width and height."""
    x0, y0, x1, y1 = shares
    points = [
        (1 - y) * ((1 - x) * quad[0] + x * quad[1]) + y * ((1 - x) * quad[3] + x * quad[2])
        for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    ]
    xs, ys = [float(point[0]) for point in points], [float(point[1]) for point in points]
    return (min(xs), min(ys), max(xs), max(ys))
