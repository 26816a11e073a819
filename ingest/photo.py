"""A photo of a page is turned the right way up and its lines made level.

The direction is read off the text itself: the shape of the pieces that a detector finds tells lying from standing
text, and reading a few of them both ways up tells the rest. Where the lines meet in a point, as on a photo taken from
the side, that point is moved to infinity, which makes them level and parallel at once.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ingest.lines import crop
from ingest.ocr import Corners, Image, PageEngine
from ingest.uploads import KEPT_SIDE

logger = logging.getLogger(__name__)

Matrix = npt.NDArray[np.float64]
_Vectors = npt.NDArray[np.float64]

MIN_SIDE = 1200
# Pieces at least this much longer than high show a direction.
_LONG = 1.8
_VERY_LONG = 3.0
_TRIED = 8
_SURE_UPRIGHT = 0.93
_LEVEL_DEGREES = 0.12
_MIN_LINES = 8
# A stronger slant than that of a page photographed at some 35 degrees is no slant, but lines of several pages.
_MAX_SLANT = 0.35
_MIN_SLANT = 0.004
_MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class Upright:
    """A page the right way up: RGB, (height, width, 3), and the corners of its pieces of text on it."""

    image: Image
    corners: Corners


def upright(image: Image, engine: PageEngine) -> Upright:
    """Turn, level and square the picture of a page, RGB; one without text comes back as it is, at most made smaller."""
    image = _sized(image)
    corners = engine.detect(image)
    if not len(corners):
        return Upright(image, corners)
    turned, corners = _turned_up(image, corners, engine)
    matrix = levelling(corners, turned.shape[1], turned.shape[0])
    if matrix is not None:
        turned = _warped(turned, matrix, corners)
    # Detectors are best at level text: on a page that lies on its side they overlook single digits.
    return Upright(turned, corners if turned is image else engine.detect(turned))


def _sized(image: Image) -> Image:
    """At most KEPT_SIDE pixels, as more only cost time; at least MIN_SIDE, as small letters are read badly."""
    longest = max(image.shape[:2])
    scale = min(KEPT_SIDE / longest, max(1.0, MIN_SIDE / longest))
    if scale == 1.0:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(
        cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), dtype=np.uint8
    )


def _turned_up(image: Image, corners: Corners, engine: PageEngine) -> tuple[Image, Corners]:
    if _lies_on_side(corners):
        image, corners = _quarter(image, corners)
    if _is_upside_down(image, corners, engine):
        for _ in range(2):
            image, corners = _quarter(image, corners)
        logger.info("a page was turned by 180 degrees")
    return image, corners


def _edges(corners: Corners) -> tuple[_Vectors, _Vectors]:
    """Of each piece the vector along its top and the one down its left side, means of both sides: (n, 2) each."""
    quads = corners.astype(float)
    return (
        (quads[:, 1] - quads[:, 0] + quads[:, 2] - quads[:, 3]) / 2,
        (quads[:, 3] - quads[:, 0] + quads[:, 2] - quads[:, 1]) / 2,
    )


def _lies_on_side(corners: Corners) -> bool:
    """Whether more length of text runs up and down than across."""
    along, down = _edges(corners)
    lengths, heights = np.linalg.norm(along, axis=1), np.linalg.norm(down, axis=1)
    return bool(heights[heights > _LONG * lengths].sum() > lengths[lengths > _LONG * heights].sum())


def _quarter(image: Image, corners: Corners) -> tuple[Image, Corners]:
    """Turn by 90 degrees clockwise; the corners start at the new top left."""
    height = image.shape[0]
    turned = np.stack([height - corners[:, :, 1], corners[:, :, 0]], axis=2)
    return np.ascontiguousarray(np.rot90(image, -1)), np.roll(turned, 1, axis=1).astype(np.float32)


def _is_upside_down(image: Image, corners: Corners, engine: PageEngine) -> bool:
    """Read the longest few pieces as they are, and where that goes badly the other way up too."""
    along, down = _edges(corners)
    shape = np.linalg.norm(along, axis=1) / np.maximum(1.0, np.linalg.norm(down, axis=1))
    # Very long ones cost most time and tell no more.
    order = sorted(range(len(corners)), key=lambda n: (-min(8.0, float(shape[n])), n))[:_TRIED]
    crops = [crop(image, corners[n]) for n in order]
    as_is = _confidence(engine, crops)
    if as_is > _SURE_UPRIGHT:
        return False
    return _confidence(engine, [np.ascontiguousarray(cut[::-1, ::-1]) for cut in crops]) > as_is


def _confidence(engine: PageEngine, crops: Sequence[Image]) -> float:
    read = engine.recognise(crops)
    letters = sum(len(one.text) for one in read)
    return sum(one.confidence * len(one.text) for one in read) / max(1, letters)


def levelling(corners: Corners, width: int, height: int) -> Matrix | None:
    """The projection (3, 3) in pixels that makes lines of text level and parallel; None where they are.

    Args:
        corners: of pieces of text, (n, 4, 2), at most 45 degrees off level.
        width: of their image, in pixels.
        height: likewise.
    """
    along, down = _edges(corners)
    lengths = np.linalg.norm(along, axis=1)
    long = lengths > _VERY_LONG * np.linalg.norm(down, axis=1)
    if not long.any():
        return None
    # The middle of the image becomes (0, 0) and half its longer side 1.
    centre, unit = np.array([width / 2, height / 2]), max(width, height) / 2
    middles = (corners[long].astype(float).mean(axis=1) - centre) / unit
    towards, weights = along[long] / lengths[long, None], lengths[long]
    tilt = _weighted_median(np.degrees(np.arctan2(towards[:, 1], towards[:, 0])), weights)
    turn = _rotation(-tilt)
    slant, rest = _slant(middles @ turn[:2, :2].T, towards @ turn[:2, :2].T, weights)
    if abs(tilt + rest) < _LEVEL_DEGREES and abs(slant) < _MIN_SLANT:
        return None
    squeeze = np.array([[1, 0, 0], [0, 1, 0], [slant, 0, 1.0]])
    normal = np.array([[1 / unit, 0, -centre[0] / unit], [0, 1 / unit, -centre[1] / unit], [0, 0, 1.0]])
    return np.asarray(np.linalg.inv(normal) @ squeeze @ _rotation(-rest) @ turn @ normal)


def _rotation(degrees: float) -> Matrix:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])


def _weighted_median(values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _slant(middles: _Vectors, towards: _Vectors, weights: npt.NDArray[np.float64]) -> tuple[float, float]:
    """How lines that are about level run together: slope = tan(rest) - slant * y, fitted without outliers.

    The lines then meet where slant * x is -1, which the projection with `slant` in its last row sends to infinity.
    """
    if len(middles) < _MIN_LINES:
        return 0.0, 0.0
    slopes = towards[:, 1] / towards[:, 0]
    kept = np.ones(len(slopes), dtype=bool)
    fit: npt.NDArray[np.floating[Any]] = np.zeros(2)
    for _ in range(4):
        # At (x, y) the line through a far point (X, Y) has the slope (Y - y) / (X - x), about Y/X - y/X.
        terms = np.stack([np.ones(len(slopes)), slopes * middles[:, 0] - middles[:, 1]], axis=1)
        fit = np.linalg.lstsq(terms[kept] * weights[kept, None], slopes[kept] * weights[kept], rcond=None)[0]
        off = np.abs(terms @ fit - slopes)
        kept = off <= max(0.004, 2.5 * float(np.median(off)))
    if abs(fit[1]) > _MAX_SLANT or kept.sum() < _MIN_LINES:
        return 0.0, 0.0
    return -float(fit[1]), float(np.degrees(np.arctan(fit[0])))


def _warped(image: Image, matrix: Matrix, corners: Corners) -> Image:
    """Project the image, and cut it to its text with a margin."""
    height, width = image.shape[:2]
    text = cv2.perspectiveTransform(corners.reshape(1, -1, 2).astype(float), matrix)[0]
    frame = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], dtype=float)
    frame = cv2.perspectiveTransform(frame, matrix)[0]
    margin = _MARGIN * max(width, height)
    low = np.maximum(text.min(axis=0) - margin, frame.min(axis=0))
    high = np.minimum(text.max(axis=0) + margin, frame.max(axis=0))
    scale = min(1.0, KEPT_SIDE / float((high - low).max()))
    size = tuple(max(1, round(side)) for side in ((high - low) * scale).tolist())
    shift = np.array([[scale, 0, -low[0] * scale], [0, scale, -low[1] * scale], [0, 0, 1.0]])
    return np.asarray(
        cv2.warpPerspective(image, shift @ matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
        dtype=np.uint8,
    )
