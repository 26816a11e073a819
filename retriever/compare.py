"""Two runs over the same questions: what changed, and whether it could be chance."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ingest.errors import BadRequest
from retriever.records import Record
from retriever.runs import METRICS, QueryResult, Run, RunHeader

Floats = NDArray[np.float64]

SAMPLES = 10_000
SEED = 0
CHANGED_MOST = 10
# Samples drawn at a time: 1,000 for 10,000 questions are 80 MB.
CHUNK = 1_000
# Means that differ by less are the same mean, summed in another order.
ROUNDING = 1e-12


class MetricComparison(Record):
    """A metric in both runs; `difference` is b - a, `low` and `high` its 95 % interval, `p` two-sided.

    `better`, `equal` and `worse` count questions, as b does beside a.
    """

    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float
    better: int
    equal: int
    worse: int


class Change(Record):
    """A question whose nDCG@10 changed."""

    query: str
    a: float
    b: float
    difference: float


class Comparison(Record):
    """What changed from run `a` to run `b`; the questions that changed most come first, ties by id."""

    a: RunHeader
    b: RunHeader
    queries: int
    ms_p50: tuple[float, float]
    metrics: dict[str, MetricComparison]
    changed_most: tuple[Change, ...]


def compare_runs(a: Run, b: Run, *, samples: int = SAMPLES, seed: int = SEED) -> Comparison:
    """Compare two runs question by question; the same runs give the same figures.

    Raises:
        BadRequest: if the runs are over different questions, or differently judged ones.
    """
    pairs = _pairs(a, b)
    scores = np.array([[[r.metrics[m] for m in METRICS] for r in pair] for pair in pairs])
    differences = scores[:, 1] - scores[:, 0]
    p = randomisation_p(differences, samples=samples, seed=seed)
    low, high = bootstrap_interval(differences, samples=samples, seed=seed)
    means = scores.mean(axis=0)
    metrics = {
        metric: MetricComparison(
            a=means[0, n],
            b=means[1, n],
            difference=differences[:, n].mean(),
            low=low[n],
            high=high[n],
            p=p[n],
            better=int((differences[:, n] > ROUNDING).sum()),
            equal=int((abs(differences[:, n]) <= ROUNDING).sum()),
            worse=int((differences[:, n] < -ROUNDING).sum()),
        )
        for n, metric in enumerate(METRICS)
    }
    return Comparison(
        a=a.header,
        b=b.header,
        queries=len(pairs),
        ms_p50=(round(a.ms(50), 3), round(b.ms(50), 3)),
        metrics=metrics,
        changed_most=_changed_most(pairs),
    )


def _pairs(a: Run, b: Run) -> list[tuple[QueryResult, QueryResult]]:
    """The results of each question in both runs, by question id."""
    of_a, of_b = ({result.query: result for result in run.results} for run in (a, b))
    if of_a.keys() != of_b.keys():
        raise BadRequest(
            f"the runs are over different questions: {len(of_a.keys() & of_b.keys())} in both, "
            f"{len(of_a.keys() - of_b.keys())} only in the first, {len(of_b.keys() - of_a.keys())} only in the second",
            hint="Run both with: marrow eval retrieval --beir, on the same folder.",
        )
    if a.header.questions != b.header.questions:
        raise BadRequest(
            "the runs have the same question ids, but the questions or their judgements differ",
            hint="Run both again with: marrow eval retrieval --beir, on the same folder.",
        )
    return [(of_a[query], of_b[query]) for query in sorted(of_a)]


def _changed_most(pairs: list[tuple[QueryResult, QueryResult]]) -> tuple[Change, ...]:
    metric = METRICS[0]
    changes = [
        Change(
            query=x.query, a=x.metrics[metric], b=y.metrics[metric], difference=y.metrics[metric] - x.metrics[metric]
        )
        for x, y in pairs
    ]
    changed = [change for change in changes if abs(change.difference) > ROUNDING]
    return tuple(sorted(changed, key=lambda c: (-abs(c.difference), c.query))[:CHANGED_MOST])


def randomisation_p(differences: Floats, *, samples: int, seed: int) -> Floats:
    """The two-sided paired randomisation test: how often chance alone makes a mean difference as large.

    Were the two runs alike, each question's difference could as well have the other sign; signs are drawn at random.

    Args:
        differences: shape (n_questions, n_metrics).
        samples: how many times all signs are drawn.
        seed: of the draws.

    Returns:
        p in 1 / (samples + 1) .. 1, shape (n_metrics,); the observed signs count as one draw, so that p is never 0.

    Source: Smucker, Allan and Carterette, CIKM 2007, doi:10.1145/1321440.1321528; the draw added: Phipson and Smyth
    2010, doi:10.2202/1544-6115.1585.
    """
    random = np.random.default_rng(seed)
    observed = abs(differences.mean(axis=0)) - ROUNDING
    as_large = np.ones(differences.shape[1])
    for count in _chunks(samples):
        signs = random.integers(0, 2, (count, len(differences)), dtype=np.int8) * 2.0 - 1.0
        as_large += (abs(signs @ differences / len(differences)) >= observed).sum(axis=0)
    return as_large / (samples + 1)


def bootstrap_interval(differences: Floats, *, samples: int, seed: int) -> tuple[Floats, Floats]:
    """The 95 % percentile bootstrap interval of the mean over questions.

    Args:
        differences: shape (n_questions, n_metrics).
        samples: how many sets of questions are drawn.
        seed: of the draws.

    Returns:
        the lower and upper ends, each of shape (n_metrics,).

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3.
    """
    random = np.random.default_rng(seed)
    n = len(differences)
    # How often each question is drawn, instead of which are drawn: the mean is then one product of matrices.
    counts = (random.multinomial(n, np.full(n, 1 / n), size=count) for count in _chunks(samples))
    means = np.concatenate([drawn @ differences / n for drawn in counts])
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return low, high


def _chunks(samples: int) -> Iterator[int]:
    for start in range(0, samples, CHUNK):
        yield min(CHUNK, samples - start)
