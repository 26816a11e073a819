"""Writing the files of one index version."""

import hashlib
import os
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from ingest.catalog import Catalog
from ingest.pipeline import Progress
from retriever.cache import embed_cached
from retriever.dense import DenseIndex
from retriever.embedder import Embedder
from retriever.errors import BuildFailed
from retriever.lexical import build_lexical
from retriever.records import Manifest
from retriever.store import PassageStore, write_store

FORMAT = 1
# Per passage: its text twice (store and terms), 384 float16 twice (cache and index), BM25 postings; measured 6 KB.
BYTES_PER_PASSAGE = 8_000


def write_version(
    folder: Path, catalog: Catalog, embedder: Embedder, *, version: str, home: Path, progress: Progress
) -> Manifest:
    """Write everything in the catalog as index version `version` into an empty folder, the manifest last.

    Args:
        folder: where the files go.
        catalog: what is indexed.
        embedder: makes the vectors.
        version: the name the manifest gives.
        home: the data folder; vectors already computed lie in its `cache`.
        progress: told of every stage.

    Raises:
        BuildFailed: if the catalog is empty, or there is too little room on the disk.
        OSError, RuntimeError, sqlite3.Error: if a file cannot be written.
    """
    catalog_hash, passages = catalog.content_hash(), catalog.counts().passages
    if not passages:
        raise BuildFailed("the catalog is empty", hint="Add sources first: marrow ingest PATH")
    _demand_space(home, passages * BYTES_PER_PASSAGE)
    progress("Writing passages", 0, passages)
    write_store(catalog.documents(), folder / "passages.db")
    with closing(PassageStore(folder / "passages.db")) as store:
        texts = [passage_context(*parts) for parts in store.texts()]
    progress("Indexing words", 0, passages)
    build_lexical(texts, folder / "lexical")
    _write_vectors(texts, embedder, folder / "dense.faiss", cache=home / "cache" / "vectors.db", progress=progress)
    manifest = Manifest(
        version=version,
        format=FORMAT,
        built=datetime.now(UTC).isoformat(timespec="seconds"),
        embedder=embedder.name,
        embedder_checksum=embedder.checksum,
        dimension=embedder.dimension,
        catalog_hash=catalog_hash,
        documents=store.documents,
        passages=store.passages,
        files={str(file.relative_to(folder)): file_hash(file) for file in _files(folder)},
    )
    write_durably(folder / "manifest.json", manifest.model_dump_json(indent=2))
    return manifest


def _write_vectors(texts: list[str], embedder: Embedder, file: Path, *, cache: Path, progress: Progress) -> None:
    vectors = embed_cached(
        texts, embedder, cache, progress=lambda done, total: progress("Embedding passages", done, total)
    )
    DenseIndex.build(vectors).write(file)


def passage_context(title: str, section: tuple[str, ...], text: str) -> str:
    """What is indexed of a passage: its text under its title and nearest heading."""
    return "\n".join(part for part in (title, section[-1] if section else "", text) if part)


def _demand_space(home: Path, needed: int) -> None:
    free = shutil.disk_usage(home).free
    if free < needed:
        raise BuildFailed(
            f"the index needs about {needed / 1e6:.0f} MB in {home}, and {free / 1e6:.0f} MB are free",
            hint="Free some disk space, then run: marrow index build",
        )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def file_hash(file: Path) -> str:
    """Hex SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_durably(file: Path, text: str) -> None:
    """Replace a small file in one step that survives a power cut."""
    part = file.with_name(f"{file.name}.part")
    with part.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)
