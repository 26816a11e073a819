"""From sources to the catalog: every file ends as ingested, duplicate or skipped with its reason."""

import contextlib
import hashlib
import logging
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ingest.catalog import Catalog, SourceState
from ingest.chunk import ChunkConfig, chunk
from ingest.errors import MarrowError, UnreadableSource
from ingest.files import read_path, walk
from ingest.intake import Outcome
from ingest.ocr import OcrEngine
from ingest.records import Document, Passage, Skipped

logger = logging.getLogger(__name__)

BATCH_DOCUMENTS = 200
# Raise it when readers or the chunker change what they make of the same bytes: files are then read again.
READER_REVISION = 1

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, steps done, steps in all; 0 when unknown)."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class IngestConfig:
    """How sources are read. `ocr` reads pages without text; `chunking` sizes passages."""

    chunking: ChunkConfig = field(default_factory=ChunkConfig)
    ocr: OcrEngine | None = None
    keep_files: Path | None = None


@dataclass(slots=True)
class Report:
    """What an ingest did. `unchanged` files were taken in earlier and have not changed since."""

    documents: int = 0
    updated: int = 0
    passages: int = 0
    duplicates: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)


def today() -> str:
    """The day in UTC as YYYY-MM-DD."""
    return datetime.now(UTC).date().isoformat()


def ingest_paths(
    paths: Sequence[Path], catalog: Catalog, config: IngestConfig, *, progress: Progress = no_progress
) -> Report:
    """Take in files and folders (walked); go on where an earlier, interrupted call stopped.

    A path that is missing or cannot be read is in the report's `skipped`, like every file in a folder.

    Raises:
        CatalogError: if the catalog cannot be written; what was committed before stays.
    """
    report, run = Report(), uuid.uuid4().hex
    progress("Looking for files", 0, 0)
    files = [file for path in paths for file in _expand(path, report)]
    for done, file in enumerate(files):
        progress(f"Reading {file.name}", done, len(files))
        _ingest_file(file, catalog, config, report=report, run=run)
    progress("Reading done", len(files), len(files))
    return report


def ingest_documents(
    documents: Iterable[Document | Skipped],
    catalog: Catalog,
    config: IngestConfig,
    *,
    report: Report,
    run: str,
    source: str | None = None,
) -> None:
    """Add documents as they come, a transaction for every 200, and count them in `report`.

    `run` and `source` are as in `Catalog.add_batch`.
    """
    batch: list[Document | Skipped] = []
    try:
        for item in documents:
            batch.append(item)
            if len(batch) == BATCH_DOCUMENTS:
                full, batch = batch, []
                _add_batch(full, catalog, config, report=report, run=run, source=source)
    finally:
        # Also where the source breaks off: what was read of it before is good.
        _add_batch(batch, catalog, config, report=report, run=run, source=source)


def _add_batch(
    batch: Sequence[Document | Skipped],
    catalog: Catalog,
    config: IngestConfig,
    *,
    report: Report,
    run: str,
    source: str | None,
) -> None:
    report.skipped += [item for item in batch if isinstance(item, Skipped)]
    found = [(item, chunk(item, config.chunking)) for item in batch if isinstance(item, Document)]
    whole = [pair for pair in found if pair[1]]
    report.skipped += [Skipped(_place(doc), "no passage of three words or more") for doc, made in found if not made]
    for (_, passages), outcome in zip(whole, catalog.add_batch(whole, run=run, source=source), strict=True):
        _count(report, outcome, passages)


def _place(document: Document) -> str:
    """Where a document came from, with its identifier where the origin is a whole query or file."""
    named = document.meta.pmid or document.meta.doi
    return f"{document.origin} ({document.doc_id})" if named else document.origin


def _count(report: Report, outcome: Outcome, passages: Sequence[Passage]) -> None:
    if outcome.verdict == "duplicate":
        report.duplicates += 1
        return
    report.passages += len(passages)
    if outcome.verdict == "updated":
        report.updated += 1
    else:
        report.documents += 1


