"""The tables of the catalog."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """The catalog's tables."""


class DocumentRow(Base):
    """A document; `revision` changes with its text or metadata."""

    __tablename__ = "documents"
    doc_id: Mapped[str] = mapped_column(sa.String(400), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    revision: Mapped[str] = mapped_column(sa.String(32))
    content_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    fingerprint: Mapped[str] = mapped_column(sa.String(64), index=True)
    meta: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    text: Mapped[str] = mapped_column(sa.Text)
    spans: Mapped[list[Any]] = mapped_column(sa.JSON)
    marks: Mapped[list[Any]] = mapped_column(sa.JSON)
    origin: Mapped[str] = mapped_column(sa.Text)
    passages: Mapped[list["PassageRow"]] = relationship(order_by="PassageRow.ordinal", viewonly=True)
    provenance: Mapped[list["ProvenanceRow"]] = relationship(viewonly=True)


class PassageRow(Base):
    """A passage of a document."""

    __tablename__ = "passages"
    passage_id: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    doc_id: Mapped[str] = mapped_column(sa.ForeignKey("documents.doc_id"), index=True)
    ordinal: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    section: Mapped[list[str]] = mapped_column(sa.JSON)
    page: Mapped[int | None]
    box: Mapped[list[float] | None] = mapped_column(sa.JSON)


class ProvenanceRow(Base):
    """One place a document came from: `source` is the file or query, `origin` also names the row in it."""

    __tablename__ = "provenance"
    doc_id: Mapped[str] = mapped_column(sa.ForeignKey("documents.doc_id"), primary_key=True)
    origin: Mapped[str] = mapped_column(sa.String(1000), primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(1000), index=True)
    run: Mapped[str] = mapped_column(sa.String(40))
    licence: Mapped[str | None] = mapped_column(sa.Text)
    url: Mapped[str | None] = mapped_column(sa.Text)
    fetched: Mapped[str | None] = mapped_column(sa.String(10))


class BandRow(Base):
    """A MinHash band of a document: documents that share one may be near duplicates."""

    __tablename__ = "bands"
    key: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    doc_id: Mapped[str] = mapped_column(sa.ForeignKey("documents.doc_id"), primary_key=True, index=True)


class SourceRow(Base):
    """How a file or query ended when it was last read to its end."""

    __tablename__ = "sources"
    origin: Mapped[str] = mapped_column(sa.String(1000), primary_key=True)
    stamp: Mapped[str] = mapped_column(sa.String(100))
    verdict: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.Text)
    documents: Mapped[int]
