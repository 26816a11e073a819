"""What stands around the text of a page and is not part of it: running headers, page and line numbers. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.layout import Fragment, Line, Picture, lines_of, union
from ingest.records import Box

MARGIN_SHARE = 0.14
EDGE_LINES = 4
MIN_KNOWN_LETTERS = 20
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?:(?:page|pag|p)\b\.?\s*)?[-\u2013]?\s*(?:\d{1,5}|[ivxl]{1,6})\s*(?:(?:/|of)\s*\d{1,4})?\s*[-\u2013]?", re.I
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read from one page in one direction of reading.

    `page` counts from 1; `width` and `height` are in points, after turning the page by `turn` degrees
    clockwise so that its text runs from left to right. `scanned` is true where the text came by OCR.
    `grids` are tables drawn with rules: rows of cell boxes.
    """

    page: int
    width: float
    height: float
    fragments: tuple[Fragment, ...]
    pictures: tuple[Picture, ...] = ()
    grids: tuple[tuple[tuple[Box, ...], ...], ...] = ()
    turn: int = 0
    scanned: bool = False


def without_margins(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Take running headers and footers, page numbers and line numbers off every sheet.

    A line goes when it stands among the outermost lines at the top or bottom and comes again at the same
    place on other pages (numbers in it may differ). Sheets that would all end up empty are left as they are.
    """
    numbered = [_without_line_numbers(sheet) for sheet in sheets]
    edges = [_edge_lines(sheet) for sheet in numbered]
    repeated = _repeated(numbered, edges)
    stripped = [
        _without(sheet, [line for line in lines if _key(line, sheet) in repeated or _is_page_number(line, sheet)])
        for sheet, lines in zip(numbered, edges, strict=True)
    ]
    return stripped if any(sheet.fragments for sheet in stripped) else numbered


def _without(sheet: Sheet, lines: Sequence[Line]) -> Sheet:
    gone = {id(cell) for line in lines for cell in line.cells}
    return replace(sheet, fragments=tuple(piece for piece in sheet.fragments if id(piece) not in gone))


def _edge_lines(sheet: Sheet) -> list[Line]:
    """The outermost lines at the top and bottom, inside the margins."""
    lines = sorted(lines_of(sheet.fragments), key=lambda line: line.box[1])
    top = [line for line in lines[:EDGE_LINES] if line.box[3] < MARGIN_SHARE * sheet.height]
    bottom = [line for line in lines[-EDGE_LINES:] if line.box[1] > (1 - MARGIN_SHARE) * sheet.height]
    outer = top + [line for line in bottom if line not in top]
    # The head of a table comes again on every page too, and is wanted.
    drawn = [union([box for row in grid for box in row]) for grid in sheet.grids]
    tabular = [line for line in outer if len(line.cells) > 3 or any(_inside(line.box, box) for box in drawn)]
    return [line for line in outer if line not in tabular]


def _inside(box: Box, outer: Box) -> bool:
    return outer[1] - 2 < (box[1] + box[3]) / 2 < outer[3] + 2 and outer[0] < (box[0] + box[2]) / 2 < outer[2]


def _key(line: Line, sheet: Sheet) -> tuple[str, int, bool]:
    """Same words at the same height: y to 6 points, from the nearer edge as page heights may differ.

    A long line is known by its words alone: first pages often have theirs a little higher or lower.
    """
    upper = line.box[1] < sheet.height / 2
    y = line.box[3] if upper else sheet.height - line.box[3]
    text = _DIGITS.sub("#", line.text.casefold())
    return text, 0 if sum(map(str.isalpha, text)) >= MIN_KNOWN_LETTERS else round(y / 6), upper


def _repeated(sheets: Sequence[Sheet], edges: Sequence[Sequence[Line]]) -> set[tuple[str, int, bool]]:
    pages = len({sheet.page for sheet in sheets})
    seen: Counter[tuple[str, int, bool]] = Counter()
    texts: set[str] = set()
    for sheet, lines in zip(sheets, edges, strict=True):
        # A page that is there twice says nothing about its margins.
        text = " ".join(piece.text for piece in sheet.fragments)
        if text not in texts:
            seen.update({_key(line, sheet) for line in lines})
        texts.add(text)
    # Left and right pages, and sections, have headers of their own, so few repetitions are enough.
    needed = 2 if pages < 12 else 3
    found = {key for key, count in seen.items() if count >= needed}
    # Rounding must not part two lines that stand a point apart.
    return {(text, y + near, upper) for text, y, upper in found for near in (-1, 0, 1)}


def _is_page_number(line: Line, sheet: Sheet) -> bool:
    y = (line.box[1] + line.box[3]) / 2 / sheet.height
    return (y < 0.08 or y > 0.92) and _PAGE_NUMBER.fullmatch(line.text.strip()) is not None


def _without_line_numbers(sheet: Sheet) -> Sheet:
    """Take off numbers that count the lines at the left edge, as manuscripts and transcripts have them."""
    numbers = [piece for piece in sheet.fragments if piece.text.isdecimal() and len(piece.text) <= 4]
    if len(numbers) < 10:
        return sheet
    edge = min(piece.box[2] for piece in numbers)
    column = sorted((piece for piece in numbers if piece.box[2] < edge + 12), key=lambda piece: piece.box[1])
    values = [int(piece.text) for piece in column]
    steps = {later - earlier for earlier, later in zip(values, values[1:], strict=False)}
    inner = [piece for piece in sheet.fragments if piece not in column]
    outside = all(piece.box[0] > max(number.box[2] for number in column) for piece in inner)
    rows = lines_of(inner)
    tabular = sum(len(row.cells) > 2 for row in rows) > 0.3 * len(rows)
    if len(column) < 10 or len(steps) != 1 or not steps <= {1, 5} or not outside or tabular:
        return sheet
    gone = {id(piece) for piece in column}
    return replace(sheet, fragments=tuple(piece for piece in sheet.fragments if id(piece) not in gone))
