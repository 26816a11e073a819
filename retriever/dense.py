"""FAISS over sentence embeddings: every vector compared while they are few, an inverted file of 4-bit codes above."""

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from retriever.embedder import Vectors
from retriever.errors import BuildFailed
from retriever.lexical import Mask

logger = logging.getLogger(__name__)

# Up to here comparing every vector takes no more than 3 ms and misses nothing (measured by benchmarks/scale.py).
EXACT_ROWS = 100_000
RECALL = 0.98
# How many rows the codes select, to be compared by their vectors: at least so many, and so many for each asked for.
_CANDIDATES, _CANDIDATES_PER_HIT = 1_000, 4
# As many rows that a filter lets through are all compared: in 2 ms.
_FEW = 5_000
_SLICE = 50_000
_TRAINING_ROWS = 60_000
_TEST_QUERIES = 200
# FAISS' scan for one question at a time, without threads, which at this size cost more than they bring.
_ONE_QUERY = 11


class DenseIndex:
    """An inner-product index over unit vectors, so that a score is a cosine; safe to use from several threads.

    All vectors are kept in half precision, mapped from disk. Above `EXACT_ROWS` an inverted file with product-quantised
    4-bit codes of three dimensions each selects candidates, whose scores are then computed from the vectors. At a
    million rows this takes 3 ms for 0.99 of the ten best of real questions; an inverted file of 8-bit vectors finds
    0.94 of them in 2 ms, and 0.98 only when all of it is searched (`benchmarks/scale.py` measures both).
    Source: André, Kermarrec and Le Scouarnec 2015, doi:10.14778/2856318.2856324 (the scan); Jégou, Douze and Schmid
    2011, doi:10.1109/TPAMI.2010.57 (the codes).

    Attributes:
        recall_at_10: the share of the exact ten best found, measured when it was built; None for one that was read.
    """

    def __init__(self, exact: Any, coarse: Any = None, *, recall_at_10: float | None = None) -> None:
        """Wrap FAISS indexes whose row i is passage i: all vectors, and the codes where there are any."""
        if coarse is not None and (coarse.ntotal, coarse.d) != (exact.ntotal, exact.d):
            raise ValueError("the codes and the vectors are not of the same passages")
        self._exact, self._coarse, self.recall_at_10 = exact, coarse, recall_at_10
        if coarse is not None:
            coarse.implem = _ONE_QUERY

    @classmethod
    def build(
        cls, vectors: NDArray[np.floating], *, exact_rows: int = EXACT_ROWS, recall: float = RECALL
    ) -> "DenseIndex":
        """Index unit vectors of shape (n_rows, dimension), float32 or float16, also a memory-mapped file.

        Args:
            vectors: read in slices; what stays in memory is 2.2 bytes for each number.
            exact_rows: up to how many rows all are compared.
            recall: the share of the exact ten best that is to be found above that, 0..1.

        Raises:
            BuildFailed: if even a search of all lists finds less.
        """
        exact = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        for part in _slices(vectors):
            exact.add(part)
        if len(vectors) <= exact_rows:
            return cls(exact, recall_at_10=1.0)
        coarse = _trained(vectors)
        for part in _slices(vectors):
            coarse.add(part)
        index = cls(exact, coarse)
        index._widen(vectors, recall)
        return index

    def _widen(self, vectors: NDArray[np.floating], recall: float) -> None:
        """Search more lists, until the ten best are found."""
        queries = _test_queries(vectors)
        tenth = _tenth_scores(vectors, queries)
        n_probes = max(1, self._coarse.nlist // 8)
        while True:
            self._coarse.nprobe = n_probes
            # Counted by score: of passages that are equally near, any may be found.
            hits = [sum(s >= t for _, s in self.search(q, 10)) for q, t in zip(queries, tenth - 1e-4, strict=True)]
            self.recall_at_10 = float(np.mean(np.minimum(hits, 10))) / min(10, len(vectors))
            logger.info("recall@10 %.3f with %d of %d lists", self.recall_at_10, n_probes, self._coarse.nlist)
            if self.recall_at_10 >= recall:
                return
            if n_probes == self._coarse.nlist:
                raise BuildFailed(f"approximate search finds {self.recall_at_10:.3f} of the ten best, not {recall}")
            n_probes = min(2 * n_probes, self._coarse.nlist)

    @classmethod
    def read(cls, file: Path) -> "DenseIndex":
        """Open a saved index; the vectors stay on the disk until they are needed.

        Raises:
            OSError, RuntimeError, ValueError: if a file is missing or damaged.
        """
        exact = faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC)
        codes = _codes_file(file)
        if not codes.exists() and exact.ntotal <= EXACT_ROWS:
            return cls(exact)
        return cls(exact, faiss.read_index(str(codes)))

    def write(self, file: Path) -> None:
        """Save the index: the vectors in `file`, the codes beside it."""
        faiss.write_index(self._exact, str(file))
        if self._coarse is not None:
            faiss.write_index(self._coarse, str(_codes_file(file)))

    def __len__(self) -> int:
        """The number of rows."""
        return int(self._exact.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._exact.d)

    def vectors(self, rows: Sequence[int] | NDArray[np.integer]) -> Vectors:
        """The vectors of rows, shape (n, dimension), in their order, as the index keeps them."""
        if not len(rows):
            return np.zeros((0, self.dimension), np.float32)
        return np.asarray(self._exact.reconstruct_batch(np.asarray(rows, np.int64)), np.float32)

    def search(self, vector: Vectors, k: int, *, allowed: Mask | None = None) -> list[tuple[int, float]]:
        """The k rows nearest to a unit vector of shape (dimension,), best first; equal scores by row.

        Args:
            vector: the query.
            k: how many at most.
            allowed: shape (n_rows,); rows that are False are never returned, and take no place among the candidates.
        """
        n_allowed = len(self) if allowed is None else int(np.count_nonzero(allowed))
        k = min(k, n_allowed)
        if k < 1:
            return []
        with _one_thread():
            if allowed is not None and n_allowed <= _FEW:
                rows = np.flatnonzero(allowed)
            elif self._coarse is None:
                return self._compare_all(vector, k, allowed)
            else:
                rows = self._candidates(vector, max(_CANDIDATES, k * _CANDIDATES_PER_HIT), allowed, n_allowed)
            # Not by a matrix product: that may round equal vectors differently.
            scores = np.einsum("ij,j->i", self.vectors(rows), vector)
        order = np.lexsort((rows, -scores))[:k]
        return [(int(row), float(score)) for row, score in zip(rows[order], scores[order], strict=True)]

    def _compare_all(self, vector: Vectors, k: int, allowed: Mask | None) -> list[tuple[int, float]]:
        parameters = faiss.SearchParameters(sel=_selector(allowed)) if allowed is not None else None
        scores, found = self._exact.search(vector[None, :], k, params=parameters)
        pairs = [(int(row), float(score)) for row, score in zip(found[0], scores[0], strict=True) if row >= 0]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _candidates(self, vector: Vectors, n: int, allowed: Mask | None, n_allowed: int) -> NDArray[np.int64]:
        """The n rows nearest by their codes. The fewer rows are allowed, the more lists are searched for them."""
        n_probes = min(math.ceil(self._coarse.nprobe * len(self) / n_allowed), self._coarse.nlist)
        options = {} if allowed is None else {"sel": _selector(allowed)}
        parameters = faiss.SearchParametersIVF(nprobe=n_probes, **options)
        found = self._coarse.search(vector[None, :], min(n, len(self)), params=parameters)[1][0]
        return np.asarray(found[found >= 0], np.int64)


