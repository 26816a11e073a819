"""Documents and passages to the rows of the catalog and back."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.clean import fingerprint
from ingest.records import Document, DocumentKind, Mark, Metadata, Passage, Reference, Span
from ingest.schema import DocumentRow, PassageRow


def metadata_from(fields: Mapping[str, Any]) -> Metadata:
    """The metadata that `dataclasses.asdict` and JSON made fields of."""
    whole: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    whole["references"] = tuple(Reference(**reference) for reference in whole.get("references", ()))
    return Metadata(**whole)


def revision_of(document: Document, passages: Sequence[Passage]) -> str:
    """32 hex digits that change with the text, its passages or what the source says about itself.

    The day the source was fetched does not count.
    """
    meta = dataclasses.asdict(dataclasses.replace(document.meta, fetched=None))
    marks = [dataclasses.astuple(mark) for mark in document.marks]
    cut = [(passage.passage_id, passage.section, passage.page) for passage in passages]
    payload = json.dumps([document.kind, document.content_hash, meta, marks, cut])
    return hashlib.sha256(payload.encode()).hexdigest()[:32]


def document_fields(document: Document, revision: str) -> dict[str, Any]:
    """The columns of a document."""
    return {
        "doc_id": document.doc_id,
        "kind": document.kind,
        "revision": revision,
        "content_hash": document.content_hash,
        "fingerprint": fingerprint(document.text),
        "meta": dataclasses.asdict(document.meta),
        "text": document.text,
        "spans": [dataclasses.astuple(span) for span in document.spans],
        "marks": [dataclasses.astuple(mark) for mark in document.marks],
        "origin": document.origin,
    }


def document_from(row: DocumentRow) -> Document:
    """The document that a row holds."""
    spans = tuple(Span(s, e, k, tuple(section), page, box and tuple(box)) for s, e, k, section, page, box in row.spans)
    marks = tuple(Mark(offset, n) for offset, n in row.marks)
    kind: DocumentKind = row.kind  # type: ignore[assignment]  # only kinds are ever stored
    return Document(row.doc_id, kind, metadata_from(row.meta), row.text, spans, marks, row.origin, row.content_hash)


def passage_fields(passage: Passage) -> dict[str, Any]:
    """The columns of a passage."""
    return {field.name: getattr(passage, field.name) for field in dataclasses.fields(passage)}


def passage_from(row: PassageRow) -> Passage:
    """The passage that a row holds."""
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
