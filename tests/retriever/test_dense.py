import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from retriever.dense import DenseIndex
from retriever.errors import BuildFailed


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


@pytest.fixture(scope="module")
def vectors():
    return unit_rows(5, 20_000)


@pytest.fixture(scope="module")
def approximate(vectors):
    return DenseIndex.build(vectors.astype(np.float16), exact_rows=1_000)


def best(cosines, k):
    return np.argsort(-cosines, kind="stable")[:k].tolist()


def test_approximate_search_finds_nearly_all_and_says_how_much(approximate, vectors):
    queries = unit_rows(6, 100)
    found = [[row for row, _ in approximate.search(query, 10)] for query in queries]
    shares = [len({*rows} & {*best(vectors @ query, 10)}) / 10 for rows, query in zip(found, queries, strict=True)]
    assert np.mean(shares) >= 0.98
    assert 0.98 <= approximate.recall_at_10 <= 1.0


def test_approximate_scores_are_the_cosines_in_order(approximate, vectors):
    query = unit_rows(7, 1)[0]
    found = approximate.search(query, 100)
    assert found == approximate.search(query, 100)
    assert [score for _, score in found] == pytest.approx([float(vectors[row] @ query) for row, _ in found], abs=1e-5)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.02, 0.3, 0.5, 0.999])
def test_a_filter_takes_nothing_from_what_it_lets_through(approximate, vectors, share):
    allowed = np.random.default_rng(8).random(len(vectors)) < share
    rows = np.flatnonzero(allowed)
    for query in unit_rows(9, 20):
        found = {row for row, _ in approximate.search(query, 10, allowed=allowed)}
        expected = {int(rows[place]) for place in best(vectors[rows] @ query, 10)}
        assert found <= set(rows.tolist())
        # Up to 5,000 rows are all compared.
        assert found == expected if len(rows) <= 5_000 else len(found & expected) >= 8


def test_more_hits_than_candidates_can_be_asked_for(approximate):
    assert len(approximate.search(unit_rows(10, 1)[0], 3_000)) == 3_000


def test_equal_vectors_come_by_row_in_approximate_search():
    index = DenseIndex.build(np.tile(unit_rows(0, 1), (2_000, 1)), exact_rows=100)
    assert len({score for _, score in index.search(unit_rows(0, 1)[0], 10)}) == 1
    rows = [row for row, _ in index.search(unit_rows(0, 1)[0], 10)]
    assert rows == sorted(rows)


def test_a_recall_out_of_reach_fails_the_build(vectors):
    with pytest.raises(BuildFailed, match="of the ten best"):
        DenseIndex.build(vectors[:2_000], exact_rows=100, recall=1.01)


def test_an_approximate_index_is_read_back(tmp_path, approximate):
    approximate.write(tmp_path / "dense.faiss")
    again, query = DenseIndex.read(tmp_path / "dense.faiss"), unit_rows(11, 1)[0]
    assert again.search(query, 10) == approximate.search(query, 10)
    assert np.array_equal(again.vectors([3, 1]), approximate.vectors([3, 1]))


def test_codes_of_another_index_are_refused(tmp_path, approximate, vectors):
    approximate.write(tmp_path / "dense.faiss")
    DenseIndex.build(vectors[:500]).write(tmp_path / "dense.faiss")
    with pytest.raises(ValueError, match="not of the same passages"):
        DenseIndex.read(tmp_path / "dense.faiss")


@pytest.mark.parametrize("exact_rows", [100, 100_000])
def test_vectors_are_given_back_in_the_order_asked_for(vectors, exact_rows):
    index = DenseIndex.build(vectors[:2_000], exact_rows=exact_rows)
    assert np.array_equal(index.vectors([7, 3, 7]), vectors[[7, 3, 7]])
    assert index.vectors([]).shape == (0, 24)


def test_vectors_in_a_mapped_file_of_half_precision_are_taken(tmp_path, vectors):
    mapped = np.lib.format.open_memmap(tmp_path / "v.npy", "w+", np.float16, (300, 24))
    mapped[:] = vectors[:300]
    assert np.array_equal(DenseIndex.build(mapped).vectors(range(300)), vectors[:300])


@pytest.mark.parametrize("name", ["dense.faiss", "dense.codes.faiss"])
def test_a_cut_file_is_an_error_not_a_crash(tmp_path, vectors, name):
    DenseIndex.build(vectors[:2_000], exact_rows=100).write(tmp_path / "dense.faiss")
    file = tmp_path / name
    data = file.read_bytes()
    for size in (0, 1, 40, len(data) // 2, len(data) - 1):
        # Anew, as a build writes it: cutting a file that is mapped would cut it under its reader.
        file.unlink()
        file.write_bytes(data[:size])
        with pytest.raises((RuntimeError, ValueError)):
            DenseIndex.read(tmp_path / "dense.faiss")


@pytest.mark.parametrize("exact_rows", [100, 100_000])
def test_torch_keeps_its_threads(vectors, exact_rows):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        index = DenseIndex.build(vectors[:2_000], exact_rows=exact_rows)
        assert torch.get_num_threads() == 2
        index.search(vectors[0], 5)
        index.search(vectors[0], 5, allowed=np.arange(2_000) < 10)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
