"""Combinations of signs, written in tables: which must stand near each other, and which anywhere in the message."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Words that may lie between two signs of one combination, unless the table says otherwise.
NEAR_WORDS = 5
# Where a sign stands: sentence, first and last word.
Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Near:
    """Signs of one sentence in any order, each within so many words of those before it."""

    names: tuple[str, ...]
    gaps: tuple[int, ...]


Combination = tuple[Near, ...]


def combination(text: str, known: frozenset[str]) -> Combination:
    """Read "a + b" (within five words), "a +9 b" (nine) and "a & b" (anywhere); + binds closer than &.

    Raises:
        ValueError: if a sign is not among the known.
    """
    parts = []
    for part in text.split(" & "):
        names = re.split(r" \+\d* ?", part)
        gaps = [int(gap or NEAR_WORDS) for gap in re.findall(r" \+(\d*) ?", part)]
        if unknown := set(names) - known:
            raise ValueError(f"no table has the sign {', '.join(sorted(unknown))}")
        parts.append(Near(tuple(names), tuple(gaps)))
    return tuple(parts)


def holds(parts: Combination, told: Mapping[str, Sequence[Place]]) -> bool:
    """Whether every part of a combination stands somewhere; `told` has the places of each sign in ascending order."""
    return all(_is_near(part, told) for part in parts)


def _is_near(part: Near, told: Mapping[str, Sequence[Place]]) -> bool:
    first, *others = part.names
    places: Sequence[Place] = told.get(first, ())
    for name, gap in zip(others, part.gaps, strict=True):
        there = told.get(name, ())
        places = [joined for place in places if (joined := _join(place, there, gap))]
    return bool(places)


def _join(place: Place, others: Sequence[Place], gap: int) -> Place | None:
    """The span of a place and the first other with at most `gap` words between; the two may share words."""
    sentence, first, last = place
    at = bisect_left(others, (sentence, first - gap - NEAR_WORDS, 0))
    for other in others[at : at + 2 * (gap + NEAR_WORDS) + 4]:
        if other[0] == sentence and other != place and other[1] - last - 1 <= gap and first - other[2] - 1 <= gap:
            return (sentence, min(first, other[1]), max(last, other[2]))
    return None
