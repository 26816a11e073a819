"""The second look at a message: a learned net that may raise what the rules of triage found, and never lower it.

It is a line through the space of sentence embeddings, fitted on labelled messages
(`python -m finetune.classifiers.alarm`). It sees only sentences that tell of somebody and of now, and in which no sign
is denied or past.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from generator.records import Triage
from generator.triage import second_words, told_text

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Alarm:
    """A fitted net: `weights`, shape (dimension,), for the vectors of the embedder with this checksum.

    A message whose probability reaches `emergency` is one; one that reaches `urgent` is for the same day.
    """

    embedder: str
    weights: Vectors
    bias: float
    emergency: float
    urgent: float

    def probability(self, vectors: Vectors) -> Vectors:
        """How likely each message tells of an emergency, 0..1, for vectors of shape (n, dimension)."""
        return np.asarray(1.0 / (1.0 + np.exp(-(vectors @ self.weights + self.bias))), np.float32)


@cache
def alarm() -> Alarm:
    """The net of alarm.json; read once."""
    made = json.loads(files("generator.urgency").joinpath("alarm.json").read_text("utf-8"))
    weights = np.asarray(made.pop("weights"), np.float32)
    return Alarm(weights=weights, **{key: made[key] for key in ("embedder", "bias", "emergency", "urgent")})


def look_again(message: str, found: Triage, encode: Encode, *, embedder: str) -> Triage:
    """What triage found in a message, or a more pressing level where the net sees one.

    Args:
        message: the message of the user.
        found: what `triage` made of it.
        encode: texts to unit vectors, shape (n, dimension).
        embedder: the checksum of the model behind `encode`; with another than the net was fitted for, nothing changes.

    Returns:
        `found` itself, or a triage with a level above it.
    """
    net = alarm()
    text = told_text(message) if found.level != "emergency" and embedder == net.embedder else ""
    if not text:
        return found
    probability = float(net.probability(encode([text]))[0])
    if probability >= net.emergency:
        return second_words("emergency")
    if probability >= net.urgent and found.level == "none":
        return second_words("urgent")
    return found
