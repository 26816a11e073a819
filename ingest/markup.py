"""Markdown files, with front matter and source marks, as documents."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import lxml.html
from lxml.etree import LxmlError, strip_elements
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.clean import one_line, superscript
from ingest.errors import UnreadableSource
from ingest.frontmatter import read_metadata, split_front_matter
from ingest.outline import Outline, table_row
from ingest.rawfile import read_characters
from ingest.records import Block, Document, DocumentKind, Reference, make_document

_MARK = re.compile(r"\s*\[\^(\d+)\]")
_FOOTNOTE = re.compile(r"^ {0,3}\[\^(\d+)\]:[ \t]*(.+(?:\n(?:[ \t]{2,}\S.*))*)$\n?", re.MULTILINE)
# What is left of a link whose text ran over a blank line, as converters from HTML write it.
_BROKEN_LINK = re.compile(r"\]\((?:/|#|https?:|mailto:)[^\s)]*(?:\s+\"[^\"]*\")?\)|^\[(?=[^\]]*$)")
_MAX_TITLE_CHARS = 150
_HIDDEN_TAGS = ("script", "style", "template", "noscript")


@dataclass(slots=True)
class _Inline:
    """The text of one inline token, and whether anything in it stands outside links."""

    parts: list[str] = field(default_factory=list)
    links: int = 0
    linked: bool = False
    unlinked: bool = False
    raised_from: int | None = None

    def add(self, text: str) -> None:
        self.parts.append(text)
        if any(c.isalnum() for c in text):
            self.linked |= self.links > 0
            self.unlinked |= self.links == 0

    def tag(self, html: str) -> None:
        name = html.lower().lstrip("<").rstrip(" />")
        if name.startswith("br"):
            self.add(" ")
        elif name.startswith("sup") and self.raised_from is None:
            self.raised_from = len(self.parts)
        elif name.startswith("/sup") and self.raised_from is not None:
            self.parts[self.raised_from :] = [superscript("".join(self.parts[self.raised_from :]))]
            self.raised_from = None


def _flatten(token: Token) -> _Inline:
    inline = _Inline()
    for child in token.children or ():
        match child.type:
            case "text" | "text_special" | "code_inline":
                inline.add(child.content)
            case "softbreak" | "hardbreak":
                inline.add(" ")
            case "link_open":
                inline.links += 1
            case "link_close":
                inline.links -= 1
            case "html_inline":
                inline.tag(child.content)
    return inline


def _marked(text: str, **place: object) -> Block:
    """A block of this text without its source marks; `place` holds the block's other fields."""
    parts: list[str] = []
    marks: list[tuple[int, int]] = []
    last = 0
    for match in _MARK.finditer(text):
        parts.append(text[last : match.start()])
        marks.append((sum(map(len, parts)), int(match[1])))
        last = match.end()
    plain = "".join([*parts, text[last:]])
    return replace(Block(text=plain, marks=tuple(marks)), **place)  # type: ignore[arg-type]


def _tidy(inline: _Inline) -> str:
    text = _BROKEN_LINK.sub("", one_line("".join(inline.parts))).strip()
    return text if any(c.isalnum() for c in text) else ""


