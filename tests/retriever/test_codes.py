import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retriever.codes import CODE_DIMENSION, TokenCodes, pack_signs, random_projection, write_codes


def projected(seed, count):
    return np.random.default_rng(seed).normal(size=(count, CODE_DIMENSION)).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.lists(st.integers(0, 6), min_size=1, max_size=8), st.integers(1, 5))
def test_best_matches_are_those_of_the_signs(tmp_path_factory, seed, lengths, n_tokens):
    folder = tmp_path_factory.mktemp("codes")
    passages = [projected(seed + place, length) for place, length in enumerate(lengths)]
    write_codes([pack_signs(passage) for passage in passages], folder)
    codes = TokenCodes(folder)
    assert len(codes) == len(lengths)
    tokens = projected(seed + 100, n_tokens)
    tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
    rows = list(range(len(lengths)))[::-1]
    signs = [np.where(passage >= 0, 1, -1) for passage in passages]
    expected = [[(signs[row] @ token).max() / np.sqrt(128) if lengths[row] else -1 for token in tokens] for row in rows]
    assert codes.best_matches(tokens, rows) == pytest.approx(np.array(expected), abs=1e-4)


def test_a_token_matches_its_own_code_best(tmp_path):
    tokens = projected(0, 3)
    tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
    write_codes([pack_signs(tokens[[place]]) for place in range(3)], tmp_path)
    assert TokenCodes(tmp_path).best_matches(tokens, [0, 1, 2]).argmax(axis=0).tolist() == [0, 1, 2]


def test_no_rows_and_no_tokens(tmp_path):
    write_codes([pack_signs(projected(0, 2))], tmp_path)
    codes = TokenCodes(tmp_path)
    assert codes.best_matches(projected(1, 2), []).shape == (0, 2)
    assert codes.best_matches(projected(1, 0), [0]).shape == (1, 0)


def test_no_passage_has_a_code(tmp_path):
    write_codes([pack_signs(projected(0, 0))] * 2, tmp_path)
    assert (TokenCodes(tmp_path).best_matches(projected(1, 2), [1, 0]) == -1).all()


@pytest.mark.parametrize("name", ["codes.bin", "starts.npy"])
def test_a_cut_file_is_refused(tmp_path, name):
    write_codes([pack_signs(projected(0, 50))] * 3, tmp_path)
    file = tmp_path / name
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises((OSError, ValueError)):
        TokenCodes(tmp_path)


def test_random_directions_are_orthonormal_and_always_the_same():
    directions = random_projection(384)
    assert directions.T @ directions == pytest.approx(np.eye(CODE_DIMENSION), abs=1e-5)
    assert (directions == random_projection(384)).all()


def test_a_small_model_has_as_many_directions():
    assert random_projection(64).shape == (64, CODE_DIMENSION)
