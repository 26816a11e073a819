"""A page with two tables side by side is read as two; each block's rows are its own."""

from collections.abc import Sequence
from statistics import median

from generator.labs.layout.marks import Mark, read_marks
from generator.labs.layout.rows import Row, join_rows, read_rows
from ingest.ocr import OcrLine

_FEWEST = 3
_LINE_PITCH = 2.2


def read_blocks(pieces: Sequence[OcrLine]) -> list[list[Row]]:
    """The rows of each block of a page, from the left: one block, or the two sides of a gutter."""
    rows = read_rows(pieces)
    cut = _gutter([read_marks(row) for row in rows], height=median(row.height for row in rows)) if rows else None
    if cut is None:
        return [_flowing(rows)]
    left = [piece for piece in pieces if (piece.box[0] + piece.box[2]) / 2 < cut]
    right = [piece for piece in pieces if (piece.box[0] + piece.box[2]) / 2 >= cut]
    return [read_rows(left), *read_blocks(right)]


def _gutter(rows: Sequence[Sequence[Mark]], *, height: float) -> float | None:
    """Where a second column of names begins, with names and numbers on both sides and nothing of a table across."""
    names = sorted((mark for row in rows for mark in row if mark.kind == "name"), key=lambda mark: mark.box[0])
    tabular = [mark for row in rows for mark in row if mark.kind in ("name", "number", "range", "unit")]
    for before, after in zip(names, names[1:], strict=False):
        if after.box[0] - before.box[0] < 6 * height:
            continue
        cut = after.box[0] - 0.5 * height
        sides = [
            [mark for mark in tabular if mark.box[2] <= cut],
            [mark for mark in tabular if mark.box[0] >= cut],
        ]
        full = all(
            sum(mark.kind == "name" for mark in side) >= _FEWEST
            and sum(mark.kind == "number" for mark in side) >= _FEWEST
            for side in sides
        )
        if full and sum(map(len, sides)) >= 0.97 * len(tabular):
            return cut
    return None


def _flowing(rows: Sequence[Row]) -> list[Row]:
    """The rows, those of running text ("WBC 4.5 (4.0-11.0), Hb 13.2 g/dL, …") joined with the lines they go on in."""
    joined: list[list[Row]] = []
    for row in rows:
        last = joined[-1][-1] if joined else None
        goes_on = (
            last is not None
            and _runs(joined[-1][0])
            and not row.tokens[0].text.endswith(":")
            and row.top - last.top < _LINE_PITCH * max(row.height, last.height)
            and abs(row.tokens[0].box[0] - joined[-1][0].tokens[0].box[0]) < 3 * row.height
        )
        if goes_on:
            joined[-1].append(row)
        else:
            joined.append([row])
    return [join_rows(lines) if len(lines) > 1 else lines[0] for lines in joined]


def _runs(row: Row) -> bool:
    """Whether a line holds results one behind the other, with no more than a space before the next name."""
    marks = read_marks(row)
    names = [position for position, mark in enumerate(marks) if mark.kind == "name"]
    if sum(mark.kind == "number" for mark in marks) < 2 or len(names) < 2:
        return False
    return median(marks[position].gap for position in names[1:]) < 1.0
