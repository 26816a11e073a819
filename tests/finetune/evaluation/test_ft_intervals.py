import numpy as np
import pytest
from scipy.stats import bootstrap

from finetune.evaluation.intervals import compare, mean_of


def test_intervals_agree_with_scipy():
    generator = np.random.default_rng(5)
    base, tuned = generator.normal(0.5, 0.2, 80), generator.normal(0.6, 0.2, 80)
    ours = compare(mean_of(base), mean_of(tuned), 80, resamples=4_000, seed=1)

    def theirs(values):
        found = bootstrap((values,), np.mean, n_resamples=4_000, method="percentile", rng=2).confidence_interval
        return pytest.approx((found.low, found.high), abs=0.005)

    assert (ours.base.low, ours.base.high) == theirs(base)
    assert (ours.tuned.low, ours.tuned.high) == theirs(tuned)
    assert (ours.difference.low, ours.difference.high) == theirs(tuned - base)
    assert ours.difference.value == pytest.approx(tuned.mean() - base.mean(), abs=1e-6)


def test_a_paired_change_is_surer_than_its_sides():
    # Every question is 0.1 better, however hard it is: by hand the change is 0.1 in every resample.
    base = np.linspace(0, 1, 30)
    found = compare(mean_of(base), mean_of(base + 0.1), 30)
    assert (found.difference.low, found.difference.high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert found.base.high is not None and found.base.low is not None
    assert found.base.high - found.base.low > 0.1


def test_a_mean_by_weights_is_one_over_all_tokens():
    # Two answers with 1 and 3 tokens: 2 nats and 1 nat a token: (1*2 + 3*1) / 4.
    assert compare(mean_of([2, 1], [1, 3]), mean_of([0, 0], [1, 3]), 2).base.value == 1.25


def test_what_cannot_be_measured_is_none():
    alone = compare(mean_of([1.0]), mean_of([0.0]), 1)
    assert (alone.base.value, alone.base.low) == (1.0, None)
    assert compare(mean_of([]), mean_of([]), 0).difference.value is None


def test_the_same_seed_draws_the_same():
    values = mean_of(np.arange(9.0))
    assert compare(values, values, 9, seed=3) == compare(values, values, 9, seed=3)
