"""Text to terms for the lexical index: words, compounds of the field, and the concepts they name."""

import re
import unicodedata

from retriever.vocabulary import vocabulary
from retriever.words import JOINTS, SPACED, STOP_WORDS, TOKEN, read_token

__all__ = ["STOP_WORDS", "surface_terms", "terms"]

# Before NFKC, which would turn 10⁹ into 109.
_RAISED = re.compile(r"(?<=\d)[⁰¹²³⁴-⁹]+")
Surface = tuple[str, int, int]


def terms(text: str) -> list[str]:
    """Split text into index terms: its words and compounds in order, then its concepts, repeats kept.

    A compound yields itself without its joints, and its parts: "BCR::ABL1" gives "bcrabl1", "bcr", "abl1" (see
    `retriever.words`). A name of the tables, in whichever of its forms, also yields its concept: "AML" and "acute
    myeloid leukaemia" both give "§aml" (see `retriever.vocabulary`).
    """
    found: list[str] = []
    keys: list[str] = []
    written: list[str] = []
    joints: list[int] = []
    for text_of_token, gap in TOKEN.findall(_plain(text)):
        token = read_token(text_of_token)
        found += token.terms
        keys += token.keys
        written += token.written
        joints += token.inside
        joints.append(JOINTS.get(gap, SPACED))
    found += [term for term, _, _ in vocabulary().find(keys, written, joints)]
    return found


def surface_terms(text: str) -> list[Surface]:
    """The terms of a text as `terms` gives them, each with the place in the text that yields it.

    Returns:
        (term, start, end): `text[start:end]` are the words of the term, in the text as given, before any normalisation.
    """
    plain = _plain(text)
    found: list[Surface] = []
    keys: list[str] = []
    written: list[str] = []
    joints: list[int] = []
    places: list[tuple[int, int]] = []
    for match in TOKEN.finditer(plain):
        token, at = read_token(match[1]), match.start()
        found += [(term, at + start, at + end) for term, (start, end) in zip(token.terms, token.spans, strict=True)]
        places += [(at + start, at + end) for start, end in token.places]
        keys += token.keys
        written += token.written
        joints += token.inside
        joints.append(JOINTS.get(match[2], SPACED))
    for term, first, end in vocabulary().find(keys, written, joints):
        found.append((term, places[first][0], places[end - 1][1]))
    if plain == text:
        return found
    origins = _origins(text)
    return [(term, origins[start][0], origins[end - 1][1]) for term, start, end in found]


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _RAISED.sub(lambda match: "^" + match[0], text))


def _origins(text: str) -> list[tuple[int, int]]:
    """For each character of the plain text, where the characters it came from start and end."""
    raised = {match.start() for match in _RAISED.finditer(text)}
    origins: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _interact(text[start:end], text[end]):
            end += 1
        made = len(unicodedata.normalize("NFKC", text[start:end])) + (start in raised)
        origins += [(start, end)] * made
        start = end
    return origins


def _interact(cluster: str, following: str) -> bool:
    """Whether a character changes with those before it, as an accent does."""
    if following.isascii():
        return False
    normalize = unicodedata.normalize
    if unicodedata.combining(normalize("NFKD", following)[0]):
        return True
    return normalize("NFKC", cluster + following) != normalize("NFKC", cluster) + normalize("NFKC", following)
