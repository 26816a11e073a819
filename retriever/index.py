"""Index versions: build aside, open, verify, activate in one atomic step, roll back.

    MARROW_HOME/versions/<version>/   manifest.json, passages.db, dense.faiss, lexical/, tokens/
    MARROW_HOME/ACTIVE                the name of the version that serves; replaced by rename
    MARROW_HOME/cache/passages.db     vectors and token codes already computed

A version's folder appears under its name only when it is complete: a killed build leaves a `.building-…` folder that
the next build removes, and the active version serves on.
"""

import itertools
import json
import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import filelock

from ingest.catalog import Catalog
from ingest.pipeline import Progress, no_progress
from retriever.build import FORMAT, file_hash, write_durably, write_version
from retriever.codes import TokenCodes
from retriever.dense import DenseIndex
from retriever.embedder import Embedder
from retriever.errors import BuildFailed, IndexBroken, IndexStale, NoIndex, RetrieverError
from retriever.lexical import LexicalIndex
from retriever.records import Difference, Manifest
from retriever.rules import rules_checksum
from retriever.store import PassageStore

logger = logging.getLogger(__name__)

# What SQLite, FAISS and numpy raise on files that are missing, cut or not theirs.
_DAMAGE = (OSError, EOFError, RuntimeError, ValueError, LookupError, TypeError, MemoryError, sqlite3.Error)
_VERSION_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An index version opened for search; the rows of its parts agree."""

    manifest: Manifest
    store: PassageStore
    dense: DenseIndex
    lexical: LexicalIndex
    codes: TokenCodes


class IndexFolder:
    """The versions under one data folder."""

    def __init__(self, home: Path) -> None:
        """Look at the versions in `home`; nothing is opened or made yet."""
        self._home = home
        self._versions = home / "versions"

    def build(self, catalog: Catalog, embedder: Embedder, *, progress: Progress = no_progress) -> Manifest:
        """Build a version from everything in the catalog, without activating it.

        A version that would equal the active one is not built again, unless the active one is damaged: its manifest is
        returned.

        Raises:
            BuildFailed: if another build runs, or disk or memory are short; the active version is untouched.
        """
        try:
            with self._building() as folder:
                current, catalog_hash = self._sound_active(), catalog.content_hash()
                made_from = (catalog_hash, embedder.checksum, rules_checksum())
                if current and (current.catalog_hash, current.embedder_checksum, current.rules_checksum) == made_from:
                    return current
                version = self._free_name(catalog_hash)
                manifest = write_version(folder, catalog, embedder, version=version, home=self._home, progress=progress)
                folder.rename(self._versions / version)
                progress("Index built", manifest.passages, manifest.passages)
                return manifest
        except (OSError, sqlite3.Error, MemoryError, IndexBroken) as error:
            raise BuildFailed(f"the index could not be built: {error}") from error
        except RuntimeError as error:
            # FAISS reports a failed write as a bare RuntimeError.
            raise BuildFailed(f"the index could not be written: {_first_line(error)}") from error

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

    def _free_name(self, catalog_hash: str) -> str:
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{catalog_hash[:8]}"
        names = itertools.chain([name], (f"{name}-{n}" for n in itertools.count(2)))
        return next(name for name in names if not (self._versions / name).exists())

    def _sound_active(self) -> Manifest | None:
        """The active version if its files are as they were built; a damaged one is to be built anew."""
        try:
            current = self.active()
            return current if current and not self.verify(current.version) else None
        except RetrieverError as error:
            logger.warning("the active index version cannot be used again: %s", error)
            return None

    def activate(self, version: str) -> Manifest:
        """Let a version serve: readers see the old one or the new one, never neither.

        Raises:
            NoIndex: if there is no such version.
            IndexBroken: if one of its files is not as it was built.
            BuildFailed: if the disk takes no more; the active version still serves.
        """
        manifest, problems = self.manifest(version), self.verify(version)
        if problems:
            raise IndexBroken(f"index version {version} is damaged: {problems[0]}")
        try:
            before = self.active_name()
        except IndexBroken:
            before = None
        try:
            if before and before != version:
                write_durably(self._home / "PREVIOUS", before)
            write_durably(self._home / "ACTIVE", version)
        except OSError as error:
            raise BuildFailed(f"index version {version} could not be activated: {error.strerror}") from error
        return manifest

    def rollback(self) -> Manifest:
        """Activate the version that was active before.

        Raises:
            NoIndex: if there is none.
        """
        previous = _read_name(self._home / "PREVIOUS")
        if previous is None:
            raise NoIndex("there is no earlier version to go back to", hint="See: marrow index list")
        return self.activate(previous)

    def active_name(self) -> str | None:
        """The name of the active version; None before the first.

        Raises:
            IndexBroken: if the file that names it cannot be read.
        """
        return _read_name(self._home / "ACTIVE")

    def active(self) -> Manifest | None:
        """The manifest of the active version; None before the first."""
        name = self.active_name()
        return self.manifest(name) if name else None

    def versions(self) -> list[Manifest]:
        """All complete versions, oldest first; one whose manifest cannot be used is left out, with a warning."""
        found = []
        for name in sorted(p.name for p in self._versions.glob("*") if p.is_dir() and p.name[0] != "."):
            try:
                found.append(self.manifest(name))
            except RetrieverError as error:
                logger.warning("%s", error)
        return found

    def manifest(self, version: str) -> Manifest:
        """The manifest of a version.

        Raises:
            NoIndex: if there is no such version.
            IndexBroken: if its manifest is missing, of another format or name, or cannot be read.
        """
        if not _VERSION_NAME.fullmatch(version) or not (self._versions / version).is_dir():
            raise NoIndex(f"there is no index version {version!r}", hint="See: marrow index list")
        try:
            written = json.loads((self._versions / version / "manifest.json").read_bytes())
            if isinstance(written, dict) and written.get("format") != FORMAT:
                found = written.get("format")
                raise IndexBroken(f"index version {version} has format {found}, this program reads {FORMAT}")
            manifest = Manifest.model_validate(written)
        except (OSError, ValueError) as error:
            raise IndexBroken(f"the manifest of index version {version} is missing or cannot be read") from error
        if manifest.version != version:
            raise IndexBroken(f"the folder of index version {manifest.version} has been renamed to {version}")
        return manifest

    def open(self, embedder: Embedder, version: str | None = None) -> OpenIndex:
        """Open a version (default: the active one) for search.

        Raises:
            NoIndex: if there is none.
            IndexStale: if it was built with another embedding model.
            IndexBroken: if a file is missing, cut or does not fit the others.
        """
        name = self.active_name() if version is None else version
        if name is None:
            raise NoIndex("no index has been built yet")
        manifest = self.manifest(name)
        demand_fitting(manifest, embedder)
        folder = self._versions / name
        try:
            opened = OpenIndex(
                manifest,
                PassageStore(folder / "passages.db"),
                DenseIndex.read(folder / "dense.faiss"),
                LexicalIndex(folder / "lexical"),
                TokenCodes(folder / "tokens"),
            )
        except _DAMAGE as error:
            raise IndexBroken(f"index version {name} is damaged: {_first_line(error)}") from error
        counts = {opened.store.passages, len(opened.dense), len(opened.lexical), len(opened.codes), manifest.passages}
        if len(counts) > 1 or opened.dense.dimension != manifest.dimension:
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
            elif file_hash(file) != expected:
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
        found: dict[str, set[str]] = {}
        with closing(PassageStore(self._versions / self.manifest(version).version / "passages.db")) as store:
            for passage_id, doc_id in store.passage_ids():
                found.setdefault(doc_id, set()).add(passage_id)
        return {doc_id: frozenset(ids) for doc_id, ids in found.items()}


def demand_fitting(manifest: Manifest, embedder: Embedder) -> None:
    """See that a version was built with this model and with the tables of this program.

    Raises:
        IndexStale: if not.
    """
    if manifest.embedder_checksum != embedder.checksum:
        raise IndexStale(
            f"index version {manifest.version} was built with {manifest.embedder}, not with {embedder.name}"
        )
    if manifest.rules_checksum != rules_checksum():
        raise IndexStale(f"index version {manifest.version} was built by other tables or rules than this program has")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _read_name(file: Path) -> str | None:
    """The version that a file names; None if there is no such file."""
    try:
        return file.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexBroken(f"{file} cannot be read", hint="Choose a version with: marrow index activate") from error
