"""How good one answer is, against what is known of its question; pure functions."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Literal

Entity = tuple[str, ...]
"""The names of one thing, any of which will do."""
YesNo = Literal["yes", "no"]

_ARTICLES = ("a", "an", "the")
# "No studies exist" answers nothing with no: what follows the word must part it from the rest.
_STATED = re.compile(r"\W*(yes|no)\s*(?:[,.:;!–—]|$)", re.IGNORECASE)
_DENIAL = re.compile(
    r"\b(?:not?|never|neither|nor|without|cannot|lack(?:s|ed|ing)?|fail(?:s|ed)?|unlikely|absence|absent|ineffective|"
    r"unaffected)\b|n['’]t\b",
    re.IGNORECASE,
)


def normalised(text: str) -> list[str]:
    """The words of a text without case, accents and punctuation, Greek letters by their names ("β" as "beta")."""
    plain = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", "".join(map(_spelled, plain)).casefold())


def _spelled(character: str) -> str:
    name = unicodedata.name(character, "")
    return name.split()[-1].lower() if name.startswith("GREEK") and " LETTER " in name else character


def occurs(name: str, text: str) -> bool:
    """Whether a name stands in a text, from the start of a word to the end of one, both normalised.

    Spaces and hyphens do not count: "IL-2", "IL2" and "il 2" are one name. An article at its start is left out. A name
    without a letter or digit occurs nowhere.
    """
    wanted = normalised(name)
    if len(wanted) > 1 and wanted[0] in _ARTICLES:
        wanted = wanted[1:]
    sought, words = "".join(wanted), normalised(text)
    joined, edges = "".join(words), {0, *accumulate(map(len, words))}
    return bool(sought) and any(
        place in edges and place + len(sought) in edges
        for place in (match.start() for match in re.finditer(f"(?={re.escape(sought)})", joined))
    )


def exact_hit(entities: Sequence[Entity], text: str) -> float:
    """1 if a name of any of the entities occurs in the text, else 0: lenient accuracy."""
    return float(any(occurs(name, text) for names in entities for name in names))


def entity_recall(entities: Sequence[Entity], text: str) -> float:
    """The share of the entities of which a name occurs in the text.

    Raises:
        ZeroDivisionError: if there is no entity.
    """
    return sum(any(occurs(name, text) for name in names) for names in entities) / len(entities)


def stated_answer(text: str) -> YesNo | None:
    """The yes or no that a text opens with ("Yes, …", "No."); None where it opens otherwise."""
    match = _STATED.match(text)
    return None if match is None else "yes" if match[1].lower() == "yes" else "no"


def implied_answer(sentence: str) -> YesNo:
    """What a reader takes from a sentence for a yes or no: what it states, else no where it denies, else yes."""
    return stated_answer(sentence) or ("no" if _DENIAL.search(sentence) else "yes")


def citation_precision(cited: Collection[frozenset[str]], gold: Collection[str]) -> float:
    """The share of the cited documents that are gold.

    Args:
        cited: the cited documents, each as all the ids it has in the folder (copies are merged in the index).
        gold: the ids of the gold documents.

    Raises:
        ZeroDivisionError: if nothing is cited.
    """
    return sum(not ids.isdisjoint(gold) for ids in cited) / len(cited)


def citation_recall(cited: Collection[frozenset[str]], gold: Collection[str]) -> float:
    """The share of the gold documents that are cited; see `citation_precision`.

    Raises:
        ZeroDivisionError: if there is no gold document.
    """
    return len(frozenset().union(*cited) & set(gold)) / len(gold)
