"""An index over nothing but the corpus of a BEIR folder, for evaluations."""

from pathlib import Path

from ingest.catalog import Catalog
from ingest.errors import BadRequest
from ingest.pipeline import IngestConfig, Progress, Report, ingest_documents, no_progress, today
from ingest.tables import read_beir
from retriever.embedder import Embedder
from retriever.index import IndexFolder


def index_beir(beir: Path, home: Path, embedder: Embedder, *, cache: Path, progress: Progress = no_progress) -> None:
    """Fill an empty data folder with the corpus of a BEIR folder, and activate an index over it.

    Args:
        beir: the folder, as an absolute path: origins are "folder#id".
        home: the empty data folder.
        embedder: makes the vectors.
        cache: where vectors are taken from and kept, so that the next time is fast; made if missing.
        progress: told of every stage.

    Raises:
        MarrowError: if the folder cannot be read, or the index cannot be built.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        (home / "cache").symlink_to(cache, target_is_directory=True)
    except OSError as error:
        raise BadRequest(f"{cache} cannot be made: {error.strerror}", hint="Check MARROW_HOME.") from error
    catalog, indexes = Catalog.at(home), IndexFolder(home)
    try:
        ingest_documents(read_beir(beir, fetched=today()), catalog, IngestConfig(), report=Report(), run="eval")
        indexes.activate(indexes.build(catalog, embedder, progress=progress).version)
    finally:
        catalog.close()
