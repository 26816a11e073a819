"""Pages for the tests of reading: cells at given columns, one line of text 20 high every 30."""

from collections.abc import Sequence

import numpy as np

from ingest.ocr import OcrLine
from ingest.pages import ReadPage

LETTER = 10.0
PITCH = 30.0
HEIGHT = 20.0


def cells(*rows: Sequence[tuple[float, str]], confidence: float = 0.99, top: float = 100.0) -> list[OcrLine]:
    """Pieces at (x, text) in each row."""
    return [
        OcrLine(text, confidence, (x, top + n * PITCH, x + LETTER * len(text), top + n * PITCH + HEIGHT))
        for n, row in enumerate(rows)
        for x, text in row
    ]


def table(at: Sequence[float], *rows: Sequence[str]) -> list[OcrLine]:
    """Pieces of a table with columns at these places; "" leaves a cell empty."""
    return cells(*([(x, text) for x, text in zip(at, row, strict=True) if text] for row in rows))


def page(pieces: Sequence[OcrLine], *, number: int = 1, source: str = "text") -> ReadPage:
    """A page of 1000 x 2000 with these pieces."""
    return ReadPage(
        number=number,
        width=1000.0,
        height=2000.0,
        pieces=tuple(pieces),
        source="ocr" if source == "ocr" else "text",
        image=np.zeros((1, 1, 3), np.uint8),
        engine=source,
    )
