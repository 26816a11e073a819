"""FAISS over sentence embeddings."""

from pathlib import Path
from typing import Any

import faiss
import numpy as np

from retriever.embedder import Vectors
from retriever.lexical import Mask


class DenseIndex:
    """An exact inner-product index over unit vectors, so that a score is a cosine."""

    def __init__(self, index: Any) -> None:
        """Wrap a FAISS index whose row i is passage i."""
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> "DenseIndex":
        """Index vectors of shape (n_rows, dimension), kept as float16: half the memory, the same ranking."""
        quantised = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        quantised.add(vectors)
        return cls(quantised)

    @classmethod
    def read(cls, file: Path) -> "DenseIndex":
        """Open a saved index."""
        return cls(faiss.read_index(str(file)))

    def write(self, file: Path) -> None:
        """Save the index."""
        faiss.write_index(self._index, str(file))

    def __len__(self) -> int:
        """The number of rows."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    def search(self, vector: Vectors, k: int, *, allowed: Mask | None = None) -> list[tuple[int, float]]:
        """The k rows nearest to a unit vector of shape (dimension,), best first; equal scores by row.

        Args:
            vector: the query.
            k: how many at most.
            allowed: shape (n_rows,); rows that are False are never returned.
        """
        parameters = None
        if allowed is not None:
            if not allowed.any():
                return []
            bits = np.packbits(allowed, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        scores, rows_found = self._index.search(vector[None, :], k, params=parameters)
        pairs = [(int(row), float(score)) for row, score in zip(rows_found[0], scores[0], strict=True) if row >= 0]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
