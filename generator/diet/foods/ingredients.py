"""The closed vocabulary of ingredients: what foods are made of, by every name that people have for it."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product

from generator.labs.parsing.names import distance

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})
_ACCENTS = re.compile("[\u0300-\u036f]")
_LIST = re.compile(r"[,;/+&\n]|\b(?:and|or|und|oder|et|ou|y|e|i)\b", re.IGNORECASE)
# A phrase with one of these says what is not meant, or means no ingredient: nobody may guess what is left.
_EXCEPTIONS = frozenset(
    "no not none never nothing except exception excluding excludes excepted but without unless only other non free "
    "fine ok okay ohne ausser kein keine sauf sans pas excepto menos sin sem senza spicy "
    "sulfa drug drugs".split()
)
_MOST_WORDS = 6
_LONGEST = 40
# How a person begins: "I am severely allergic to …".
_BEGINNINGS = frozenset(
    "i im am have has a an severe severely allergy allergies allergic anaphylaxis anaphylactic intolerance intolerant "
    "sensitivity sensitive reaction to of from with".split()
)
# Words that say nothing about which ingredient is meant, wherever they stand.
_FILLERS = _BEGINNINGS | frozenset(
    "the any anything all every everything kind kinds type types sort sorts my in containing contain contains product "
    "products foods food dishes protein proteins traces trace raw cooked fresh roasted whole plain boiled fried baked "
    "stewed ground chopped extract powder juice flour allergie unvertraglichkeit alergia allergia".split()
)


@dataclass(frozen=True, slots=True)
class IngredientKind:
    """An ingredient, or a group of ingredients such as "tree_nut".

    Attributes:
        key: its name in our tables, such as "brazil_nut".
        name: its name for people.
        synonyms: other names in any language, as people write them.
        parents: the keys of the groups and ingredients that it is a kind of, the nearest only.
        group: it is only a name for several: a person can avoid it, but a food has to say which of them it contains.
    """

    key: str
    name: str
    synonyms: tuple[str, ...]
    parents: frozenset[str]
    group: bool


@cache
def ingredients() -> Mapping[str, IngredientKind]:
    """Every ingredient by key, read once from the tables ingredients_*.toml.

    Raises:
        ValueError: if a key stands twice, a parent is unknown or an ingredient is its own ancestor.
    """
    made: dict[str, IngredientKind] = {}
    folder = files("generator.diet.foods")
    tables = sorted(path.name for path in folder.iterdir() if re.fullmatch(r"ingredients_\w+\.toml", path.name))
    for name in tables:
        for key, row in tomllib.loads(folder.joinpath(name).read_text("utf-8")).items():
            if key in made:
                raise ValueError(f"{name}: the ingredient {key} stands twice")
            made[key] = _kind(key, row)
    for kind in made.values():
        if strange := kind.parents - made.keys():
            raise ValueError(f"{kind.key} has unknown parents: {sorted(strange)}")
        if kind.key in _ancestors(kind.parents, made):
            raise ValueError(f"{kind.key} is its own ancestor")
    return made


def _kind(key: str, row: Mapping[str, object]) -> IngredientKind:
    if strange := row.keys() - {"name", "parents", "synonyms", "group"}:
        raise ValueError(f"{key}: unknown columns {sorted(strange)}")
    return IngredientKind(
        key=key,
        name=str(row.get("name", key.replace("_", " "))),
        synonyms=tuple(word for text in str(row.get("synonyms", "")).split(",") if (word := text.strip())),
        parents=frozenset(str(row.get("parents", "")).split()),
        group=bool(row.get("group", False)),
    )


def _ancestors(keys: Iterable[str], kinds: Mapping[str, IngredientKind]) -> set[str]:
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(kinds[key].parents)
    return found


def with_parents(keys: Iterable[str]) -> frozenset[str]:
    """The ingredients with all that they are kinds of: "prawn" is also "crustacean", "shellfish", "seafood", "animal".

    Raises:
        KeyError: for a key that is not in the vocabulary.
    """
    return frozenset(_ancestors(keys, ingredients()))


def find_ingredients(words: str) -> frozenset[str] | None:
    """The ingredients that a person means, or None where they have to be asked.

    Any name of the vocabulary is understood, in any case, with or without accents, singular or plural, with words
    around it that do not matter ("allergic to peanuts"), in a list ("prawns and crab", if every part of it is
    understood) and with a slip of spelling that leaves no doubt. A name of several things means all of them: "pepper"
    is black pepper, bell pepper and chili. A phrase with an exception ("nuts except almonds") is never guessed at, nor
    is the name of something made of several things ("hummus", see mixed.toml).

    Args:
        words: what the person wrote.

    Returns:
        Keys without their parents and without what is a kind of them: "nuts" is {"peanut", "tree_nut"}; a food is
        meant if `with_parents` of what it contains has one of them. None where a part is not understood.
    """
    whole = _words(words)
    if (known := _named(whole)) is not None:
        return known or None
    if not _EXCEPTIONS.isdisjoint(whole):
        return None
    parts = [part for text in _LIST.split(words) if (part := _words(text))]
    found = [_misspelt(part) if (known := _named(part)) is None else known or None for part in parts]
    if not found or None in found:
        return None
    return frozenset[str]().union(*(keys for keys in found if keys))


def _named(words: tuple[str, ...]) -> frozenset[str] | None:
    """What words mean by a name of the vocabulary, rightly spelt; nothing for what is made of several things."""
    return next((known for form in _all_forms(words) if (known := _names().get(form)) is not None), None)


def _all_forms(words: tuple[str, ...]) -> Iterator[str]:
    """The forms of a phrase, then without its beginning, then without all words that do not matter."""
    begin = next((at for at, word in enumerate(words) if word not in _BEGINNINGS), 0)
    for some in (words, words[begin:], tuple(word for word in words if word not in _FILLERS)):
        yield from _forms(some)


def _words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case without accents; marks of scripts that need them stay."""
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS))
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", folded)).replace("'", "").replace("’", "")
    return tuple("".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded).split())


