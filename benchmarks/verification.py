"""Does the verifier tell a sentence that its passage carries from one that it does not? Beside its peers, in one run.

Run: .venv/bin/python benchmarks/verification.py [--claims 2000] [--peers 300] [--part test] [--kinds A,B] [--show 0]
It needs the development data (MARROW_SHARED, or ../shared beside the checkout).

Sentences of PubMed abstracts are made wrong in one way each (benchmarks/perturb.py) and checked against the abstract
they come from, or against one like it ("citation"). Untouched sentences ought to pass, and so ought sentences of BioASQ
ideal answers, each with the gold document that shares most of its words. All come from the half of the abstracts and
questions that the verifier was not built on; --part build shows the other half. The peers are given the best threshold
they could have had on these very claims: the one with the highest mean of the shares told rightly.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import perturb
from report import print_json, print_table, shared_data

from finetune.classifiers.claims import Claim, Part, answer_claims, full_sentences, read_abstracts, swapped_citations
from generator.verify import Check, VerifyConfig, verify
from retriever.embedder import Embedder
from retriever.terms import terms

SEED = 0
# What share of its words a sentence of an ideal answer has in its document before it counts as a faithful paraphrase.
FAITHFUL = 0.6
Change = Callable[[str, random.Random], str | None]
Judge = Callable[[Claim], Check]


def changes(names: perturb.Names) -> dict[str, Change]:
    """The ways to make a sentence wrong; the last three go beyond what the targets ask for."""
    return {
        "number": perturb.number,
        "unit": perturb.unit,
        "name": partial(perturb.name, names=names),
        "negation": perturb.negation,
        "direction": perturb.direction,
        "population": perturb.population,
        "hedge": perturb.hedge,
        "roles": partial(perturb.roles, names=names),
    }


def perturbed(abstracts: Mapping[str, str], change: Change, count: int) -> list[Claim]:
    """Sentences made wrong, each with the whole abstract it comes from; at most three sentences of one abstract."""
    rng = random.Random(SEED)
    found: list[Claim] = []
    for text in abstracts.values():
        sentences = full_sentences(text)
        made = [wrong for s in sentences if (wrong := change(s, rng)) and wrong != s and wrong not in text]
        found += [Claim(wrong, text) for wrong in rng.sample(made, min(3, len(made)))]
        if len(found) >= count:
            break
    return found[:count]


def wrong_claims(data: Path, part: Part, count: int, *, kinds: Collection[str]) -> dict[str, list[Claim]]:
    """Claims that are not carried, by how they were made; of these kinds only, or of all where none is named."""
    abstracts = read_abstracts(data, part)
    names = perturb.read_names(data / "qa" / "civic_evidence.jsonl.gz", list(abstracts.values()))
    made = {k: perturbed(abstracts, change, count) for k, change in changes(names).items() if not kinds or k in kinds}
    if not kinds or "citation" in kinds:
        made["citation"] = swapped_citations(abstracts, count, random.Random(SEED))
    return made


def right_claims(data: Path, part: Part, count: int, *, kinds: Collection[str]) -> dict[str, list[Claim]]:
    """Claims that are carried: untouched sentences with their abstracts, and sentences of ideal answers."""
    abstracts = read_abstracts(data, part)
    rng = random.Random(SEED)
    untouched = [Claim(rng.choice(found), text) for text in abstracts.values() if (found := full_sentences(text))]
    answers = answer_claims(data, part)
    faithful = [claim for claim in answers if claim.shared >= FAITHFUL]
    made = {
        "untouched": untouched[:count],
        "faithful paraphrase": faithful,
        "faithful paraphrase not verbatim": [claim for claim in faithful if not claim.verbatim],
        "any paraphrase": answers,
    }
    return {kind: found for kind, found in made.items() if not kinds or kind in kinds}


def shares_failed(claims: Mapping[str, Sequence[Claim]], judge: Judge, *, show: int) -> dict[str, float]:
    """The share of each kind that is unsupported; with `show`, some that were judged wrongly."""
    shares = {}
    seen: dict[Claim, Check] = {}
    for kind, found in claims.items():
        checks = [seen.setdefault(claim, judge(claim)) if claim not in seen else seen[claim] for claim in found]
        failed = [check.verdict == "unsupported" for check in checks]
        shares[kind] = round(sum(failed) / max(len(failed), 1), 4)
        ought = kind != "untouched" and "paraphrase" not in kind
        missed = [(c.sentence, k.reason) for c, k, f in zip(found, checks, failed, strict=True) if f != ought]
        for sentence, reason in missed[:show]:
            print(f"{kind}: {sentence} ({reason})", file=sys.stderr)
    return shares


def peer_scores(claims: Sequence[Claim], embedder: Embedder) -> Iterator[tuple[str, list[float]]]:
    """(peer, score of each claim): the more, the better supported. The key exists for every claim."""
    yield "key exists", [1.0] * len(claims)
    sentences = embedder.encode([claim.sentence for claim in claims])
    passages = embedder.encode([claim.passage for claim in claims])
    yield "embedding similarity", [float(x) for x in (sentences * passages).sum(axis=1)]
    yield "token overlap", [_overlap(claim) for claim in claims]


def _overlap(claim: Claim) -> float:
    words = set(terms(claim.sentence))
    return len(words & set(terms(claim.passage))) / max(len(words), 1)


def peers(
    wrong: Mapping[str, Sequence[Claim]], right: Mapping[str, Sequence[Claim]], embedder: Embedder, *, count: int
) -> dict[str, dict[str, float]]:
    """The share of each kind that each peer fails, on the first `count` claims of a kind."""
    kinds = {kind: found[:count] for kind, found in {**wrong, **right}.items()}
    claims = [claim for found in kinds.values() for claim in found]
    labels = np.array([kind in right for kind, found in kinds.items() for _ in found])
    names = np.array([kind for kind, found in kinds.items() for _ in found])
    results = {}
    for peer, scores in peer_scores(claims, embedder):
        values = np.array(scores)
        cuts = np.unique(values)
        rates = [((values[labels] >= cut).mean() + (values[~labels] < cut).mean()) / 2 for cut in cuts]
        failed = values < cuts[int(np.argmax(rates))]
        results[peer] = {kind: round(float(failed[names == kind].mean()), 4) for kind in kinds}
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=2_000)
    parser.add_argument("--peers", type=int, default=300)
    parser.add_argument("--part", choices=("build", "test"), default="test")
    parser.add_argument("--kinds", default="", help="those named only, by commas; all")
    parser.add_argument("--show", type=int, default=0)
    given = parser.parse_args()
    data = shared_data()
    if data is None:
        sys.exit("the development data is not there; set MARROW_SHARED")
    embedder, config = Embedder(), VerifyConfig()
    kinds = [kind for kind in given.kinds.split(",") if kind]
    wrong, right = (made(data, given.part, given.claims, kinds=kinds) for made in (wrong_claims, right_claims))

    def judge(claim: Claim) -> Check:
        return verify(claim.sentence, claim.passage, encode=embedder.encode, config=config)

    begin = time.process_time()
    rejected = shares_failed({**wrong, **right}, judge, show=given.show)
    judged = len({claim for found in (*wrong.values(), *right.values()) for claim in found})
    cpu_ms = (time.process_time() - begin) / judged * 1000
    # A peer's best threshold needs both right and wrong claims.
    beside = peers(wrong, right, embedder, count=given.peers) if given.peers and wrong and right else {}
    report(wrong, right, rejected, beside, cpu_ms=cpu_ms, part=given.part)


def report(
    wrong: Mapping[str, Sequence[Claim]],
    right: Mapping[str, Sequence[Claim]],
    rejected: Mapping[str, float],
    beside: Mapping[str, Mapping[str, float]],
    *,
    cpu_ms: float,
    part: Part,
) -> None:
    """Print the shares rejected, ours and the peers'."""

    def line(kind: str, count: int) -> tuple[str, str]:
        others = "".join(f", {peer} {shares[kind]:.3f}" for peer, shares in beside.items())
        return f"{kind} ({count})", f"{rejected[kind]:.4f}{others}"

    for what, claims in (("wrong", wrong), ("right", right)):
        if claims:
            print_table(
                f"Rejected, of what is {what} ({part} half)", [line(k, len(found)) for k, found in claims.items()]
            )
    print_table("Time", [("one claim, with its embeddings", f"{cpu_ms:.1f} ms of processor time")])
    counts = {kind: len(found) for kind, found in {**wrong, **right}.items()}
    shares = {
        "detected": {kind: rejected[kind] for kind in wrong},
        "rejected": {kind: rejected[kind] for kind in right},
    }
    print_json("verification", {"part": part, **shares, "claims": counts, "peers": beside, "cpu_ms": round(cpu_ms, 2)})


if __name__ == "__main__":
    main()
