import numpy as np
import pytest

from retriever.feedback import nearness_to_best


def test_candidates_near_the_best_come_first():
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 1], [-1, 0]], np.float32)
    # By hand: the two best are rows 1 (0.9) and 2 (0.3); their sum is (0.54, 1.02). Products: 0.54, 0.324 + 0.816 =
    # 1.14, 1.02, -0.54; over their width 1.68: 1.08 / 1.68, 1, 1.56 / 1.68, 0.
    found = nearness_to_best(vectors, [0.1, 0.9, 0.3, 0.0], best=2)
    assert found.tolist() == pytest.approx([1.08 / 1.68, 1, 1.56 / 1.68, 0])


def test_without_a_difference_all_are_near():
    one = np.array([[0.6, 0.8]], np.float32)
    assert nearness_to_best(one, [0.5]).tolist() == [1]
    assert nearness_to_best(np.repeat(one, 3, axis=0), [0.5, 0.2, 0.1]).tolist() == [1, 1, 1]
    assert nearness_to_best(np.zeros((0, 2), np.float32), []).shape == (0,)


def test_where_no_score_says_anything_nothing_is_preferred():
    assert nearness_to_best(np.eye(3, dtype=np.float32), [0, 0, 0]).tolist() == [1, 1, 1]
