"""Signs in a message: phrases of a table found word by word, whatever stands between and around them."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from generator.urgency.wording import Spelling, Word

_GAP = ".."
_GAP_WORDS = 3
_NUMBER = "#"
HARMLESS = "harmless"


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of the table found in words first to last (both included)."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase after its first word: the alternatives for each further word; None is a gap."""

    name: str
    rest: tuple[tuple[str, ...] | None, ...]


class Lexicon:
    """Finds phrases; see signs.toml for how they are written."""

    def __init__(self, signs: dict[str, Sequence[str]]) -> None:
        """Compile the phrases of each sign.

        Raises:
            ValueError: if a phrase is empty, or opens or ends with a gap.
        """
        self._exact: dict[str, list[_Phrase]] = defaultdict(list)
        self._prefix: dict[str, list[_Phrase]] = defaultdict(list)
        self.names = frozenset(signs)
        self.vocabulary: set[str] = set()
        for name, phrases in signs.items():
            for phrase in phrases:
                self._add(name, phrase.casefold())

    def _add(self, name: str, phrase: str) -> None:
        parts: list[tuple[str, ...] | None] = [None if w == _GAP else tuple(w.split("/")) for w in phrase.split()]
        if not parts or parts[0] is None or parts[-1] is None:
            raise ValueError(f"{name}: not a phrase: {phrase!r}")
        compiled = _Phrase(name, tuple(parts[1:]))
        for form in parts[0]:
            table = self._prefix if form.endswith("*") else self._exact
            table[form.rstrip("*")].append(compiled)
        self.vocabulary.update(f.rstrip("*") for part in parts for f in part or () if f.rstrip("*").isalpha())

    def find(self, words: Sequence[Word]) -> list[Sign]:
        """Every sign in the words, in order, without those that lie inside a harmless phrase."""
        texts = [word.text for word in words]
        found: set[tuple[int, int, str]] = set()
        for first, text in enumerate(texts):
            for phrase in self._starting(text):
                last = _match(phrase.rest, texts, first)
                if last is not None:
                    found.add((first, last, phrase.name))
        return _without_harmless([Sign(name, first, last) for first, last, name in sorted(found)])

    def _starting(self, text: str) -> Iterator[_Phrase]:
        yield from self._exact.get(text, ())
        if text[:1].isdigit():
            yield from self._exact.get(_NUMBER, ())
        for length in range(2, min(len(text), 24) + 1):
            yield from self._prefix.get(text[:length], ())


def _match(rest: Sequence[tuple[str, ...] | None], texts: Sequence[str], at: int) -> int | None:
    """The place of the last word when the rest of a phrase follows the word at `at`."""
    for index, part in enumerate(rest):
        if part is None:
            ends = (_match(rest[index + 1 :], texts, at + skip) for skip in range(_GAP_WORDS + 1))
            return next((end for end in ends if end is not None), None)
        at += 1
        if at >= len(texts) or not _fits(part, texts[at]):
            return None
    return at


def _fits(forms: Iterable[str], text: str) -> bool:
    return any(
        (form == _NUMBER and text[:1].isdigit()) or (text.startswith(form[:-1]) if form[-1] == "*" else text == form)
        for form in forms
    )


def _without_harmless(signs: list[Sign]) -> list[Sign]:
    masks = [sign for sign in signs if sign.name == HARMLESS]
    if not masks:
        return signs
    over: dict[int, int] = {}
    for mask in masks:
        for place in range(mask.first, mask.last + 1):
            over[place] = max(over.get(place, 0), mask.last - mask.first + 1)
    return [
        sign
        for sign in signs
        if sign.name != HARMLESS
        and not all(over.get(place, 0) > sign.last - sign.first + 1 for place in range(sign.first, sign.last + 1))
    ]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("generator.urgency").joinpath("signs.toml").read_text("utf-8"))


@cache
def lexicon() -> Lexicon:
    """The signs of signs.toml; read once."""
    return Lexicon({HARMLESS: _table()["harmless"]["phrases"], **_table()["sign"]})


@cache
def spelling() -> Spelling:
    """The words to be recognised when misspelt; words of the phrases, and `kept`, are never taken for one of them."""
    listed = _table()["spelling"]
    return Spelling(listed["words"], kept=[*listed["kept"], *lexicon().vocabulary])


@cache
def context_names() -> frozenset[str]:
    """The signs that say which treatment or illness somebody has, since whenever."""
    return frozenset(_table()["context"]["names"])
