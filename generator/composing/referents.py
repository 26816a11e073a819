"""Openings that lean on the sentence before them ("It", "This drug"), and what they stand for where that is plain."""

import re
from dataclasses import dataclass

from generator.composing.inquiry import concept_class
from retriever.terms import surface_terms

# A sentence that opens with one of these leans on the one before it.
_LEANING = re.compile(
    r"(?:(?:in|of|for|among|with|by|during|after|at|on|to|from|under|like|unlike|as) )?"
    r"(?:it|its|they|their|them|this|these|those|that|such|he|she|his|her|both|another|others?|contrast|addition|"
    r"the (?:latter|former|same|drug|medicine|medication|treatment|disease|condition|test|combination|authors?)|"
    r"if (?:any of (?:these|the above)|you get any of)|most of (?:them|these)|some of (?:them|these)|the (?:second|"
    r"third|other)|a second|a third|all of (?:them|these))\b|"
    r"(?:however|also|moreover|furthermore|additionally|therefore|thus|hence|consequently|conversely|similarly|instead|"
    r"otherwise|but|so|yet|then|nevertheless|nonetheless|accordingly|likewise|subsequently|alternatively)\b",
    re.IGNORECASE,
)
_KINDS = {
    "drugs": r"drug|medicine|medication|agent|antibody|inhibitor|tablet|chemotherapy",
    "diseases": r"disease|condition|disorder|cancer|leuka?emia|syndrome|illness|complication",
    "genes": r"gene|mutation|protein|fusion|enzyme",
}
_NAMING = {name: re.compile(rf"(?:this|the|these) (?:{words})\b(?! (?:of|in|that|which))", re.I)
           for name, words in _KINDS.items()}  # fmt: skip
# What only a thing of one class does: "It is taken" can mean no gene and no disease.
_DOING = {
    "drugs": r"(?:(?:is|was|has been|should be|must be|may be|can be) (?:\w+ly )?(?:taken|given|used|approved|"
    r"administered|prescribed|swallowed|injected|stopped|combined|indicated)|works|inhibits|blocks|can cause|may cause|"
    r"belongs|stops|kills|targets|interacts|must not|should not|is a (?:\w+ )?(?:drug|medicine|tablet|inhibitor|"
    r"antibody))",
    "diseases": r"(?:affects|(?:is|can be|may be) (?:\w+ly )?(?:diagnosed|treated|cured|staged|suspected|inherited)|"
    r"develops|progresses|occurs|gets worse|spreads|is (?:more |most )?(?:common|rare)|is a (?:\w+ ){0,3}(?:cancer|"
    r"disease|leuka?emia|condition|disorder|syndrome|complication|emergency))",
}
_PRONOUN = {name: re.compile(rf"it (?={words}\b)", re.I) for name, words in _DOING.items()}


@dataclass(frozen=True, slots=True)
class Referent:
    """What the first `opening` characters of a sentence stand for, in words of the sentence before."""

    words: str
    opening: int


def leans(sentence: str) -> bool:
    """Whether a sentence leans on the one before it."""
    return bool(_LEANING.match(sentence))


def referent(sentence: str, before: str, *, known: str = "") -> Referent | None:
    """What a leaning sentence speaks of, where there can be no doubt.

    That is where it opens with "this drug" or with "it" and what only drugs do (or so of a disease or gene), where the
    sentence before opens with a name of that class, and names no other of it.

    Args:
        sentence: the leaning one.
        before: the sentence before it.
        known: what the opening of `before` stands for, where it leans itself.
    """
    for name, pattern in (*_NAMING.items(), *_PRONOUN.items()):
        match = pattern.match(sentence)
        if match:
            words = _only_subject(before, name, known)
            return Referent(words, len(match.group().rstrip())) if words else None
    return None


def _only_subject(before: str, name: str, known: str) -> str:
    spans: dict[tuple[int, int], str] = {}
    for term, start, end in surface_terms(before):
        if concept_class(term) == name:
            spans.setdefault((start, end), term)
    if known:
        return known if all(before[s:e].casefold() in known.casefold() for s, e in spans) else ""
    first = min(spans, default=None)
    if first is None or first[0] > 0 or len(set(spans.values())) > 1:
        return ""
    follows = before[first[1] :].lstrip()
    # "Imatinib resistance is …" speaks of something else.
    return before[: first[1]] if re.match(r"(?:\(|,|is\b|was\b|has\b|can\b|may\b|\w+s\b)", follows) else ""
