"""The figures of an evaluation: every measure over every group of questions, base beside tuned, with intervals."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
import numpy.typing as npt

from finetune.evaluation.general import is_right, read_items
from finetune.evaluation.intervals import Statistic, compare, mean_of
from finetune.evaluation.likeness import bleu_counts, bleu_of
from finetune.evaluation.measure import Measured
from finetune.evaluation.measures import LABELS, is_refusal, macro_f1, read_label
from finetune.evaluation.records import Better, Choice, Figure, Likelihood, Outcome
from finetune.evaluation.scoring import likeliest
from finetune.records import Example
from generator.evaluation.scores import Result

ALL = "all"
# What exp can hold.
_MOST_NATS = 700.0
# The measures of single answers that are averaged: (name, which is better); those of one kind by section.
OF_ONE_KIND: Mapping[str, tuple[tuple[str, Better], ...]] = {
    "labels": (("label_likely", "more"), ("label_read", "more")),
    "citations": (
        ("format_right", "more"),
        ("right_refusal", "more"),
        ("false_refusal", "less"),
        ("citation_precision", "more"),
        ("citation_recall", "more"),
        ("unsupported", "less"),
    ),
    "diagnoses": (("diagnosis", "more"), ("mrr", "more")),
}
OF_EVERY_KIND: tuple[tuple[str, Better], ...] = (
    ("exact_match", "more"),
    ("rouge2", "more"),
    ("rougeSU4", "more"),
    ("bertscore", "more"),
    ("ended", "more"),
    ("words", ""),
)
# Of the answers to a BEIR folder's questions.
ANSWERED: tuple[tuple[str, Better], ...] = (
    ("citation_precision", "more"),
    ("citation_recall", "more"),
    ("factoid_hit", "more"),
    ("list_recall", "more"),
    ("yesno_accuracy", "more"),
    ("rouge2", "more"),
    ("rougeSU4", "more"),
)


@dataclass(frozen=True, slots=True)
class _Draw:
    """How intervals are drawn."""

    resamples: int
    seed: int

    def figure(self, where: tuple[str, str], name: str, better: Better, sides: Sequence[Statistic], n: int) -> Figure:
        base, tuned = sides
        found = compare(base, tuned, n, resamples=self.resamples, seed=self.seed)
        return Figure(section=where[0], group=where[1], name=name, better=better, comparison=found)


def all_figures(
    examples: Sequence[Example], base: Measured, tuned: Measured, *, resamples: int, seed: int
) -> list[Figure]:
    """The figures in the order of the report; those that no question allows are left out."""
    draw = _Draw(resamples, seed)
    groups = _groups(examples)
    sides = (base.outcomes, tuned.outcomes)
    found: list[Figure] = []
    for group, places in groups.items():
        found += _likelihoods(draw, ("likelihood", group), [[s[p].reading.answer for p in places] for s in sides])
    measured = [[outcome.measures for outcome in side] for side in sides]
    for section, measures in OF_ONE_KIND.items():
        for name, better in measures:
            found += _average(draw, (section, ALL), name, better, measured)
        found += _macro(draw, examples, sides) if section == "labels" else []
    for group, places in groups.items():
        for name, better in OF_EVERY_KIND:
            here = [[one[place] for place in places] for one in measured]
            found += _average(draw, ("wording", group), name, better, here)
        found += _bleu(draw, group, [examples[p] for p in places], [[s[p].said.text for p in places] for s in sides])
    found += _general(draw, base.choices, tuned.choices)
    found += _likelihoods(draw, ("general text", ALL), [base.windows, tuned.windows])
    found += _answered(draw, "with retrieval", base.retrieved, tuned.retrieved)
    found += _answered(draw, "without retrieval", base.alone, tuned.alone)
    return found


def majority(examples: Sequence[Example]) -> float | None:
    """The share of the commonest of yes, no and maybe among the right labels; None without any."""
    labels = Counter(example.label for example in examples if example.label in LABELS)
    return round(max(labels.values()) / labels.total(), 5) if labels else None


def _groups(examples: Sequence[Example]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {ALL: list(range(len(examples)))}
    for place, example in enumerate(examples):
        groups.setdefault(example.kind, []).append(place)
    # With a single kind its figures are those of all.
    return groups if len(groups) > 2 else {ALL: groups[ALL]}


def _likelihoods(draw: _Draw, where: tuple[str, str], sides: Sequence[Sequence[Likelihood]]) -> Iterator[Figure]:
    if not sides[0]:
        return
    # A mean over tokens, not over answers: nats of all by tokens of all.
    per_token = [mean_of([one.nats / one.tokens for one in side], [one.tokens for one in side]) for side in sides]
    yield draw.figure(where, "cross_entropy", "less", per_token, len(sides[0]))
    yield draw.figure(where, "perplexity", "less", [_exp(side) for side in per_token], len(sides[0]))


def _exp(statistic: Statistic) -> Statistic:
    return lambda places: exp(min(statistic(places), _MOST_NATS))


def _average(
    draw: _Draw, where: tuple[str, str], name: str, better: Better, sides: Sequence[Sequence[Mapping[str, float]]]
) -> Iterator[Figure]:
    """The mean of a measure over the questions that allow it for both models."""
    both = [place for place, pair in enumerate(zip(*sides, strict=True)) if all(name in one for one in pair)]
    if both:
        means = [mean_of([side[place][name] for place in both]) for side in sides]
        yield draw.figure(where, name, better, means, len(both))


def _macro(draw: _Draw, examples: Sequence[Example], sides: Sequence[Sequence[Outcome]]) -> Iterator[Figure]:
    places = [place for place, example in enumerate(examples) if example.label in LABELS]
    if not places:
        return
    right = np.array([examples[place].label for place in places])
    likely = [np.array([likeliest(side[place].reading) for place in places]) for side in sides]
    read = [np.array([read_label(side[place].said.text) or "" for place in places]) for side in sides]
    for name, told in (("macro_f1_likely", likely), ("macro_f1_read", read)):
        yield draw.figure(("labels", ALL), name, "more", [_macro_f1(right, said) for said in told], len(places))


def _macro_f1(right: npt.NDArray[np.str_], said: npt.NDArray[np.str_]) -> Statistic:
    return lambda places: macro_f1(right[places].tolist(), said[places].tolist())


def _bleu(draw: _Draw, group: str, examples: Sequence[Example], sides: Sequence[Sequence[str]]) -> Iterator[Figure]:
    places = [place for place, example in enumerate(examples) if not is_refusal(example.answer)]
    if places:
        references = [examples[place].answer for place in places]
        counts = [bleu_counts([said[place] for place in places], references) for said in sides]
        yield draw.figure(("wording", group), "bleu", "more", [bleu_of(one) for one in counts], len(places))


def _general(draw: _Draw, base: Sequence[Choice], tuned: Sequence[Choice]) -> Iterator[Figure]:
    if not base:
        return
    topics = [item.topic for item in read_items()]
    for group in (ALL, *dict.fromkeys(topics)):
        places = [place for place, topic in enumerate(topics) if group in (ALL, topic)]
        sides = [mean_of([float(is_right(side[place])) for place in places]) for side in (base, tuned)]
        yield draw.figure(("general", group), "accuracy", "more", sides, len(places))


def _answered(draw: _Draw, section: str, base: Sequence[Result], tuned: Sequence[Result]) -> Iterator[Figure]:
    sides = (base, tuned)
    where = (section, ALL)
    for name, better in ANSWERED:
        yield from _average(draw, where, name, better, [[result.figures for result in side] for side in sides])
    own = [[_own_figures(result) for result in side] for side in sides]
    for name, better in (("reworded", "more"), ("unsupported", "less"), ("abstained", ""), ("ms", "less")):
        yield from _average(draw, where, name, better, own)


def _own_figures(result: Result) -> dict[str, float]:
    """Of an answer the shares of sentences that the model reworded and that nothing carries, and its time."""
    found = {"abstained": float(result.abstained), "ms": result.ms}
    if result.verdicts:
        shares = Counter(result.verdicts)
        found["reworded"] = shares["supported"] / shares.total()
        found["unsupported"] = shares["unsupported"] / shares.total()
    return found
