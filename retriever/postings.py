"""Postings on disk: for every term the rows that have it, with its impact; written in bounded memory, read mapped.

terms.npy    uint64 (n_terms,)      hashes of the terms, ascending
starts.npy   int64 (n_terms + 1,)   where the postings of a term begin
rows.npy     uint32 (n_postings,)   ascending within a term
impacts.npy  float32 (n_postings,)  what a row scores for the term
peaks.npy    float32 (n_terms,)     the largest impact of a term
size.npy     int64 ()               how many rows there are, those without a term too
"""

import hashlib
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retriever.errors import IndexBroken

# Tokens held in memory before they are sorted and set aside; eight bytes each, and some five times that while sorting.
CHUNK_TOKENS = 8_000_000
_MAX_FIELDS = 4

# Of n postings: document frequencies (n,), field frequencies (n, n_fields), field lengths (n, n_fields); impacts (n,)
Impact = Callable[[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Posting:
    """The rows of one term, ascending, uint32 (n,), their impacts, float32 (n,), and the largest of these."""

    term: str
    rows: NDArray[np.uint32]
    impacts: NDArray[np.float32]
    peak: float


@contextmanager
def damage_named(place: Path) -> Iterator[None]:
    """Name what reading overwritten arrays or tables raises: a row or value that is not there, or of another kind.

    Raises:
        IndexBroken: if the block raises such an error.
    """
    try:
        yield
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise IndexBroken(f"{place} is damaged: {error}") from error


class Postings:
    """Postings opened for reading, memory-mapped."""

    def __init__(self, folder: Path) -> None:
        """Open what a `PostingsWriter` wrote.

        Raises:
            OSError, ValueError: if a file is missing, cut, or does not fit the others.
        """
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _FILES}
        self._terms, self._starts, self._peaks = arrays["terms"], arrays["starts"], arrays["peaks"]
        self._rows, self._impacts, self.n_rows = arrays["rows"], arrays["impacts"], int(arrays["size"])
        sizes = {len(self._rows), len(self._impacts), int(self._starts[-1])}
        if len(sizes) > 1 or not len(self._terms) == len(self._peaks) == len(self._starts) - 1:
            raise ValueError(f"the postings in {folder} do not fit together")

    def frequency(self, term: str) -> int:
        """In how many rows a term is."""
        place = self._place(term)
        return 0 if place is None else int(self._starts[place + 1] - self._starts[place])

    def posting(self, term: str) -> Posting | None:
        """The posting of a term; None if no row has it."""
        place = self._place(term)
        if place is None:
            return None
        span = slice(int(self._starts[place]), int(self._starts[place + 1]))
        # As plain arrays: every operation on a memmap pays for its subclass.
        rows, impacts = np.asarray(self._rows[span]), np.asarray(self._impacts[span])
        return Posting(term, rows, impacts, float(self._peaks[place]))

    def _place(self, term: str) -> int | None:
        key = _hash(term)
        place = int(np.searchsorted(self._terms, key))
        return place if place < len(self._terms) and self._terms[place] == key else None


_FILES = ("terms", "starts", "rows", "impacts", "peaks", "size")


def _hash(term: str) -> np.uint64:
    """Among 3 million terms the chance that any two share a hash is 2 in 10 million; they would share their rows."""
    return np.uint64(int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()))


