"""Which foods a sentence speaks of, and whether a person for whom some are excluded may be told it."""

import re
from collections.abc import Collection, Mapping
from functools import cache

from generator.diet.foods.ingredients import ingredients, with_parents
from generator.diet.foods.table import foods
from generator.diet.vocabulary import plain

_LONGEST, _SHORT = 4, 2
_MOSTLY = 0.5
# Words of English that are also a name of a food in some language, and parts of the body.
_ORDINARY = frozenset(
    "the blood bone bones liver brain pain make makes name names salt salts sugar sugars glucose rai ray rays wild "
    "plant plants store stores root rose line lines pulse pulses chips date dates".split()
) | {"bone marrow"}
# What is said against a food, or of what it does to a drug, may be told to those who must not eat it.
_AGAINST = re.compile(
    r"\b(?:avoid\w*|not|no|never|without|instead|leaves? out|left out|limit\w*|worse\w*|interact\w*|irritat\w*|"
    r"harm\w*|unsafe|exclud\w*|discouraged|affect\w*|raises?|increas\w*|stop\w*|forbid\w*|apart from)\b",
    re.IGNORECASE,
)


def ingredients_named(text: str) -> frozenset[str]:
    """The ingredients that an English text names, by their exact names in singular or plural; nothing is guessed."""
    words = plain(text).split()
    found: set[str] = set()
    at = 0
    while at < len(words):
        keys, length = _longest(words[at : at + _LONGEST])
        found |= keys
        at += length
    return frozenset(found)


def _longest(words: list[str]) -> tuple[frozenset[str], int]:
    """What the longest name at the beginning of some words means, and how many of them it takes; 1 for no name."""
    for length in range(len(words), 0, -1):
        if (name := " ".join(words[:length])) in _ORDINARY:
            return frozenset(), length
        for form in _forms(name):
            if form in _names():
                return _names()[form], length
    return frozenset(), 1


def _forms(words: str) -> tuple[str, ...]:
    return (words, words.removesuffix("s"), words.removesuffix("es"), re.sub("ies$", "y", words))


@cache
def _names() -> Mapping[str, frozenset[str]]:
    named: dict[str, set[str]] = {}
    for kind in ingredients().values():
        for name in (kind.key, kind.name, *kind.synonyms):
            if name.isascii() and len(name) > _SHORT:
                named.setdefault(plain(name), set()).add(kind.key)
    return {name: frozenset(keys) for name, keys in named.items() if name}


def may_be_told(text: str, *, forbidden: Collection[str], never: Collection[str]) -> bool:
    """Whether a sentence recommends nothing that the person must not eat; one that warns of a food may always be told.

    A food is not to be recommended if at least half of all foods with it are forbidden, or if it is a kind of one of
    `never`, or one of `never` is a kind of it: "nuts" for somebody allergic to almonds.

    Args:
        text: a sentence.
        forbidden: keys of foods that are excluded for the person.
        never: keys of ingredients that they are allergic to or do not eat.
    """
    if _AGAINST.search(text):
        return True
    wide, banned = with_parents(never) - _wide(), frozenset(never)
    return not any(
        with_parents({key}) & banned or key in wide or _mostly(key, frozenset(forbidden))
        for key in ingredients_named(text)
    )


@cache
def _wide() -> frozenset[str]:
    """Names so wide that they recommend no food: "animal", "plant"."""
    return frozenset(key for key, kind in ingredients().items() if kind.group and not kind.parents)


def _mostly(key: str, forbidden: frozenset[str]) -> bool:
    with_it = _foods_with().get(key, frozenset())
    return bool(with_it) and len(with_it & forbidden) >= _MOSTLY * len(with_it)


@cache
def _foods_with() -> Mapping[str, frozenset[str]]:
    """The foods that contain each ingredient, whichever kind of it."""
    found: dict[str, set[str]] = {}
    for food in foods().values():
        for key in with_parents(food.contains):
            found.setdefault(key, set()).add(food.key)
    return {key: frozenset(keys) for key, keys in found.items()}
