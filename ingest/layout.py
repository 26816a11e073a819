"""The geometry of a page: words in lines, lines in columns, columns in reading order. Pure; knows no PDF.

Boxes are (x0, y0, x1, y1) in points from the top left. Columns are found by their gutters: an upright white
stripe with text at both sides over several lines. What crosses the gutter (a title, an abstract, a wide
figure) cuts the page into bands, and each band is read column by column.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol, TypeVar

import numpy as np

from ingest.records import Box

MIN_GUTTER_EM = 0.6
MIN_COLUMN_LINES = 3
MAX_GUTTER_TRIALS = 5
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Boxed(Protocol):
    """Anything with a place on the page."""

    @property
    def box(self) -> Box:
        """(x0, y0, x1, y1) in points from the page's top left."""


BoxedT = TypeVar("BoxedT", bound=Boxed)


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without a space."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Fragment:
    """Words on one baseline with no wide gap between them; size in points, bold if most of it is."""

    words: tuple[Word, ...]
    size: float
    bold: bool
    box: Box

    @property
    def text(self) -> str:
        """The words with one space between them."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image: no text, but it parts the text above it from the text below."""

    box: Box


@dataclass(frozen=True, slots=True)
class Line:
    """Fragments that share a baseline within one column, from left to right."""

    cells: tuple[Fragment, ...]
    box: Box

    @property
    def text(self) -> str:
        """The cells with one space between them."""
        return " ".join(cell.text for cell in self.cells)

    @property
    def size(self) -> float:
        """The type size of most of its characters, in points."""
        return max(self.cells, key=lambda cell: len(cell.text)).size

    @property
    def bold(self) -> bool:
        """True when at least nine tenths of its characters are bold."""
        heavy = sum(len(cell.text) for cell in self.cells if cell.bold)
        return heavy >= 0.9 * sum(len(cell.text) for cell in self.cells)


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of them."""
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def fragment(words: Sequence[Word], *, size: float, bold: bool) -> Fragment:
    """A fragment with the box of its words."""
    return Fragment(tuple(words), size, bold, union([word.box for word in words]))


def lines_of(fragments: Sequence[Fragment]) -> list[Line]:
    """Join fragments of one column that share a baseline; lines from the top, cells from the left."""
    rows: list[list[Fragment]] = []
    for piece in sorted(fragments, key=lambda f: ((f.box[1] + f.box[3]) / 2, f.box[0])):
        row = next((row for row in rows[-3:] if _same_row(row, piece)), None)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    found = [tuple(sorted(row, key=lambda f: f.box[0])) for row in rows]
    return [Line(cells, union([cell.box for cell in cells])) for cells in found]


def _same_row(row: Sequence[Fragment], piece: Fragment) -> bool:
    """Compared with the largest piece of the row, so that a row does not creep down the page."""
    anchor = max(row, key=lambda f: (f.size, len(f.words)))
    shared = min(anchor.box[3], piece.box[3]) - max(anchor.box[1], piece.box[1])
    low = min(anchor.box[3] - anchor.box[1], piece.box[3] - piece.box[1])
    apart = all(min(f.box[2], piece.box[2]) - max(f.box[0], piece.box[0]) < 0.5 * piece.size for f in row)
    return shared > 0.5 * low and apart


def reading_order(items: Sequence[BoxedT]) -> list[list[BoxedT]]:
    """Group what stands on a page into columns, in the order a reader takes them.

    Args:
        items: fragments, tables and pictures, in any order.

    Returns:
        One list per column or full-width stretch; within each, from top to bottom, then left to right.
    """
    items = sorted(items, key=lambda item: (item.box[1], item.box[0]))
    if len(items) < 2:
        return [items] if items else []
    for gutter in _gutters(items):
        bands = _bands(items, gutter)
        if any(len(band) == 2 and _is_tall(band) for band in bands):
            return [leaf for band in bands for part in band for leaf in _deeper(part, items)]
    return [items]


def _is_tall(band: Sequence[Sequence[Boxed]]) -> bool:
    """Several lines on end: spaces between sentences may meet in one line by chance."""
    counts = [len(lines_of([item for item in side if isinstance(item, Fragment)])) for side in band]
    return max(counts) >= MIN_COLUMN_LINES and (min(counts) >= 2 or len(band[counts.index(min(counts))]) > min(counts))


def _deeper(part: list[BoxedT], whole: Sequence[BoxedT]) -> list[list[BoxedT]]:
    return [part] if len(part) == len(whole) else reading_order(part)


def _line_height(items: Sequence[Boxed]) -> float:
    heights = [item.box[3] - item.box[1] for item in items if isinstance(item, Fragment)]
    return max(2.0, median(heights)) if heights else 12.0


def _gutters(items: Sequence[Boxed]) -> list[float]:
    """The x of candidate gutters, the one with most white height between texts first."""
    height = _line_height(items)
    left, top, right, bottom = union([item.box for item in items])
    if right - left < 2 * height or right - left > 20000:
        return []
    votes = np.zeros(int(right - left) + 2, dtype=np.int32)
    step = max(height / 2, (bottom - top) / 2000)
    boxes = np.array([item.box for item in items])
    for y in np.arange(top + step / 2, bottom, step):
        # Leading counts as text: a scan line between two lines of a paragraph still meets both.
        met = boxes[(boxes[:, 1] - 0.4 * height <= y) & (boxes[:, 3] + 0.4 * height >= y)]
        _vote(votes, met[np.argsort(met[:, 0])], left, MIN_GUTTER_EM * height)
    needed = MIN_COLUMN_LINES * height / step
    found: list[float] = []
    while len(found) < MAX_GUTTER_TRIALS and votes.max() >= needed:
        best = int(votes.argmax())
        end = best
        while end + 1 < len(votes) and votes[end + 1] >= 0.9 * votes[best]:
            end += 1
        found.append(left + (best + end + 1) / 2)
        votes[max(0, best - int(height)) : end + int(height) + 1] = 0
    return found


def _vote(votes: "np.ndarray[tuple[int], np.dtype[np.int32]]", met: np.ndarray, left: float, least: float) -> None:
    """Count the white gaps between the boxes `met`, sorted by their left edge."""
    reach = None
    for x0, _, x1, _ in met:
        if reach is not None and x0 - reach >= least:
            votes[int(np.ceil(reach - left)) : int(x0 - left)] += 1
        reach = x1 if reach is None else max(reach, x1)


def _bands(items: Sequence[BoxedT], gutter: float) -> list[list[list[BoxedT]]]:
    """Cut at what crosses the gutter: each band is [left, right], or [wide] where there are no columns."""
    height = _line_height(items)
    crossing = [item for item in items if item.box[0] < gutter - 1 and item.box[2] > gutter + 1]
    middles = [(item.box[1] + item.box[3]) / 2 for item in crossing]
    slots: list[list[BoxedT]] = [[] for _ in range(len(crossing) + 1)]
    beside: list[list[BoxedT]] = [[item] for item in crossing]
    crossed = {id(item) for item in crossing}
    for item in items:
        if id(item) in crossed:
            continue
        y = (item.box[1] + item.box[3]) / 2
        row = next((n for n, other in enumerate(crossing) if other.box[1] < y < other.box[3]), None)
        if row is not None:
            beside[row].append(item)
        else:
            slots[sum(middle < y for middle in middles)].append(item)
    bands: list[list[list[BoxedT]]] = []
    for n, slot in enumerate(slots):
        last = crossing[n - 1] if n else None
        wide, columns = _tail(slot, last, gutter, height)
        _add_wide(bands, wide)
        if _are_columns(columns, gutter):
            bands.append(
                [[i for i in columns if i.box[2] <= gutter + 1], [i for i in columns if i.box[2] > gutter + 1]]
            )
        else:
            _add_wide(bands, columns)
        if n < len(crossing):
            _add_wide(bands, beside[n])
    return bands


def _add_wide(bands: list[list[list[BoxedT]]], items: list[BoxedT]) -> None:
    if items and bands and len(bands[-1]) == 1:
        bands[-1][0].extend(items)
    elif items:
        bands.append([items])


def _tail(slot: list[BoxedT], last: BoxedT | None, gutter: float, height: float) -> tuple[list[BoxedT], list[BoxedT]]:
    """Part the short last line of a full-width paragraph from the columns under it."""
    if last is None or not isinstance(last, Fragment) or not slot:
        return [], slot
    first = slot[0]
    alone = all(item.box[1] >= first.box[3] - 1 for item in slot[1:])
    near = first.box[1] - last.box[3] < 0.5 * height and first.box[2] <= gutter + 1
    same = isinstance(first, Fragment) and abs(first.size - last.size) < 0.5
    return ([first], slot[1:]) if alone and near and same else ([], slot)


def _are_columns(items: Sequence[Boxed], gutter: float) -> bool:
    """Two sides of running text, as against the cells of a table, which are read row by row."""
    left = [item for item in items if item.box[2] <= gutter + 1]
    right = [item for item in items if item.box[2] > gutter + 1]
    if not left or not right:
        return False
    verdicts = [_is_prose(side) for side in (left, right)]
    if True not in verdicts:
        return False
    if False not in verdicts:
        return True
    return _stands_apart(left, right) if verdicts[0] else _stands_apart(right, left)


def _stands_apart(prose: Sequence[Boxed], other: Sequence[Boxed]) -> bool:
    """A table beside a column of text, as against numbers beside their wordy labels.

    Labels share their baselines with the numbers and end with them; a column of text does neither.
    """
    lines, rows = (lines_of([item for item in side if isinstance(item, Fragment)]) for side in (prose, other))
    shared = sum(any(abs(line.box[3] - row.box[3]) < 2 for line in lines) for row in rows)
    top, bottom = min(row.box[1] for row in rows), max(row.box[3] for row in rows)
    beyond = sum(line.box[3] < top or line.box[1] > bottom for line in lines)
    return len(lines) >= 6 and _ink(lines) > 0.8 and (shared < 0.5 * len(rows) or beyond >= 5)


def _ink(lines: Sequence[Line]) -> float:
    """The usual share of the column's width that a line covers, gaps between its cells left out."""
    left, _, right, _ = union([line.box for line in lines])
    covered = [sum(cell.box[2] - cell.box[0] for cell in line.cells) for line in lines]
    return median(covered) / max(1.0, right - left)


def _is_prose(side: Sequence[Boxed]) -> bool | None:
    """True for lines of words that fill their column, None where there is no text to judge."""
    lines = lines_of([item for item in side if isinstance(item, Fragment)])
    if not lines:
        return None
    left, _, right, _ = union([line.box for line in lines])
    words = [len(_LETTERS.findall(line.text)) + len(_IDEOGRAPH.findall(line.text)) / 2 for line in lines]
    letters = [sum(1 + (char > "\u3040") for char in line.text if char.isalpha()) for line in lines]
    filled = [(line.box[2] - line.box[0]) / max(1.0, right - left) for line in lines]
    worded = median(words) >= 3 and median(letters) >= 16 and median(filled) >= 0.5
    return worded or (median(len(line.text) for line in lines) >= 16 and _ink(lines) > 0.8)
