"""How well a passage supports a sentence, 0..1: a logistic regression over their alignment, weights in support.json.

It is trained by `python -m finetune.classifiers.support DATA OUT`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from generator.verification.align import Alignment
from generator.verification.compare import substituted
from generator.verification.facts import Facts, Token, hedges

FEATURES = (
    "cosine",
    "uncovered",
    "most_uncovered",
    "uncovered_words",
    "longest_run",
    "runs",
    "home",
    "pairs",
    "skipped",
    "replaced_between",
    "replaced_beside",
    "replaced_weight",
    "replaced_near_copy",
    "rare_uncovered",
    "related",
    "hedges_added",
)
_RARE = 6.0


@dataclass(frozen=True, slots=True)
class SupportModel:
    """The weights of the features in order, the bias, and the idf of every common word; others have `rare`."""

    weights: tuple[float, ...]
    bias: float
    rare: float
    idf: Mapping[str, float]

    def weigh(self, token: Token) -> float:
        """How much a word matters: its idf; nothing for a stop word."""
        if token.kind == "stop":
            return 0.0
        return self.idf.get(token.key, self.rare) if token.kind != "number" else self.rare / 2

    def score(self, features: Sequence[float]) -> float:
        """The probability, 0..1, that a sentence with these features is supported."""
        total = self.bias + sum(w * x for w, x in zip(self.weights, features, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def support_model() -> SupportModel:
    """The model shipped, read once."""
    record = json.loads(files("generator.verification").joinpath("support.json").read_text("utf-8"))
    if tuple(record["features"]) != FEATURES:
        raise ValueError("support.json holds weights of other features; train it again")
    return SupportModel(tuple(record["weights"]), record["bias"], record["rare"], record["idf"])


def features(
    sentence: Facts, passage: Facts, alignment: Alignment, *, model: SupportModel, cosine: float
) -> tuple[float, ...]:
    """What the score is made of, in the order of `FEATURES`, each about 0..1."""
    weights = [model.weigh(token) for token in sentence.tokens]
    total = sum(weights) or 1.0
    content = [i for i, weight in enumerate(weights) if weight]
    lost = [weights[i] for i in content if alignment.places[i] is None]
    replaced = [(model.weigh(token), both) for token, _, both in substituted(sentence, passage, alignment)]
    longest = max((run[2] for run in alignment.runs), default=0) / max(len(weights), 1)
    between = sum(both for _, both in replaced)
    most = max(lost, default=0.0) / model.rare
    return (
        cosine,
        sum(lost) / total,
        most,
        min(len(lost), 6) / 6,
        longest,
        len(alignment.runs) / max(len(content), 1),
        _home_share(weights, passage, alignment) / total,
        _pair_share(content, alignment),
        _skipped(passage, alignment),
        min(between, 3) / 3,
        min(len(replaced) - between, 5) / 5,
        max((weight for weight, both in replaced if both), default=0.0) / model.rare,
        max((weight for weight, _ in replaced), default=0.0) / model.rare * longest,
        min(sum(weight >= _RARE for weight in lost), 4) / 4,
        _related(sentence, passage, alignment) / max(len(content), 1),
        float(any(hedges(t) and p is None for t, p in zip(sentence.tokens, alignment.places, strict=True))),
    )


def _home_share(weights: Sequence[float], passage: Facts, alignment: Alignment) -> float:
    """The weight of the words that come from the one sentence of the passage that most come from."""
    if not alignment.home:
        return 0.0
    found = zip(weights, alignment.places, strict=True)
    return sum(w for w, p in found if p is not None and passage.tokens[p].sentence == alignment.home[0])


def _pair_share(content: Sequence[int], alignment: Alignment) -> float:
    """The share of neighbouring words that are near neighbours, in this order, in the passage too."""
    pairs = [(alignment.places[i], alignment.places[j]) for i, j in zip(content, content[1:], strict=False)]
    near = sum(one is not None and other is not None and 0 < other - one <= 4 for one, other in pairs)
    return near / len(pairs) if pairs else 1.0


def _skipped(passage: Facts, alignment: Alignment) -> float:
    """The share of words left out within what the sentence comes from."""
    taken = {place for place in alignment.places if place is not None}
    left = 0
    for place in sorted(taken):
        left += (
            place + 1 not in taken
            and place + 2 in taken
            and passage.tokens[min(place + 1, len(passage.tokens) - 1)].kind != "stop"
        )
    return min(left, 4) / 4


def _related(sentence: Facts, passage: Facts, alignment: Alignment) -> int:
    """How many words stand for another form of theirs."""
    found = zip(sentence.tokens, alignment.places, strict=True)
    return sum(p is not None and t.key != passage.tokens[p].key for t, p in found)
