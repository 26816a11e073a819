"""A picture of a PDF page with the quoted words highlighted."""

import threading
from pathlib import Path

import pymupdf

from ingest.errors import BadRequest, UnreadableSource
from ingest.records import Box

_WIDTH_PX = 1000
_MAX_HEIGHT_PX = 3000
_YELLOW = (1.0, 0.9, 0.45)
# MuPDF keeps global state: one PDF at a time in the whole process.
MUPDF = threading.Lock()


def page_image(path: Path, *, page: int, quote: str, box: Box | None) -> bytes:
    """Render a page as PNG, at most 1000 by 3000 pixels.

    The words of `quote` are highlighted where they are found on the page, else `box` (x0, y0, x1, y1 in
    points from the top left).

    Raises:
        BadRequest: if the document has no such page.
        UnreadableSource: if MuPDF cannot read the file.
    """
    with MUPDF:
        try:
            with pymupdf.open(path, filetype="pdf") as document:
                if not 1 <= page <= document.page_count:
                    raise BadRequest(f"The document has no page {page}.")
                return _render(document[page - 1], quote=quote, box=box)
        except (RuntimeError, ValueError, OSError, pymupdf.mupdf.FzErrorBase) as error:
            raise UnreadableSource("The stored PDF cannot be drawn.") from error


def _render(page: pymupdf.Page, *, quote: str, box: Box | None) -> bytes:
    found = page.search_for(quote, quads=True) if quote.strip() else []
    for area in found or ([pymupdf.Rect(box).quad] if box else []):
        highlight = page.add_highlight_annot(area)
        highlight.set_colors(stroke=_YELLOW)
        highlight.update()
    zoom = min(_WIDTH_PX / page.rect.width, _MAX_HEIGHT_PX / page.rect.height)
    return bytes(page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False).tobytes("png"))
