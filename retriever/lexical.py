"""BM25 over passages (bm25s: scores computed at build time, memory-mapped at search time)."""

import math
from collections.abc import Iterable
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from retriever.terms import terms

Mask = NDArray[np.bool_]


def build_lexical(texts: Iterable[str], folder: Path) -> None:
    """Index texts, numbered from 0 in their order, into a folder.

    Variant: Lucene's BM25 with k1 = 1.5, b = 0.75.
    Source: Robertson and Zaragoza 2009, doi:10.1561/1500000019; Kamphuis et al. 2020, doi:10.1007/978-3-030-45442-5_4.
    """
    vocabulary: dict[str, int] = {}
    corpus = [[vocabulary.setdefault(term, len(vocabulary)) for term in terms(text)] for text in texts]
    # bm25s cannot index a corpus without a single term; the empty term is in no query.
    empty = vocabulary.setdefault("", len(vocabulary))
    if not any(corpus):
        corpus = [[empty] for _ in corpus]
    index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    index.index((corpus, vocabulary), create_empty_token=False, show_progress=False)
    index.save(folder, show_progress=False)


class LexicalIndex:
    """A BM25 index opened for search."""

    def __init__(self, folder: Path) -> None:
        """Open the index in a folder, its arrays memory-mapped."""
        self._index = bm25s.BM25.load(folder, mmap=True, show_progress=False)

    def __len__(self) -> int:
        """The number of rows."""
        return int(self._index.scores["num_docs"])

    def search(self, query: str, k: int, *, allowed: Mask | None = None) -> list[tuple[int, float]]:
        """The best k (row, score) pairs with a score above 0, best first; equal scores by row.

        Args:
            query: text; terms the index lacks are ignored.
            k: how many at most.
            allowed: shape (n_rows,); rows that are False are never returned.
        """
        ids = self._index.get_tokens_ids(sorted(set(terms(query))))
        if not ids:
            return []
        scores = self._index.get_scores_from_ids(ids)
        if allowed is not None:
            scores = np.where(allowed, scores, 0.0)
        return top_rows(scores, k)

    def knows(self, term: str) -> bool:
        """Whether any text has a term."""
        return term in self._index.vocab_dict

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term, ln(1 + (N - df + 0.5) / (df + 0.5)); largest for an unknown one."""
        rows, known = int(self._index.scores["num_docs"]), self._index.vocab_dict.get(term)
        pointers = self._index.scores["indptr"]
        frequency = 0 if known is None else int(pointers[known + 1]) - int(pointers[known])
        return math.log(1 + (rows - frequency + 0.5) / (frequency + 0.5))


def top_rows(scores: NDArray[np.floating], k: int) -> list[tuple[int, float]]:
    """The k best rows with a score above 0, best first; equal scores by row, also at the cut."""
    positive = np.flatnonzero(scores > 0)
    if positive.size > k:
        cut = np.partition(scores[positive], positive.size - k)[positive.size - k]
        positive = positive[scores[positive] >= cut]
    order = np.lexsort((positive, -scores[positive]))[:k]
    return [(int(row), float(scores[row])) for row in positive[order]]
