"""Does a passage carry a sentence? Strict checks on what must never change: numbers, names, negation."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from generator.records import Verdict
from retriever.dense import Vectors
from retriever.terms import terms

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Names of the field: anything with a digit or an inner capital (FLT3, BCR::ABL1, mTOR), a run of capitals (AML), or a
# drug by its international stem (imatinib, rituximab, venetoclax, azacitidine).
_NAME = re.compile(
    r"\b(?:[A-Za-z]*\d[\w:/-]*|[a-z]+[A-Z]\w*|[A-Z]{2,}\w*|\w+(?:tinib|mab|clax|citidine|parib|zomib|leucel|degib|sidenib|"
    r"rubicin|platin|arabine|cycline|azole|trexate|purine|asparaginase|cristine|gramostim|grastim))\b"
)
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|neither|nor|without|cannot|can't|don't|doesn't|isn't|aren't|won't|avoid\w*|contraindicated|"
    r"fail(?:s|ed|ure)?|lack(?:s|ed|ing)?|absen(?:t|ce)|unlikely|non-inferior|inferior)\b",
    re.IGNORECASE,
)
_RISE = re.compile(
    r"\b(?:increas|rais|ris(?:e|es|ing)\b|higher|more|improv|superior|elevat|gain|longer|better)\w*", re.I
)
_FALL = re.compile(r"\b(?:decreas|lower|reduc|fewer|less\b|worse|declin|fall|drop|inferior|shorter)\w*", re.I)


@dataclass(frozen=True, slots=True)
class VerifyConfig:
    """The least support (cosine of sentence and quote, 0..1) and share of its content words found in the quote."""

    min_support: float = 0.75
    min_overlap: float = 0.6


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on a sentence; `reason` names the first check that failed, `support` is 0..1."""

    verdict: Verdict
    support: float
    reason: str = ""


def verify(sentence: str, quote: str, *, encode: Callable[[Sequence[str]], Vectors], config: VerifyConfig) -> Check:
    """Judge a sentence against the words it cites.

    "quoted" when the words are the same but for white space; "supported" when every number and name of the sentence
    stands in the quote, negation and direction agree, most of its words are there and the meanings are close;
    "unsupported" otherwise.
    """
    if " ".join(sentence.split()) == " ".join(quote.split()):
        return Check("quoted", 1.0)
    vectors = encode([sentence, quote])
    support = float(np.clip(vectors[0] @ vectors[1], 0.0, 1.0))
    words, there = set(terms(sentence)), set(terms(quote))
    failures = [
        ("a number is not in the source", bool(_numbers(sentence) - _numbers(quote))),
        ("a name is not in the source", bool(_names(sentence) - _names(quote))),
        ("negation differs", bool(_NEGATION.search(sentence)) != bool(_NEGATION.search(quote))),
        ("the direction differs", _direction(sentence) != _direction(quote) and bool(_direction(sentence))),
        ("words are not in the source", bool(words) and len(words & there) < config.min_overlap * len(words)),
        ("the meaning differs", support < config.min_support),
    ]
    reason = next((name for name, failed in failures if failed), "")
    return Check("unsupported" if reason else "supported", round(support, 4), reason)


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "") for number in _NUMBER.findall(text)}


def _names(text: str) -> set[str]:
    return {name.casefold() for name in _NAME.findall(text)}


def _direction(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in (("rise", _RISE), ("fall", _FALL)) if pattern.search(text))
