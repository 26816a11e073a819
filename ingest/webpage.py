"""HTML files as documents, through trafilatura: the article without the page around it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import lxml.html
import trafilatura
from lxml.etree import LxmlError, _Element, strip_elements

from ingest.clean import one_line, superscript
from ingest.errors import UnreadableSource
from ingest.fields import as_authors, as_text, as_year
from ingest.outline import Outline, table_row
from ingest.rawfile import decode, read_bytes
from ingest.records import Block, BlockKind, Document, Metadata, make_document

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")
_HEAD_BYTES = 2048
_TEXT_TAGS = frozenset({"p", "quote", "code", "ab"})
_HEADING_TAGS = frozenset({f"h{level}" for level in range(1, 7)})
_PLAIN_TAGS = _HEADING_TAGS | {"p", "li", "blockquote", "pre", "dd", "dt", "figcaption", "td"}
_MAX_DEPTH = 200
# What a reader of the page does not see is not what it says; white on white is not looked for, as white on a dark
# background is read.
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)",
    re.IGNORECASE,
)


def read_html(path: Path, *, fetched: str) -> Document:
    """Read an HTML file: headings, paragraphs, lists and tables of its article.

    Navigation, scripts and page furniture go. Where no article is found, every heading, paragraph, list item
    and cell of the page is taken. Title, authors, year, licence, address and language are those of its head.

    Raises:
        UnreadableSource: if the file cannot be read, is no HTML, or holds no text.
    """
    origin = str(path)
    page = _characters(read_bytes(path), origin=origin)
    try:
        tree = _seen(page)
        for raised in tree.iter("sup"):
            if not len(raised):
                raised.text = superscript(raised.text or "")
        language = as_text(tree.get("lang"))
        found = trafilatura.bare_extraction(
            tree, include_comments=False, include_tables=True, favor_recall=True, with_metadata=True
        )
    except (LxmlError, ValueError, AttributeError, TypeError, RecursionError, LookupError) as error:
        raise UnreadableSource(f"{origin}: HTML that cannot be parsed ({error})") from error
    meta = replace(_metadata(found, path, fetched), language=language)
    body = getattr(found, "body", None)
    outline = Outline(meta.title)
    blocks = list(_article(body, outline)) if body is not None else []
    if not any(block.kind != "heading" for block in blocks):
        blocks = list(_everything(page, Outline(meta.title)))
    try:
        return make_document(meta, blocks, kind="web", origin=origin)
    except ValueError as error:
        raise UnreadableSource(f"{origin}: holds no text") from error


def _characters(raw: bytes, *, origin: str) -> str:
    """Decode a page as it says in its head, else as any text; lxml wants no XML declaration before it."""
    declared = _CHARSET.search(raw[:_HEAD_BYTES])
    try:
        page = raw.decode(declared[1].decode("ascii")) if declared else decode(raw, origin=origin)
    except (LookupError, UnicodeError):
        page = decode(raw, origin=origin)
    return _DECLARATION.sub("", page.lstrip("\ufeff").replace("\0", ""), count=1)


def _seen(page: str) -> lxml.html.HtmlElement:
    """The page without the elements that it hides."""
    tree = lxml.html.document_fromstring(page)
    for element in [found for body in tree.iter("body") for found in body.iterdescendants()]:
        hidden = element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "")
        if hidden and isinstance(element, lxml.html.HtmlElement):
            element.drop_tree()
    return tree


def _metadata(found: object, path: Path, fetched: str) -> Metadata:
    def value(name: str) -> str | None:
        return as_text(getattr(found, name, None))

    return Metadata(
        title=one_line(value("title") or path.stem.replace("_", " ").replace("-", " ")),
        authors=as_authors(value("author")),
        year=as_year(value("date")),
        licence=value("license"),
        url=value("url"),
        fetched=fetched,
    )


def _article(body: _Element, outline: Outline, depth: int = 0) -> Iterator[Block]:
    """The blocks of trafilatura's own XML: head, p, list/item, table/row/cell, quote."""
    for child in body:
        tag = child.tag
        if tag == "head":
            text = _text(child)
            if text:
                yield outline.heading(text, _level(child.get("rend")))
        elif tag == "table":
            yield from _table(child, outline)
        elif tag == "item":
            yield from _block(child, "list", outline)
        elif tag in _TEXT_TAGS:
            yield from _block(child, "paragraph", outline)
        elif depth < _MAX_DEPTH:
            yield from _article(child, outline, depth + 1)


def _level(rend: str | None) -> int:
    digits = (rend or "")[1:2]
    return int(digits) if digits.isdecimal() else 2


def _block(element: _Element, kind: BlockKind, outline: Outline) -> Iterator[Block]:
    text = _text(element)
    if any(c.isalnum() for c in text):
        yield Block(text, kind, outline.path)


def _table(table: _Element, outline: Outline) -> Iterator[Block]:
    header: list[str] = []
    for row in table.iter("row", "tr"):
        cells = [cell for cell in row if cell.tag in ("cell", "td", "th")]
        texts = [_text(cell) for cell in cells]
        if not header and cells and all(cell.get("role") == "head" or cell.tag == "th" for cell in cells):
            header = texts
            continue
        text = table_row(header, texts)
        if text:
            yield Block(text, "table", outline.path)


def _everything(page: str, outline: Outline) -> Iterator[Block]:
    """Every heading, paragraph, item and cell of a page that trafilatura found no article in."""
    tree = _seen(page)
    strip_elements(tree, "script", "style", "head", "template", "noscript", "nav", with_tail=False)
    seen = False
    for element in tree.iter(*_PLAIN_TAGS):
        text = _text(element)
        if not any(c.isalnum() for c in text) or any(child.tag in _PLAIN_TAGS for child in element.iterdescendants()):
            continue
        seen = True
        if element.tag in _HEADING_TAGS:
            yield outline.heading(text, int(str(element.tag)[1]))
        else:
            yield Block(text, "list" if element.tag == "li" else "paragraph", outline.path)
    text = "" if seen else _text(tree)
    if any(c.isalnum() for c in text):
        yield Block(text, "paragraph", outline.path)


def _text(element: _Element) -> str:
    return one_line("".join(str(part) for part in element.itertext() if part))
