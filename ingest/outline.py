"""The outline of a document while it is read: headings above a block, and table rows as lines of text."""

from collections.abc import Sequence

from ingest.records import Block


class Outline:
    """The path of headings above the next block."""

    def __init__(self, title: str | None = None) -> None:
        """Start at the top; a heading of level 1 that repeats `title` will open no section."""
        self._title = _letters(title or "")
        self._open: list[tuple[int, str]] = []

    @property
    def path(self) -> tuple[str, ...]:
        """The headings above, outermost first."""
        return tuple(text for _, text in self._open)

    def heading(self, text: str, level: int) -> Block:
        """Open a section and return its heading as a block; the block's own path is that above it.

        Args:
            text: the heading's words on one line.
            level: 1 for the outermost; sections of this level and deeper are closed.
        """
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        block = Block(text, "heading", self.path)
        if level > 1 or _letters(text) != self._title:
            self._open.append((level, text))
        return block


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def table_row(header: Sequence[str], cells: Sequence[str]) -> str:
    """One row as "Header: value; Header: value", empty cells and rules left out.

    A row with a single filled cell among several columns spans them all: its words stand alone.

    Returns:
        "" for a row without letters and digits.
    """
    filled = [(i, cell) for i, cell in enumerate(cells) if any(c.isalnum() for c in cell)]
    if len(filled) == 1 and max(len(header), len(cells)) > 1:
        return filled[0][1]
    named = ((header[i] if i < len(header) else "", cell) for i, cell in filled)
    return "; ".join(f"{name}: {cell}" if name and name != cell else cell for name, cell in named)
