"""The registry of documents, passages and where they came from (SQLAlchemy; SQLite by default).

One write of `add_batch` is one transaction: a killed process loses at most the batch in hand, and a rerun
meets the rows already there as duplicates of themselves.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.exc import SQLAlchemyError

from ingest.clean import band_keys, fingerprint, near_duplicate
from ingest.errors import CatalogError
from ingest.records import Document, DocumentKind, Mark, Metadata, Passage, Reference, Span
from ingest.schema import BandRow, Base, DocumentRow, PassageRow, ProvenanceRow, SourceRow

Verdict = Literal["ingested", "updated", "duplicate"]
# A later reading of the same identifier replaces an earlier one only from an equal or better kind of source.
KIND_RANK: dict[str, int] = {"pubmed": 3, "handbook": 3, "pdf": 2, "web": 2, "office": 2, "text": 2, "abstract": 1}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document: `doc_id` is the document that now holds its text."""

    verdict: Verdict
    doc_id: str


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
            Base.metadata.create_all(self._engine)
        except (SQLAlchemyError, OSError) as error:
            raise CatalogError(f"cannot open the catalog at {url}: {_cause(error)}") from error

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
    def _session(self) -> Iterator[orm.Session]:
        try:
            with orm.Session(self._engine) as session, session.begin():
                yield session
        except (SQLAlchemyError, OSError) as error:
            raise CatalogError(f"the catalog could not be read or written: {_cause(error)}") from error

    def add_batch(self, batch: Sequence[tuple[Document, Sequence[Passage]]], *, run: str) -> list[Outcome]:
        """Add documents with their passages in one transaction.

        A document already there, by identifier, by text or nearly by text, gains a provenance row and is a
        "duplicate"; an identifier whose text or metadata has changed is "updated".

        Args:
            batch: documents, each with all of its passages.
            run: names this reading of the sources; `finish_source` withdraws what older runs left.
        """
        with self._session() as session:
            return [_add(session, document, passages, run) for document, passages in batch]

    def finish_source(self, origin: str, state: SourceState, *, run: str) -> int:
        """Record how a source ended, and withdraw documents that only its older reading held.

        Returns:
            The number of documents withdrawn.
        """
        with self._session() as session:
            stale = (ProvenanceRow.source == origin) & (ProvenanceRow.run != run)
            lost = set(session.scalars(sa.select(ProvenanceRow.doc_id).where(stale)))
            session.execute(sa.delete(ProvenanceRow).where(stale))
            kept = set(session.scalars(sa.select(ProvenanceRow.doc_id).where(ProvenanceRow.doc_id.in_(lost))))
            _delete_documents(session, sorted(lost - kept))
            session.merge(SourceRow(origin=origin, **dataclasses.asdict(state)))
            return len(lost - kept)

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
            for row in session.scalars(query.options(orm.selectinload(DocumentRow.passages))):
                yield _document(row), [_passage(p) for p in row.passages], sorted({p.origin for p in row.provenance})

    def document(self, doc_id: str) -> Document | None:
        """One document by id, or None."""
        with self._session() as session:
            row = session.get(DocumentRow, doc_id)
            return _document(row) if row else None


def _use_wal(connection: Any, _record: object) -> None:
    # WAL lets the server read while an ingest writes; NORMAL loses no committed batch when a process is killed.
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _add(session: orm.Session, document: Document, passages: Sequence[Passage], run: str) -> Outcome:
    known = session.get(DocumentRow, document.doc_id)
    if known is not None:
        verdict: Verdict = "duplicate"
        if known.revision != _revision(document) and KIND_RANK[document.kind] >= KIND_RANK[known.kind]:
            _replace(session, document, passages)
            verdict = "updated"
        _note_provenance(session, document.doc_id, document, run)
        return Outcome(verdict, document.doc_id)
    bands = band_keys(document.text)
    twin = _twin(session, document, bands)
    if twin is not None:
        _note_provenance(session, twin, document, run)
        return Outcome("duplicate", twin)
    _insert(session, document, passages, bands)
    _note_provenance(session, document.doc_id, document, run)
    return Outcome("ingested", document.doc_id)


