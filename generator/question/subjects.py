"""What a text is about: the drugs, diseases and genes that it names."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from retriever.facets import read_table
from retriever.terms import surface_terms
from retriever.vocabulary import MARK

Kind = Literal["drugs", "diseases", "genes"]
_KINDS: tuple[Kind, ...] = ("drugs", "diseases", "genes")


_LIKE_A_NAME = re.compile(r"\b(?:ALL|(?!CD\d|COVID|DAY|STAGE|PHASE|G\d)[A-Z][A-Z\d]{1,5}\d)\b")


@dataclass(frozen=True, slots=True)
class Subject:
    """A concept of the tables and where a text names it: text[start:end]."""

    kind: Kind
    concept: str
    start: int
    end: int


@cache
def _kinds() -> dict[str, Kind]:
    return {MARK + row["id"]: kind for kind in _KINDS for row in read_table(f"{kind}.toml")["concept"]}


def subjects(text: str) -> tuple[Subject, ...]:
    """The drugs, diseases and genes of a text in order; of several concepts at one place the nearest one.

    Beside those of the tables, ALL in capitals is the leukemia where the text is not in capitals, and a word like
    NOTCH1 is a gene.
    """
    found: dict[tuple[int, int], Subject] = {}
    for term, start, end in surface_terms(text):
        kind = _kinds().get(term)
        if kind is not None and (start, end) not in found:
            found[start, end] = Subject(kind, term, start, end)
    shouted = text.isupper() and len(text.split()) > 2
    taken = {place for start, end in found for place in range(start, end)}
    for match in _LIKE_A_NAME.finditer(text) if not shouted else ():
        if match.start() not in taken:
            kind = "diseases" if match[0] == "ALL" else "genes"
            term = MARK + match[0].casefold()
            found[match.span()] = Subject(kind, term, *match.span())
    return tuple(sorted(found.values(), key=lambda subject: (subject.start, subject.end)))
