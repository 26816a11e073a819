import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retriever.dense import DenseIndex


def unit_rows(seed, rows, dimension=24):
    vectors = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)
    # Rounded as the index keeps them, so that numpy's products are exact ones of the same numbers.
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 200), st.integers(1, 60), st.floats(0, 1))
def test_search_is_exact(seed, rows, k, share):
    vectors, query = unit_rows(seed, rows), unit_rows(seed + 1, 1)[0]
    allowed = np.random.default_rng(seed).random(rows) < share
    index = DenseIndex.build(vectors)
    cosines = vectors @ query
    for mask in (None, allowed):
        candidates = np.arange(rows) if mask is None else np.flatnonzero(mask)
        found = index.search(query, k, allowed=mask)
        expected = candidates[np.argsort(-cosines[candidates], kind="stable")][:k]
        assert len(found) == len(expected)
        assert [score for _, score in found] == pytest.approx(cosines[expected].tolist(), abs=1e-5)
        assert {row for row, _ in found} <= set(candidates.tolist())
        assert all(score == pytest.approx(float(cosines[row]), abs=1e-5) for row, score in found)


def test_equal_scores_come_by_row():
    vectors = np.tile(unit_rows(0, 1), (50, 1))
    assert [row for row, _ in DenseIndex.build(vectors).search(vectors[0], 10)] == list(range(10))


def test_a_saved_index_is_read_back(tmp_path):
    vectors = unit_rows(3, 40)
    index = DenseIndex.build(vectors)
    index.write(tmp_path / "dense.faiss")
    again = DenseIndex.read(tmp_path / "dense.faiss")
    assert (len(again), again.dimension) == (40, 24)
    assert again.search(vectors[7], 5) == index.search(vectors[7], 5)
