"""Pseudo-relevance feedback: what the best passages say helps to find what else answers the question."""

from collections.abc import Sequence

import numpy as np

from retriever.embedder import Vectors


def nearness_to_best(vectors: Vectors, scores: Sequence[float], *, best: int = 3) -> Vectors:
    """How near each candidate is to the best few: the mean cosine to them, weighted by their scores.

    The best are compared with themselves too, so that a question with one answer keeps it first.

    Args:
        vectors: unit vectors of the candidates, shape (n, dimension).
        scores: of the candidates, none negative; the `best` highest are the feedback, equal ones in order.
        best: how many.

    Returns:
        Shape (n,), float32, scaled to 0..1; all 1 where the candidates do not differ.

    Source: Li et al., Pseudo relevance feedback with deep language models and dense retrievers, TOIS 2023,
    doi:10.1145/3570724.
    """
    weights = np.asarray(scores, np.float32)
    ranked = np.argsort(-weights, kind="stable")[:best]
    nearness = vectors @ (weights[ranked] @ vectors[ranked])
    low, high = nearness.min(initial=np.inf), nearness.max(initial=-np.inf)
    return np.asarray((nearness - low) / (high - low) if high > low else np.ones(len(vectors)), np.float32)
