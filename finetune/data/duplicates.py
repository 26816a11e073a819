"""Near-duplicate examples: MinHash finds the pairs to look at, the exact Jaccard similarity decides."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import chain

import numpy as np
import numpy.typing as npt

from finetune.data.own_words import own_parts, words_of
from finetune.records import Example
from ingest.errors import BadRequest

Signature = npt.NDArray[np.uint32]
# Hashes of 64 bits, sorted, each once.
Shingles = npt.NDArray[np.uint64]
# Where it starts, the task of the example, and its hashes.
Band = tuple[int, tuple[str, ...], bytes]
_SHINGLE_WORDS = 3
_HASHES = 128
_MOST_MISSED = 1e-3
# Signatures differ from the true similarity by sqrt(s (1 - s) / 128) < 0.036 at 0.8 in the standard deviation.
_SLACK = 0.12
_SEED = 20_040_601


def drop_near_duplicates(
    examples: Sequence[Example], *, threshold: float = 0.8
) -> tuple[list[Example], list[tuple[str, str]]]:
    """Keep the first of examples that say nearly the same.

    Two examples are near-duplicates where the Jaccard similarity of their three-word shingles is at least `threshold`,
    both of question and answer alone and together with the passages, and where instruction, label and ranking are the
    same: so another question on the same passages, the same question on other passages, "yes" beside "no", and the
    findings of one patient with two tasks all stay.

    Args:
        examples: of any kinds.
        threshold: 0..1, above 0.

    Returns:
        The examples kept, in the order given, and (id dropped, id kept) pairs. A pair at the threshold is overlooked
        once in a thousand times, one above it more rarely; none below it is dropped. The same input gives the same
        result. Time grows with the number of examples, not with its square, as long as few are alike.

    Raises:
        BadRequest: if the threshold is not in (0, 1].

    Source: Broder 1997, doi:10.1109/SEQUEN.1997.666900; bands: Leskovec, Rajaraman and Ullman, Mining of Massive
    Datasets, section 3.4; the threshold: Lee et al. 2022, doi:10.18653/v1/2022.acl-long.577.
    """
    if not 0 < threshold <= 1:
        raise BadRequest(f"the threshold of near-duplicates has to be above 0 and at most 1, not {threshold}")
    seen = _Seen(threshold)
    kept: list[Example] = []
    dropped: list[tuple[str, str]] = []
    for example in examples:
        original = seen.find_or_add(example)
        if original is None:
            kept.append(example)
        else:
            dropped.append((example.id, original.id))
    return kept, dropped


class _Seen:
    """The examples kept so far, by the bands of their signatures."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._rows = _rows_for(threshold)
        self._buckets: dict[Band, list[int]] = {}
        self._kept: list[Example] = []
        self._shingles: list[tuple[Shingles, Shingles]] = []
        self._signatures = np.empty((1024, _HASHES), np.uint32)

    def find_or_add(self, example: Example) -> Example | None:
        """The first example kept that this one nearly repeats; where there is none, it is kept."""
        own, whole = "\n".join(own_parts(example)), _whole(example)
        there = _shingles(whole)
        shingles = there if own == whole else _shingles(own), there
        signature = _signature(there)
        keys = list(self._keys(example, signature))
        near = sorted(set(chain.from_iterable(self._buckets.get(key, ()) for key in keys)))
        for place in self._alike(signature, near):
            pairs = zip(shingles, self._shingles[place], strict=True)
            if all(_jaccard(one, other) >= self._threshold for one, other in pairs):
                return self._kept[place]
        self._add(signature, keys)
        self._kept.append(example)
        self._shingles.append(shingles)
        return None

    def _keys(self, example: Example, signature: Signature) -> Iterator[Band]:
        task = (example.label, *example.ranking, *(text for role, text in example.prompt if role == "system"))
        for start in range(0, _HASHES - self._rows + 1, self._rows):
            yield start, task, signature[start : start + self._rows].tobytes()

    def _alike(self, signature: Signature, places: list[int]) -> list[int]:
        """Of the places those whose signature agrees well enough for a closer look."""
        if not places:
            return []
        agreeing = (self._signatures[places] == signature).mean(axis=1)
        return [place for place, share in zip(places, agreeing, strict=True) if share >= self._threshold - _SLACK]

    def _add(self, signature: Signature, keys: list[Band]) -> None:
        place = len(self._kept)
        if place == len(self._signatures):
            self._signatures = np.concatenate([self._signatures, np.empty_like(self._signatures)])
        self._signatures[place] = signature
        for key in keys:
            self._buckets.setdefault(key, []).append(place)


def _rows_for(threshold: float) -> int:
    """The most rows of a band, so the fewest false pairs, with which a pair at the threshold is hardly ever missed."""
    for rows in range(_HASHES, 1, -1):
        if (1 - threshold**rows) ** (_HASHES // rows) <= _MOST_MISSED:
            return rows
    return 1


def _whole(example: Example) -> str:
    return "\n".join([*(text for role, text in example.prompt if role != "system"), example.answer])


def _shingles(text: str) -> Shingles:
    """Every three words in a row; of a shorter text all its words."""
    words = words_of(text)
    last = max(len(words) - _SHINGLE_WORDS, 0)
    shingles = {" ".join(words[start : start + _SHINGLE_WORDS]) for start in range(last + 1)}
    hashed = b"".join(blake2b(shingle.encode(), digest_size=8).digest() for shingle in shingles)
    return np.sort(np.frombuffer(hashed, "<u8")).astype(np.uint64)


def _jaccard(one: Shingles, other: Shingles) -> float:
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both / (len(one) + len(other) - both)


def _multipliers() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Multiply-shift hashing: odd factors and summands of 64 bits. Source: Dietzfelbinger et al. 1997."""
    random = np.random.Generator(np.random.PCG64(_SEED))
    factors = random.integers(0, 2**64, size=_HASHES, dtype=np.uint64) | np.uint64(1)
    return factors, random.integers(0, 2**64, size=_HASHES, dtype=np.uint64)


_FACTORS, _SUMMANDS = _multipliers()


def _signature(shingles: Shingles) -> Signature:
    """Shape (128,): the least hash of the shingles under each hash function."""
    values = (shingles[:, None] * _FACTORS + _SUMMANDS) >> np.uint64(32)
    least: Signature = values.min(axis=0).astype(np.uint32)
    return least
