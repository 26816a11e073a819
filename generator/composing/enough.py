"""Is the evidence enough to answer? A small calibrated decision over what the best statements share with the question.

The weights in enough.toml are fitted by benchmarks/questions_fit.py, which also cross-validates them.
"""

import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import astuple, fields
from functools import cache
from importlib.resources import files

from generator.composing.candidates import Candidate, Pool, all_words
from generator.composing.inquiry import Inquiry, Lexicon, cancer_missing, people_missing, private
from generator.composing.signs import EvidenceSigns, Reading, evidence_signs
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


@cache
def _weights() -> tuple[float, tuple[float, ...]]:
    """The intercept and the weights of the signs in their order; read once.

    Raises:
        ValueError: if they were fitted to other signs.
    """
    table = tomllib.loads(files("generator.composing").joinpath("enough.toml").read_text("utf-8"))["weights"]
    intercept = float(table.pop("intercept"))
    if list(table) != [field.name for field in fields(EvidenceSigns)]:
        raise ValueError("enough.toml holds weights of other signs; fit them again")
    return intercept, tuple(float(weight) for weight in table.values())


def probability(signs: EvidenceSigns) -> float:
    """The probability that the evidence suffices, by logistic regression on the signs."""
    intercept, weights = _weights()
    odds = intercept + sum(weight * value for weight, value in zip(weights, astuple(signs), strict=True))
    return 1 / (1 + math.exp(-odds))


def enough(inquiry: Inquiry, pool: Pool, lexicon: Lexicon, *, reading: Reading, least: float) -> bool:
    """Whether the evidence suffices with a probability of at least `least`; never where it cannot (`within_reach`)."""
    if not pool.candidates or not within_reach(inquiry, pool.candidates, lexicon):
        return False
    return probability(evidence_signs(inquiry, pool, lexicon, reading=reading)) >= least


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
