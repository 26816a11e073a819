"""The second look at a question: a learned net that sees when it asks about one person what no source can tell.

A line through the space of sentence embeddings for each kind, fitted on labelled messages
(`python -m finetune.classifiers.personal`). It takes no answer away: it adds a note to one, or finds the fitting words
for a refusal.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

import numpy as np
from numpy.typing import NDArray

from generator.scope import FixedKind

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class PersonalNet:
    """A fitted net for the vectors of the embedder with this checksum.

    `weights` has the shape (n_kinds, dimension) and `biases` (n_kinds,), in the order of `kinds`; a question is of the
    likeliest kind whose probability reaches `least`.
    """

    embedder: str
    kinds: tuple[FixedKind, ...]
    weights: Vectors
    biases: Vectors
    least: float

    def probabilities(self, vectors: Vectors) -> Vectors:
        """How likely each question is of each kind, 0..1: shape (n, n_kinds) for vectors of shape (n, dimension)."""
        return np.asarray(1.0 / (1.0 + np.exp(-(vectors @ self.weights.T + self.biases))), np.float32)


@cache
def personal_net() -> PersonalNet:
    """The net of personal.json; read once."""
    made = json.loads(files("generator.question").joinpath("personal.json").read_text("utf-8"))
    kinds = cast(tuple[FixedKind, ...], tuple(made["nets"]))
    nets = [made["nets"][kind] for kind in kinds]
    return PersonalNet(
        made["embedder"],
        kinds,
        np.asarray([net["weights"] for net in nets], np.float32),
        np.asarray([net["bias"] for net in nets], np.float32),
        made["least"],
    )


def personal(question: str, encode: Encode, *, embedder: str) -> FixedKind | None:
    """What a question asks about one person: "dose", "prognosis" or "diagnosis"; None where it does not seem to.

    Args:
        question: as the user wrote it.
        encode: texts to unit vectors, shape (n, dimension).
        embedder: the checksum of the model behind `encode`; with another than the net was fitted for, None.
    """
    net = personal_net()
    if embedder != net.embedder:
        return None
    likely = net.probabilities(encode([question]))[0]
    best = int(np.argmax(likely))
    return net.kinds[best] if likely[best] >= net.least else None