class PostingsWriter:
    """Collects the terms of rows and writes their postings; memory is bound by the vocabulary, not by the rows."""

    def __init__(self, folder: Path, *, n_fields: int, chunk_tokens: int = CHUNK_TOKENS) -> None:
        """Write into a folder, made if need be. At most 4 fields; `chunk_tokens` are held before they are sorted."""
        if not 1 <= n_fields <= _MAX_FIELDS:
            raise ValueError(f"{n_fields} fields; there can be 1 to {_MAX_FIELDS}")
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._ids: dict[str, int] = {}
        self._keys = array("Q")
        self._lengths = array("I")
        self._n_fields = n_fields
        self._chunk_tokens = chunk_tokens
        self._n_rows = 0
        self._spills: list[Path] = []
        self._scratch = tempfile.TemporaryDirectory(dir=folder, prefix=".spill-")

    def numbered(self, terms: Sequence[str]) -> "array[int]":
        """The numbers of terms, to be given to `add`; a new term gets the next one."""
        ids = self._ids
        return array("Q", [ids.setdefault(term, len(ids)) for term in terms])

    def add(self, fields: "Sequence[array[int]]") -> None:
        """Add the next row, each field as numbers of its terms, repeats kept."""
        for field, numbers in enumerate(fields):
            tail = self._n_rows << 2 | field
            self._keys.extend([number << 34 | tail for number in numbers])
            self._lengths.append(len(numbers))
        self._n_rows += 1
        if len(self._keys) >= self._chunk_tokens:
            self._spill()

    def _spill(self) -> None:
        """Set the tokens aside as postings: a token is term << 34 | row << 2 | field."""
        keys, counts = np.unique(np.frombuffer(self._keys, np.uint64), return_counts=True)
        pairs = keys >> np.uint64(2)
        first = np.flatnonzero(np.r_[True, pairs[1:] != pairs[:-1]]) if len(pairs) else np.zeros(0, np.int64)
        owner = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(pairs)]))
        frequencies = np.zeros((len(first), self._n_fields), np.uint16)
        frequencies[owner, (keys & np.uint64(3)).astype(np.intp)] = np.minimum(counts, 65_535)
        file = Path(self._scratch.name) / str(len(self._spills))
        with file.open("wb") as stream:
            np.save(stream, pairs[first])
            np.save(stream, frequencies)
        self._spills.append(file)
        self._keys = array("Q")

    @property
    def n_rows(self) -> int:
        """How many rows were added."""
        return self._n_rows

    def lengths(self) -> NDArray[np.uint32]:
        """How many terms each field of each row has, shape (n_rows, n_fields)."""
        return np.frombuffer(self._lengths, np.uint32).reshape(-1, self._n_fields)

    def finish(self, impact: Impact) -> None:
        """Write the files; `impact` scores the postings, some millions at a time."""
        self._spill()
        places, starts = self._layout()
        lengths = self.lengths()
        n_postings = int(starts[-1])
        rows = np.lib.format.open_memmap(self._folder / "rows.npy", "w+", np.uint32, (n_postings,))
        impacts = np.lib.format.open_memmap(self._folder / "impacts.npy", "w+", np.float32, (n_postings,))
        peaks, cursor, frequencies = np.zeros(len(places), np.float32), starts[:-1].copy(), np.diff(starts)
        for terms, chunk_rows, counts in self._read_spills():
            term = places[terms]
            first = np.flatnonzero(np.r_[True, term[1:] != term[:-1]])
            sizes = np.diff(np.r_[first, len(term)])
            target = np.repeat(cursor[term[first]] - first, sizes) + np.arange(len(term))
            scores = impact(frequencies[term], counts.astype(np.float64), lengths[chunk_rows].astype(np.float64))
            rows[target], impacts[target] = chunk_rows, scores
            peaks[term[first]] = np.maximum(peaks[term[first]], np.maximum.reduceat(impacts[target], first))
            cursor[term[first]] += sizes
        rows.flush()
        impacts.flush()
        np.save(self._folder / "peaks.npy", peaks)
        np.save(self._folder / "size.npy", np.int64(self._n_rows))
        self._scratch.cleanup()

    def _layout(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Write terms and starts; the place of every term number (n_terms,), and the starts."""
        hashes = np.array([_hash(term) for term in self._ids], np.uint64)
        order = np.argsort(hashes)
        places = np.empty(len(order), np.int64)
        places[order] = np.arange(len(order))
        frequencies = np.zeros(len(order), np.int64)
        for terms, _, _ in self._read_spills():
            frequencies += np.bincount(terms, minlength=len(order))
        starts = np.r_[0, np.cumsum(frequencies[order])].astype(np.int64)
        np.save(self._folder / "terms.npy", hashes[order])
        np.save(self._folder / "starts.npy", starts)
        return places, starts

    def _read_spills(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint16]]]:
        for file in self._spills:
            with file.open("rb") as stream:
                pairs, counts = np.load(stream), np.load(stream)
            if len(pairs):
                yield (
                    (pairs >> np.uint64(32)).astype(np.int64),
                    (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32),
                    counts,
                )
