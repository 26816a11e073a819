"""HTML laid out on A4 pages by PyMuPDF: the papers that people print or take along."""

import io
from collections.abc import Sequence
from importlib.resources import files

import pymupdf

_MARGINS = (48, 44, -48, -56)
_FOOT = 30
_GREY = (0.35, 0.35, 0.35)


def story_pdf(parts: Sequence[str], *, style: str, title: str, foot: str, archive: pymupdf.Archive) -> bytes:
    """Lay HTML out as a PDF; the same HTML gives the same bytes.

    Args:
        parts: HTML of which each begins a new page; every text in it is escaped by the caller.
        style: what its style sheet has beside story.css, of what MuPDF's stories know of CSS.
        title: of the document.
        foot: stands at the foot of each page after "page 1 of 2.", in Latin script.
        archive: the pictures that `parts` name.
    """
    both = (files("generator") / "story.css").read_text("utf-8") + style
    written = io.BytesIO()
    writer = pymupdf.DocumentWriter(written)
    paper = pymupdf.paper_rect("a4")
    # A page break in the style sheet would do, but MuPDF then lays out the same page for ever.
    for part in filter(None, parts):
        story = pymupdf.Story(f"<body>{part}</body>", user_css=both, archive=archive)
        more = True
        while more:
            page = writer.begin_page(paper)
            more, _ = story.place(paper + _MARGINS)
            story.draw(page)
            writer.end_page()
    writer.close()
    with pymupdf.open("pdf", written.getvalue()) as document:
        for number, page in enumerate(document, 1):
            words = f"{title}, page {number} of {len(document)}. {foot}"
            page.insert_text((_MARGINS[0] + 10, paper.height - _FOOT), words, fontsize=8, fontname="helv", color=_GREY)
        document.set_metadata({"title": title, "producer": "Marrow", "creator": "Marrow"})
        document.set_language("en")
        document.subset_fonts()
        made: bytes = document.tobytes(garbage=4, deflate=True, no_new_id=True)
    return made
