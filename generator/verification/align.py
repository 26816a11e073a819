"""Where in a passage each word of a sentence comes from: the longest common runs first, then words of one family."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from generator.verification.facts import Facts, Token

Weigh = Callable[[Token], float]
# How near to each other words of one slot stand, and what a neighbour at that distance counts.
_NEIGHBOURS = (1.0, 0.7, 0.5, 0.3)
_STOP_SHARE = 0.5
_MAX_PLACES = 60


@dataclass(frozen=True, slots=True)
class Alignment:
    """`places[i]` is the place in the passage that the i-th token of the sentence comes from, None where it has none.

    `runs` are (start in the sentence, start in the passage, length), in the order of the sentence; `home` are the
    sentences of the passage that content words come from, the one with most first.
    """

    places: tuple[int | None, ...]
    runs: tuple[tuple[int, int, int], ...]
    home: tuple[int, ...]


def align(sentence: Facts, passage: Facts, weigh: Weigh) -> Alignment:
    """Align a sentence with a passage.

    Runs of equal tokens are taken greedily, the heaviest first, those in the sentence of the passage that has most of
    the words preferred. What is left is matched by concept or root, near its neighbours.
    """
    weights = [weigh(token) for token in sentence.tokens]
    cover = _coverage(sentence, passage, weights)
    places: list[int | None] = [None] * len(weights)
    runs = _runs(sentence, passage, weights, cover, places)
    for i, token in enumerate(sentence.tokens):
        if places[i] is None and token.kind not in ("number", "stop"):
            places[i] = _nearest(_relatives(token, passage), i, places, passage, cover)
    share: dict[int, float] = {}
    for i, place in enumerate(places):
        if place is not None and weights[i] > 0:
            home = passage.tokens[place].sentence
            share[home] = share.get(home, 0.0) + weights[i]
    return Alignment(tuple(places), tuple(sorted(runs)), tuple(sorted(share, key=lambda h: (-share[h], h))))


def slot(sentence: Facts, i: int, passage: Facts, j: int) -> float:
    """How like the surroundings of two places are, 0..1: neighbours of one found near the other on the same side."""
    one, other = sentence.tokens, passage.tokens
    found = total = 0.0
    for side in (-1, 1):
        for distance, weight in enumerate(_NEIGHBOURS, start=1):
            a = i + side * distance
            if not 0 <= a < len(one):
                continue
            weight *= _STOP_SHARE if one[a].kind == "stop" else 1.0
            total += weight
            around = (j + side * d for d in (distance, distance - 1, distance + 1) if d > 0)
            if any(0 <= b < len(other) and one[a].key == other[b].key for b in around):
                found += weight
    return found / total if total else 0.0


def _coverage(sentence: Facts, passage: Facts, weights: Sequence[float]) -> dict[int, float]:
    """The share of the weight of the sentence that each sentence of the passage holds."""
    found: dict[int, float] = {}
    total = sum(weights) or 1.0
    for token, weight in zip(sentence.tokens, weights, strict=True):
        for home in {passage.tokens[j].sentence for j in passage.places.get(token.key, ())}:
            found[home] = found.get(home, 0.0) + weight / total
    return found


def _runs(
    sentence: Facts, passage: Facts, weights: Sequence[float], cover: dict[int, float], places: list[int | None]
) -> list[tuple[int, int, int]]:
    lengths = _run_lengths(sentence, passage)
    runs: list[tuple[int, int, int]] = []
    while True:
        best: tuple[float, int, int, int] | None = None
        for (i, j), length in lengths.items():
            if places[i] is not None:
                continue
            free = next((n for n in range(length) if places[i + n] is not None), length)
            weight = sum(weights[i : i + free]) + 0.05 * free
            score = weight * (0.7 + 0.3 * cover.get(passage.tokens[j].sentence, 0.0)) + 0.2 * (free > 1)
            if best is None or (score, -i, -j) > (best[0], -best[1], -best[2]):
                best = (score, i, j, free)
        if best is None:
            return runs
        _, i, j, free = best
        if free > 1 or sentence.tokens[i].kind != "stop":
            runs.append((i, j, free))
        for n in range(free):
            places[i + n] = j + n
            # A stop word alone says nothing about where the sentence comes from.
        lengths = {key: value for key, value in lengths.items() if places[key[0]] is None}


def _run_lengths(sentence: Facts, passage: Facts) -> dict[tuple[int, int], int]:
    lengths: dict[tuple[int, int], int] = {}
    for i in range(len(sentence.tokens) - 1, -1, -1):
        for j in passage.places.get(sentence.tokens[i].key, ())[:_MAX_PLACES]:
            if same(sentence.tokens[i], passage.tokens[j]):
                lengths[i, j] = 1 + lengths.get((i + 1, j + 1), 0)
    return lengths


def same(one: Token, other: Token) -> bool:
    """Whether two tokens with the same key say the same: a number also has to have the same unit and sign."""
    if one.key != other.key:
        return False
    return one.kind != "number" or (one.unit == other.unit and one.sign == other.sign)


def _relatives(token: Token, passage: Facts) -> Sequence[int]:
    if token.concept and token.concept in passage.concepts:
        return passage.concepts[token.concept]
    # A name has no family: prednisone is not prednisolone.
    return passage.roots.get(token.root, ()) if token.kind == "word" and len(token.root) > 3 else ()


def _nearest(
    found: Sequence[int], i: int, places: Sequence[int | None], passage: Facts, cover: dict[int, float]
) -> int | None:
    if not found:
        return None
    around = [place for place in (*places[max(0, i - 3) : i], *places[i + 1 : i + 4]) if place is not None]

    def distance(j: int) -> tuple[float, float, int]:
        return (min((abs(j - place) for place in around), default=0), -cover.get(passage.tokens[j].sentence, 0.0), j)

    return min(found, key=distance)
