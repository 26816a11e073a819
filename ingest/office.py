"""DOCX files as documents, through python-docx."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.document import Document as Docx
from docx.opc.exceptions import OpcError
from docx.oxml.exceptions import InvalidXmlError
from docx.table import Table
from docx.text.hyperlink import Hyperlink
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from lxml.etree import LxmlError

from ingest.clean import one_line, superscript
from ingest.errors import UnreadableSource
from ingest.fields import as_authors, as_text
from ingest.outline import Outline, table_row
from ingest.rawfile import check_readable
from ingest.records import Block, BlockKind, Document, Metadata, make_document

MAX_PARTS = 5_000
MAX_XML_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 500_000_000

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
# What zipfile, lxml and python-docx are seen to raise on damaged archives and parts.
_BROKEN: tuple[type[Exception], ...] = (
    OpcError,
    InvalidXmlError,
    LxmlError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    LookupError,
    ValueError,
    AttributeError,
    TypeError,
    OSError,
    EOFError,
    RuntimeError,
)


def read_docx(path: Path, *, fetched: str) -> Document:
    """Read a Word file: headings by style, paragraphs, lists, table rows; metadata from its properties.

    Raises:
        UnreadableSource: if the file cannot be read, is no DOCX or broken, holds no text, or unpacks to more
            than 50 MB of XML or 500 MB in all.
    """
    origin = str(path)
    check_readable(path)
    try:
        _check_sizes(path)
        document = docx.Document(str(path))
        outline = Outline()
        blocks = list(_blocks(document, outline))
        meta = _metadata(document, path, fetched)
    except _BROKEN as error:
        raise UnreadableSource(f"{origin}: no DOCX, or broken ({type(error).__name__}: {error})") from error
    if not meta.title:
        first = next((block.text for block in blocks if block.kind == "heading"), None)
        title = first or path.stem.replace("_", " ").replace("-", " ")
        meta = Metadata(title, meta.authors, year=meta.year, fetched=fetched, language=meta.language)
    try:
        return make_document(meta, blocks, kind="office", origin=origin)
    except ValueError as error:
        raise UnreadableSource(f"{origin}: holds no text") from error


def _check_sizes(path: Path) -> None:
    # zipfile never unpacks more than the size that the directory states, so the stated sizes bound it.
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    xml = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    if len(parts) > MAX_PARTS or xml > MAX_XML_BYTES or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise UnreadableSource(
            f"{path}: unpacks to {xml / 1e6:.0f} MB of XML in {len(parts)} parts, more than a document holds"
        )


def _metadata(document: Docx, path: Path, fetched: str) -> Metadata:
    properties = document.core_properties
    day = properties.modified or properties.created
    return Metadata(
        title=one_line(properties.title or ""),
        authors=as_authors(properties.author),
        year=day.year if day else None,
        fetched=fetched,
        language=as_text(properties.language),
    )


def _blocks(document: Docx, outline: Outline) -> Iterator[Block]:
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            yield from _rows(item, outline)
        else:
            yield from _paragraph(item, outline)


def _paragraph(paragraph: Paragraph, outline: Outline) -> Iterator[Block]:
    text = _text(paragraph)
    if not any(c.isalnum() for c in text):
        return
    style = (paragraph.style.name if paragraph.style is not None else None) or ""
    heading = _HEADING.match(style)
    if heading:
        yield outline.heading(text, int(heading[1]))
    elif style == "Title":
        yield Block(text, "heading")
    else:
        properties = paragraph._p.pPr  # python-docx has no public way to ask for numbering
        listed = style.startswith("List") or (properties is not None and properties.numPr is not None)
        kind: BlockKind = "list" if listed else "caption" if style == "Caption" else "paragraph"
        yield Block(text, kind, outline.path)


def _text(paragraph: Paragraph) -> str:
    parts: list[str] = []
    for item in paragraph.iter_inner_content():
        runs = item.runs if isinstance(item, Hyperlink) else [item]
        parts += [_raised(run) for run in runs]
    return one_line("".join(parts))


def _raised(run: Run) -> str:
    return superscript(run.text) if run.font.superscript else run.text


def _rows(table: Table, outline: Outline) -> Iterator[Block]:
    header: list[str] = []
    for place, row in enumerate(table.rows):
        cells: list[str] = []
        seen: list[object] = []
        for cell in row.cells:
            if cell._tc in seen:
                continue  # a merged cell is listed once for every column it spans
            seen.append(cell._tc)
            cells.append(one_line(" ".join(_text(paragraph) for paragraph in cell.paragraphs)))
        if place == 0 and len(table.rows) > 1:
            header = cells
            continue
        text = table_row(header, cells)
        if text:
            yield Block(text, "table", outline.path)
