"""Merging rankings by score or by rank; pure functions."""

from collections.abc import Sequence

Ranking = Sequence[tuple[int, float]]


def min_max_sum(rankings: Sequence[Ranking], *, weights: Sequence[float]) -> list[tuple[int, float]]:
    """Merge rankings by the weighted sum of their scores, each ranking scaled to 0..1.

    Args:
        rankings: (row, score) pairs, best first, one sequence per retriever.
        weights: one per ranking, summing to 1; a row a ranking lacks scores 0 there.

    Returns:
        (row, score in 0..1) pairs, best first; equal scores by row. The rows of a ranking whose scores are all equal
        get 1 there.

    Raises:
        ValueError: if the counts differ, or a ranking holds a row twice.

    Source: Bruch, Gai and Ingber, TOIS 2023, doi:10.1145/3596512.
    """
    merged: dict[int, float] = {}
    for ranking, weight in zip(_checked(rankings), weights, strict=True):
        if not ranking:
            continue
        low = min(score for _, score in ranking)
        width = max(score for _, score in ranking) - low
        for row, score in ranking:
            merged[row] = merged.get(row, 0.0) + weight * ((score - low) / width if width else 1.0)
    return _sorted(merged)


def reciprocal_rank(rankings: Sequence[Ranking], *, k: int = 60) -> list[tuple[int, float]]:
    """Merge rankings by the sum of 1 / (k + rank), rank counting from 1.

    Returns:
        (row, score) pairs, best first; equal scores by row.

    Raises:
        ValueError: if a ranking holds a row twice.

    Source: Cormack, Clarke and Büttcher, SIGIR 2009, doi:10.1145/1571941.1572114.
    """
    merged: dict[int, float] = {}
    for ranking in _checked(rankings):
        for rank, (row, _) in enumerate(ranking, start=1):
            merged[row] = merged.get(row, 0.0) + 1.0 / (k + rank)
    return _sorted(merged)


def _checked(rankings: Sequence[Ranking]) -> Sequence[Ranking]:
    for ranking in rankings:
        if len({row for row, _ in ranking}) != len(ranking):
            raise ValueError("a ranking holds a row twice")
    return rankings


def _sorted(merged: dict[int, float]) -> list[tuple[int, float]]:
    return sorted(merged.items(), key=lambda pair: (-pair[1], pair[0]))
