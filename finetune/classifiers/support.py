"""Train the support score of the verifier: python -m finetune.classifiers.support DATA OUT

DATA is a folder with `pubmed/leukemia.jsonl.gz`, `pubmed/other.jsonl.gz` and `beir/bioasq-dev`; OUT gets the JSON that
ships as generator/verification/support.json. Only the build half of the abstracts and questions is
read (`finetune.classifiers.claims.part_of`); figures on the other half come from benchmarks/verification.py.
"""

import argparse
import json
import logging
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finetune.classifiers.claims import Claim, answer_claims, full_sentences, read_abstracts, swapped_citations
from generator.verification.align import align
from generator.verification.facts import Token, read_facts
from generator.verification.support import FEATURES, SupportModel, features
from generator.verify import home_text, mismatch
from retriever.embedder import Embedder

logger = logging.getLogger(__name__)
SEED = 0
# A sentence of an ideal answer that shares fewer of its words with its document is no example of a carried one.
MIN_SHARED = 0.6
# Words in fewer abstracts than this are rare: names, mostly.
MIN_ABSTRACTS = 5


@dataclass(frozen=True, slots=True)
class SupportConfig:
    """How the score is trained.

    `claims` of each kind; `counted` abstracts for the frequencies of words; `decay` of the weights; and the share of
    carried claims that may be `rejected`.
    """

    claims: int = 400
    counted: int = 3_000
    decay: float = 0.1
    rejected: float = 0.04


@dataclass(frozen=True, slots=True)
class Pool:
    """Words to put in place of others, by how they end and whether they are names."""

    words: Mapping[tuple[bool, str], Sequence[str]]

    def other(self, token: Token, rng: random.Random) -> str | None:
        """Another word of the same form."""
        found = [word for word in self.words.get(_form(token), ()) if word.casefold() != token.text.casefold()]
        return rng.choice(found) if found else None


def word_pool(texts: Iterable[str]) -> Pool:
    """The words of texts."""
    words: dict[tuple[bool, str], set[str]] = {}
    for text in texts:
        for token in read_facts(text).tokens:
            if token.kind in ("word", "name") and token.text.isalpha():
                words.setdefault(_form(token), set()).add(token.text)
    return Pool({form: sorted(found) for form, found in words.items()})


def _form(token: Token) -> tuple[bool, str]:
    return token.kind == "name", "" if token.text.isupper() else token.text[-2:].casefold()


def one_word_swapped(claim: Claim, pool: Pool, rng: random.Random) -> Claim | None:
    """The claim with one word, wherever the sentence has it, replaced by another of the same form."""
    tokens = [
        token for token in read_facts(claim.sentence).tokens if token.kind in ("word", "name") and len(token.text) > 3
    ]
    if not tokens:
        return None
    token = rng.choice(tokens)
    other = pool.other(token, rng)
    if other is None:
        return None
    made = claim.sentence[: token.start] + other + claim.sentence[token.end :]
    return Claim(made, claim.passage)


def inverse_frequencies(texts: Sequence[str]) -> tuple[float, dict[str, float]]:
    """The idf of a word in one abstract, and of each word in `MIN_ABSTRACTS` or more."""
    counts = Counter(key for text in texts for key in set(read_facts(text).places))
    idf = {
        key: round(math.log(len(texts) / n), 1)
        for key, n in sorted(counts.items())
        if n >= MIN_ABSTRACTS and key.isalpha()
    }
    return round(math.log(len(texts)), 1), idf


def examples(data: Path, config: SupportConfig) -> tuple[list[Claim], list[Claim]]:
    """Claims that are carried, and claims that are not."""
    rng = random.Random(SEED)
    abstracts = dict(list(read_abstracts(data, "build").items())[: 6 * config.claims])
    untouched = [Claim(rng.choice(found), text) for text in abstracts.values() if (found := full_sentences(text))][
        : config.claims
    ]
    answers = [claim for claim in answer_claims(data, "build") if claim.shared >= MIN_SHARED]
    answers = rng.sample(answers, min(len(answers), config.claims))
    pool = word_pool(list(abstracts.values())[: 2 * config.claims])
    swapped = [made for claim in [*untouched, *answers] if (made := one_word_swapped(claim, pool, rng))]
    return [*untouched, *answers], [*swapped, *swapped_citations(abstracts, config.claims, rng)]


def feature_rows(claims: Sequence[Claim], model: SupportModel, embedder: Embedder) -> NDArray[np.float64]:
    """The features of the claims that pass the checks of facts, shape (n, n_features)."""
    passed = []
    for claim in claims:
        said, there = read_facts(" ".join(claim.sentence.split())), read_facts(" ".join(claim.passage.split()))
        alignment = align(said, there, model.weigh)
        if alignment.home and not mismatch(said, there, alignment):
            passed.append((claim, said, there, alignment))
    logger.info("%d of %d claims pass the checks of facts", len(passed), len(claims))
    sentences = embedder.encode([claim.sentence for claim, *_ in passed])
    homes = embedder.encode(
        [home_text(" ".join(c.passage.split()), there, alignment) for c, _, there, alignment in passed]
    )
    cosines = (sentences * homes).sum(axis=1).clip(0.0, 1.0)
    return np.asarray(
        [features(s, t, a, model=model, cosine=float(x)) for (_, s, t, a), x in zip(passed, cosines, strict=True)]
    )


def fit(rows: NDArray[np.float64], labels: NDArray[np.float64], *, decay: float) -> NDArray[np.float64]:
    """The weights of a logistic regression, both labels counted alike, the bias last: Newton's method.

    Args:
        rows: shape (n, n_features).
        labels: 0 or 1, shape (n,).
        decay: the strength of the penalty on squared weights; the bias has none.
    """
    design = np.hstack([rows, np.ones((len(rows), 1))])
    share = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    penalty = np.diag([*np.full(rows.shape[1], decay), 1e-6])
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        gradient = design.T @ (share * (p - labels)) + penalty @ weights
        hessian = (design * (share * p * (1 - p))[:, None]).T @ design + penalty
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def train(data: Path, config: SupportConfig, embedder: Embedder) -> dict[str, object]:
    """The record that `generator.verification.support.support_model` reads."""
    rare, idf = inverse_frequencies(list(read_abstracts(data, "build").values())[: config.counted])
    blank = SupportModel((0.0,) * len(FEATURES), 0.0, rare, idf)
    carried, other = (feature_rows(claims, blank, embedder) for claims in examples(data, config))
    rows = np.vstack([carried, other])
    labels = np.concatenate([np.ones(len(carried)), np.zeros(len(other))])
    weights = fit(rows, labels, decay=config.decay)
    scores = 1 / (1 + np.exp(-(rows @ weights[:-1] + weights[-1])))
    # Support is 0.5 where just as many carried claims as allowed score less.
    cut = float(np.quantile(scores[labels == 1], config.rejected))
    shift = math.log(cut / (1 - cut))
    logger.info("of the claims that are not carried, %.3f score less than the cut", (scores[labels == 0] < cut).mean())
    return {
        "data": "half of some PubMed abstracts, half of BioASQ 7b-9b; see finetune/classifiers/support.py",
        "features": FEATURES,
        "weights": [round(float(w), 4) for w in weights[:-1]],
        "bias": round(float(weights[-1]) - shift, 4),
        "rare": rare,
        "idf": idf,
    }


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--claims", type=int, default=SupportConfig().claims)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    record = train(given.data, SupportConfig(claims=given.claims), Embedder())
    given.out.write_text(json.dumps(record) + "\n", "utf-8")


if __name__ == "__main__":
    main()
