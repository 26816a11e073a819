"""Index versions: build aside, open, verify, activate in one atomic step, roll back.

    MARROW_HOME/versions/<version>/   manifest.json, passages.db, dense.faiss, lexical/
    MARROW_HOME/ACTIVE                the name of the version that serves; replaced by rename
    MARROW_HOME/cache/vectors.db      vectors already computed

A version's folder appears under its name only when it is complete: a killed build leaves a `.building-…` folder that
the next build removes, and the active version serves on.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import filelock
from pydantic import ValidationError

from ingest.catalog import Catalog
from ingest.pipeline import Progress, no_progress
from retriever.cache import embed_cached
from retriever.dense import DenseIndex, Embedder
from retriever.errors import BuildFailed, IndexBroken, IndexStale, NoIndex
from retriever.lexical import LexicalIndex, build_lexical
from retriever.records import Record
from retriever.store import PassageStore, write_store

FORMAT = 1
# Per passage: its text twice (store and terms), 384 float16 twice (cache and index), BM25 postings; measured 6 KB.
BYTES_PER_PASSAGE = 8_000


class Manifest(Record):
    """What an index version was built from and with. `files` maps each file to its SHA-256."""

    version: str
    format: int
    built: str
    embedder: str
    embedder_checksum: str
    dimension: int
    catalog_hash: str
    documents: int
    passages: int
    files: dict[str, str]


class Difference(Record):
    """How a later version differs from an earlier one, in document ids."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An index version opened for search; rows of store, dense and lexical agree."""

    manifest: Manifest
    store: PassageStore
    dense: DenseIndex
    lexical: LexicalIndex


