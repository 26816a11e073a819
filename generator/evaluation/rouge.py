"""ROUGE-2 and ROUGE-SU4: how many pairs of words an answer shares with a reference answer.

Words are what the script ROUGE-1.5.5 takes for words (runs of a-z and 0-9, in lower case), without stemming.
Source: Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", ACL 2004, https://aclanthology.org/W04-1013
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Unit = tuple[str, ...]
SKIPPED_WORDS = 4


@dataclass(frozen=True, slots=True)
class Overlap:
    """The share of the reference's units that the answer has, and of the answer's that the reference has; 0..1."""

    recall: float
    precision: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the two; 0 when both are 0."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0


def rouge_2(answer: str, references: Sequence[str]) -> Overlap:
    """The overlap in pairs of neighbouring words with the reference that gives the highest F1.

    Raises:
        ValueError: if there is no reference.
    """
    return _best(answer, references, pairs)


def rouge_su4(answer: str, references: Sequence[str]) -> Overlap:
    """The overlap in words, and in pairs of words with up to four between, with the reference of the highest F1.

    Raises:
        ValueError: if there is no reference.
    """
    return _best(answer, references, words_and_skip_pairs)


def _best(answer: str, references: Sequence[str], units: Callable[[Sequence[str]], Iterable[Unit]]) -> Overlap:
    own = Counter(units(words(answer)))
    return max((_overlap(own, Counter(units(words(text)))) for text in references), key=lambda found: found.f1)


def _overlap(own: Counter[Unit], reference: Counter[Unit]) -> Overlap:
    shared = (own & reference).total()
    return Overlap(shared / (reference.total() or 1), shared / (own.total() or 1))


def words(text: str) -> list[str]:
    """The words that ROUGE compares."""
    return re.findall(r"[a-z0-9]+", text.lower())


def pairs(text: Sequence[str]) -> Iterable[Unit]:
    """Every word with its next."""
    return zip(text, text[1:], strict=False)


def words_and_skip_pairs(text: Sequence[str]) -> Iterable[Unit]:
    """Every word but the last, as in ROUGE-1.5.5, and every word with each of the next five."""
    for place, word in enumerate(text[:-1]):
        yield (word,)
        for other in text[place + 1 : place + 2 + SKIPPED_WORDS]:
            yield word, other
