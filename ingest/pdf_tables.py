"""Tables of a page: cells from drawn rules or from alignment, rows as text that can be quoted alone. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.layout import Fragment, Line, fragment, lines_of, union
from ingest.records import Box

MIN_ROWS = 3
MAX_HEADER_CHARS = 60
MAX_WRAPPED_LINES = 5
_NUMBER = re.compile(r"[<>≤≥~±]?\s*[+\-\u2212]?\d[\d.,\s]*(?:%|\(.*\)|[/\u2013-]\s*\d.*)?")
_MARKER = re.compile(r"[•‣▪●○◦■□*►✓➢\u2013\u2014-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]+)[.)]|\[\d{1,3}\]")

_TITLE = re.compile(r"(?:table|fig(?:ure|\.)?)\s*\w{1,4}\b", re.I)

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its cells as text (lines parted by line feeds, empty where there is none) and its box."""

    cells: tuple[str, ...]
    box: Box
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows from top to bottom, all with the same number of cells."""

    rows: tuple[TableRow, ...]
    box: Box


def row_texts(table: Table, mend: Callable[[str], str] = lambda cell: cell.replace("\n", " ")) -> list[str]:
    """One line of text per row, each understandable alone.

    Cells are joined by " | "; where the first row names the columns, its names are repeated as
    "name: value". A column without a name, or with a very long one, gives its value alone. `mend` joins the
    lines of a cell.
    """
    table = Table(tuple(replace(row, cells=tuple(map(mend, row.cells))) for row in table.rows), table.box)
    names = _header(table)
    if names is None:
        return [" | ".join(cell for cell in row.cells if cell) for row in table.rows]
    first, *rest = table.rows
    texts = [" | ".join(cell for cell in first.cells if cell)]
    for row in rest:
        cells = [
            (f"{name}: {cell}" if name and n else cell)
            for n, (name, cell) in enumerate(zip(names, row.cells, strict=True))
        ]
        texts.append(" | ".join(text for text, cell in zip(cells, row.cells, strict=True) if cell))
    return texts


def _header(table: Table) -> list[str] | None:
    """The first row, if it names columns: full, without numbers, and bold or above numbers."""
    first, *rest = table.rows
    if len(rest) < 1 or len(first.cells) < 2 or not all(first.cells[1:]):
        return None
    if any(_NUMBER.fullmatch(cell) for cell in first.cells) or len(set(first.cells)) < len(first.cells):
        return None
    below = [[row.cells[n] for row in rest if row.cells[n]] for n in range(1, len(first.cells))]
    numeric = any(cells and sum(bool(_NUMBER.fullmatch(c)) for c in cells) > len(cells) / 2 for cells in below)
    if not numeric and not (first.bold and not all(row.bold for row in rest)):
        return None
    return [cell if len(cell) <= MAX_HEADER_CHARS else "" for cell in first.cells]


def ruled_table(cells: Sequence[Sequence[Box]], pieces: Sequence[Fragment]) -> tuple[Table, list[Fragment]] | None:
    """Fill the cells of a drawn grid with the words that stand in them.

    Returns:
        The table and the fragments it used up, or None if the grid is a frame or a form, not a table.
    """
    cells = _open_sided(cells, pieces)
    inside = union([box for row in cells for box in row])
    used = [piece for piece in pieces if _holds(inside, piece.box)]
    rows: list[TableRow] = []
    for row in cells:
        texts = [_cell_fragments(box, used) for box in row]
        if any(texts):
            rows += [_row(line) for line in _unstacked(texts)]
    width = max((len(row.cells) for row in rows), default=0)
    full = [TableRow(row.cells + ("",) * (width - len(row.cells)), row.box, row.bold) for row in rows]
    kept = [n for n in range(width) if any(row.cells[n] for row in full)]
    table = [TableRow(tuple(row.cells[n] for n in kept), row.box, row.bold) for row in full]
    several = sum(sum(map(bool, row.cells)) > 1 for row in table)
    letters = sum(len(cell) for row in table for cell in row.cells)
    longest = max((len(cell) for row in table for cell in row.cells), default=0)
    framed = longest > 400 and longest > 0.6 * letters
    if len(table) < 2 or len(kept) < 2 or several < 0.5 * len(table) or framed:
        return None
    return Table(tuple(table), union([row.box for row in table])), used


def _unstacked(cells: list[list[Fragment]]) -> list[list[list[Fragment]]]:
    """Part a drawn row that holds several printed ones: as many lines in each cell, most of them numbers."""
    stacks = [lines_of(cell) for cell in cells]
    heights = {len(stack) for stack in stacks if stack}
    numeric = [stack for stack in stacks[1:] if stack and all(_NUMBER.fullmatch(line.text) for line in stack)]
    filled = sum(bool(stack) for stack in stacks[1:])
    if len(heights) != 1 or heights == {1} or not filled or len(numeric) < filled / 2:
        return [cells]
    return [[list(stack[n].cells) if stack else [] for stack in stacks] for n in range(heights.pop())]


def _open_sided(cells: Sequence[Sequence[Box]], pieces: Sequence[Fragment]) -> Sequence[Sequence[Box]]:
    """Add the last column of a page-wide table that has no rule at its right."""
    x0, y0, x1, y1 = union([box for row in cells for box in row])
    left, _, right, _ = union([piece.box for piece in pieces]) if pieces else (x0, y0, x1, y1)
    if x1 - x0 < 0.7 * (right - left) or right - x1 < 5:
        return cells
    return [[*row, (x1, union(row)[1], right + 1, union(row)[3])] for row in cells]


def _holds(box: Box, inner: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _cell_fragments(cell: Box, pieces: Sequence[Fragment]) -> list[Fragment]:
    found = []
    for piece in pieces:
        words = [word for word in piece.words if _holds(cell, word.box)]
        if words:
            found.append(fragment(words, size=piece.size, bold=piece.bold))
    return found


def _joined(pieces: Sequence[Fragment]) -> str:
    return "\n".join(line.text for line in lines_of(pieces))


def aligned_tables(lines: Sequence[Line]) -> list[tuple[int, int, Table]]:
    """Find tables without rules: runs of lines whose wide gaps stand one above the other.

    Args:
        lines: the lines of one column, from the top.

    Returns:
        (first line, line after the last, table), from the top, none overlapping.
    """
    found: list[tuple[int, int, Table]] = []
    start = 0
    while start < len(lines):
        end, gaps = _run(lines, start)
        above = start
        floor = found[-1][1] if found else 0
        while gaps and above > floor and _heads(lines[above - 1], lines[above], gaps):
            above -= 1
        rows = _rows(lines[above:end], gaps) if gaps else []
        if len(rows) >= MIN_ROWS and not _is_list(rows):
            found.append((above, end, Table(tuple(rows), union([row.box for row in rows]))))
            start = end
        else:
            start += 1
    return found


def _heads(line: Line, below: Line, stripes: Sequence[Interval]) -> bool:
    """A line of a table's head that names only columns right of the first."""
    if _TITLE.match(line.text):
        return False
    return line.box[0] > stripes[0][1] - 1 and below.box[1] - line.box[3] < line.size and _fits_column(line, stripes)


