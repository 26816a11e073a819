"""Filling the knowledge base: ingest, then build and activate the next index version."""

import hashlib
import logging
import uuid
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

from ingest.entrez import EntrezConfig, fetch_pubmed
from ingest.errors import ConfigError
from ingest.ocr import open_engine
from ingest.pipeline import IngestConfig, Progress, Report, ingest_documents, ingest_paths, no_progress, today
from retriever.errors import RetrieverError
from retriever.index import demand_fitting
from retriever.records import Manifest
from ui.service import Service
from ui.settings import Settings

logger = logging.getLogger(__name__)


def add_paths(
    service: Service, settings: Settings, paths: Sequence[Path], *, ocr: bool = False, progress: Progress = no_progress
) -> Report:
    """Take files and folders into the catalog."""
    engine = open_engine(settings.ocr) if ocr else None
    catalog = service.catalog()
    try:
        return ingest_paths(paths, catalog, IngestConfig(ocr=engine, keep_files=service.files), progress=progress)
    finally:
        catalog.close()


def add_pubmed(
    service: Service,
    settings: Settings,
    query: str,
    *,
    max_records: int | None = None,
    since: str | None = None,
    progress: Progress = no_progress,
) -> Report:
    """Take PubMed's records for a query into the catalog, going on where an interrupted call stopped.

    Raises:
        ConfigError: if no e-mail address is set, which NCBI asks of every client.
        NetworkError: if NCBI cannot be reached.
    """
    if not settings.ncbi_email:
        raise ConfigError(
            "NCBI asks every client for an e-mail address", hint="Set MARROW_NCBI_EMAIL to yours, then try again."
        )
    key = settings.ncbi_api_key.get_secret_value() if settings.ncbi_api_key else None
    config = EntrezConfig(email=settings.ncbi_email, api_key=key, base_url=settings.ncbi_url)
    name = hashlib.sha256(repr((query, since, max_records)).encode()).hexdigest()[:16]
    report = Report()
    catalog = service.catalog()
    try:
        records = fetch_pubmed(
            query,
            config=config,
            checkpoint=settings.home / "jobs" / f"pubmed-{name}.json",
            max_records=max_records,
            since=since,
            fetched=today(),
            on_progress=lambda done, total: progress("Fetching from PubMed", done, total),
        )
        ingest_documents(records, catalog, IngestConfig(), report=report, run=uuid.uuid4().hex)
    finally:
        catalog.close()
    return report


def build_index(service: Service, *, progress: Progress = no_progress) -> Manifest:
    """Build an index version from the catalog and activate it."""
    catalog = service.catalog()
    try:
        manifest = service.indexes.build(catalog, service.embedder, progress=progress)
    finally:
        catalog.close()
    return service.indexes.activate(manifest.version)


def ensure_starter_index(service: Service, settings: Settings, *, progress: Progress = no_progress) -> Manifest:
    """The active index version; at the first start, one built from the starter handbook.

    One that an earlier version of the program built, or with another embedder, is built again from the catalog.
    """
    try:
        active = service.indexes.active()
        if active is not None:
            demand_fitting(active, service.embedder)
            return active
    except RetrieverError as error:
        logger.warning("the index is built again: %s", error)
        return build_index(service, progress=progress)
    with as_file(files("ingest") / "handbook") as handbook:
        add_paths(service, settings, [handbook], progress=progress)
    return build_index(service, progress=progress)
