"""Names of the same drug or disease that may stand for each other, from a table with sources."""

import random
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_VOWELS = "aeiou"
_SHORT = 5


@dataclass(frozen=True, slots=True)
class Same:
    """Names of one thing, and the source that says so."""

    names: tuple[str, ...]
    source: str


def with_synonyms(text: str, draw: random.Random) -> str | None:
    """A text with one of its names replaced throughout by another of the same thing; None where that cannot be.

    A thing that the text already calls by two names keeps them: it may be about the names.
    """
    options = [
        (name, other)
        for same in same_names()
        if len(there := [name for name in same.names if _pattern(name).search(text)]) == 1
        for name in there
        for other in same.names
        if other != name and _fits_articles(text, name, other)
    ]
    if not options:
        return None
    name, other = draw.choice(options)
    return _pattern(name).sub(lambda match: _as_at(match, other), text)


@cache
def same_names() -> tuple[Same, ...]:
    """The rows of the table, with their sources in full.

    Raises:
        ValueError: if a name stands in two rows, or a source abbreviates an address that the table does not have.
    """
    table = tomllib.loads(files("finetune.data").joinpath("synonyms.toml").read_text("utf-8"))
    rows = [Same(tuple(row["names"]), _spelled(row["source"], table["sources"])) for row in table["same"]]
    names = [name.casefold() for row in rows for name in row.names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"synonyms.toml has {', '.join(twice)} twice")
    return tuple(rows)


def _spelled(source: str, addresses: dict[str, str]) -> str:
    spelled = []
    for part in source.split("; "):
        short, _, rest = part.partition(":")
        if short not in addresses:
            raise ValueError(f"synonyms.toml: {short} is not among its sources")
        spelled.append(addresses[short].format(rest))
    return "; ".join(spelled)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Whole names that are no part of a longer one; abbreviations as written, others in any case."""
    abbreviation = len(name) <= _SHORT and name.isupper()
    words = r"\s+".join(re.escape(word) for word in name.split())
    return re.compile(rf"(?<![\w/-]){words}(?![\w/]|-\w)", 0 if abbreviation else re.IGNORECASE)


def _fits_articles(text: str, name: str, other: str) -> bool:
    """Whether "a" or "an" before the name also goes before the other."""
    before = re.search(rf"\ban?\s+{_pattern(name).pattern}", text, re.IGNORECASE)
    return before is None or (name[0].lower() in _VOWELS) == (other[0].lower() in _VOWELS)


def _as_at(match: re.Match[str], other: str) -> str:
    """The other name, with a capital where the text opens with it."""
    return other if match.start() else other[0].upper() + other[1:]
