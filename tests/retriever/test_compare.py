import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import BadRequest
from retriever.compare import bootstrap_interval, compare_runs, randomisation_p
from retriever.runs import METRICS, QueryResult, Run, RunHeader

SOME = np.random.default_rng(7).normal(0.05, 0.3, (40, 2))


def make_run(scores, *, system="x", questions="digest"):
    """A run whose four metrics are all the score of the question; a question takes 1 ms."""
    header = RunHeader(
        system=system, date="2026-01-01", folder="f", questions=questions, queries=len(scores), documents=9
    )
    results = tuple(
        QueryResult(query=query, metrics=dict.fromkeys(METRICS, score), ranking=(), ms=1.0)
        for query, score in scores.items()
    )
    return Run(header, results)


def test_a_comparison_by_hand():
    a = make_run({"q1": 0.5, "q2": 0.5, "q3": 0.2, "q4": 0.0})
    b = make_run({"q4": 0.5, "q1": 0.5, "q2": 0.4, "q3": 1.0})
    comparison = compare_runs(a, b)
    metric = comparison.metrics["ndcg@10"]
    # Differences: 0, -.1, .8, .5; their mean is .3.
    assert (metric.a, metric.b, metric.difference) == pytest.approx((0.3, 0.6, 0.3))
    assert (metric.better, metric.equal, metric.worse) == (2, 1, 1)
    assert [(c.query, round(c.difference, 9)) for c in comparison.changed_most] == [
        ("q3", 0.8), ("q4", 0.5), ("q2", -0.1),
    ]  # fmt: skip
    # Of the 16 ways to sign them, the sum is at least 1.2 in size for ++ of .8 and .5, whatever .1 and 0: 8 of 16.
    assert metric.p == pytest.approx(8 / 16, abs=0.02)
    assert metric.low < 0.3 < metric.high
    assert comparison.ms_p50 == (1.0, 1.0)


def test_a_run_beside_itself_is_equal_everywhere():
    run = make_run({"q1": 0.1, "q2": 0.7})
    comparison = compare_runs(run, run)
    metric = comparison.metrics["mrr@10"]
    assert (metric.difference, metric.low, metric.high, metric.p) == (0, 0, 0, 1)
    assert (metric.better, metric.equal, metric.worse) == (0, 2, 0)
    assert comparison.changed_most == ()


def test_one_question_says_nothing():
    assert compare_runs(make_run({"q": 0.0}), make_run({"q": 1.0})).metrics["ndcg@10"].p == 1


def test_the_other_way_round_only_the_sign_changes():
    a, b = make_run({f"q{n}": abs(x) for n, (x, _) in enumerate(SOME)}), make_run({f"q{n}": 0.1 for n in range(40)})
    there, back = (compare_runs(*pair).metrics["ndcg@10"] for pair in ((a, b), (b, a)))
    assert (there.difference, there.p) == pytest.approx((-back.difference, back.p))
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert (there.better, there.worse) == (back.worse, back.better)


def test_the_p_value_is_that_of_scipy():
    ours = randomisation_p(SOME, samples=20_000, seed=1)
    for column, p in zip(SOME.T, ours, strict=True):
        test = scipy.stats.permutation_test(
            (column,), np.mean, permutation_type="samples", n_resamples=20_000, rng=np.random.default_rng(2)
        )
        assert p == pytest.approx(test.pvalue, abs=0.015)  # each is off by up to .0035 (one standard deviation)


def test_the_p_value_is_that_of_all_signs_where_scipy_counts_them():
    few = SOME[:10]
    for column, p in zip(few.T, randomisation_p(few, samples=50_000, seed=3), strict=True):
        exact = scipy.stats.permutation_test((column,), np.mean, permutation_type="samples", n_resamples=np.inf)
        assert p == pytest.approx(exact.pvalue, abs=0.01)


def test_the_interval_is_that_of_scipy():
    low, high = bootstrap_interval(SOME, samples=20_000, seed=1)
    theirs = scipy.stats.bootstrap(
        (SOME,), np.mean, axis=0, method="percentile", n_resamples=20_000, rng=np.random.default_rng(2)
    ).confidence_interval
    assert low == pytest.approx(theirs.low, abs=0.004)
    assert high == pytest.approx(theirs.high, abs=0.004)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(0, 5))
def test_comparisons_hold_together_and_repeat(scores, seed):
    a, b = make_run({f"q{n}": s for n, s in enumerate(scores)}), make_run({f"q{n}": 0.5 for n in range(len(scores))})
    first = compare_runs(a, b, samples=500, seed=seed)
    assert first == compare_runs(a, b, samples=500, seed=seed)
    metric = first.metrics["ndcg@10"]
    assert 0 < metric.p <= 1
    assert metric.low <= metric.high
    assert metric.better + metric.equal + metric.worse == len(scores)


@pytest.mark.parametrize(
    ("b", "message"),
    [
        (make_run({"q1": 0.5, "q3": 0.5}), "1 in both, 1 only in the first, 1 only in the second"),
        (make_run({"q1": 0.5}), "1 in both, 1 only in the first, 0 only in the second"),
        (make_run({"q1": 0.5, "q2": 0.5}, questions="other"), "judgements differ"),
    ],
)
def test_runs_over_other_questions_are_refused(b, message):
    with pytest.raises(BadRequest, match=message):
        compare_runs(make_run({"q1": 0.5, "q2": 0.5}), b)
