"""What a figure may be by chance: percentile bootstrap over questions, paired where two models answered the same ones.

Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13; for two systems on the same
questions: Koehn, EMNLP 2004, https://aclanthology.org/W04-3250
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from retriever.records import Record

Places = npt.NDArray[np.intp]
# From the places of questions, drawn with replacement, to a figure; NaN where they allow none.
Statistic = Callable[[Places], float]
RESAMPLES = 2_000
_TAILS = (2.5, 97.5)


class Estimate(Record):
    """A figure with its 95 % interval; both None where it cannot be measured, the interval for one question too."""

    value: float | None
    low: float | None = None
    high: float | None = None


class Comparison(Record):
    """A figure of both models over the same `n` questions; `difference` is tuned less base, its interval paired."""

    n: int
    base: Estimate
    tuned: Estimate
    difference: Estimate


def compare(base: Statistic, tuned: Statistic, n: int, *, resamples: int = RESAMPLES, seed: int = 0) -> Comparison:
    """A figure of two models with the intervals of both and of their difference.

    Args:
        base: the figure of the one model from the places of questions, 0 to n - 1.
        tuned: of the other.
        n: how many questions there are.
        resamples: how many samples of n questions are drawn.
        seed: the same seed gives the same intervals.
    """
    places = np.arange(n)
    generator = np.random.default_rng(seed)
    drawn = [generator.integers(0, n, n) for _ in range(resamples)] if n > 1 else []
    of_base = np.array([base(sample) for sample in drawn])
    of_tuned = np.array([tuned(sample) for sample in drawn])
    here, there = (base(places), tuned(places)) if n else (np.nan, np.nan)
    return Comparison(
        n=n,
        base=_estimate(here, of_base),
        tuned=_estimate(there, of_tuned),
        difference=_estimate(there - here, of_tuned - of_base),
    )


def _estimate(value: float, resampled: npt.NDArray[np.float64]) -> Estimate:
    if np.isnan(value):
        return Estimate(value=None)
    kept = resampled[~np.isnan(resampled)]
    if not kept.size:
        return Estimate(value=round(float(value), 6))
    low, high = np.percentile(kept, _TAILS)
    return Estimate(value=round(float(value), 6), low=round(float(low), 6), high=round(float(high), 6))


def mean_of(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Statistic:
    """The statistic that is the mean of values, one for each question, weighted where weights are given."""
    column = np.asarray(values, dtype=float)
    if weights is None:
        return lambda places: float(column[places].mean())
    heavy = np.asarray(weights, dtype=float)
    return lambda places: float((column[places] * heavy[places]).sum() / heavy[places].sum())
