"""Documents and passages: what every reader makes and every later stage reads.

A reader yields `Document`s. `Document.text` is the whole text; spans, marks and passages point into it
by character offsets, so that a quote can always be traced back: `passage.text == document.text[start:end]`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list", "table", "caption"]
DocumentKind = Literal["pdf", "pubmed", "abstract", "web", "office", "text", "handbook"]
Audience = Literal["patient", "clinician", "both"]
Box = tuple[float, float, float, float]

BLOCK_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Reference:
    """A public source that statements of a document rest on; `n` is its mark in the text."""

    n: int
    title: str
    organisation: str
    year: int | None = None
    pmid: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a source says about itself; a field it lacks stays empty.

    `fetched` is the ISO day (YYYY-MM-DD) the source was read. `corrections` are notes such as
    "RetractionIn PMID:123"; `retracted` is true when the source says that it was
    withdrawn. `language` is written as the source writes it (PubMed: three letters).
    """

    title: str
    authors: tuple[str, ...] = ()
    journal: str | None = None
    year: int | None = None
    pmid: str | None = None
    doi: str | None = None
    pmcid: str | None = None
    publication_types: tuple[str, ...] = ()
    mesh: tuple[str, ...] = ()
    licence: str | None = None
    url: str | None = None
    fetched: str | None = None
    language: str | None = None
    audience: Audience | None = None
    retracted: bool = False
    corrections: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, table row or caption as a reader found it.

    `section` is the path of headings above it. `page` counts from 1; `box` is (x0, y0, x1, y1) in PDF
    points from the page's top left. `continues` joins a block to the one before it (a paragraph that
    runs over a column or page). `marks` are (offset in text, reference number) pairs.
    """

    text: str
    kind: BlockKind = "paragraph"
    section: tuple[str, ...] = ()
    page: int | None = None
    box: Box | None = None
    continues: bool = False
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Where a block stands in `Document.text`: text[start:end] is the block."""

    start: int
    end: int
    kind: BlockKind
    section: tuple[str, ...]
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A reference mark that stood at `offset` in `Document.text`, right after the words it supports."""

    offset: int
    n: int


@dataclass(frozen=True, slots=True)
class Document:
    """One source with its text. Make it with `make_document`.

    `doc_id` is "PMID:…", "DOI:…" or "sha256:…" (of the text); `content_hash` is the hex SHA-256 of the
    text; `origin` says where this copy came from (a path, or a query).
    """

    doc_id: str
    kind: DocumentKind
    meta: Metadata
    text: str
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    origin: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document that is indexed, retrieved and quoted as one.

    `text == document.text[start:end]`. `section` is the path of headings; `page` and `box` are those of
    its first block (page from 1, points from the top left).
    """

    passage_id: str
    doc_id: str
    ordinal: int
    start: int
    end: int
    text: str
    section: tuple[str, ...] = ()
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, row or record that was not taken in, and the reason in words for its owner."""

    source: str
    reason: str


@dataclass(slots=True)
class _Text:
    """Blocks joined into one text, remembering where each stands."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    spans: list[Span] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def add(self, block: Block) -> None:
        gap = "" if not self.length else (" " if block.continues else BLOCK_GAP)
        start = self.length + len(gap)
        self.parts += [gap, block.text]
        self.length = start + len(block.text)
        self.spans.append(Span(start, self.length, block.kind, block.section, block.page, block.box))
        self.marks += [Mark(start + offset, n) for offset, n in block.marks]


def make_document(meta: Metadata, blocks: Sequence[Block], *, kind: DocumentKind, origin: str) -> Document:
    """Join blocks into a document and give it its id.

    Blocks without text are left out. The id is the PMID where there is one, else the DOI (lower case),
    else the SHA-256 of the text.

    Raises:
        ValueError: if no block has text.
    """
    joined = _Text()
    for block in blocks:
        if block.text.strip():
            joined.add(block)
    text = "".join(joined.parts)
    if not text:
        raise ValueError("a document needs text")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    if meta.pmid:
        doc_id = f"PMID:{meta.pmid}"
    elif meta.doi:
        doc_id = f"DOI:{meta.doi.lower()}"
    else:
        doc_id = f"sha256:{digest}"
    return Document(doc_id, kind, meta, text, tuple(joined.spans), tuple(joined.marks), origin, digest)


def passage_id(doc_id: str, start: int, text: str) -> str:
    """The id of a passage: 20 hex digits of the SHA-256 over document id, start and text."""
    return hashlib.sha256(f"{doc_id}\0{start}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:20]
