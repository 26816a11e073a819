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

from generator.candidates import Candidate, all_words
from generator.inquiry import Inquiry, Lexicon, people_missing
from retriever.search import Found
from retriever.terms import terms
from retriever.vocabulary import MARK

# A gene, variant or drug: letters, then digits (not "400mg" or "5th"), or an international name stem (after the
# term's own stemming).
# Source: WHO, INN stem book 2018, https://www.who.int/publications/m/item/inn-stem-book-2018
_UNKNOWN_NAME = re.compile(
    r"[a-z]+\d\w*|\w{3,}(?:nib|tinib|mab|clax|leucel|citidin|parib|zomib|sidenib|degib|rubicin|platin|ciclib|lisib|"
    r"menib|stat|domide?|lidomide?|xel|taxel|trexate?|fusp|vaccel)"
)
_BEST, _TOP = 3, 5


@dataclass(frozen=True, slots=True)
class EvidenceSigns:
    """What tells enough evidence from too little; every field is in 0..1 or near it.

    Attributes:
        cosine: of the best statement and the question.
        cosine_top: the mean of the three best.
        covered: the share of the question's terms that one statement covers at best.
        covered_together: the share that the best five cover, with their titles and headings.
        rarest: whether these have the question's rarest term.
        named: the share of the drugs, genes and diseases named that these have; 1 where none is.
        unknown: the share of the question's terms, by weight, that no text of the index has.
        interaction: what the second stage gave the best passage.
    """

    cosine: float
    cosine_top: float
    covered: float
    covered_together: float
    rarest: float
    named: float
    unknown: float
    interaction: float


def enough(
    inquiry: Inquiry, found: Sequence[Found], candidates: Sequence[Candidate], lexicon: Lexicon, *, least: float
) -> bool:
    """Whether the evidence suffices with a probability of at least `least`.

    Never for a drug, gene or variant that the index lacks, nor where no passage found has any of the drugs, genes and
    diseases that the question names, or none speaks of the people it is about.
    """
    if not candidates or names_unknown(inquiry.text, lexicon):
        return False
    have = frozenset[str]().union(*(candidate.own | candidate.around for candidate in candidates))
    if inquiry.named and have.isdisjoint(inquiry.named):
        return False
    if people_missing(inquiry.text, all_words(candidates)):
        return False
    return probability(evidence_signs(inquiry, found, candidates, lexicon)) >= least


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
    return EvidenceSigns(
        cosine=cosines[0],
        cosine_top=sum(cosines) / len(cosines),
        covered=max(c.coverage for c in candidates),
        covered_together=sum(weight for term, weight in weights.items() if term in together) / total,
        rarest=float(rarest in together),
        named=sum(term in together for term in inquiry.named) / len(inquiry.named) if inquiry.named else 1.0,
        unknown=sum(w for t, w in plain.items() if not lexicon.knows(t)) / (sum(plain.values()) or 1.0),
        interaction=max((item.hit.scores.rerank or 0.0 for item in found), default=0.0),
    )


def probability(signs: EvidenceSigns) -> float:
    """The probability that the evidence suffices, by logistic regression on the signs."""
    weights = _weights()
    values = zip((field.name for field in fields(EvidenceSigns)), astuple(signs), strict=True)
    return 1 / (1 + math.exp(-weights["intercept"] - sum(weights[name] * value for name, value in values)))


@cache
def _weights() -> dict[str, float]:
    table = tomllib.loads(files("generator").joinpath("enough.toml").read_text("utf-8"))
    return {name: float(weight) for name, weight in table["weights"].items()}


def names_unknown(question: str, lexicon: Lexicon) -> bool:
    """Whether a question names a drug, gene or variant that no text of the index has."""
    # Word by word: of "phase-2" or "azacitidine-venetoclax" only the parts are names. A name may be known by another
    # of its forms.
    words = [terms(word) for word in re.findall(r"[^\W_]+", question)]
    return any(
        any(_UNKNOWN_NAME.fullmatch(term) for term in found) and not any(lexicon.knows(term) for term in found)
        for found in words
    )
