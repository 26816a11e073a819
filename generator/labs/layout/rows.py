"""Pieces of text on a page become rows: what stands on one line, from the left, whatever order it was found in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.ocr import OcrLine
from ingest.records import Box

# Of the smaller of two heights: how far apart two middles may lie and still stand on one line. Lines of a table are
# at least 1.1 heights apart, and a box is rarely off by a quarter of its height.
_SAME_LINE = 0.55
# A page that is more oblique than this was not set upright; its slope is then not to be trusted.
_MAX_SLOPE = 0.1
# Some PDFs and readers write the dash of a range, and the sign of a percentage, so.
_SIGNS = str.maketrans({"\u00ad": "-", "\uff05": "%"})
# Where a name ends and a number begins; a piece that holds a gap there is so many heights wider than its letters, and
# so much of its width.
_CELL = re.compile(r"[^\W\d_][^\d<>≤≥]*?\s(?=[<>≤≥*(]*\d)")
_GAP = 2.5
_WIDER = 0.3
# Of running text, in heights.
_SPACE = 0.3


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a row.

    Attributes:
        text: without space.
        confidence: of the piece it comes from, 0..1.
        box: its share of the piece's box, by its share of the piece's characters.
        piece: the number of its piece in the row, from 0.
        gap: the space before it, in heights of the row; 0 for the first of the row.
    """

    text: str
    confidence: float
    box: Box
    piece: int
    gap: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a page: its words from the left, and its upper and lower edge in the page's units."""

    tokens: tuple[Token, ...]
    top: float
    bottom: float

    @property
    def text(self) -> str:
        """The line as one text."""
        return " ".join(token.text for token in self.tokens)

    @property
    def height(self) -> float:
        """The height of its letters, in the page's units."""
        return self.bottom - self.top


def read_rows(pieces: Sequence[OcrLine]) -> list[Row]:
    """Put pieces into rows from the top, each from the left; the order they come in does not matter.

    The page may be up to six degrees oblique and a little curved: a piece joins the row whose last piece lies level
    with it once the common slope is taken out.
    """
    found = sorted(
        (piece for piece in pieces if piece.text.strip() and piece.box[3] > piece.box[1]),
        key=lambda piece: (piece.box[0], piece.box[1], piece.text),
    )
    slope = _slope(found)
    rows: list[list[OcrLine]] = []
    for piece in found:
        row = _level_with(piece, rows, slope=slope)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    rows.sort(key=lambda row: (median(_level(piece, slope) for piece in row), row[0].box[0]))
    letter = median(_letter(piece) for piece in found) if found else 0.0
    return [_row(row, letter=letter) for row in rows]


def _slope(found: Sequence[OcrLine]) -> float:
    """How much a line falls per unit to the right: the median over neighbours on a line."""
    slopes: list[float] = []
    for position, piece in enumerate(found):
        beside = [other for other in found[position + 1 :] if _beside(piece, other)]
        if beside:
            nearest = min(beside, key=lambda other: (other.box[0], abs(_middle(other) - _middle(piece))))
            run = (nearest.box[0] + nearest.box[2] - piece.box[0] - piece.box[2]) / 2
            slopes.append((_middle(nearest) - _middle(piece)) / run)
    slope = median(slopes) if len(slopes) >= 3 else 0.0
    return slope if abs(slope) <= _MAX_SLOPE else 0.0


def _beside(left: OcrLine, right: OcrLine) -> bool:
    return right.box[0] >= left.box[2] - 0.2 * _height(left) and abs(_middle(right) - _middle(left)) < 0.75 * min(
        _height(left), _height(right)
    )


def _level_with(piece: OcrLine, rows: Sequence[list[OcrLine]], *, slope: float) -> list[OcrLine] | None:
    best: tuple[float, list[OcrLine]] | None = None
    for row in rows:
        last = row[-1]
        # A star or a dash stands higher or lower than letters: a line's level is that of its words.
        level = next((other for other in reversed(row) if _is_word(other)), last)
        height = min((_height(one) for one in (piece, level) if _is_word(one)), default=_height(piece))
        off = abs(_level(piece, slope) - _level(level, slope)) / height
        # Two pieces of one line do not stand over each other.
        overlap = last.box[2] - piece.box[0]
        apart = overlap <= max(0.5 * height, 0.2 * (last.box[2] - last.box[0]))
        if off < _SAME_LINE and apart and (best is None or off < best[0]):
            best = (off, row)
    return best[1] if best else None


def _row(pieces: Sequence[OcrLine], *, letter: float) -> Row:
    height = median(_height(piece) for piece in pieces)
    tokens: list[Token] = []
    for number, piece in enumerate(pieces):
        for text, box in _words(replace(piece, text=piece.text.translate(_SIGNS)), letter=letter):
            gap = (box[0] - tokens[-1].box[2]) / height if tokens else 0.0
            tokens.append(Token(text, piece.confidence, box, number, gap))
    top = median(piece.box[1] for piece in pieces)
    return Row(tuple(tokens), top, top + height)


def _words(piece: OcrLine, *, letter: float) -> list[tuple[str, Box]]:
    """The words of a piece with their places: by their share of its letters, or on both sides of a gap in it.

    A piece much wider than its letters holds two cells, "WBC" and "0.9 L", with the gap before its first number.
    """
    x0, y0, x1, y1 = piece.box
    step = (x1 - x0) / len(piece.text)
    usual = letter * _height(piece)
    cell = _CELL.search(piece.text)
    two = cell is not None and x1 - x0 - usual * len(piece.text) > max(_GAP * _height(piece), _WIDER * (x1 - x0))
    words: list[tuple[str, Box]] = []
    start = 0
    for word in piece.text.split():
        start = piece.text.index(word, start)
        left = x0 + start * step
        if two and cell:
            step = usual
            left = x0 + start * usual if start < cell.end() else x1 - (len(piece.text) - start) * usual
        words.append((word, (left, y0, left + len(word) * step, y1)))
        start += len(word)
    return words


def _is_word(piece: OcrLine) -> bool:
    return any(map(str.isalnum, piece.text))


def _letter(piece: OcrLine) -> float:
    """The width of a letter of a piece, in its heights."""
    return (piece.box[2] - piece.box[0]) / len(piece.text) / _height(piece)


def _middle(piece: OcrLine) -> float:
    return (piece.box[1] + piece.box[3]) / 2


def _level(piece: OcrLine, slope: float) -> float:
    """The height on the page of its middle, once the slope is taken out."""
    return _middle(piece) - slope * (piece.box[0] + piece.box[2]) / 2


def _height(piece: OcrLine) -> float:
    return piece.box[3] - piece.box[1]


def join_rows(rows: Sequence[Row]) -> Row:
    """Lines of running text as one row, in reading order; a word that begins a line follows with a space's gap."""
    tokens: list[Token] = []
    for row in rows:
        first = tokens[-1].piece + 1 if tokens else 0
        for position, token in enumerate(row.tokens):
            gap = _SPACE if position == 0 and tokens else token.gap
            tokens.append(replace(token, piece=first + token.piece, gap=gap))
    return Row(tuple(tokens), rows[0].top, rows[0].top + rows[0].height)
