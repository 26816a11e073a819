"""What a single answer shows by itself: its citations, a refusal, the label it states, the ranking it gives."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Literal

from generator.evaluation.measures import normalised
from generator.prompts import REFUSAL
from generator.reword import split_marked

Label = Literal["yes", "no", "maybe"]
LABELS: tuple[Label, ...] = ("yes", "no", "maybe")
_OPENS = re.compile(r"\W*(yes|no|maybe)\b", re.IGNORECASE)
_BRACKET = re.compile(r"\[([^\[\]]*)\]")
BRACKETED = re.compile(r"\s*\[\d{1,2}\]")
_ENDS_MARKED = re.compile(r"((?:\s*\[\d{1,2}\])+)\s*[.!?]?[\"'”’)]*\s*$")
_ENTRY = re.compile(r"^\s*(?:\d{1,2}[.):]|[-*•])\s+", re.MULTILINE)
_BETWEEN = re.compile(r"\s*(?:[,;>\n]|\bthen\b|\bbefore\b)\s*", re.IGNORECASE)


def sentences_of(answer: str) -> list[str]:
    """The sentences of an answer, each with the marks that end it."""
    lines = (line for line in answer.splitlines() if line.strip())
    return [sentence.strip() for line in lines for sentence in split_marked(line.strip()) if sentence.strip()]


def cited_numbers(text: str) -> list[int]:
    """The numbers in the brackets of a text that hold nothing but one, in their order."""
    return [int(inside) for inside in _BRACKET.findall(text) if re.fullmatch(r"\d{1,2}", inside)]


def is_refusal(answer: str) -> bool:
    """Whether an answer is exactly the refusal, but for white space."""
    return " ".join(answer.split()) == REFUSAL


def format_right(answer: str, *, offered: int) -> bool:
    """Whether every sentence ends in [n] with n from 1 to `offered`, or the answer is exactly the refusal.

    Marks stand before or behind the full stop. A bracket with anything else in it is wrong, and so is a refusal
    with anything beside it.
    """
    if REFUSAL.rstrip(".") in " ".join(answer.split()):
        return is_refusal(answer)
    sentences = sentences_of(answer)
    return bool(sentences) and all(_ends_right(sentence, offered) for sentence in sentences)


def _ends_right(sentence: str, offered: int) -> bool:
    marked = _ENDS_MARKED.search(sentence)
    if not marked or not normalised(sentence[: marked.start()]):
        return False
    inside = _BRACKET.findall(sentence)
    right = {str(number) for number in range(1, offered + 1)}
    # What opens a bracket without closing it is no citation either.
    return right.issuperset(inside) and sentence.count("[") == sentence.count("]") == len(inside)


def overlap(found: Collection[int], wanted: Collection[int]) -> tuple[float, float]:
    """Precision and recall of found against wanted numbers; 0 for both where nothing is found.

    Raises:
        ZeroDivisionError: if nothing is wanted.
    """
    shared = len(set(found) & set(wanted))
    return (shared / len(set(found)) if found else 0.0), shared / len(set(wanted))


def read_label(answer: str) -> Label | None:
    """The yes, no or maybe that an answer opens with; None where it opens otherwise."""
    match = _OPENS.match(answer)
    found = match[1].lower() if match else ""
    return next((label for label in LABELS if label == found), None)


def same_words(answer: str, reference: str) -> bool:
    """Exact match: the same words in the same order, without case, accents and punctuation.

    Source: Rajpurkar et al., EMNLP 2016, arXiv:1606.05250, which leaves out articles too.
    """
    return normalised(answer) == normalised(reference)


def ranked_entries(answer: str) -> list[str]:
    """The entries of the ranked list in an answer, in their order.

    A numbered or bulleted list where there is one; else the parts of the first sentence.
    """
    if len(_ENTRY.findall(answer)) > 1:
        parts = _ENTRY.split(answer)[1:]
        return [line for part in parts for line in part.strip().splitlines()[:1] if line]
    return [part for part in _BETWEEN.split(next(iter(sentences_of(answer)), "")) if part.strip()]


def first_named(answer: str, names: Sequence[str]) -> str | None:
    """The name that stands first in an answer, as a word of its own; None where none does."""
    found = ((_find(name, answer), name) for name in names)
    places = sorted((match.start(), -len(name), name) for match, name in found if match)
    return places[0][2] if places else None


def _find(name: str, text: str) -> re.Match[str] | None:
    # An abbreviation keeps its case: "all" is no ALL.
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, 0 if name.isupper() else re.IGNORECASE)


def reciprocal_rank(answer: str, right: str) -> float:
    """1 over the rank of the first entry in which the right label occurs; 0 where none does.

    Source: Voorhees, TREC-8 1999, https://trec.nist.gov/pubs/trec8/papers/qa_report.pdf
    """
    for rank, entry in enumerate(ranked_entries(answer), start=1):
        if _find(right, entry):
            return 1 / rank
    return 0.0


def macro_f1(right: Sequence[str], said: Sequence[str | None]) -> float:
    """The mean over the labels that are right somewhere of the F1 of each; saying none is a miss of the right label.

    Source: as scikit-learn's f1_score(average="macro", labels=those of `right`).
    """
    there, told, hits = Counter(right), Counter(said), Counter(r for r, s in zip(right, said, strict=True) if r == s)
    return sum(2 * hits[label] / (there[label] + told[label]) for label in there) / len(there)
