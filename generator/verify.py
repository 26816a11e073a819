"""Does a passage carry a sentence? Strict checks on what must never change: numbers, names, negation.

A check that errs makes a faithful sentence give way to the quote, which costs only style.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from generator.records import Verdict
from retriever.embedder import Vectors
from retriever.terms import terms

_UNIT = r"(?:%|percent|[mkµu]?g|mcg|m?l|[mµun]?mol|iu|units?|hours?|days?|weeks?|months?|years?|times)"
_NUMBER = re.compile(rf"[<>≤≥]?\s?\d+(?:[.,]\d+)*(?:\s?{_UNIT}(?![A-Za-z])(?:/\w+)?)?", re.IGNORECASE)
_COUNT_WORDS = "one two three four five six seven eight nine ten eleven twelve half twice double third quarter".split()
_COUNT = re.compile(rf"\b(?:{'|'.join(_COUNT_WORDS)})\b", re.IGNORECASE)
# Names of the field: anything with a digit or an inner capital (FLT3, BCR::ABL1, mTOR), a run of capitals (AML), or a
# drug by its international stem (imatinib, rituximab, venetoclax, azacitidine).
_NAME = re.compile(
    r"\b(?:[A-Za-z]+[\w:/-]*\d[\w:/-]*|[a-z]+[A-Z]\w*|[A-Z]{2,}\w*|\w+(?:tinib|mab|clax|citidine|parib|zomib|leucel|"
    r"degib|"
    r"sidenib|menib|minib|brutinib|lisib|rubicin|platin|arabine|cycline|azole|trexate|purine|asparaginase|cristine|"
    r"gramostim|grastim|poside|antrone|phamide|ambucil|sulfan|mustine|uridine|formin|mycin|micin|cillin|floxacin|penem|"
    r"ciclovir|cyclovir|fungin|sone|solone|statin|prazole|setron|urea|feron|tinoin|parin|fen|acetamol|spirin))\b"
)
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|neither|nor|without|cannot|\w+n't|avoid\w*|contraindicated|fail(?:s|ed|ure)?|lack(?:s|ed|"
    r"ing)?|"
    r"absen(?:t|ce)|unlikely|non-\w+|negative|unsafe|ineffective|unable|un(?:changed|affected|treated|related|"
    r"approved))\b",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(?:may|might|could|can|suggest\w*|appear\w*|seem\w*|possibl[ey]|probabl[ey]|likely|some|sometimes|often|"
    r"usually|"
    r"generally|rarely|most|many|certain)\b",
    re.IGNORECASE,
)
_RISE = re.compile(
    r"\b(?:increas\w*|rais\w*|ris(?:e|es|ing)|rose|higher|more|improv\w*|superior\w*|elevat\w*|gain\w*|longer|better|"
    r"prolong\w*|above|over|at least)\b",
    re.IGNORECASE,
)
_FALL = re.compile(
    r"\b(?:decreas\w*|lower\w*|reduc\w*|fewer|less|worse\w*|declin\w*|fall\w*|fell|drop\w*|inferior\w*|shorter|"
    r"shorten\w*|"
    r"below|under|at most)\b",
    re.IGNORECASE,
)
# One of a pair must not stand in for the other.
_OPPOSITES = tuple(
    tuple(re.compile(rf"\b(?:{side})", re.IGNORECASE) for side in pair)
    for pair in (
        ("acute", "chronic"), ("before|prior to", "after|following"), ("positive", "negative"),
        ("child|pa?ediatric", "adult"), ("women|woman|female", "men\\b|man\\b|male"), ("early", "late\\b|later"),
        ("benign", "malignant"), ("start|begin", "stop|discontinu"), ("first", "last|second"), ("high", "low"),
        ("always", "never|sometimes"), ("older", "younger"), ("myeloid", "lympho|lymphatic"),
        ("inhibit|block", "activat|stimulat"), ("cause", "prevent|treat"), ("safe\\b|safely", "unsafe|danger|harm"),
        ("common", "rare|uncommon"), ("sensitive", "resistant"), ("with\\b", "without"),
        ("major", "minor"), ("gain", "loss"), ("inherited", "acquired"), ("daily", "weekly|monthly"),
    )
)  # fmt: skip


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

    "quoted" when the words are the same but for white space; "supported" when every number (with its unit) and name of
    the sentence stands in the quote in the same order, negation, direction and hedging agree, no word is replaced by
    its opposite, most of its words are there and the meanings are close; "unsupported" otherwise.
    """
    if " ".join(sentence.split()) == " ".join(quote.split()):
        return Check("quoted", 1.0)
    vectors = encode([sentence, quote])
    support = float(np.clip(vectors[0] @ vectors[1], 0.0, 1.0))
    reason = _mismatch(sentence, quote, config)
    if not reason and support < config.min_support:
        reason = "the meaning differs"
    return Check("unsupported" if reason else "supported", round(support, 4), reason)


def _mismatch(sentence: str, quote: str, config: VerifyConfig) -> str:
    words, there = set(terms(sentence)), set(terms(quote))
    failures = (
        ("it has no words", not words),
        ("a number is not in the source", not _in_order(_numbers(sentence), _numbers(quote))),
        ("a name is not in the source", not _in_order(_names(sentence), _names(quote))),
        ("names and numbers are paired otherwise", not _in_order(_facts(sentence), _facts(quote))),
        ("negation differs", len(_NEGATION.findall(sentence)) != len(_NEGATION.findall(quote))),
        ("the direction differs", _direction(sentence) != _direction(quote)),
        ("a hedge is lost", bool(_HEDGE.search(quote)) and not _HEDGE.search(sentence)),
        ("a word became its opposite", any(_turned(sentence, quote, *pair) for pair in _OPPOSITES)),
        ("words are not in the source", len(words & there) < config.min_overlap * len(words)),
    )
    return next((name for name, failed in failures if failed), "")


def _in_order(wanted: Iterable[str], source: Iterable[str]) -> bool:
    """Whether `source` yields all of `wanted`, in that order."""
    rest = iter(source)
    return all(item in rest for item in wanted)


def _numbers(text: str) -> list[str]:
    return [value for _, value in sorted(_found_numbers(text))]


def _names(text: str) -> list[str]:
    return [match.group().casefold() for match in _NAME.finditer(text)]


def _facts(text: str) -> list[str]:
    names = [(match.start(), match.group().casefold()) for match in _NAME.finditer(text)]
    return [value for _, value in sorted([*_found_numbers(text), *names])]


def _found_numbers(text: str) -> list[tuple[int, str]]:
    digits = [(m.start(), re.sub(r"[\s,]|(?<=\D)s$", "", m.group().casefold())) for m in _NUMBER.finditer(text)]
    return digits + [(m.start(), m.group().casefold()) for m in _COUNT.finditer(text)]


def _direction(text: str) -> list[str]:
    found = [(m.start(), name) for name, pattern in (("+", _RISE), ("-", _FALL)) for m in pattern.finditer(text)]
    return [name for _, name in sorted(found)]


def _turned(sentence: str, quote: str, one: re.Pattern[str], other: re.Pattern[str]) -> bool:
    """Whether the sentence has a side of a pair of opposites that the quote has only the other side of."""
    for side, opposite in ((one, other), (other, one)):
        if side.search(sentence) and not side.search(quote) and opposite.search(quote):
            return True
    return False
