"""Is the evidence enough to answer? A small calibrated decision over what the best statements share with the question.

The weights in enough.toml are fitted by benchmarks/questions_fit.py, which also cross-validates them.
"""

import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib.resources import files
from itertools import pairwise

from generator.composing.candidates import Candidate, all_words
from generator.composing.inquiry import Inquiry, Lexicon, cancer_missing, people_missing, private
from retriever.search import Found
from retriever.spelling import ordinary, unknown
from retriever.stems import SURE_STEMMED
from retriever.terms import terms
from retriever.vocabulary import MARK
from retriever.words import TOKEN

# A gene, variant or drug: letters, then digits (not "400mg" or "5th"), or the ending of a drug's name.
_UNKNOWN_NAME = re.compile(rf"[a-z]+\d\w*|\w{{3,}}{SURE_STEMMED}")
# A capitalised word within a sentence, or one of four capitals or more anywhere.
_NAME_INSIDE = re.compile(r"(?:(?<=[a-z,\d)] )(?=[A-Z][a-z]{3})|\b(?=[A-Z]{4}))([A-Z]\w+)")
# A kind of thing asked for: "which airline", "how many steps".
_THING_ASKED = re.compile(r"\b(?:which|how many|what (?:kind|type|sort|color|colour|brand) of)\s+([a-z]{3,})\b", re.I)
_PRESUMING = re.compile(
    r"^\W*(?:why|since when|when did|what made|how (?:does|did|do|come)|who|what (?:makes|did|dose|does))\b", re.I
)
_BEST, _TOP, _CLOSE, _LONG = 3, 5, 3, 12


@dataclass(frozen=True, slots=True)
class EvidenceSigns:
    """What tells enough evidence from too little; every field is in 0..1 or near it.

    Attributes:
        cosine: of the best statement and the question.
        cosine_top: the mean of the three best.
        covered: the share of the question's terms that one statement covers at best.
        covered_together: the share that the best five cover, with their titles and headings.
        rarest: whether these have the question's rarest term.
        pairs: the share of the question's words that stand beside the word after them in one statement too, or near it.
        presumed: of a question that takes something for granted ("Why does …"), the share that the best five do not
            cover; 0 of any other.
        length: how many terms the question has, 1 for twelve or more.
        unknown: the share of the question's terms, by weight, that no text of the index has.
        interaction: what the second stage gave the best passage.
    """

    cosine: float
    cosine_top: float
    covered: float
    covered_together: float
    rarest: float
    pairs: float
    presumed: float
    length: float
    unknown: float
    interaction: float


def enough(
    inquiry: Inquiry, found: Sequence[Found], candidates: Sequence[Candidate], lexicon: Lexicon, *, least: float
) -> bool:
    """Whether the evidence suffices with a probability of at least `least`; never where it cannot (`within_reach`)."""
    if not candidates or not within_reach(inquiry, candidates, lexicon):
        return False
    return probability(evidence_signs(inquiry, found, candidates, lexicon)) >= least


def within_reach(inquiry: Inquiry, candidates: Sequence[Candidate], lexicon: Lexicon) -> bool:
    """Whether the statements may answer at all.

    Not for a name or a kind of thing that the index lacks, nor for what only a person's own records tell, nor where no
    passage found has any of the drugs, genes and diseases that the question names, or speaks of the people, the costs
    or the organ's cancer that it is about.
    """
    if out_of_reach(inquiry.text, lexicon):
        return False
    have = frozenset[str]().union(*(candidate.own | candidate.around for candidate in candidates))
    if inquiry.named and have.isdisjoint(inquiry.named):
        return False
    sources = all_words(candidates)
    return not people_missing(inquiry.text, sources) and not cancer_missing(inquiry.text, sources)


