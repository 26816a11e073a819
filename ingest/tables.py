"""Title+abstract tables, as Hugging Face data sets and PubMed exports have them, and BEIR folders."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from textwrap import shorten

from ingest.clean import one_line
from ingest.errors import UnreadableSource
from ingest.fields import as_authors, as_doi, as_list, as_pmid, as_text, as_year, pubmed_url
from ingest.records import Block, Document, Metadata, Skipped, make_document
from ingest.rows import Row, stream_rows

# Column names in small letters without spaces and underscores, by the field they fill, best first.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("abstract", "abstracttext", "text", "body", "contents", "content", "passage"),
    "title": ("title", "articletitle", "papertitle", "headline"),
    "pmid": ("pmid", "pubmedid", "pubmed"),
    "id": ("id", "docid", "documentid", "articleid", "uid"),
    "pmcid": ("pmcid", "pmc"),
    "doi": ("doi",),
    "journal": ("journal", "journaltitle", "journalname", "venue"),
    "year": ("year", "pubyear", "publicationyear", "pubdate", "publicationdate", "datepublished", "date"),
    "authors": ("authors", "authorlist", "author"),
    "mesh": ("mesh", "meshterms", "meshheadings", "meshmajor", "meshlist"),
    "publication_types": ("publicationtypes", "publicationtype", "pubtypes", "pubtype"),
    "licence": ("licence", "license"),
    "url": ("url", "link", "sourceurl"),
    "language": ("language", "lang"),
}
_ROWS_TO_FIT = 50
_MAX_TITLE_CHARS = 80

_LABEL_WORDS = """
aim aims approach background case conclusion conclusions context data design diagnosis discussion evidence experimental
findings funding hypothesis impact implications importance interpretation intervention interventions introduction
limitations main materials measurement measurements method methodology methods objective objectives outcome outcomes
participants patients problem purpose question rationale registration report result results setting settings
significance statement subjects summary unlabelled
"""
_LABELS = frozenset(_LABEL_WORDS.split())
_LABEL = re.compile(r"(?:^|(?<=[.!?)\]])\s*|\n\s*)(?P<label>[A-Z][A-Z]+(?:[ /&,]{1,3}(?:[A-Z]+|\([A-Z]+\))){0,6}):\s*")


def read_table(path: Path, *, fetched: str) -> Iterator[Document | Skipped]:
    """Read a table of titles and abstracts (CSV, TSV, JSON, JSON Lines, Parquet; gzipped too), row by row.

    Columns are known by many names (`COLUMNS`), whatever their case; others are left alone. Upper-case labels
    of a structured abstract ("METHODS: …") become sections. A number in a column called just "id" is no
    PMID unless it is written as one ("PMID:123"), for most tables count their rows there.

    Yields:
        a document per row, with origin "file#row" counted from 1 without the header; or a `Skipped`.

    Raises:
        UnreadableSource: if the file cannot be read, or its first 50 rows have no column of text; the message
            lists the columns found and those looked for.
    """
    rows = stream_rows(path)
    first = list(islice(rows, _ROWS_TO_FIT))
    _check_columns(path, first)
    for number, row in chain(first, rows):
        origin = f"{path}#{number}"
        yield Skipped(origin, row) if isinstance(row, str) else _document(row, origin=origin, fetched=fetched)


def is_beir(folder: Path) -> bool:
    """Whether this is a BEIR folder: it holds corpus.jsonl or corpus.jsonl.gz."""
    return _corpus(folder) is not None


def _corpus(folder: Path) -> Path | None:
    names = (folder / "corpus.jsonl", folder / "corpus.jsonl.gz")
    return next((path for path in names if path.is_file()), None)


def read_beir(folder: Path, *, fetched: str) -> Iterator[Document | Skipped]:
    """Read the corpus of a BEIR folder (`_id`, `title`, `text`, perhaps `metadata`).

    The origin is "folder#_id", so that an evaluation finds its documents again. An `_id` is not taken for a
    PMID: the text may be a snippet, and must not replace the abstract. `metadata.pmid` is taken for one.

    Raises:
        UnreadableSource: if the folder has no corpus, or that cannot be read.
    """
    corpus = _corpus(folder)
    if corpus is None:
        raise UnreadableSource(f"{folder}: no corpus.jsonl or corpus.jsonl.gz in it")
    for number, row in stream_rows(corpus):
        if isinstance(row, str):
            yield Skipped(f"{corpus}#{number}", row)
            continue
        more = row.get("metadata")
        # A document of a title alone is judged like any other, so its title stands for its text.
        text = row.get("text") if as_text(row.get("text")) else row.get("title")
        fields = {**(more if isinstance(more, dict) else {}), "title": row.get("title"), "text": text}
        identity = as_text(row.get("_id"))
        if identity is None:
            yield Skipped(f"{corpus}#{number}", "no _id")
        else:
            yield _document(fields, origin=f"{folder}#{identity}", fetched=fetched)


def _check_columns(path: Path, first: Iterable[tuple[int, Row | str]]) -> None:
    rows = [row for _, row in first if isinstance(row, dict)]
    if any("text" in _columns(tuple(row)) for row in rows):
        return
    reason = next((row for _, row in first if isinstance(row, str)), "it holds no rows")
    if not rows:
        raise UnreadableSource(f"{path}: no row of a table could be read: {reason}")
    found = ", ".join(sorted({str(name)[:40] for row in rows for name in row})[:40])
    raise UnreadableSource(
        f"{path}: no column of text; found {found}; looked for {', '.join(COLUMNS['text'])}",
        hint="Rename the column with the abstracts to `abstract`, that with the titles to `title`.",
    )


@lru_cache(maxsize=64)
def _columns(names: tuple[str, ...]) -> dict[str, str]:
    """Field to the name of its column, for the fields that a table has."""
    plain = {re.sub(r"[^a-z]", "", str(name).casefold()): name for name in reversed(names)}
    chosen = {field: next((plain[name] for name in known if name in plain), None) for field, known in COLUMNS.items()}
    return {field: name for field, name in chosen.items() if name is not None}


def _document(row: Row, *, origin: str, fetched: str) -> Document | Skipped:
    columns = _columns(tuple(row))
    fields = {field: row.get(name) for field, name in columns.items()}
    blocks = list(_blocks(fields.get("text")))
    if not blocks:
        return Skipped(origin, "no text")
    return make_document(_metadata(fields, blocks, fetched), blocks, kind="abstract", origin=origin)


def _metadata(fields: Mapping[str, object], blocks: list[Block], fetched: str) -> Metadata:
    pmid = as_pmid(fields.get("pmid"))
    written = as_text(fields.get("id")) or ""
    if pmid is None and not written.replace(".", "").isdecimal():
        pmid = as_pmid(written)
    title = one_line(as_text(fields.get("title")) or "")
    return Metadata(
        title=title or shorten(blocks[0].text, _MAX_TITLE_CHARS, placeholder="…"),
        authors=as_authors(fields.get("authors")),
        journal=as_text(fields.get("journal")),
        year=as_year(fields.get("year")),
        pmid=pmid,
        doi=as_doi(fields.get("doi")),
        pmcid=as_text(fields.get("pmcid")),
        publication_types=as_list(fields.get("publication_types")),
        mesh=as_list(fields.get("mesh")),
        licence=as_text(fields.get("licence")),
        url=as_text(fields.get("url")) or (pubmed_url(pmid) if pmid else None),
        fetched=fetched,
        language=as_text(fields.get("language")),
    )


def _blocks(value: object) -> Iterator[Block]:
    """An abstract, or a list of its paragraphs, as blocks with the sections that its labels open."""
    parts = value if isinstance(value, list) else [value]
    for part in parts:
        text = "" if part is None or isinstance(part, (dict, list)) else str(part)
        for section, words in _labelled(text):
            line = one_line(words)
            if any(c.isalnum() for c in line) and line.casefold() not in ("none", "nan", "null", "n/a"):
                yield Block(line, section=section)


def _labelled(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    start, section = 0, tuple[str, ...]()
    for match in _LABEL.finditer(text):
        words = re.findall(r"[a-z]+", match["label"].casefold())
        if not _LABELS.intersection(words):
            continue  # capitals that are no label: "AML: …"
        yield section, text[start : match.start()]
        start, section = match.end(), () if words == ["unlabelled"] else (match["label"].capitalize(),)
    yield section, text[start:]
