"""The registry of documents, passages and where they came from (SQLAlchemy; SQLite by default).

One write of `add_batch` is one transaction: a killed process loses at most the batch in hand, and a rerun
meets the rows already there as duplicates of themselves.
"""

import dataclasses
import hashlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.exc import SQLAlchemyError

from ingest.errors import CatalogError
from ingest.intake import Outcome, Reading, add_document, delete_documents, without_provenance
from ingest.records import Document, Passage
from ingest.schema import Base, DocumentRow, PassageRow, ProvenanceRow, SourceRow
from ingest.stored import document_from, passage_from

# How long a process waits for another that writes.
_BUSY_S = 30


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source (a file or query) ended when it was last read; `stamp` tells whether it has changed."""

    stamp: str
    verdict: str
    reason: str
    documents: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many active documents and passages the catalog holds."""

    documents: int
    passages: int


class Catalog:
    """Documents, passages and provenance in one database."""

    def __init__(self, url: str) -> None:
        """Open the database at `url` (an SQLAlchemy URL) and create what is missing.

        Raises:
            CatalogError: if it cannot be opened or is not a Marrow catalog.
        """
        try:
            self._engine = sa.create_engine(url)
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _use_wal)
            self._create_tables()
        except (SQLAlchemyError, OSError, ImportError) as error:
            raise CatalogError(f"cannot open the catalog at {_without_password(url)}: {_cause(error)}") from error

    def _create_tables(self) -> None:
        with self._engine.begin() as connection:
            if set(Base.metadata.tables) <= set(sa.inspect(connection).get_table_names()):
                return
            if self._engine.dialect.name == "sqlite":
                # Another process may be at it: what was missing must still be missing when it is made.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            Base.metadata.create_all(connection)

    @classmethod
    def at(cls, home: Path) -> "Catalog":
        """Open the SQLite catalog in a data folder, making the folder if need be."""
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CatalogError(f"cannot make {home}: {error.strerror}") from error
        return cls(f"sqlite:///{home / 'catalog.db'}")

    def close(self) -> None:
        """Give the database connections back."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[orm.Session]:
        with self._session() as session:
            if self._engine.dialect.name == "sqlite":
                # What is read to find duplicates must still hold when it is written: a second writer waits here.
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    @contextmanager
    def _session(self) -> Iterator[orm.Session]:
        try:
            with orm.Session(self._engine) as session, session.begin():
                yield session
        except (SQLAlchemyError, OSError) as error:
            raise CatalogError(f"the catalog could not be read or written: {_cause(error)}") from error

    def add_batch(
        self, batch: Sequence[tuple[Document, Sequence[Passage]]], *, run: str, source: str | None = None
    ) -> list[Outcome]:
        """Add documents with their passages in one transaction.

        A document already there, by identifier, by text or nearly by text, gains a provenance row and is a
        "duplicate"; an identifier whose text, passages or metadata have changed is "updated", as is a copy that now
        gains an identifier or comes from a better kind of source. What a source said before it was edited is no copy.

        Args:
            batch: documents, each with all of its passages.
            run: names this reading of the sources; `finish_source` withdraws what older runs left.
            source: the file or query that is read, as `finish_source` is told; by default what stands before the last
                "#" of each document's origin.
        """
        reading = Reading(run, source)
        with self._writing() as session:
            return [add_document(session, document, passages, reading) for document, passages in batch]

    def finish_source(self, origin: str, state: SourceState, *, run: str) -> int:
        """Record how a source ended, and withdraw documents that only its older reading held.

        Returns:
            The number of documents withdrawn.
        """
        with self._writing() as session:
            stale = (ProvenanceRow.source == origin) & (ProvenanceRow.run != run)
            touched = sorted(set(session.scalars(sa.select(ProvenanceRow.doc_id).where(stale))))
            session.execute(sa.delete(ProvenanceRow).where(stale))
            lost = without_provenance(session, touched)
            delete_documents(session, lost)
            session.merge(SourceRow(origin=origin, **dataclasses.asdict(state)))
            return len(lost)

    def note_source(self, origin: str, state: SourceState) -> None:
        """Record how a source ended that broke off; what its older reading held stays."""
        with self._writing() as session:
            session.merge(SourceRow(origin=origin, **dataclasses.asdict(state)))

    def source_state(self, origin: str) -> SourceState | None:
        """How a source ended when it was last read to its end; None if never."""
        with self._session() as session:
            row = session.get(SourceRow, origin)
            return SourceState(row.stamp, row.verdict, row.reason, row.documents) if row else None

    def counts(self) -> Counts:
        """Count documents and passages."""
        with self._session() as session:
            documents = session.scalar(sa.select(sa.func.count()).select_from(DocumentRow)) or 0
            passages = session.scalar(sa.select(sa.func.count()).select_from(PassageRow)) or 0
            return Counts(documents, passages)

    def content_hash(self) -> str:
        """Hex SHA-256 over all document and passage ids and metadata: equal catalogs index alike."""
        digest = hashlib.sha256()
        with self._session() as session:
            for doc_id, revision in session.execute(
                sa.select(DocumentRow.doc_id, DocumentRow.revision).order_by(DocumentRow.doc_id)
            ):
                digest.update(f"{doc_id}\0{revision}\n".encode())
        return digest.hexdigest()

    def documents(self) -> Iterator[tuple[Document, list[Passage], list[str]]]:
        """All documents by id, each with its passages in order and the places it came from."""
        with self._session() as session:
            query = sa.select(DocumentRow).order_by(DocumentRow.doc_id).execution_options(yield_per=200)
            parts = orm.selectinload(DocumentRow.passages), orm.selectinload(DocumentRow.provenance)
            for row in session.scalars(query.options(*parts)):
                origins = sorted({place.origin for place in row.provenance})
                yield document_from(row), [passage_from(passage) for passage in row.passages], origins

    def document(self, doc_id: str) -> Document | None:
        """One document by id, or None."""
        with self._session() as session:
            row = session.get(DocumentRow, doc_id)
            return document_from(row) if row else None


def _use_wal(connection: Any, _record: object) -> None:
    # WAL lets the server read while an ingest writes; NORMAL loses no committed batch when a process is killed.
    for pragma in (f"busy_timeout={_BUSY_S * 1000}", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")
    # Changing a new file to WAL fails at once, whatever the timeout, where another process is just doing so.
    for left in range(_BUSY_S * 20, -1, -1):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if not left or "locked" not in str(error):
                raise
            time.sleep(0.05)


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _without_password(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "the address given"