def evidence_signs(
    inquiry: Inquiry, found: Sequence[Found], candidates: Sequence[Candidate], lexicon: Lexicon
) -> EvidenceSigns:
    """The signs of one question.

    Args:
        inquiry: the question.
        found: the passages, best first.
        candidates: their statements, scored; at least one.
        lexicon: the terms of the index.
    """
    best = sorted(candidates, key=lambda c: (-c.score, c.order))[:_TOP]
    together = frozenset[str]().union(*(c.own | c.around for c in best))
    weights = inquiry.weights
    total = sum(weights.values()) or 1.0
    cosines = sorted((c.cosine for c in candidates), reverse=True)[:_BEST]
    rarest = max(weights, key=lambda term: (weights[term], term), default="")
    plain = {term: weight for term, weight in weights.items() if not term.startswith(MARK)}
    covered = sum(weight for term, weight in weights.items() if term in together) / total
    return EvidenceSigns(
        cosine=cosines[0],
        cosine_top=sum(cosines) / len(cosines),
        covered=max(c.coverage for c in candidates),
        covered_together=covered,
        rarest=float(rarest in together),
        pairs=_pairs_met(inquiry.text, candidates),
        presumed=1 - covered if _PRESUMING.search(inquiry.text) else 0.0,
        length=min(len(weights), _LONG) / _LONG,
        unknown=sum(w for t, w in plain.items() if not lexicon.knows(t)) / (sum(plain.values()) or 1.0),
        interaction=max((item.hit.scores.rerank or 0.0 for item in found), default=0.0),
    )


def _pairs_met(question: str, candidates: Sequence[Candidate]) -> float:
    """The share of the pairs of neighbouring words of a question that stand close by in some statement; 1 without any.

    A kidney here and a cancer there are not kidney cancer.
    """
    words = _in_order(question)
    pairs = {pair for pair in pairwise(words) if pair[0] != pair[1]}
    met: set[tuple[str, str]] = set()
    for candidate in candidates:
        own = _in_order(f"{candidate.text} {candidate.found.hit.title}")
        close = {frozenset(pair) for gap in range(1, _CLOSE + 1) for pair in zip(own, own[gap:], strict=False)}
        met |= {pair for pair in pairs if frozenset(pair) in close}
    return len(met) / len(pairs) if pairs else 1.0


def _in_order(text: str) -> list[str]:
    return [term for term in terms(text) if not term.startswith(MARK)]


def probability(signs: EvidenceSigns) -> float:
    """The probability that the evidence suffices, by logistic regression on the signs."""
    weights = _weights()
    values = zip((field.name for field in fields(EvidenceSigns)), astuple(signs), strict=True)
    return 1 / (1 + math.exp(-weights["intercept"] - sum(weights[name] * value for name, value in values)))


@cache
def _weights() -> dict[str, float]:
    table = tomllib.loads(files("generator.composing").joinpath("enough.toml").read_text("utf-8"))
    return {name: float(weight) for name, weight in table["weights"].items()}


def out_of_reach(question: str, lexicon: Lexicon) -> bool:
    """Whether no text of the index can tell, by the question alone."""
    if private(question) or names_unknown(question, lexicon):
        return True
    return any(unknown(match[1], lexicon) for match in _THING_ASKED.finditer(question))


def names_unknown(question: str, lexicon: Lexicon) -> bool:
    """Whether a question names something that no text of the index has: a drug, gene, variant, or a made-up name."""
    # Word by word: of "phase-2" or "azacitidine-venetoclax" only the parts are names. A name may be known by another
    # of its forms.
    tokens = [token for token, _ in TOKEN.findall(question)]
    plain = " ".join(token for token in tokens if "(" not in token)
    words = [terms(word) for word in re.findall(r"[^\W_]+", plain)]
    if any(
        any(_UNKNOWN_NAME.fullmatch(term) for term in found) and not any(lexicon.knows(term) for term in found)
        for found in words
    ):
        return True
    named = (match[1] for match in _NAME_INSIDE.finditer("" if question.isupper() else question))
    return any(_change_unknown(token, lexicon) for token in tokens if "(" in token) or any(
        unknown(name, lexicon) and (name.isupper() or not ordinary(name)) for name in named
    )


def _change_unknown(token: str, lexicon: Lexicon) -> bool:
    """Whether the index has a change of a chromosome neither with its bands nor without: t(31;4)."""
    kind = token.split("(")[0].strip().casefold()
    whole = [term for term in terms(token) if term.startswith(kind) and term[len(kind) :][:1].isdigit()]
    return bool(whole) and not any(lexicon.knows(term) for term in terms(token) if term in whole or term[0] == MARK)