def _gaps(line: Line) -> list[Interval]:
    """The white stripes of a line: outside it, and between cells that stand wider apart than words do."""
    inner = [(a.box[2], b.box[0]) for a, b in zip(line.cells, line.cells[1:], strict=False)]
    wide = [gap for gap in inner if gap[1] - gap[0] > 0.9 * line.size]
    return [(-1e6, line.cells[0].box[0]), *wide, (line.cells[-1].box[2], 1e6)]


def _run(lines: Sequence[Line], start: int) -> tuple[int, list[Interval]]:
    """The end of the longest run from `start` with a white stripe in common, and its inner stripes."""
    least = 0.5 * lines[start].size
    stripes, last, rows = _inner(_gaps(lines[start])), start + 1, 1
    if not stripes or _TITLE.match(lines[start].text):
        return start + 1, []
    for n in range(start + 1, len(lines)):
        line = lines[n]
        pitch = line.box[1] - lines[n - 1].box[3]
        shared = _common(stripes, _gaps(line), least)
        several = bool(_inner(_gaps(line)))
        if not shared or pitch > 2.5 * line.size or not (several or _fits_column(line, stripes)):
            break
        if n - last >= MAX_WRAPPED_LINES:
            break
        if several:
            stripes, last, rows = shared, n + 1, rows + 1
        elif line.box[0] > stripes[0][1] - 1:
            # A single cell right of the first column is of the table; one in the first may be the text below it.
            last = n + 1
    return (last, stripes) if rows > 1 else (start + 1, [])


