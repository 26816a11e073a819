"""Fit the second look of triage: python -m finetune.classifiers.alarm OUT TRIAGE.toml... --calm SCOPE.toml...

TRIAGE files have the lists `emergency`, `calm` and perhaps `urgent`, which is left out; SCOPE files hold calm messages
in all their lists. OUT is the JSON that ships as generator/urgency/alarm.json. The figures that it prints
are cross-validated.
"""

import argparse
import json
import logging
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generator.triage import told_text, triage
from retriever.embedder import Embedder

logger = logging.getLogger(__name__)
SEED = 0
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AlarmConfig:
    """How the net is fitted: weight decay, folds of the check, and the probabilities from which it raises a level."""

    decay: float = 0.1
    folds: int = 5
    emergency: float = 0.92
    urgent: float = 0.65


@dataclass(frozen=True, slots=True)
class Messages:
    """Labelled messages; what the net may read of each is `texts`, and whether it is an emergency `labels`, 1 or 0."""

    raw: list[str]
    texts: list[str]
    labels: NDArray[np.float64]


def read_messages(triage_files: Sequence[Path], calm_files: Sequence[Path]) -> Messages:
    """The messages of the files that leave the net anything to read, each text once."""
    rows: dict[str, tuple[str, float]] = {}
    for path in triage_files:
        lists = tomllib.loads(path.read_text("utf-8"))
        for name, label in (("emergency", 1.0), ("calm", 0.0)):
            rows |= {told_text(message): (message, label) for message in lists[name]}
    for path in calm_files:
        for messages in tomllib.loads(path.read_text("utf-8")).values():
            rows |= {told_text(message): (message, 0.0) for message in messages}
    rows.pop("", None)
    raw, labels = [row[0] for row in rows.values()], [row[1] for row in rows.values()]
    return Messages(raw, list(rows), np.asarray(labels))


def fit(vectors: Vectors, labels: NDArray[np.float64], decay: float) -> tuple[NDArray[np.float64], float]:
    """Weights and bias of a logistic regression, both classes of equal weight, by Newton's method.

    Args:
        vectors: shape (n, dimension).
        labels: 1 or 0, shape (n,).
        decay: the L2 penalty of the weights.
    """
    x = np.hstack([vectors.astype(np.float64), np.ones((len(vectors), 1))])
    share = labels.mean()
    weight = np.where(labels == 1, 0.5 / share, 0.5 / (1 - share))
    penalty = np.full(x.shape[1], decay)
    penalty[-1] = 1e-6
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (weight * (p - labels)) + penalty * w
        hessian = (x.T * (weight * np.maximum(p * (1 - p), 1e-6))) @ x + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-6:
            break
    return w[:-1], float(w[-1])


def cross_validated(vectors: Vectors, labels: NDArray[np.float64], config: AlarmConfig) -> NDArray[np.float64]:
    """The probability of each message from a net that did not see it, shape (n,)."""
    fold = np.random.default_rng(SEED).permutation(len(labels)) % config.folds
    made = np.zeros(len(labels))
    for number in range(config.folds):
        weights, bias = fit(vectors[fold != number], labels[fold != number], config.decay)
        made[fold == number] = 1 / (1 + np.exp(-(vectors[fold == number] @ weights + bias)))
    return made


def figures(probabilities: NDArray[np.float64], messages: Messages, config: AlarmConfig) -> dict[str, float]:
    """What the net finds by itself, and what it adds in false alarms to those of the rules."""
    quiet = np.asarray([triage(message).level == "none" for message in messages.raw])
    calm, emergency = messages.labels == 0, messages.labels == 1
    return {
        "messages": float(len(messages.raw)),
        "recall_alone": float((probabilities[emergency] >= config.emergency).mean()),
        "recall_alone_urgent": float((probabilities[emergency] >= config.urgent).mean()),
        "false_alarms_added": float((probabilities[calm & quiet] >= config.emergency).mean()),
        "false_urgent_added": float((probabilities[calm & quiet] >= config.urgent).mean()),
    }


def main() -> None:
    """Fit, check and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("triage", type=Path, nargs="+")
    parser.add_argument("--calm", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    config = AlarmConfig()
    messages = read_messages(arguments.triage, arguments.calm)
    embedder = Embedder()
    vectors = embedder.encode(messages.texts)
    logger.info("%s", json.dumps(figures(cross_validated(vectors, messages.labels, config), messages, config)))
    weights, bias = fit(vectors, messages.labels, config.decay)
    net = {
        "embedder": embedder.checksum,
        "bias": round(bias, 4),
        "emergency": config.emergency,
        "urgent": config.urgent,
        "weights": [round(float(weight), 4) for weight in weights],
    }
    arguments.out.write_text(json.dumps(net) + "\n", "utf-8")


if __name__ == "__main__":
    main()
