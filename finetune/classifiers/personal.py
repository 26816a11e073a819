"""Fit the second look at what is asked about one person.

Run: python -m finetune.classifiers.personal OUT DATA SCOPE.toml... --calm TRIAGE.toml...
SCOPE files hold messages under `dose`, `prognosis`, `diagnosis` and `none`; TRIAGE files hold messages that ask none of
these. DATA is a folder with `beir/bioasq-dev` and `qa/medquad.jsonl.gz`: of their questions every second one is read as
asking about nobody, and the others tell how often the net errs. OUT is the JSON that ships as
generator/question/personal.json. The recall that it prints is of files that were left out of the fit.
"""

import argparse
import gzip
import json
import logging
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finetune.classifiers.alarm import Vectors, fit
from generator.question.personal import PersonalNet
from generator.scope import FixedKind
from retriever.embedder import Embedder

logger = logging.getLogger(__name__)
KINDS: tuple[FixedKind, ...] = ("dose", "prognosis", "diagnosis")
DECAY, LEAST = 0.3, 0.9


@dataclass(frozen=True, slots=True)
class Labelled:
    """Messages with what they ask ("none" for nothing about one person), and the number of their file or -1."""

    texts: list[str]
    kinds: NDArray[np.str_]
    files: NDArray[np.int64]


def read_scope(scope_files: Sequence[Path], calm_files: Sequence[Path]) -> Labelled:
    """The messages of the files."""
    rows: list[tuple[str, str, int]] = []
    for number, path in enumerate(scope_files):
        for name, messages in tomllib.loads(path.read_text("utf-8")).items():
            rows += [(message, name if name in KINDS else "none", number) for message in messages]
    for path in calm_files:
        for messages in tomllib.loads(path.read_text("utf-8")).values():
            rows += [(message, "none", -1) for message in messages]
    return Labelled([r[0] for r in rows], np.asarray([r[1] for r in rows]), np.asarray([r[2] for r in rows]))


def public_questions(data: Path) -> Iterator[str]:
    """Questions on medicine that ask about nobody, each once."""
    lines = (data / "beir/bioasq-dev/queries.jsonl").read_text("utf-8").splitlines()
    yield from sorted({str(json.loads(line)["text"]) for line in lines})
    with gzip.open(data / "qa/medquad.jsonl.gz", "rt", encoding="utf-8") as medquad:
        yield from sorted({str(json.loads(line)["question"]) for line in medquad})


def fit_net(vectors: Vectors, kinds: NDArray[np.str_], *, embedder: str) -> PersonalNet:
    """A line for each kind against all the rest, for vectors of shape (n, dimension) and kinds of shape (n,)."""
    lines = [fit(vectors, (kinds == kind).astype(np.float64), DECAY) for kind in KINDS]
    weights = np.asarray([np.round(line[0], 4) for line in lines], np.float32)
    return PersonalNet(embedder, KINDS, weights, np.asarray([round(line[1], 4) for line in lines], np.float32), LEAST)


def found_kinds(net: PersonalNet, vectors: Vectors) -> NDArray[np.str_]:
    """The kind of each vector, "none" where no probability reaches the net's least."""
    likely = net.probabilities(vectors)
    return np.where(likely.max(axis=1) >= net.least, np.asarray(net.kinds)[likely.argmax(axis=1)], "none")


def main() -> None:
    """Fit, check and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("scope", type=Path, nargs="+")
    parser.add_argument("--calm", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    labelled = read_scope(given.scope, given.calm)
    embedder = Embedder()
    vectors = embedder.encode(labelled.texts)
    public = embedder.encode(list(public_questions(given.data)))
    read, unread = public[::2], public[1::2]

    def fitted(kept: NDArray[np.bool_]) -> PersonalNet:
        kinds = np.concatenate([labelled.kinds[kept], np.full(len(read), "none")])
        return fit_net(np.vstack([vectors[kept], read]), kinds, embedder=embedder.checksum)

    made = labelled.kinds.copy()
    for number in range(len(given.scope)):
        own = labelled.files == number
        made[own] = found_kinds(fitted(~own), vectors[own])
    tested, asks = labelled.files >= 0, labelled.kinds != "none"
    net = fitted(np.ones(len(vectors), bool))
    figures = {
        "recall": float((made == labelled.kinds)[tested & asks].mean()),
        "noted_of_others": float((made != "none")[tested & ~asks].mean()),
        "noted_of_public": float((found_kinds(net, unread) != "none").mean()),
        "messages": len(labelled.texts),
        "public": len(unread),
    }
    logger.info("%s", json.dumps(figures))
    nets = {
        kind: {"bias": float(f"{bias:.4f}"), "weights": [float(f"{weight:.4f}") for weight in weights]}
        for kind, weights, bias in zip(KINDS, net.weights, net.biases, strict=True)
    }
    given.out.write_text(json.dumps({"embedder": net.embedder, "least": net.least, "nets": nets}) + "\n", "utf-8")


if __name__ == "__main__":
    main()
