"""A text or a page as rows of cells, which labels and their values are read from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.ocr import OcrLine


@dataclass(frozen=True, slots=True)
class Cell:
    """A run of text in a row: where it starts in the whole text, and its sides on the page.

    Attributes:
        text: as printed.
        start: offset of its first letter in the whole text.
        row: number of its row from the top.
        x0: left side, in letters or pixels.
        x1: right side.
    """

    text: str
    start: int
    row: int
    x0: float
    x1: float

    @property
    def letter(self) -> float:
        """The width of a letter."""
        return (self.x1 - self.x0) / max(1, len(self.text))


def cells_of(text: str) -> list[list[Cell]]:
    """The rows and cells of a plain text: lines, split at tabs, bars and runs of spaces."""
    rows: list[list[Cell]] = []
    offset = 0
    for line in text.split("\n"):
        row = [
            Cell(match.group(), offset + match.start(), len(rows), match.start(), match.end())
            for match in re.finditer(r"[^\s|]+(?:[^\S\t\n]?[^\s|]+)*", line)
        ]
        if row:
            rows.append(row)
        offset += len(line) + 1
    return rows


def rows_of(pieces: Sequence[OcrLine]) -> list[list[int]]:
    """Numbers of the pieces of each row from the top, a row's from the left."""
    rows: list[list[int]] = []
    for number in sorted(range(len(pieces)), key=lambda n: (pieces[n].box[1] + pieces[n].box[3], pieces[n].box[0])):
        box = pieces[number].box
        first = pieces[rows[-1][0]].box if rows else None
        if first and (box[1] + box[3] - first[1] - first[3]) / 2 < 0.5 * min(box[3] - box[1], first[3] - first[1]):
            rows[-1].append(number)
        else:
            rows.append([number])
    return [sorted(row, key=lambda n: pieces[n].box[0]) for row in rows]
