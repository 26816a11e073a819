import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.fusion import min_max_sum, reciprocal_rank

RANKING = st.dictionaries(st.integers(0, 30), st.floats(-5, 50, width=32), max_size=20).map(
    lambda scores: sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
)


def test_a_passage_both_retrievers_like_comes_first():
    merged = min_max_sum([[(1, 9.0), (3, 1.0)], [(2, 0.8), (1, 0.6), (4, 0.0)]], weights=[0.5, 0.5])
    # By hand: 1 = .5*1 + .5*.75 = .875; 2 = .5*1 = .5; 3 = .5*0 = 0; 4 = 0.
    assert [row for row, _ in merged] == [1, 2, 3, 4]
    assert [score for _, score in merged] == pytest.approx([0.875, 0.5, 0.0, 0.0])


def test_weights_decide():
    rankings = [[(1, 2.0), (2, 1.0)], [(2, 2.0), (1, 1.0)]]
    assert [row for row, _ in min_max_sum(rankings, weights=[0.6, 0.4])] == [1, 2]
    assert [row for row, _ in min_max_sum(rankings, weights=[0.4, 0.6])] == [2, 1]


def test_equal_scores_in_a_ranking_get_one():
    assert min_max_sum([[(7, 3.0)], []], weights=[0.5, 0.5]) == [(7, 0.5)]
    assert min_max_sum([[(8, 3.0), (7, 3.0)]], weights=[1.0]) == [(7, 1.0), (8, 1.0)]


def test_nothing_merges_to_nothing():
    assert min_max_sum([[], []], weights=[0.5, 0.5]) == []
    assert reciprocal_rank([[], []]) == []


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="twice"):
        min_max_sum([[(1, 2.0), (1, 1.0)]], weights=[1.0])
    with pytest.raises(ValueError, match="twice"):
        reciprocal_rank([[(1, 2.0), (1, 1.0)]])
    with pytest.raises(ValueError):
        min_max_sum([[(1, 2.0)]], weights=[0.5, 0.5])


def test_reciprocal_rank_by_hand():
    merged = reciprocal_rank([[(1, 9.0), (2, 8.0)], [(2, 0.9), (3, 0.1)]], k=60)
    # By hand: 2 = 1/62 + 1/61; 1 = 1/61; 3 = 1/62.
    assert merged == [(2, pytest.approx(1 / 62 + 1 / 61)), (1, pytest.approx(1 / 61)), (3, pytest.approx(1 / 62))]


def test_reciprocal_rank_breaks_ties_by_row():
    assert [row for row, _ in reciprocal_rank([[(5, 1.0)], [(2, 1.0)]])] == [2, 5]


@given(RANKING, RANKING, st.floats(0, 1))
def test_min_max_sum_keeps_every_row_and_stays_in_bounds(one, other, weight):
    merged = min_max_sum([one, other], weights=[weight, 1 - weight])
    assert {row for row, _ in merged} == {row for row, _ in [*one, *other]}
    assert all(-1e-9 <= score <= 1 + 1e-9 for _, score in merged)
    assert merged == sorted(merged, key=lambda pair: (-pair[1], pair[0]))


@given(RANKING)
def test_a_single_ranking_keeps_its_order(ranking):
    order = [row for row, _ in ranking]
    assert [row for row, _ in reciprocal_rank([ranking])] == order
