"""What the best statements share with a question: the signs by which `enough` tells whether they answer it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from generator.composing.asked import Aim, AskedWord, aim, asked_words
from generator.composing.candidates import Candidate, Pool
from generator.composing.inquiry import Inquiry, Lexicon
from retriever.embedder import Vectors
from retriever.terms import terms

_PRESUMING = re.compile(
    r"^\W*(?:why|since when|when did|what made|how (?:does|did|do|come)|who|what (?:makes|did|dose|does))\b", re.I
)
_NEAREST, _TOP, _NEXT, _LONG = 3, 5, 8, 12
_OPENING_CHARS, _BEGINNING_CHARS = 70, 5
# What stands for the fit of the words that the best statements lack where they lack none.
_FITTING = 0.05
_MOST_LEFT_OUT = 12


@dataclass(frozen=True, slots=True)
class EvidenceSigns:
    """What tells enough evidence from too little.

    A word of the question is met where a text has one of its terms; words count by their weight. Those that say nothing
    are left aside (`asked_words`).

    Attributes:
        score: of the best statement.
        cosine: the mean of the question's cosines with the three nearest statements.
        unknown: the share of the question's words that the best statements lack and no text of the index has.
        aimed: how far a statement is about the question's subject and speaks of what is asked of it; 1 without one.
        presumed: of a question that takes something for granted ("Why does …"), the share that the best five lack.
        length: how many terms the question has, 1 for twelve or more.
        worst: by how much the nearest statement is nearer with each word than without, of the least fitting word.
        worst_missed: the same of the words that the best five lack.
    """

    score: float
    cosine: float
    unknown: float
    aimed: float
    presumed: float
    length: float
    worst: float
    worst_missed: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A question's words as the model reads them.

    `vector` is the question's, shape (dimension,); `encode` makes unit vectors of texts.
    """

    vector: Vectors
    encode: Callable[[Sequence[str]], Vectors]


def evidence_signs(inquiry: Inquiry, pool: Pool, lexicon: Lexicon, *, reading: Reading) -> EvidenceSigns:
    """The signs of one question.

    Args:
        inquiry: the question.
        pool: the statements of the passages found, scored; at least one.
        lexicon: the terms of the index.
        reading: its vector, and the model that made it: its words are left out one by one.
    """
    words = asked_words(inquiry.text, inquiry.weights)
    best = [pool.candidates[at] for at in pool.ranked()]
    have = frozenset[str]().union(*(c.own | c.around for c in best[:_TOP]))
    missed = [word for word in words if not _met(word, words, have)]
    total = sum(word.weight for word in words) or 1.0
    weights = sum(inquiry.weights.values()) or 1.0
    covered = sum(weight for term, weight in inquiry.weights.items() if term in have) / weights
    nearest = sorted((c.cosine for c in best), reverse=True)[:_NEAREST]
    worst, worst_missed = _left_out(inquiry.text, words, missed, pool=pool, reading=reading)
    return EvidenceSigns(
        score=best[0].score,
        cosine=sum(nearest) / len(nearest),
        unknown=sum(word.weight for word in missed if not any(map(lexicon.knows, word.terms))) / total,
        aimed=_aimed(aim(inquiry.text), words, best[:_NEXT]),
        presumed=1 - covered if _PRESUMING.search(inquiry.text) else 0.0,
        length=min(len(inquiry.weights), _LONG) / _LONG,
        worst=worst,
        worst_missed=worst_missed,
    )


def _met(word: AskedWord, words: Sequence[AskedWord], have: frozenset[str]) -> bool:
    """Whether a text has a word, or the name that it is a part of."""
    return not have.isdisjoint(word.terms) or any(
        other.holds(word) and not have.isdisjoint(other.terms) for other in words
    )


def _share(subject: Sequence[AskedWord], words: Sequence[AskedWord], have: frozenset[str]) -> float:
    """The share of the words of the subject, by weight, that a text has, 0..1; 1 where there are none."""
    total = sum(word.weight for word in subject)
    return sum(word.weight for word in subject if _met(word, words, have)) / total if total else 1.0


def _opening(candidate: Candidate) -> frozenset[str]:
    """The terms of the title, the last heading and the first words: what a statement is about."""
    hit = candidate.found.hit
    return frozenset(terms(f"{hit.title} {' '.join(hit.section[-1:])} {candidate.text[:_OPENING_CHARS]}"))


def _aimed(asked: Aim | None, words: Sequence[AskedWord], best: Sequence[Candidate]) -> float:
    if asked is None:
        return 1.0
    subject = [word for word in words if asked.start <= word.start and word.end <= asked.end]

    def told(candidate: Candidate) -> float:
        on = not asked.relation or _speaks_of(asked.relation, candidate.own | candidate.around)
        return _share(subject, words, _opening(candidate)) * (1.0 if on else 0.5)

    return max(map(told, best))


def _speaks_of(relation: frozenset[str], have: frozenset[str]) -> bool:
    """Whether a text has what is asked of the subject, in a word that begins alike: "treated", "treatment"."""
    begins = tuple(term[:_BEGINNING_CHARS] for term in relation)
    return any(term.startswith(begins) for term in have)


def _left_out(
    text: str, words: Sequence[AskedWord], missed: Sequence[AskedWord], *, pool: Pool, reading: Reading
) -> tuple[float, float]:
    """`worst` and `worst_missed`, of the heaviest words."""
    words = sorted(words, key=lambda word: (-word.weight, word.start))[:_MOST_LEFT_OUT]
    if not words:
        return 0.0, _FITTING
    without = reading.encode([f"{text[: word.start]}{text[word.end :]}" for word in words])
    gains = (pool.vectors @ reading.vector).max() - (pool.vectors @ without.T).max(axis=0)
    lacking = [float(gain) for word, gain in zip(words, gains, strict=True) if word in missed]
    return float(gains.min()), min(lacking, default=_FITTING)
