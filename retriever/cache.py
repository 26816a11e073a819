"""Vectors already computed, so that one new paper, or a killed build, does not embed everything again."""

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retriever.codes import CODE_BYTES, Codes
from retriever.embedder import Embedder

logger = logging.getLogger(__name__)

# Texts are sorted by length within a window before they are embedded in batches; a window is also one transaction.
WINDOW = 256


@dataclass(frozen=True, slots=True)
class CachedPassages:
    """What the index takes of passages, in their order.

    `vectors` are unit vectors, shape (n_passages, dimension), float16; `codes` are read from the cache as they are
    asked for, once.
    """

    vectors: NDArray[np.float16]
    codes: Iterator[Codes]


@contextmanager
def embedded(
    texts: Sequence[str], embedder: Embedder, file: Path, *, progress: Callable[[int, int], None]
) -> Iterator[CachedPassages]:
    """Embed texts, each distinct text once in the life of the cache file.

    Args:
        texts: what to embed.
        embedder: the model; its checksum is part of the key.
        file: the cache, an SQLite file made if missing. A damaged one is started anew.
        progress: called with (texts done, texts in all).

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
            made = embedder.encode_passages([texts[place] for place in window])
            rows = [
                (keys[place], vector.tobytes(), codes.tobytes())
                for place, vector, codes in zip(window, made.vectors.astype(np.float16), made.codes, strict=True)
            ]
            with database:
                database.executemany("INSERT OR REPLACE INTO passages VALUES (?, ?, ?)", rows)
            done += len(window)
            progress(done, len(texts))
        yield CachedPassages(_vectors(database, keys, embedder.dimension), _codes(database, keys))


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
        database.execute("CREATE TABLE IF NOT EXISTS passages (key BLOB PRIMARY KEY, vector BLOB, codes BLOB)")
        (state,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            raise sqlite3.DatabaseError(state)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _known(database: sqlite3.Connection, dimension: int) -> set[bytes]:
    """The keys of whole rows; another is made again."""
    whole = (dimension * np.dtype(np.float16).itemsize, CODE_BYTES)
    rows = database.execute("SELECT key FROM passages WHERE length(vector) = ? AND length(codes) % ? = 0", whole)
    return {key for (key,) in rows}


def _first_places(keys: Sequence[bytes]) -> dict[bytes, int]:
    places: dict[bytes, int] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, place)
    return places


def _vectors(database: sqlite3.Connection, keys: Sequence[bytes], dimension: int) -> NDArray[np.float16]:
    vectors = np.empty((len(keys), dimension), np.float16)
    for place, key in enumerate(keys):
        (blob,) = database.execute("SELECT vector FROM passages WHERE key = ?", (key,)).fetchone()
        vectors[place] = np.frombuffer(blob, np.float16)
    return vectors


def _codes(database: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[Codes]:
    for key in keys:
        (blob,) = database.execute("SELECT codes FROM passages WHERE key = ?", (key,)).fetchone()
        yield np.frombuffer(blob, np.uint8).reshape(-1, CODE_BYTES)