def _inner(gaps: Sequence[Interval]) -> list[Interval]:
    return [gap for gap in gaps if gap[0] > -1e6 and gap[1] < 1e6]


def _common(stripes: Sequence[Interval], gaps: Sequence[Interval], least: float) -> list[Interval]:
    both = [(max(a0, b0), min(a1, b1)) for a0, a1 in stripes for b0, b1 in gaps]
    return [(x0, x1) for x0, x1 in both if x1 - x0 >= least]


def _fits_column(line: Line, stripes: Sequence[Interval]) -> bool:
    """A line of one cell belongs to a table only while it stays clear of its neighbours."""
    return all(line.box[2] <= x1 or line.box[0] >= x0 for x0, x1 in stripes)


def _rows(lines: Sequence[Line], stripes: Sequence[Interval]) -> list[TableRow]:
    """Join the lines of wrapped cells: a line without a first cell, close to the one above it, is its rest."""
    edges = sorted((x0 + x1) / 2 for x0, x1 in stripes)
    strips = _strips(lines)
    close = median([b[0].box[1] - a[-1].box[3] for a, b in zip(strips, strips[1:], strict=False)] or [0.0])
    rows: list[list[list[Fragment]]] = []
    bottom = 0.0
    for strip in strips:
        cells = _in_columns([cell for line in strip for cell in line.cells], edges)
        filled = sum(map(bool, cells))
        rest = not cells[0] and filled <= max(1, len(cells) // 2) and strip[0].box[1] - bottom <= close + 1
        if rows and rest:
            rows[-1] = [above + below for above, below in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
        bottom = max(line.box[3] for line in strip)
    return [_row(cells) for cells in rows]


def _row(cells: Sequence[Sequence[Fragment]]) -> TableRow:
    pieces = [piece for cell in cells for piece in cell]
    bold = all(piece.bold for piece in pieces)
    return TableRow(tuple(_joined(cell) for cell in cells), union([piece.box for piece in pieces]), bold)


def _strips(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that overlap in height stand in one strip: a label set beside the middle of a wrapped cell."""
    strips: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box[1]):
        bottom = max((above.box[3] for above in strips[-1]), default=0.0) if strips else -1e6
        if strips and line.box[1] < bottom - 0.25 * line.size:
            strips[-1].append(line)
        else:
            strips.append([line])
    return strips


def _in_columns(pieces: Sequence[Fragment], edges: Sequence[float]) -> list[list[Fragment]]:
    found: list[list[Fragment]] = [[] for _ in range(len(edges) + 1)]
    for piece in pieces:
        found[sum((piece.box[0] + piece.box[2]) / 2 > edge for edge in edges)].append(piece)
    return found


def _is_list(rows: Sequence[TableRow]) -> bool:
    """Bullets or numbers with their items, tabbed apart."""
    firsts = [row.cells[0] for row in rows if row.cells[0]]
    return sum(bool(_MARKER.fullmatch(first)) for first in firsts) > 0.6 * len(firsts)
