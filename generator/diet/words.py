"""What people write in the form, read as keys of the vocabularies; a word that is not understood is asked about."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from generator.diet import vocabulary
from generator.diet.foods.dishes import dishes
from generator.diet.foods.ingredients import find_ingredients
from generator.diet.foods.table import foods
from generator.diet.sorting import allergen
from generator.diet.vocabulary import Kind, plain
from retriever.records import Record

MAX_WORDS = 60
_MOST_PROBLEMS = 20
_ASK_FOODS = " Name the foods themselves, one by one, in plain words."
_ASK_ALLERGY = f"{_ASK_FOODS} For a food that is not known here, a dietitian has to make the plan."
_UNKNOWN: Mapping[str, str] = {
    "drugs": " Name the medicine, not its kind. Herbs and rare medicines go under other_drugs; the plan says so.",
    "conditions": " If it is spelt right, put it under other_conditions and the plan says so.",
    "symptoms": " If food may have to do with it, ask your care team; if not, leave it out.",
    "restrictions": " Other diets need a dietitian. Foods that you do not eat can be named one by one under avoid.",
}
_FOOD, _SHORT = "food:", 3
_ALLERGIC = re.compile(r"allerg|intoleran|anaphyla", re.IGNORECASE)


class Problem(Record):
    """A part of the form that cannot be taken as it stands.

    Attributes:
        field: the name of the field: "allergies".
        given: what was written there, at most 60 characters.
        reason: why it cannot be taken, and what to do.
        suggestions: what may have been meant.
    """

    field: str
    given: str
    reason: str
    suggestions: tuple[str, ...] = ()


class Unclear(ValueError):
    """Words that are not understood, or values that cannot be."""

    def __init__(self, *problems: Problem) -> None:
        """Keep the problems; the message has their reasons."""
        super().__init__(" ".join(problem.reason for problem in problems))
        self.problems = problems


def keys_of(kind: Kind, words: Iterable[str]) -> tuple[str, ...]:
    """The keys of a kind for words, each once, in order.

    Raises:
        Unclear: naming every word that is not known.
    """
    unknown = _UNKNOWN.get(kind, "")
    return _all(kind, words, lambda word: _some(vocabulary.find(kind, word)), hint=unknown, kind=kind)


def one_of(kind: Kind, word: str, *, field: str) -> str:
    """The key of a kind for one word.

    Raises:
        Unclear: if the word is not known.
    """
    known = _all(field, (word,), lambda text: _some(vocabulary.find(kind, text)), kind=kind)
    return known[0]


def cuisines(words: Iterable[str]) -> tuple[str, ...]:
    """The keys of cuisines; "Asian" is several.

    Raises:
        Unclear: naming every cuisine that is not known.
    """
    return _all("cuisine", words, vocabulary.cuisines_of, kind="cuisines")


def foods_of(field: str, words: Iterable[str]) -> tuple[str, ...]:
    """The keys of ingredients that a person must not or does not eat, in alphabetical order.

    Raises:
        Unclear: naming every word that is not known, or that can mean several foods.
    """
    hint = _ASK_ALLERGY if field in ("allergies", "avoid") else _ASK_FOODS
    return tuple(sorted(_all(field, words, lambda word: _ingredients(field, word), hint=hint)))


def tastes_of(field: str, words: Iterable[str]) -> tuple[str, ...]:
    """What a person likes or dislikes: keys of ingredients, "#spicy" for a property, "food:KEY" for a food or dish.

    Raises:
        Unclear: naming every word that is not known.
    """
    return tuple(sorted(_all(field, words, _taste, hint=_ASK_FOODS)))


def _taste(word: str) -> tuple[str, ...]:
    if word.startswith(_FOOD):
        return (word,) if word.removeprefix(_FOOD) in foods().keys() | dishes().keys() else ()
    if named := vocabulary.property_of(word.removeprefix("#")):
        return (f"#{named}",)
    return tuple(find_ingredients(word) or _called(word))


def _called(word: str) -> tuple[str, ...]:
    """Foods and dishes whose names have every word of what was written: "lentil soup"."""
    asked = {_singular(part) for part in plain(word).split()}
    if not asked:
        return ()
    return tuple(f"{_FOOD}{key}" for key, parts in _food_names().items() if asked <= parts)


@cache
def _food_names() -> Mapping[str, frozenset[str]]:
    named = {key: food.name for key, food in foods().items()} | {key: dish.name for key, dish in dishes().items()}
    return {key: frozenset(_singular(part) for part in plain(name).split()) for key, name in named.items()}


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > _SHORT else word


def _ingredients(field: str, word: str) -> tuple[str, ...]:
    asked = vocabulary.find("ask_food", allergen(plain(word)))
    if asked and field == "allergies":
        term = vocabulary.terms("ask_food")[asked]
        raise Unclear(Problem(field=field, given=word, reason=f"{term.name}: {term.ask}."))
    return tuple(find_ingredients(word) or ())


def without_rules(field: str, names: Iterable[str]) -> tuple[str, ...]:
    """Names of medicines or conditions for which there is no rule here; nothing that has one may hide among them.

    Raises:
        Unclear: if a name speaks of an allergy, or has a medicine in it that is known here.
    """
    kept, problems = tuple(names), []
    for name in kept:
        given = name[:MAX_WORDS]
        known = next((part for part in plain(given).split() if field == "other_drugs" and _is_drug(part)), "")
        if _ALLERGIC.search(name):
            reason = f"“{given}”: name allergies and intolerances under allergies."
            problems.append(Problem(field=field, given=given, reason=reason))
        elif known:
            reason = f"“{given}”: {known} is known here. Name each medicine on its own, this one under drugs."
            problems.append(Problem(field=field, given=given, reason=reason))
    if problems:
        raise Unclear(*problems)
    return kept


def _is_drug(word: str) -> bool:
    return len(word) > _SHORT and vocabulary.find("drugs", word) is not None


def _some(key: str | None) -> tuple[str, ...]:
    return (key,) if key else ()


def _all(
    field: str,
    words: Iterable[str],
    read: Callable[[str], tuple[str, ...]],
    *,
    hint: str = "",
    kind: Kind | None = None,
) -> tuple[str, ...]:
    """The keys of all words, each once, in order; every word that is not known is told at once."""
    found: dict[str, None] = {}
    problems: list[Problem] = []
    for word in words:
        if len(problems) == _MOST_PROBLEMS:
            break
        given = word[:MAX_WORDS]
        try:
            keys = read(word) if given == word else ()
        except Unclear as unclear:
            problems += unclear.problems
            continue
        found |= dict.fromkeys(keys)
        if not keys:
            alike = vocabulary.near(kind, given) if kind else ()
            meant = f" Did you mean {_either(alike)}?" if alike else ""
            reason = f"“{given}” is not understood.{meant}{hint}"
            problems.append(Problem(field=field, given=given, reason=reason, suggestions=alike))
    if problems:
        raise Unclear(*problems)
    return tuple(found)


def _either(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