def _twin(session: orm.Session, document: Document, bands: Sequence[int]) -> str | None:
    """The id of a document with the same or nearly the same text, if there is one."""
    same = sa.select(DocumentRow.doc_id).where(DocumentRow.fingerprint == fingerprint(document.text))
    exact = session.scalars(same.order_by(DocumentRow.doc_id)).first()
    if exact is not None:
        return exact
    close = sa.select(BandRow.doc_id).where(BandRow.key.in_(bands)).distinct().order_by(BandRow.doc_id).limit(20)
    for doc_id in session.scalars(close):
        other = session.get_one(DocumentRow, doc_id)
        if _identifiers_agree(document.meta, _metadata(other)) and near_duplicate(document.text, other.text):
            return str(doc_id)
    return None


def _identifiers_agree(one: Metadata, other: Metadata) -> bool:
    """False when both name a PMID, or both a DOI, and they differ: an erratum or a second edition is no copy."""
    pairs = ((one.pmid, other.pmid), (one.doi and one.doi.lower(), other.doi and other.doi.lower()))
    return all(a == b for a, b in pairs if a and b)


def _revision(document: Document) -> str:
    """Changes when the text or what the source says about itself changes; the day it was fetched does not count."""
    meta = dataclasses.asdict(dataclasses.replace(document.meta, fetched=None))
    payload = json.dumps([document.kind, document.content_hash, meta, [dataclasses.astuple(m) for m in document.marks]])
    return hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _row(document: Document) -> dict[str, object]:
    return {
        "doc_id": document.doc_id,
        "kind": document.kind,
        "revision": _revision(document),
        "content_hash": document.content_hash,
        "fingerprint": fingerprint(document.text),
        "meta": dataclasses.asdict(document.meta),
        "text": document.text,
        "spans": [dataclasses.astuple(span) for span in document.spans],
        "marks": [dataclasses.astuple(mark) for mark in document.marks],
        "origin": document.origin,
    }


def _insert(session: orm.Session, document: Document, passages: Sequence[Passage], bands: Sequence[int]) -> None:
    session.execute(sa.insert(DocumentRow), _row(document))
    _insert_parts(session, document, passages, bands)


def _replace(session: orm.Session, document: Document, passages: Sequence[Passage]) -> None:
    for table in (PassageRow, BandRow):
        session.execute(sa.delete(table).where(table.doc_id == document.doc_id))
    session.execute(sa.update(DocumentRow), [_row(document)])
    session.expire_all()
    _insert_parts(session, document, passages, band_keys(document.text))


def _insert_parts(session: orm.Session, document: Document, passages: Sequence[Passage], bands: Sequence[int]) -> None:
    if passages:
        session.execute(sa.insert(PassageRow), [dataclasses.asdict(passage) for passage in passages])
    if bands:
        session.execute(sa.insert(BandRow), [{"key": key, "doc_id": document.doc_id} for key in sorted(set(bands))])


def _note_provenance(session: orm.Session, doc_id: str, document: Document, run: str) -> None:
    source = document.origin.rsplit("#", 1)[0]
    session.merge(
        ProvenanceRow(
            doc_id=doc_id,
            origin=document.origin,
            source=source,
            run=run,
            licence=document.meta.licence,
            url=document.meta.url,
            fetched=document.meta.fetched,
        )
    )
    session.flush()


def _delete_documents(session: orm.Session, doc_ids: Sequence[str]) -> None:
    for start in range(0, len(doc_ids), 500):
        part = doc_ids[start : start + 500]
        for table in (PassageRow, BandRow, ProvenanceRow, DocumentRow):
            session.execute(sa.delete(table).where(table.doc_id.in_(part)))


def _metadata(row: DocumentRow) -> Metadata:
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in row.meta.items()}
    fields["references"] = tuple(Reference(**reference) for reference in row.meta.get("references", ()))
    return Metadata(**fields)


def _document(row: DocumentRow) -> Document:
    spans = tuple(Span(s, e, k, tuple(section), page, box and tuple(box)) for s, e, k, section, page, box in row.spans)
    marks = tuple(Mark(offset, n) for offset, n in row.marks)
    kind: DocumentKind = row.kind  # type: ignore[assignment]  # only kinds are ever stored
    return Document(row.doc_id, kind, _metadata(row), row.text, spans, marks, row.origin, row.content_hash)


def _passage(row: PassageRow) -> Passage:
    return Passage(
        row.passage_id,
        row.doc_id,
        row.ordinal,
        row.start,
        row.end,
        row.text,
        tuple(row.section),
        row.page,
        (row.box[0], row.box[1], row.box[2], row.box[3]) if row.box else None,
    )
