"""Small lab reports drawn for the tests: a PDF with a text layer, and the same page as a picture."""

from collections.abc import Sequence
from io import BytesIO

import pymupdf
from PIL import Image

NAME, RECORD = "Quentin Farnsworth", "H40718823"
COUNT: tuple[tuple[str, str, str, str], ...] = (
    ("White blood cells", "23.6", "10^9/L", "4.0 - 11.0"),
    ("Hemoglobin", "10.3", "g/dL", "12.0 - 15.5"),
    ("Platelets", "41", "10^9/L", "150 - 400"),
)
_COLUMNS = (60, 240, 320, 420)


def report_pdf(
    rows: Sequence[tuple[str, str, str, str]] = COUNT, *, collected: str = "12 Mar 2026", head: Sequence[str] = ()
) -> bytes:
    """A report of a made-up woman of 57, as a PDF with a text layer."""
    lines = (
        f"Patient Name: {NAME}",
        f"MRN: {RECORD}",
        "Sex: Female",
        "Age: 57 years",
        f"Collected: {collected}",
        *head,
    )
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((200, 50), "LABORATORY REPORT", fontsize=14)
        for number, line in enumerate(lines):
            page.insert_text((60, 80 + 16 * number), line, fontsize=10)
        top = 110 + 16 * len(lines)
        for number, row in enumerate((("Test", "Result", "Unit", "Reference Range"), *rows)):
            for x, cell in zip(_COLUMNS, row, strict=True):
                page.insert_text((x, top + 22 * number), cell, fontsize=10)
        made: bytes = document.tobytes()
    return made


def report_png(rows: Sequence[tuple[str, str, str, str]] = COUNT) -> bytes:
    """The page of `report_pdf` as a picture at 150 dots per inch."""
    with pymupdf.open("pdf", report_pdf(rows)) as document:
        made: bytes = document[0].get_pixmap(dpi=150).tobytes("png")
    return made


def encrypted_pdf() -> bytes:
    """The report behind a password."""
    with pymupdf.open("pdf", report_pdf()) as document:
        made: bytes = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y")
    return made


def blank_pdf() -> bytes:
    """A page without anything on it."""
    with pymupdf.open() as document:
        document.new_page()
        made: bytes = document.tobytes()
    return made


def plain_png(width: int, height: int) -> bytes:
    """A picture of one colour, a few kilobytes whatever its size."""
    written = BytesIO()
    Image.new("1", (width, height), 1).save(written, "PNG")
    return written.getvalue()


def cat_photo() -> bytes:
    """Something soft and striped without a letter on it."""
    stripes = Image.radial_gradient("L").resize((640, 480)).convert("RGB")
    written = BytesIO()
    stripes.save(written, "JPEG")
    return written.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><text>Hemoglobin 10.3 g/dL</text></svg>'
