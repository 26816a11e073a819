"""What becomes of one document in the catalog: new, newer, or a copy of one that is there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import orm

from ingest.clean import band_keys, fingerprint, near_duplicate
from ingest.records import Document, Metadata, Passage
from ingest.schema import BandRow, Base, DocumentRow, PassageRow, ProvenanceRow
from ingest.stored import document_fields, metadata_from, passage_fields, revision_of

Verdict = Literal["ingested", "updated", "duplicate"]
# A later reading of the same identifier replaces an earlier one only from an equal or better kind of source.
KIND_RANK: dict[str, int] = {"pubmed": 3, "handbook": 3, "pdf": 2, "web": 2, "office": 2, "text": 2, "abstract": 1}
# Rows go in by table, not by class: SQLAlchemy's bookkeeping would take most of the time.
_TABLES = Base.metadata.tables


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document: `doc_id` is the document that now holds its text."""

    verdict: Verdict
    doc_id: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the sources. `source` names the file or query where the reader was told it."""

    run: str
    source: str | None

    def source_of(self, document: Document) -> str:
        """The source a document is counted to."""
        return self.source or document.origin.rsplit("#", 1)[0]


def add_document(session: orm.Session, document: Document, passages: Sequence[Passage], reading: Reading) -> Outcome:
    """Take a document in, or find the one that already holds its text; either way note where it came from."""
    outcome = _place(session, document, passages, reading)
    _note_provenance(session, outcome.doc_id, document, reading)
    return outcome


def _place(session: orm.Session, document: Document, passages: Sequence[Passage], reading: Reading) -> Outcome:
    known = session.get(DocumentRow, document.doc_id)
    revision = revision_of(document, passages)
    if known is not None:
        if known.revision == revision or not _is_newer(document, known, reading):
            return Outcome("duplicate", document.doc_id)
        _replace(session, document, passages, revision)
        session.expire(known)
        return Outcome("updated", document.doc_id)
    bands = band_keys(document.text)
    twin = _twin(session, document, bands)
    if twin is not None and _is_older_reading(session, twin, reading.source_of(document), reading.run):
        twin = None
    if twin is not None and _standing(document.doc_id, document.kind) <= _standing(twin.doc_id, twin.kind):
        return Outcome("duplicate", twin.doc_id)
    session.execute(sa.insert(_TABLES["documents"]), [document_fields(document, revision)])
    _insert_parts(session, document, passages, bands)
    if twin is None:
        return Outcome("ingested", document.doc_id)
    _move_provenance(session, twin.doc_id, document.doc_id)
    delete_documents(session, [twin.doc_id])
    return Outcome("updated", document.doc_id)


def _is_newer(document: Document, known: DocumentRow, reading: Reading) -> bool:
    """Whether another reading of a document may take its place.

    Not one from a lesser kind of source; not one that lacks a retraction (an old file read late); and of the same text
    without an identifier only what the same source says of it now, or two copies would take turns.
    """
    if KIND_RANK[document.kind] < KIND_RANK[known.kind]:
        return False
    if metadata_from(known.meta).retracted and not document.meta.retracted:
        return False
    named = document.meta.pmid or document.meta.doi
    return bool(named) or known.origin.rsplit("#", 1)[0] == document.origin.rsplit("#", 1)[0]


def _standing(doc_id: str, kind: str) -> tuple[int, int]:
    """Of two copies of a text the one stays that can be looked up, then the one of the better kind of source."""
    return ("sha256", "DOI", "PMID").index(doc_id.split(":", 1)[0]), KIND_RANK[kind]


def _is_older_reading(session: orm.Session, twin: DocumentRow, source: str, run: str) -> bool:
    """Whether a document is only what this source said before it was edited: `finish_source` withdraws it."""
    places = session.execute(
        sa.select(ProvenanceRow.source, ProvenanceRow.run).where(ProvenanceRow.doc_id == twin.doc_id)
    ).all()
    return bool(places) and all(place == source and older != run for place, older in places)


def _twin(session: orm.Session, document: Document, bands: Sequence[int]) -> DocumentRow | None:
    """A document with the same or nearly the same text, if there is one."""
    same = sa.select(DocumentRow).where(DocumentRow.fingerprint == fingerprint(document.text))
    close = sa.select(BandRow.doc_id).where(BandRow.key.in_(bands)).distinct()
    if document.meta.pmid:
        # Another PMID is another document; most of PubMed need not be looked at.
        same = same.where(~DocumentRow.doc_id.startswith("PMID:"))
        close = close.where(~BandRow.doc_id.startswith("PMID:"))
    rows = session.scalars(same.order_by(DocumentRow.doc_id).limit(20))
    exact = [row for row in rows if _may_be_copies(document, row)]
    if exact:
        return exact[0]
    for doc_id in session.scalars(close.order_by(BandRow.doc_id).limit(20)).all():
        other = session.get_one(DocumentRow, doc_id)
        if _may_be_copies(document, other) and near_duplicate(document.text, other.text):
            return other
    return None


def _may_be_copies(document: Document, row: DocumentRow) -> bool:
    return _identifiers_agree(document.meta, metadata_from(row.meta))


def _identifiers_agree(one: Metadata, other: Metadata) -> bool:
    """False when both name a PMID, or both a DOI, and they differ: an erratum or a second edition is no copy."""
    pairs = ((one.pmid, other.pmid), (one.doi and one.doi.lower(), other.doi and other.doi.lower()))
    return all(a == b for a, b in pairs if a and b)


def _replace(session: orm.Session, document: Document, passages: Sequence[Passage], revision: str) -> None:
    for table in (PassageRow, BandRow):
        session.execute(sa.delete(table).where(table.doc_id == document.doc_id))
    session.execute(sa.update(DocumentRow), [document_fields(document, revision)])
    _insert_parts(session, document, passages, band_keys(document.text))


def _insert_parts(session: orm.Session, document: Document, passages: Sequence[Passage], bands: Sequence[int]) -> None:
    if passages:
        session.execute(sa.insert(_TABLES["passages"]), [passage_fields(passage) for passage in passages])
    if bands:
        rows = [{"key": key, "doc_id": document.doc_id} for key in sorted(set(bands))]
        session.execute(sa.insert(_TABLES["bands"]), rows)


def _note_provenance(session: orm.Session, doc_id: str, document: Document, reading: Reading) -> None:
    table = _TABLES["provenance"]
    place = {"doc_id": doc_id, "origin": document.origin}
    values = {
        "source": reading.source_of(document),
        "run": reading.run,
        "licence": document.meta.licence,
        "url": document.meta.url,
        "fetched": document.meta.fetched,
    }
    here = (table.c.doc_id == doc_id) & (table.c.origin == document.origin)
    if session.scalar(sa.select(table.c.run).where(here)) is None:
        session.execute(sa.insert(table), [place | values])
    else:
        session.execute(sa.update(table).where(here).values(values))


def _move_provenance(session: orm.Session, old: str, new: str) -> None:
    session.execute(sa.update(ProvenanceRow).where(ProvenanceRow.doc_id == old).values(doc_id=new))


def _parts(doc_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Databases take no statement with tens of thousands of values."""
    for start in range(0, len(doc_ids), 500):
        yield doc_ids[start : start + 500]


def without_provenance(session: orm.Session, doc_ids: Sequence[str]) -> list[str]:
    """Those of the documents that no source holds any more."""
    held: set[str] = set()
    for part in _parts(doc_ids):
        held.update(session.scalars(sa.select(ProvenanceRow.doc_id).where(ProvenanceRow.doc_id.in_(part))))
    return [doc_id for doc_id in doc_ids if doc_id not in held]


def delete_documents(session: orm.Session, doc_ids: Sequence[str]) -> None:
    """Delete documents with all that hangs on them."""
    for part in _parts(doc_ids):
        for table in (PassageRow, BandRow, ProvenanceRow, DocumentRow):
            session.execute(sa.delete(table).where(table.doc_id.in_(part)))
