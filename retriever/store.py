"""The passages of an index version, by row, with what is shown of their documents (SQLite, read-only once built)."""

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ingest.records import Document, Mark, Metadata, Passage
from ingest.stored import metadata_from
from retriever.columns import Columns, ColumnsWriter, Facet
from retriever.errors import IndexBroken
from retriever.evidence import evidence_of
from retriever.facets import diseases_of, language_code
from retriever.lexical import Mask
from retriever.postings import damage_named
from retriever.records import Evidence, Filters

_SCHEMA = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, doc_id TEXT UNIQUE, kind TEXT, meta TEXT, marks TEXT, spans TEXT, origins TEXT,
    first_row INTEGER, passages INTEGER, evidence TEXT, diseases TEXT);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, passage_id TEXT UNIQUE, document INTEGER REFERENCES documents, ordinal INTEGER,
    start INTEGER, "end" INTEGER, text TEXT, section TEXT, page INTEGER, box TEXT);
"""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document without its text. `pages` are (start, end, page, box) of its blocks, for sources with pages.

    `evidence` and `diseases` (keys of `retriever/tables/disease_filters.toml`) are what the build found it to be.
    """

    doc_id: str
    kind: str
    meta: Metadata
    marks: tuple[Mark, ...]
    pages: tuple[tuple[int, int, int, tuple[float, float, float, float] | None], ...]
    origins: tuple[str, ...]
    evidence: Evidence = Evidence()
    diseases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its row in the index and its document."""

    row: int
    passage: Passage
    document: StoredDocument


def write_store(documents: Iterable[tuple[Document, Sequence[Passage], Sequence[str]]], file: Path) -> int:
    """Write documents with their passages, and beside them a folder `passages.columns`; rows count from 0 in order.

    Returns:
        The number of passages.
    """
    row, columns = 0, ColumnsWriter()
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(_SCHEMA)
        for number, (document, passages, origins) in enumerate(documents):
            evidence = evidence_of(document)
            diseases = diseases_of(document.meta.title, document.meta.mesh, document.text)
            described = _document_row(number, document, origins)
            database.execute(
                "INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (*described, row, len(passages), evidence.model_dump_json(), json.dumps(diseases)),
            )
            database.executemany(
                "INSERT INTO passages VALUES (?,?,?,?,?,?,?,?,?,?)",
                [_passage_row(row + offset, number, passage) for offset, passage in enumerate(passages)],
            )
            facets = _facets(document, evidence, diseases)
            columns.add(passages=len(passages), year=document.meta.year, values=facets)
            row += len(passages)
    columns.write(_columns_folder(file))
    return row


def _columns_folder(file: Path) -> Path:
    return file.with_suffix(".columns")


def _facets(document: Document, evidence: Evidence, diseases: Sequence[str]) -> dict[Facet, Sequence[str]]:
    meta = document.meta
    language = language_code(meta.language)
    return {
        "types": [name.casefold() for name in meta.publication_types],
        "diseases": diseases,
        "audience": ("clinician", "patient") if meta.audience == "both" else _present(meta.audience),
        "language": _present(language),
        "source": [document.kind],
        "evidence": [evidence.kind],
        "retracted": _present("yes" if meta.retracted else None),
    }


def _present(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _document_row(number: int, document: Document, origins: Sequence[str]) -> tuple[object, ...]:
    pages = [(s.start, s.end, s.page, s.box) for s in document.spans if s.page is not None]
    return (
        number,
        document.doc_id,
        document.kind,
        json.dumps(asdict(document.meta)),
        json.dumps([(mark.offset, mark.n) for mark in document.marks]),
        json.dumps(pages),
        json.dumps(list(origins)),
    )


def _passage_row(row: int, number: int, passage: Passage) -> tuple[object, ...]:
    section, box = json.dumps(passage.section), json.dumps(passage.box)
    return (
        row, passage.passage_id, number, passage.ordinal, passage.start, passage.end, passage.text, section,
        passage.page, box,
    )  # fmt: skip


class PassageStore:
    """Passages opened for reading; safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        """Open a store that `write_store` made.

        Raises:
            IndexBroken: here or later, if it is damaged.
        """
        try:
            self._database = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise IndexBroken(f"{file} cannot be opened: {error}") from error
        # A store that is left behind while another thread may still read it is closed once nobody holds it.
        weakref.finalize(self, self._database.close)
        self._file = file
        self._lock = threading.Lock()
        self.columns = Columns(_columns_folder(file))
        self.passages, self.documents = self.columns.passages, self.columns.documents
        # Not count(*), which reads every page of the file.
        last = self._query("SELECT (SELECT max(row) FROM passages), (SELECT max(number) FROM documents)")[0]
        if [-1 if number is None else number for number in last] != [self.passages - 1, self.documents - 1]:
            raise IndexBroken(f"{file} and its columns do not fit together")
        self._last_mask: tuple[Filters, Mask | None] | None = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _query(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        with self._lock:
            try:
                return self._database.execute(sql, parameters).fetchall()
            except sqlite3.Error as error:
                raise IndexBroken(f"{self._file} is damaged: {error}") from error

    def _read(self, records: Iterable[Sequence[Any]]) -> list[StoredPassage]:
        with damage_named(self._file):
            return [_stored(record) for record in records]

    def rows(self, wanted: Sequence[int]) -> list[StoredPassage]:
        """The passages at these rows, in the order asked for."""
        found = self._query(f"{_SELECT} WHERE p.row IN (SELECT value FROM json_each(?))", (json.dumps(list(wanted)),))
        by_row = {item.row: item for item in self._read(found)}
        try:
            return [by_row[row] for row in wanted]
        except KeyError as error:
            raise IndexBroken(f"{self._file} has no passage {error}") from error

    def passage(self, passage_id: str) -> StoredPassage | None:
        """A passage by its id, or None."""
        found = self._query(f"{_SELECT} WHERE p.passage_id = ?", (passage_id,))
        return self._read(found)[0] if found else None

    def has_document(self, doc_id: str) -> bool:
        """Whether a document is in this version."""
        return bool(self._query("SELECT 1 FROM documents WHERE doc_id = ?", (doc_id,)))

    def texts(self) -> Iterator[tuple[str, tuple[str, ...], str]]:
        """(title, section, text) of every passage, by row."""
        for meta, section, text in self._query(
            "SELECT d.meta, p.section, p.text FROM passages p JOIN documents d ON d.number = p.document ORDER BY p.row"
        ):
            yield json.loads(meta)["title"], tuple(json.loads(section)), text

    def passage_ids(self) -> list[tuple[str, str]]:
        """(passage id, document id) of every passage, by row."""
        return self._query(
            "SELECT p.passage_id, d.doc_id FROM passages p JOIN documents d ON d.number = p.document ORDER BY p.row"
        )

    def neighbours(self, passage_id: str, *, before: int = 1, after: int = 1) -> list[StoredPassage]:
        """The passages around one in its document, in order, itself left out; none for an unknown id.

        Args:
            passage_id: the passage.
            before: how many before it, at most.
            after: how many after it, at most.
        """
        found = self._query(
            f"""{_SELECT} JOIN passages here ON here.passage_id = ? AND p.document = here.document
            WHERE p.row BETWEEN here.row - ? AND here.row + ? AND p.row != here.row ORDER BY p.row""",
            (passage_id, max(before, 0), max(after, 0)),
        )
        return self._read(found)

    def evidence(self, rows: Sequence[int]) -> list[Evidence]:
        """Kind and year alone of the documents of these rows, from memory: what `retriever.evidence.prior` needs.

        Raises:
            IndexBroken: if the columns are damaged.
        """
        kinds, years = self.columns.of(rows, "evidence"), self.columns.years(rows)
        with damage_named(_columns_folder(self._file)):
            return [
                Evidence.model_validate({"kind": kind, "year": year})
                for (kind,), year in zip(kinds, years, strict=True)
            ]

    def allowed(self, filters: Filters) -> Mask | None:
        """Which rows pass the filters, shape (n_passages,), not to be written to; None when all do.

        An empty match is all False. What a document lacks fails the condition.

        Raises:
            IndexBroken: if the columns are damaged.
        """
        last = self._last_mask
        if last is None or last[0] != filters:
            last = (filters, self._allowed(filters))
            self._last_mask = last
        return last[1]

    def _allowed(self, filters: Filters) -> Mask | None:
        mask = self.columns.meeting(filters)
        if filters.doc_ids:
            mask = self._of_documents(filters.doc_ids) & (True if mask is None else mask)
        if mask is None or mask.all():
            return None
        mask.setflags(write=False)
        return mask

    def _of_documents(self, doc_ids: Sequence[str]) -> Mask:
        mask: Mask = np.zeros(self.passages, np.bool_)
        for first, passages in self._query(
            "SELECT first_row, passages FROM documents WHERE doc_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(doc_ids)),),
        ):
            with damage_named(self._file):
                mask[first : first + passages] = True
        return mask


_SELECT = """SELECT p.row, p.passage_id, d.doc_id, p.ordinal, p.start, p."end", p.text, p.section, p.page, p.box,
d.kind, d.meta, d.marks, d.spans, d.origins, d.evidence, d.diseases
FROM passages p JOIN documents d ON d.number = p.document"""


def _stored(record: Sequence[Any]) -> StoredPassage:
    row, passage_id, doc_id, ordinal, start, end, text, section, page, box, *described = record
    kind, meta, marks, spans, origins, evidence, diseases = described
    place = json.loads(box)
    passage = Passage(
        passage_id, doc_id, ordinal, start, end, text, tuple(json.loads(section)), page, tuple(place) if place else None
    )
    document = StoredDocument(
        doc_id,
        kind,
        metadata_from(json.loads(meta)),
        tuple(Mark(offset, n) for offset, n in json.loads(marks)),
        tuple((s, e, p, tuple(b) if b else None) for s, e, p, b in json.loads(spans)),
        tuple(json.loads(origins)),
        Evidence.model_validate_json(evidence),
        tuple(json.loads(diseases)),
    )
    return StoredPassage(row, passage, document)
