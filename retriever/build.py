"""Writing the files of one index version."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from ingest.catalog import Catalog
from ingest.pipeline import Progress
from retriever.cache import embedded
from retriever.codes import write_codes
from retriever.dense import DenseIndex
from retriever.embedder import Embedder
from retriever.errors import BuildFailed
from retriever.lexical import PassageFields, build_lexical
from retriever.records import Manifest
from retriever.rules import rules_checksum
from retriever.store import PassageStore, write_store

FORMAT = 2
# Per passage: its text, 384 float16 twice (cache and index), BM25 postings, and as much again set aside while these are
# made; measured 6 KB.
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
    build_lexical(_passage_fields(catalog), folder / "lexical")
    recall = _write_vectors(texts, embedder, folder, cache=home / "cache" / "passages.db", progress=progress)
    manifest = Manifest(
        version=version,
        format=FORMAT,
        built=datetime.now(UTC).isoformat(timespec="seconds"),
        embedder=embedder.name,
        embedder_checksum=embedder.checksum,
        dimension=embedder.dimension,
        rules_checksum=rules_checksum(),
        catalog_hash=catalog_hash,
        documents=store.documents,
        passages=store.passages,
        recall_at_10=recall,
        files={str(file.relative_to(folder)): file_hash(file) for file in _files(folder)},
    )
    write_durably(folder / "manifest.json", manifest.model_dump_json(indent=2))
    return manifest


def _write_vectors(texts: list[str], embedder: Embedder, folder: Path, *, cache: Path, progress: Progress) -> float:
    """Write sentence vectors and token codes; the recall of the dense index."""

    def embedding(done: int, total: int) -> None:
        progress("Embedding passages", done, total)

    with embedded(texts, embedder, cache, progress=embedding) as passages:
        write_codes(passages.codes, folder / "tokens")
        progress("Indexing vectors", 0, len(texts))
        index = DenseIndex.build(passages.vectors)
    index.write(folder / "dense.faiss")
    return index.recall_at_10 or 0.0


def _passage_fields(catalog: Catalog) -> Iterator[PassageFields]:
    """What the lexical index takes, in the order of the store's rows."""
    for document, passages, _ in catalog.documents():
        for passage in passages:
            yield PassageFields(document.meta.title, (*passage.section[-1:], *document.meta.mesh), passage.text)


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