class IndexFolder:
    """The versions under one data folder."""

    def __init__(self, home: Path) -> None:
        """Look at the versions in `home`; nothing is opened or made yet."""
        self._home = home
        self._versions = home / "versions"

    def build(self, catalog: Catalog, embedder: Embedder, *, progress: Progress = no_progress) -> Manifest:
        """Build a version from everything in the catalog, without activating it.

        A version that would equal the active one is not built again: the active one's manifest is returned.

        Raises:
            BuildFailed: if another build runs, or disk or memory are short; the active version is untouched.
        """
        try:
            with self._building() as folder:
                return self._build_into(folder, catalog, embedder, progress)
        except (OSError, sqlite3.Error, MemoryError) as error:
            raise BuildFailed(f"the index could not be built: {error}") from error
        except RuntimeError as error:
            # FAISS reports a failed write as a bare RuntimeError.
            raise BuildFailed(f"the index could not be written: {str(error).splitlines()[0]}") from error

    @contextmanager
    def _building(self) -> Iterator[Path]:
        self._versions.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(self._home / ".build.lock", timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise BuildFailed("another build is running", hint="Wait until it ends, then try again.") from error
        try:
            for left_over in self._versions.glob(".building-*"):
                shutil.rmtree(left_over, ignore_errors=True)
            folder = self._versions / f".building-{os.getpid()}"
            folder.mkdir()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            lock.release()

    def _build_into(self, folder: Path, catalog: Catalog, embedder: Embedder, progress: Progress) -> Manifest:
        catalog_hash, counts = catalog.content_hash(), catalog.counts()
        current = self.active()
        if current and (current.catalog_hash, current.embedder_checksum, current.format) == (
            catalog_hash, embedder.checksum, FORMAT,
        ):  # fmt: skip
            return current
        if not counts.passages:
            raise BuildFailed("the catalog is empty", hint="Add sources first: marrow ingest PATH")
        _demand_space(self._home, counts.passages * BYTES_PER_PASSAGE)
        progress("Writing passages", 0, counts.passages)
        write_store(catalog.documents(), folder / "passages.db")
        store = PassageStore(folder / "passages.db")
        texts = [passage_context(*parts) for parts in store.texts()]
        progress("Indexing words", 0, counts.passages)
        build_lexical(texts, folder / "lexical")
        vectors = embed_cached(
            texts,
            embedder,
            self._home / "cache" / "vectors.db",
            progress=lambda done, total: progress("Embedding passages", done, total),
        )
        DenseIndex.build(vectors).write(folder / "dense.faiss")
        store.close()
        built = datetime.now(UTC)
        manifest = Manifest(
            version=f"{built:%Y%m%d-%H%M%S}-{catalog_hash[:8]}",
            format=FORMAT,
            built=built.isoformat(timespec="seconds"),
            embedder=embedder.name,
            embedder_checksum=embedder.checksum,
            dimension=embedder.dimension,
            catalog_hash=catalog_hash,
            documents=store.documents,
            passages=store.passages,
            files={str(file.relative_to(folder)): _sha256(file) for file in _files(folder)},
        )
        _write_durably(folder / "manifest.json", manifest.model_dump_json(indent=2))
        folder.rename(self._versions / manifest.version)
        progress("Index built", store.passages, store.passages)
        return manifest

    def activate(self, version: str) -> Manifest:
        """Let a version serve: readers see the old one or the new one, never neither.

        Raises:
            NoIndex: if there is no such version.
            IndexBroken: if it is damaged.
        """
        manifest = self.manifest(version)
        before = self.active_name()
        if before and before != version:
            _write_durably(self._home / "PREVIOUS", before)
        _write_durably(self._home / "ACTIVE", version)
        return manifest

    def rollback(self) -> Manifest:
        """Activate the version that was active before.

        Raises:
            NoIndex: if there is none.
        """
        try:
            previous = (self._home / "PREVIOUS").read_text().strip()
        except FileNotFoundError as error:
            raise NoIndex("there is no earlier version to go back to", hint="See: marrow index list") from error
        return self.activate(previous)

    def active_name(self) -> str | None:
        """The name of the active version; None before the first."""
        try:
            return (self._home / "ACTIVE").read_text().strip()
        except FileNotFoundError:
            return None

    def active(self) -> Manifest | None:
        """The manifest of the active version; None before the first."""
        name = self.active_name()
        return self.manifest(name) if name else None

    def versions(self) -> list[Manifest]:
        """All complete versions, oldest first."""
        names = sorted(p.name for p in self._versions.glob("*") if (p / "manifest.json").is_file() and p.name[0] != ".")
        return [self.manifest(name) for name in names]

    def manifest(self, version: str) -> Manifest:
        """The manifest of a version.

        Raises:
            NoIndex: if there is no such version.
            IndexBroken: if its manifest cannot be read.
        """
        file = self._versions / Path(version).name / "manifest.json"
        try:
            manifest = Manifest.model_validate_json(file.read_text())
        except FileNotFoundError as error:
            raise NoIndex(f"there is no index version {version}", hint="See: marrow index list") from error
        except (OSError, ValidationError, UnicodeDecodeError) as error:
            raise IndexBroken(f"the manifest of index version {version} cannot be read") from error
        if manifest.format != FORMAT:
            raise IndexBroken(f"index version {version} has format {manifest.format}, this program reads {FORMAT}")
        return manifest

    def open(self, embedder: Embedder, version: str | None = None) -> OpenIndex:
        """Open a version (default: the active one) for search.

        Raises:
            NoIndex: if there is none.
            IndexStale: if it was built with another embedding model.
            IndexBroken: if a file is missing, cut or does not fit the others.
        """
        name = version or self.active_name()
        if name is None:
            raise NoIndex("no index has been built yet")
        manifest = self.manifest(name)
        if manifest.embedder_checksum != embedder.checksum:
            raise IndexStale(f"index version {name} was built with {manifest.embedder}, not with {embedder.name}")
        folder = self._versions / name
        try:
            opened = OpenIndex(
                manifest,
                PassageStore(folder / "passages.db"),
                DenseIndex.read(folder / "dense.faiss"),
                LexicalIndex(folder / "lexical"),
            )
        except (OSError, RuntimeError, ValueError, KeyError, sqlite3.Error) as error:
            raise IndexBroken(f"index version {name} is damaged: {str(error).splitlines()[0]}") from error
        if not opened.store.passages == len(opened.dense) == manifest.passages:
            raise IndexBroken(f"the parts of index version {name} do not fit together")
        return opened

    def verify(self, version: str) -> list[str]:
        """Check every file of a version against its manifest; what is wrong, in words, or nothing."""
        manifest, folder = self.manifest(version), self._versions / version
        problems = []
        for name, expected in sorted(manifest.files.items()):
            file = folder / name
            if not file.is_file():
                problems.append(f"{name} is missing")
            elif _sha256(file) != expected:
                problems.append(f"{name} has changed since it was built")
        return problems

    def diff(self, earlier: str, later: str) -> Difference:
        """Which documents a later version adds, lacks, or holds with other passages."""
        old, new = self._passages_by_document(earlier), self._passages_by_document(later)
        return Difference(
            added=tuple(sorted(new.keys() - old.keys())),
            removed=tuple(sorted(old.keys() - new.keys())),
            changed=tuple(sorted(doc for doc in old.keys() & new.keys() if old[doc] != new[doc])),
        )

    def _passages_by_document(self, version: str) -> dict[str, frozenset[str]]:
        store = PassageStore(self._versions / self.manifest(version).version / "passages.db")
        found: dict[str, set[str]] = {}
        for passage_id, doc_id in store.passage_ids():
            found.setdefault(doc_id, set()).add(passage_id)
        store.close()
        return {doc_id: frozenset(ids) for doc_id, ids in found.items()}


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


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_durably(file: Path, text: str) -> None:
    """Replace a small file in one step that survives a power cut."""
    part = file.with_name(f"{file.name}.part")
    with part.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)
