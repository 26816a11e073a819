"""The values that labels of a report header point to: in the same cell, the one to the right, or the one below."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.privacy.cells import Cell
from ingest.privacy.forms import Removed, find_long_numbers, fold
from ingest.privacy.labels import Label, find_labels, is_head, is_role
from ingest.privacy.names import looks_like_name
from ingest.privacy.places import find_places
from ingest.privacy.results import is_prose, is_result
from ingest.privacy.values import values_of

# Headings and lines without a number stand between the rows of a table.
_TABLE_GAP = 4


@dataclass(frozen=True, slots=True)
class Header:
    """What labels say about a text.

    Attributes:
        removed: values of personal labels.
        timing: places (start, end) whose dates are the sample's or the report's.
        labels: the labels themselves.
        results: rows that hold results, or head them.
        table: these rows and the few between two of them.
    """

    removed: tuple[Removed, ...]
    timing: tuple[tuple[int, int], ...]
    labels: tuple[tuple[int, int], ...]
    results: frozenset[int]
    table: frozenset[int]


def read_header(rows: Sequence[Sequence[Cell]], *, keep: Collection[str], known: Collection[str]) -> Header:
    """Find the values of labels.

    Args:
        rows: the cells of each row, from the left.
        keep: folded words of results: analytes, drugs, genes.
        known: folded words of the language that are no names by themselves.
    """
    return _Reading(rows, keep, known).header()


class _Reading:
    """One text on its way to a `Header`."""

    def __init__(self, rows: Sequence[Sequence[Cell]], keep: Collection[str], known: Collection[str]) -> None:
        self.rows, self.known = rows, known
        self.labels = {id(cell): find_labels(fold(cell.text)) for row in rows for cell in row}
        joined = [fold("  ".join(cell.text for cell in row)) for row in rows]
        self.results = {number for number, row in enumerate(joined) if is_result(row, keep) and not is_prose(row)}
        for number, row in enumerate(rows):
            if sum(is_head(fold(cell.text)) for cell in row) >= min(2, len(row)) and len(row) > 1:
                self.results.add(number)
        self.removed: list[Removed] = []
        self.timing: list[tuple[int, int]] = []

    def header(self) -> Header:
        for row in self.rows:
            for column, cell in enumerate(row):
                self._read(cell, row[column + 1 :])
                self._signer(cell)
        spans = [
            (cell.start + one.start, cell.start + one.end)
            for row in self.rows
            for cell in row
            for one in self.labels[id(cell)]
        ]
        ordered = sorted(self.results)
        gaps = [range(upper, lower) for upper, lower in pairwise(ordered) if lower - upper <= _TABLE_GAP]
        table = frozenset(row for gap in gaps for row in gap) | self.results
        return Header(tuple(self.removed), tuple(self.timing), tuple(spans), frozenset(self.results), table)

    def _read(self, cell: Cell, right: Sequence[Cell]) -> None:
        labels = self.labels[id(cell)]
        if cell.row in self.results:
            labels = [label for label in labels if label.strong and label.colon]
        waiting: list[Label] = []
        for label, following in zip(labels, [*labels, None][1:], strict=True):
            waiting.append(label)
            end = following.start if following else len(cell.text)
            between = cell.text[label.end : end].strip(" .:;/&,*|-–()[]_")
            if between:
                self._take(waiting, cell, label.end, end)
                waiting = []
            elif label.colon and following or not following:
                self._elsewhere(waiting, cell, [] if following else right)
                waiting = []

    def _elsewhere(self, labels: list[Label], cell: Cell, right: Sequence[Cell]) -> None:
        """The value stands to the right, or below where there is none."""
        if right and not self.labels[id(right[0])]:
            taken = right[0]
            self._take(labels, taken, 0, len(taken.text))
            for before, after in zip(right, right[1:], strict=False):
                near = after.x0 - before.x1 < 2.5 * before.letter
                if (
                    not near
                    or self.labels[id(after)]
                    or not any(label.kind in ("name", "address", "number") for label in labels)
                ):
                    break
                self._take(labels, after, 0, len(after.text))
            return
        if below := self._below(cell):
            self._take([_sure(label) for label in labels], below, 0, len(below.text))

    def _below(self, cell: Cell) -> Cell | None:
        depth = 1
        while (under := self._under(cell, depth)) and self._alone(under):
            depth += 1
        if depth > 1 and not self._alone(cell):
            return None
        # Labels one under the other, then their values one under the other.
        above = 0
        while depth > 1 and cell.row - above > 0 and (upper := self._under(cell, -above - 1)) and self._alone(upper):
            above += 1
        under = self._under(cell, depth + above)
        blocked = under is None or under.row in self.results or self.labels[id(under)]
        return None if blocked else under

    def _under(self, cell: Cell, depth: int) -> Cell | None:
        row = cell.row + depth
        if not 0 <= row < len(self.rows):
            return None
        own = self.rows[cell.row]
        if len(own) == len(self.rows[row]) > 1 and all(self._alone(one) for one in own):
            return self.rows[row][[id(one) for one in own].index(id(cell))]
        reach = 2 * cell.letter
        fits = [other for other in self.rows[row] if other.x0 - reach < cell.x1 and other.x1 + reach > cell.x0]
        return min(fits, key=lambda other: abs(other.x0 - cell.x0)) if fits else None

    def _alone(self, cell: Cell) -> bool:
        labels = self.labels[id(cell)]
        return bool(labels) and not cell.text[labels[-1].end :].strip(" .:*-")

    def _signer(self, cell: Cell) -> None:
        """The name above or before a role: "Anita Rao" over "Consultant Pathologist"."""
        if not is_role(fold(cell.text)):
            return
        over = self._under(cell, -1)
        if (
            over
            and over.row not in self.results
            and not self.labels[id(over)]
            and looks_like_name(over.text, self.known)
        ):
            self._add("name", over, [(0, len(over.text))])

    def _take(self, labels: Sequence[Label], cell: Cell, start: int, end: int) -> None:
        text = cell.text[start:end]
        for label in labels:
            if label.kind == "timing":
                self.timing.append((cell.start + start, cell.start + end))
            elif label.kind == "address":
                self._address(label, cell, start, end)
            elif label.kind != "other":
                spans = [(start + first, start + last) for first, last in values_of(label, text, self.known)]
                self._add(label.kind, cell, spans)
                if label.kind == "name" and not spans and label.strong:
                    self._add(
                        "number", cell, [(start + one.start, start + one.end) for one in find_long_numbers(fold(text))]
                    )

    def _address(self, label: Label, cell: Cell, start: int, end: int) -> None:
        text = cell.text[start:end]
        if not label.colon and not re.search(r"\d", text):
            return
        self._add("address", cell, [(start, end)])
        if end < len(cell.text):
            return
        last = cell
        for depth in range(1, 4):
            lines = self.rows[cell.row + depth] if cell.row + depth < len(self.rows) else []
            fits = [other for other in lines if other.x0 < cell.x1 and other.x1 > cell.x0]
            if not fits or cell.row + depth in self.results or self.labels[id(fits[0])]:
                return
            goes_on = last.text.rstrip().endswith((",", "-")) or any(find_places(fits[0].text))
            if not goes_on and abs(fits[0].x0 - (cell.x0 + start * cell.letter)) > 3 * cell.letter:
                return
            self._add("address", fits[0], [(0, len(fits[0].text))])
            last = fits[0]

    def _add(self, kind: str, cell: Cell, spans: Sequence[tuple[int, int]]) -> None:
        for start, end in spans:
            trimmed = cell.text[start:end]
            left = len(trimmed) - len(trimmed.lstrip(" .:;,/|*-–_("))
            right = len(trimmed.rstrip(" :;,/|*-–_"))
            if right > left:
                self.removed.append(Removed(cell.start + start + left, cell.start + start + right, kind))  # type: ignore[arg-type]


def _sure(label: Label) -> Label:
    """The label for a value that stands under it: its shape has to tell."""
    return Label(label.kind, label.start, label.end, False, label.colon)
