"""Two subjects side by side: statements on one beside statements on the other."""

from dataclasses import dataclass

from generator.composing.candidates import Pool
from generator.composing.inquiry import Inquiry
from retriever.terms import terms

_MOST_ROWS = 4
_KEEP, _NEAR = 0.65, 0.5
_OPENING_CHARS, _OPENING_BONUS = 40, 0.15


@dataclass(frozen=True, slots=True)
class Sides:
    """Places of statements: those on both subjects, then rows of one on each."""

    both: tuple[int, ...]
    rows: tuple[tuple[int, int], ...]


def side_by_side(inquiry: Inquiry, pool: Pool, *, novelty: float) -> Sides:
    """Pair the statements on two compared subjects, the nearest to each other first.

    A statement is on a subject when it has all the terms that only this subject has and none that only the other has. A
    pair is worth a row from 0.65 of the best statement's score on, where the two are near each other.
    """
    one, other = (frozenset(terms(subject)) for subject in inquiry.subjects)
    marks = (one - other, other - one)
    ranked = pool.ranked()
    if not all(marks) or not ranked:
        return Sides((), ())
    floor = _KEEP * pool.candidates[ranked[0]].score
    worthy = [i for i in ranked if pool.candidates[i].score >= floor and pool.candidates[i].coverage > 0]
    on: tuple[list[int], list[int]] = ([], [])
    both: list[int] = []
    for place in worthy:
        own = pool.candidates[place].own
        has = [bool(mark & own) and _has(mark, own) for mark in marks]
        any_of = [bool(mark & own) for mark in marks]
        if all(has):
            both.append(place)
        elif has[0] and not any_of[1]:
            on[0].append(place)
        elif has[1] and not any_of[0]:
            on[1].append(place)
    return Sides(tuple(_novel(pool, both, novelty)[:1]), _pairs(pool, on, marks, novelty))


def _has(mark: frozenset[str], own: frozenset[str]) -> bool:
    concepts = {term for term in mark if term.startswith("§")}
    return bool(concepts & own) if concepts else mark <= own


def _pairs(
    pool: Pool, on: tuple[list[int], list[int]], marks: tuple[frozenset[str], ...], novelty: float
) -> tuple[tuple[int, int], ...]:
    rows: list[tuple[int, int]] = []
    sides = [_novel(pool, side, novelty) for side in on]
    while all(sides) and len(rows) < _MOST_ROWS:
        # The pair that says most alike of the two is the row that compares them best.
        _, one, other = max((_worth(pool, (i, j), marks), -i, -j) for i in sides[0] for j in sides[1])
        one, other = -one, -other
        if pool.nearness(one, other) < _NEAR:
            break
        rows.append((one, other))
        sides[0].remove(one)
        sides[1].remove(other)
    return tuple(rows)


def _worth(pool: Pool, places: tuple[int, int], marks: tuple[frozenset[str], ...]) -> float:
    """How well two statements compare: near each other, good, and each opening with its subject."""
    opens = sum(
        not mark.isdisjoint(terms(pool.candidates[at].text[:_OPENING_CHARS]))
        for at, mark in zip(places, marks, strict=True)
    )
    scores = sum(pool.candidates[at].score for at in places)
    return pool.nearness(*places) + scores + _OPENING_BONUS * opens


def _novel(pool: Pool, places: list[int], novelty: float) -> list[int]:
    kept: list[int] = []
    for place in places:
        if all(pool.nearness(place, other) < novelty and not pool.overlap(place, other) for other in kept):
            kept.append(place)
    return kept