def _expand(path: Path, report: Report) -> Iterator[Path]:
    try:
        path.stat()
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError)
        reason = "there is no such file or folder" if missing else f"cannot be read: {error}"
        report.skipped.append(Skipped(str(path), reason))
        return
    # One name for a file however it was reached, links kept: provenance and the verdict on the source meet under it.
    yield from walk(Path(os.path.abspath(path)))


def _ingest_file(file: Path, catalog: Catalog, config: IngestConfig, *, report: Report, run: str) -> None:
    origin = str(file)
    try:
        stamp = _stamp(file, config)
    except OSError as error:
        report.skipped.append(Skipped(str(file), f"cannot be read: {error.strerror}"))
        return
    before = catalog.source_state(origin)
    if before is not None and before.stamp == stamp and not before.reason:
        report.unchanged += 1
        report.duplicates += before.documents
        return
    own = Report()
    fault = _read_into(file, catalog, config, report=own, run=run)
    taken = own.documents + own.updated + own.duplicates
    verdict = "ingested" if own.documents + own.updated else "duplicate" if own.duplicates else "skipped"
    if fault is not None:
        own.skipped.append(Skipped(origin, fault))
        catalog.note_source(origin, SourceState(stamp, verdict, fault, taken))
    else:
        reason = own.skipped[0].reason if verdict == "skipped" and own.skipped else ""
        own.withdrawn = catalog.finish_source(origin, SourceState(stamp, verdict, reason, taken), run=run)
    _add_up(report, own)


def _read_into(file: Path, catalog: Catalog, config: IngestConfig, *, report: Report, run: str) -> str | None:
    """Read a file into the catalog; the reason if it broke off, after what could be read of it."""
    try:
        documents = _with_kept_file(read_path(file, fetched=today(), ocr=config.ocr), file, config.keep_files)
        ingest_documents(documents, catalog, config, report=report, run=run, source=str(file))
    except UnreadableSource as error:
        return str(error)
    except MarrowError:
        raise
    except Exception as error:
        logger.exception("reading %s failed", file)
        return f"could not be read ({type(error).__name__}: {error})"
    return None


def _add_up(report: Report, own: Report) -> None:
    report.documents += own.documents
    report.updated += own.updated
    report.passages += own.passages
    report.duplicates += own.duplicates
    report.withdrawn += own.withdrawn
    report.skipped += own.skipped


def _stamp(file: Path, config: IngestConfig) -> str:
    """Changes when the file or the way it is read changes; a folder unit (BEIR) by its newest part."""
    parts = sorted(file.rglob("*")) if file.is_dir() else [file]
    newest = [(part.name, part.stat().st_size, part.stat().st_mtime_ns) for part in parts]
    how = (READER_REVISION, config.chunking, config.ocr.name if config.ocr else None)
    return hashlib.sha256(repr((newest, how)).encode()).hexdigest()[:32]


def _with_kept_file(
    documents: Iterable[Document | Skipped], file: Path, folder: Path | None
) -> Iterator[Document | Skipped]:
    """Keep a copy of each PDF that becomes a document, so that its pages can be opened later."""
    for item in documents:
        if folder is not None and isinstance(item, Document) and item.kind == "pdf":
            keep_file(file, folder / kept_name(item.doc_id))
        yield item


def kept_name(doc_id: str) -> str:
    """The file name under which the PDF of a document is kept: safe whatever the identifier holds."""
    return hashlib.sha256(doc_id.encode()).hexdigest()[:32] + ".pdf"


def keep_file(file: Path, target: Path) -> None:
    """Copy a file into place in one atomic step; the same bytes are not copied again.

    Raises:
        UnreadableSource: if it cannot be copied, with the system's reason.
    """
    part = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(file.read_bytes())
        part.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise UnreadableSource(f"a copy could not be kept: {error.strerror}", hint="Free some disk space.") from error