class _Walk:
    """One pass over the tokens of a file, keeping the headings above and the lists around a block."""

    def __init__(self, title: str | None) -> None:
        self.outline = Outline(title)
        self.level: int | None = None
        self.before = ""
        # One entry per open list: whether it completes a sentence ("Options include the following:").
        self.lists: list[bool] = []

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        position = 0
        while position < len(tokens):
            token = tokens[position]
            if token.type == "table_open":
                end = _closing(tokens, position)
                yield from self._rows(tokens[position:end])
                position = end
            else:
                yield from self._block(token)
            position += 1

    def _block(self, token: Token) -> Iterator[Block]:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self.lists.append(self.before.endswith(":") or any(self.lists))
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
            case "heading_open":
                self.level = int(token.tag[1:])
            case "inline":
                yield from self._inline(_flatten(token))
            case "fence" | "code_block":
                yield from self._plain(token.content)
            case "html_block":
                yield from self._plain(_html_text(token.content))

    def _inline(self, inline: _Inline) -> Iterator[Block]:
        text = _tidy(inline)
        if not text:
            return  # an empty heading waits: converters put its words into the next paragraph
        self.before = text
        level, self.level = self.level, None
        if level is not None and len(text) <= _MAX_TITLE_CHARS:
            yield self.outline.heading(_marked(text).text, level)
        elif inline.unlinked or any(self.lists):
            yield _marked(text, kind="list" if self.lists else "paragraph", section=self.outline.path)

    def _plain(self, text: str) -> Iterator[Block]:
        for part in re.split(r"\n\s*\n", text):
            if any(c.isalnum() for c in part):
                yield _marked(one_line(part), section=self.outline.path)

    def _rows(self, tokens: Sequence[Token]) -> Iterator[Block]:
        header: list[str] = []
        cells: list[str] = []
        for token in tokens:
            if token.type == "tr_open":
                cells = []
            elif token.type == "inline":
                cells.append(_tidy(_flatten(token)))
            elif token.type == "thead_close":
                header = cells
            elif token.type == "tr_close" and header:
                text = table_row(header, cells)
                if text:
                    yield _marked(text, kind="table", section=self.outline.path)


def _closing(tokens: Sequence[Token], start: int) -> int:
    return next(i for i in range(start, len(tokens)) if tokens[i].type == "table_close")


def _html_text(html: str) -> str:
    try:
        tree = lxml.html.fragment_fromstring(html, create_parent="div")
        strip_elements(tree, *_HIDDEN_TAGS, with_tail=False)
    except (LxmlError, ValueError):
        return re.sub(r"<!--.*?(?:-->|\Z)|<[^>]*>", " ", html, flags=re.DOTALL)
    for raised in tree.iter("sup"):
        raised.text = superscript(raised.text or "")
    for line_break in tree.iter("br", "td", "th"):
        line_break.tail = " " + (line_break.tail or "")
    return "".join(str(text) for text in tree.xpath(".//text()[not(parent::comment())]"))


def _footnotes(body: str) -> tuple[str, tuple[Reference, ...]]:
    """Take pandoc footnote definitions with numbers out of a body; their words stand as reference titles."""
    found = {int(match[1]): one_line(match[2]) for match in _FOOTNOTE.finditer(body)}
    references = tuple(Reference(n, title, organisation="") for n, title in found.items() if title)
    return _FOOTNOTE.sub("", body) if found else body, references


def read_markdown(path: Path, *, fetched: str, kind: DocumentKind = "web") -> Document:
    """Read a Markdown file (CommonMark with tables), with or without YAML front matter.

    Headings become section paths; a `#` that repeats the title opens none. A table row becomes
    "Header: value; Header: value". Of links their text is kept, but blocks that are nothing but links go
    (save in a list that completes a sentence), as do images and comments. A source mark `[^1]` leaves the
    text and becomes a mark of its block; it must resolve to an id in `sources` or to a footnote.

    Raises:
        UnreadableSource: if the file cannot be read or holds no text, the front matter is broken (the line is
            named), or a mark resolves to no source (the mark is named).
    """
    origin = str(path)
    head, body = split_front_matter(read_characters(path), origin=origin)
    body, footnotes = _footnotes(body)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)
    meta = read_metadata(head, title="", fetched=fetched, origin=origin)
    blocks = list(_Walk(meta.title or None).blocks(tokens))
    if not meta.title:
        first = next((block.text for block in blocks if block.kind == "heading"), None)
        meta = replace(meta, title=first or path.stem.replace("_", " ").replace("-", " "))
    if not meta.references:
        meta = replace(meta, references=footnotes)
    known = {reference.n for reference in meta.references}
    for block in blocks:
        for _, n in block.marks:
            if n not in known:
                raise UnreadableSource(f"{origin}: the mark [^{n}] has no source")
    try:
        return make_document(meta, blocks, kind=kind, origin=origin)
    except ValueError as error:
        raise UnreadableSource(f"{origin}: holds no text besides links and headings") from error
