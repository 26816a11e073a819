"""The words a question asks with: which of them count, where they stand, and what it is asked of what."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from retriever.terms import surface_terms, terms


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word of a question, or several that name one thing: its index terms and the weight of the rarest."""

    text: str
    start: int
    end: int
    terms: frozenset[str]
    weight: float

    def holds(self, other: "AskedWord") -> bool:
        """Whether another word is a part of this one."""
        return self != other and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked about what: `start` to `end` is the subject, `relation` the terms of what is asked of it."""

    start: int
    end: int
    relation: frozenset[str]


def asked_words(text: str, weights: Mapping[str, float]) -> tuple[AskedWord, ...]:
    """The words of a question that say something; names of several words stand beside their parts.

    Args:
        text: the question.
        weights: the inverse document frequency of each of its terms.
    """
    spans: dict[tuple[int, int], set[str]] = {}
    for term, start, end in surface_terms(text):
        if term in weights:
            spans.setdefault((start, end), set()).add(term)
    made = (
        AskedWord(text[start:end], start, end, frozenset(found), max(weights[term] for term in found))
        for (start, end), found in sorted(spans.items())
    )
    return tuple(word for word in made if _says(word.text))


def _says(word: str) -> bool:
    """Whether a word is a number, a capital ("stage F"), or a word unlike those that say nothing ("okay", "reason")."""
    return word.isdigit() or (word.isupper() if len(word) == 1 else word.casefold() not in _light())


@cache
def _light() -> frozenset[str]:
    table = tomllib.loads(files("generator.composing").joinpath("light_words.toml").read_text("utf-8"))
    return frozenset(word for words in table["words"].values() for word in words.split())


_AIMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^\W*how (?:is|are|do you|do i|does one|do doctors|can) (?P<subject>.+?) (?P<relation>treated|diagnosed|"
        r"staged|prevented|graded|classified|screened|managed|inherited|repaired|detected)\b",
        r"\b(?P<relation>treatments?|symptoms|signs|causes?|stages|types|dose|dosage|price|cost|prognosis|survival|"
        r"diagnosis|side effects|history|management|prevention|therapy|risk factors|complications|features|incubation "
        r"period|incidence|role|function|purpose|mechanism|half-life) (?:of|for|in|against|with) (?P<subject>[^?]+)",
        r"^\W*(?:what|who)(?:'s|’s| is| are| does) (?:an? |the )?(?P<subject>[^?]{2,70}?)(?P<relation>)"
        r"(?: mean| do| used for)?\W*$",
        r"^\W*(?:which|what) (?:drugs?|medicines?|antibiotics?|treatments?) (?P<relation>treats?|cures?|helps?)"
        r"(?: with)? (?P<subject>[^?]+)",
        r"^\W*what (?P<relation>causes|prevents|triggers) (?P<subject>[^?]+)",
    )
)


def aim(text: str) -> Aim | None:
    """What a question asks about what; None for one of no known form.

    "How is gout treated?" asks for "treated" of "gout", "What is gout?" for nothing more than the subject.
    """
    match = next((found for pattern in _AIMS if (found := pattern.search(text))), None)
    return Aim(*match.span("subject"), frozenset(terms(match["relation"]))) if match else None