@contextmanager
def _one_thread() -> Iterator[None]:
    """For one question FAISS' threads cost more than they bring; torch, on the same OpenMP, keeps its own after it."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _codes_file(file: Path) -> Path:
    return file.with_suffix(".codes.faiss")


def _selector(allowed: Mask) -> Any:
    return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def _slices(vectors: NDArray[np.floating]) -> Iterator[Vectors]:
    for start in range(0, len(vectors), _SLICE):
        yield np.ascontiguousarray(vectors[start : start + _SLICE], np.float32)


def _trained(vectors: NDArray[np.floating]) -> Any:
    n_rows, dimension = vectors.shape
    n_lists = min(max(n_rows // 4_096, 1), 4_096)
    n_codes = dimension // next(width for width in (3, 2, 1) if dimension % width == 0)
    index = faiss.index_factory(dimension, f"IVF{n_lists},PQ{n_codes}x4fs", faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False
    index.cp.max_points_per_centroid = 64
    sample = np.random.default_rng(0).choice(n_rows, min(n_rows, _TRAINING_ROWS), replace=False)
    index.train(np.ascontiguousarray(vectors[np.sort(sample)], np.float32))
    return index


def _test_queries(vectors: NDArray[np.floating]) -> Vectors:
    """Unit vectors that are as hard to search for as questions: a question is farther from passages than they are.

    Two passages and noise twice as long as either: the nearest of a million passages then has a cosine near 0.5, as for
    the questions of BioASQ and MedQuAD, and as large a part of the ten best is missed (benchmarks/scale.py).
    """
    random = np.random.default_rng(1)
    one, other = (vectors[random.integers(0, len(vectors), _TEST_QUERIES)].astype(np.float32) for _ in range(2))
    noise = random.normal(scale=2 / math.sqrt(vectors.shape[1]), size=one.shape)
    queries = one + other + noise
    return np.asarray(queries / np.linalg.norm(queries, axis=1, keepdims=True), np.float32)


def _tenth_scores(vectors: NDArray[np.floating], queries: Vectors) -> Vectors:
    """The tenth best cosine of every query, shape (n_queries,)."""
    best = np.full((len(queries), 10), -np.inf, np.float32)
    for part in _slices(vectors):
        scores = np.concatenate([best, queries @ part.T], axis=1)
        best = np.partition(scores, scores.shape[1] - 10, axis=1)[:, -10:]
    return np.asarray(best.min(axis=1), np.float32)
