"""Vectors already computed, so that one new paper, or a killed build, does not embed everything again."""

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from retriever.embedder import Embedder, Vectors

logger = logging.getLogger(__name__)

# Texts are sorted by length within a window before they are embedded in batches; a window is also one transaction.
WINDOW = 256


def embed_cached(
    texts: Sequence[str], embedder: Embedder, file: Path, *, progress: Callable[[int, int], None]
) -> Vectors:
    """Embed texts, each distinct text once in the life of the cache file.

    Args:
        texts: what to embed.
        embedder: the model; its checksum is part of the key.
        file: the cache, an SQLite file made if missing. A damaged one is started anew.
        progress: called with (texts done, texts in all).

    Returns:
        Unit vectors rounded to float16, shape (n_texts, dimension), float32.

    Raises:
        sqlite3.Error: if the cache cannot be written (a full disk).
    """
    keys = [_key(embedder.checksum, text) for text in texts]
    with closing(_open(file)) as database:
        known = _known(database, embedder.dimension)
        missing = [place for key, place in _first_places(keys).items() if key not in known]
        missing.sort(key=lambda place: len(texts[place]))
        done = len(texts) - len(missing)
        progress(done, len(texts))
        for start in range(0, len(missing), WINDOW):
            window = missing[start : start + WINDOW]
            vectors = embedder.encode([texts[place] for place in window]).astype(np.float16)
            rows = [(keys[place], vector.tobytes()) for place, vector in zip(window, vectors, strict=True)]
            with database:
                database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            done += len(window)
            progress(done, len(texts))
        return _collect(database, keys, embedder.dimension)


def _key(checksum: str, text: str) -> bytes:
    return hashlib.sha256(f"{checksum}\0{text}".encode("utf-8", "surrogatepass")).digest()[:16]


def _open(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connect(file)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        logger.warning("the vector cache is damaged and is started anew: %s", error)
    for part in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        part.unlink(missing_ok=True)
    return _connect(file)


def _connect(file: Path) -> sqlite3.Connection:
    """Open the cache.

    Raises:
        sqlite3.DatabaseError: not an OperationalError, if it is damaged.
    """
    database = sqlite3.connect(file, timeout=30)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        (state,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            raise sqlite3.DatabaseError(state)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _known(database: sqlite3.Connection, dimension: int) -> set[bytes]:
    whole = (dimension * np.dtype(np.float16).itemsize,)
    return {key for (key,) in database.execute("SELECT key FROM vectors WHERE length(vector) = ?", whole)}


def _first_places(keys: Sequence[bytes]) -> dict[bytes, int]:
    places: dict[bytes, int] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, place)
    return places


def _collect(database: sqlite3.Connection, keys: Sequence[bytes], dimension: int) -> Vectors:
    vectors = np.empty((len(keys), dimension), np.float32)
    for place, key in enumerate(keys):
        (blob,) = database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        vectors[place] = np.frombuffer(blob, np.float16)
    return vectors