def _squeezed(words: Iterable[str]) -> str:
    """Words written as one, so that "pea nut", "pea-nut" and "peanut" are the same."""
    return "".join(words)


def _forms(words: tuple[str, ...]) -> Iterator[str]:
    """A name as it stands, squeezed, then with its words in the singular if they are few."""
    if words:
        yield _squeezed(words)
    if 0 < len(words) <= _MOST_WORDS:
        yield from map(_squeezed, product(*((word, *_singulars(word)) for word in words)))


def _singulars(word: str) -> Iterator[str]:
    """What the singular of an English word may be, the likeliest first."""
    for ending, instead in (("ies", "y"), ("ves", "f"), ("oes", "o"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 2 and not word.endswith("ss"):
            yield word.removesuffix(ending) + instead


@cache
def _names() -> Mapping[str, frozenset[str]]:
    """Every name of the vocabulary, squeezed, and what it means: nothing for what is made of several things."""
    meant: dict[str, set[str]] = {name: set() for name in _mixed()}
    for kind in ingredients().values():
        for name in (kind.key, kind.name, *kind.synonyms):
            meant.setdefault(_squeezed(_words(name)), set()).update(() if is_mixed(name) else {kind.key})
    return {name: frozenset(keys) for name, keys in meant.items()}


def is_mixed(name: str) -> bool:
    """Whether a name is of something made of several things (mixed.toml), so that nobody can tell which is meant."""
    return not _mixed().isdisjoint(_forms(_words(name)))


@cache
def _mixed() -> frozenset[str]:
    table = tomllib.loads(files("generator.diet.foods").joinpath("mixed.toml").read_text("utf-8"))
    return frozenset(_squeezed(_words(name)) for name in table["names"].split(","))


def _misspelt(words: tuple[str, ...]) -> frozenset[str] | None:
    """What words mean by a name with a slip of spelling; two slips in several words are other words."""
    some = tuple(word for word in words if word not in _FILLERS)
    most = 2 if len(some) == 1 else 1
    return next((known for form in dict.fromkeys(_forms(some)) if (known := _nearest(form, most=most))), None)


def _nearest(word: str, *, most: int) -> frozenset[str] | None:
    """What a word with a slip in it means: one slip from 5 letters on, two from 9 on, the first letter right.

    A word of fewer than 7 letters is compared with our own names only: too many words of other languages are near it;
    so is any word with two slips ("stock cube" is no "Steckrübe"). None where names that mean different things are
    equally near, or a name of ours with another meaning is one slip further: it is likelier to be meant than a rare
    synonym.
    """
    most = min(most, (len(word) >= 5) + (len(word) >= 9))
    if not most or len(word) > _LONGEST:
        return None
    own = _beginning_with(word[0])
    known = {name: keys for name, (keys, ours) in own.items() if ours or len(word) >= 7}
    slips = {name: _slips(word, name, most=most + 1) for name in known}
    best = min(slips.values(), default=most + 1)
    nearest = [name for name, count in slips.items() if count == best]
    sure = best == 1 or any(own[name][1] for name in nearest)
    if best > most or not sure or len({known[name] for name in nearest}) > 1:
        return None
    keys = known[nearest[0]]
    further = (name for name, count in slips.items() if count == best + 1 and own[name][1])
    return keys if keys and all(known[name] <= keys for name in further) else None


@cache
def _beginning_with(letter: str) -> Mapping[str, tuple[frozenset[str], bool]]:
    """Names of four letters or more by their first letter: what each means, and whether it is our own name for it."""
    own = {_squeezed(_words(name)) for kind in ingredients().values() for name in (kind.key, kind.name)}
    return {name: (keys, name in own) for name, keys in _names().items() if name[0] == letter and len(name) >= 4}


def _slips(word: str, name: str, *, most: int) -> int:
    """Letters to insert, drop, change or swap with a neighbour to make a word the name; `most` + 1 where more."""
    if sorted(word) == sorted(name) and len(word) == len(name):
        differ = [at for at, (one, other) in enumerate(zip(word, name, strict=True)) if one != other]
        if len(differ) == 2 and differ[1] == differ[0] + 1:
            return 1
    return distance(word, name, most=most)
