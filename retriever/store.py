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
from retriever.errors import IndexBroken
from retriever.lexical import Mask
from retriever.records import Filters

_SCHEMA = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, doc_id TEXT UNIQUE, kind TEXT, meta TEXT, marks TEXT, spans TEXT, origins TEXT,
    year INTEGER, retracted INTEGER, types TEXT);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, passage_id TEXT UNIQUE, document INTEGER REFERENCES documents, ordinal INTEGER,
    start INTEGER, "end" INTEGER, text TEXT, section TEXT, page INTEGER, box TEXT);
CREATE INDEX passages_of_a_document ON passages (document);
"""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document without its text. `pages` are (start, end, page, box) of its blocks, for sources with pages."""

    doc_id: str
    kind: str
    meta: Metadata
    marks: tuple[Mark, ...]
    pages: tuple[tuple[int, int, int, tuple[float, float, float, float] | None], ...]
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its row in the index and its document."""

    row: int
    passage: Passage
    document: StoredDocument


def write_store(documents: Iterable[tuple[Document, Sequence[Passage], Sequence[str]]], file: Path) -> int:
    """Write documents with their passages; rows count from 0 in the order given.

    Returns:
        The number of passages.
    """
    row = 0
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(_SCHEMA)
        for number, (document, passages, origins) in enumerate(documents):
            database.execute(
                "INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?,?)", _document_row(number, document, origins)
            )
            database.executemany(
                "INSERT INTO passages VALUES (?,?,?,?,?,?,?,?,?,?)",
                [_passage_row(row + offset, number, passage) for offset, passage in enumerate(passages)],
            )
            row += len(passages)
    return row


def _document_row(number: int, document: Document, origins: Sequence[str]) -> tuple[object, ...]:
    meta = document.meta
    pages = [(s.start, s.end, s.page, s.box) for s in document.spans if s.page is not None]
    return (
        number,
        document.doc_id,
        document.kind,
        json.dumps(asdict(meta)),
        json.dumps([(mark.offset, mark.n) for mark in document.marks]),
        json.dumps(pages),
        json.dumps(list(origins)),
        meta.year,
        int(meta.retracted),
        json.dumps([kind.casefold() for kind in meta.publication_types]),
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
        self._any_retracted = bool(self._query("SELECT 1 FROM documents WHERE retracted LIMIT 1"))
        self.passages = int(self._query("SELECT count(*) FROM passages")[0][0])
        self.documents = int(self._query("SELECT count(*) FROM documents")[0][0])

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

    def rows(self, wanted: Sequence[int]) -> list[StoredPassage]:
        """The passages at these rows, in the order asked for."""
        found = self._query(f"{_SELECT} WHERE p.row IN (SELECT value FROM json_each(?))", (json.dumps(list(wanted)),))
        by_row = {record[0]: _stored(record) for record in found}
        return [by_row[row] for row in wanted]

    def passage(self, passage_id: str) -> StoredPassage | None:
        """A passage by its id, or None."""
        found = self._query(f"{_SELECT} WHERE p.passage_id = ?", (passage_id,))
        return _stored(found[0]) if found else None

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

    def allowed(self, filters: Filters) -> Mask | None:
        """Which rows pass the filters, shape (n_passages,); None when all do. An empty match is all False."""
        conditions, values = _conditions(filters)
        if filters.retracted or not self._any_retracted:
            conditions = [c for c in conditions if c != "NOT d.retracted"]
        if not conditions:
            return None
        found = self._query(
            f"SELECT p.row FROM passages p JOIN documents d ON d.number = p.document WHERE {' AND '.join(conditions)}",
            values,
        )
        mask = np.zeros(self.passages, np.bool_)
        mask[[row for (row,) in found]] = True
        return mask


_SELECT = """SELECT p.row, p.passage_id, d.doc_id, p.ordinal, p.start, p."end", p.text, p.section, p.page, p.box,
d.kind, d.meta, d.marks, d.spans, d.origins FROM passages p JOIN documents d ON d.number = p.document"""


def _conditions(filters: Filters) -> tuple[list[str], list[object]]:
    conditions, values = ["NOT d.retracted"], list[object]()
    for clause, bound in (("d.year >= ?", filters.year_from), ("d.year <= ?", filters.year_to)):
        if bound is not None:
            conditions.append(clause)
            values.append(min(max(bound, 0), 9999))  # SQLite takes no integer beyond 64 bits
    if filters.doc_ids:
        conditions.append("d.doc_id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(filters.doc_ids))
    if filters.types:
        conditions.append("EXISTS (SELECT 1 FROM json_each(d.types) WHERE value IN (SELECT value FROM json_each(?)))")
        values.append(json.dumps([kind.casefold() for kind in filters.types]))
    return conditions, values


def _stored(record: Sequence[Any]) -> StoredPassage:
    row, passage_id, doc_id, ordinal, start, end, text, section, page, box, kind, meta, marks, spans, origins = record
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
    )
    return StoredPassage(row, passage, document)
