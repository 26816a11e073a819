"""What people write in the form, read as keys of the vocabularies; a word that is not understood is asked about."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from generator.diet import vocabulary
from generator.diet.foods.dishes import dishes
from generator.diet.foods.ingredients import find_ingredients
from generator.diet.foods.table import foods
from generator.diet.vocabulary import Kind, plain
from retriever.records import Record

MAX_WORDS = 60
_FIELDS = ("symptoms", "conditions", "restrictions")
_LISTS = (*_FIELDS, "allergies", "avoid", "drugs", "likes", "dislikes", "cuisine", "other_drugs", "other_conditions")
_ASK_FOODS = " Name the foods themselves, one by one, in plain words."
_UNKNOWN: Mapping[str, str] = {
    "drugs": " Name the medicine, not its kind; if it is spelt right, put it under other_drugs and the plan says so.",
    "conditions": " If it is spelt right, put it under other_conditions and the plan says so.",
    "symptoms": " If food may have to do with it, ask your care team; if not, leave it out.",
    "restrictions": " Foods that you do not eat can be named one by one under avoid.",
}
_FOOD, _SHORT = "food:", 3
_OWN_FIELDS: Mapping[str, Kind] = {"leukemia_type": "leukemia_types", "treatment_phase": "treatment_phases"}
_PARTS = re.compile(r"[,;\n]")
_ALLERGY = re.compile(r"^(?:severe\s+)?(?:allergic to |allergy to |intolerant to )(.+)$|^(.+?) (?:allergy|allergies)$")
_WITHOUT = re.compile(r"^(?:no|without|avoid|avoids|never|i dont eat|dont eat|do not eat) (.+)$|^(.+?) free$")


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


def split(value: object) -> object:
    """A list of words: text is parted at commas and line ends, and words that say there is nothing are left out."""
    if isinstance(value, str):
        value = _PARTS.split(value)
    if value is None:
        return ()
    if not isinstance(value, (list, tuple, set, frozenset)):
        return value
    words = (word.strip() if isinstance(word, str) else word for word in value)
    return tuple(word for word in words if not (isinstance(word, str) and vocabulary.says_nothing(word)))


def sorted_out(data: Mapping[str, Any]) -> dict[str, Any]:
    """The form with every list split, and words that were put into the wrong field moved to the right one.

    A "nut allergy" among the conditions is an allergy, "no pork" among the restrictions is a food to `avoid`, "low
    neutrophils" among the symptoms is a condition, a leukemia or a transplant among the conditions fills its own field
    if that is empty, and a drug that we do know is no other drug.
    """
    form: dict[str, Any] = dict(data)
    for name in (*_LISTS, "other_allergies"):
        if name in form:
            form[name] = split(form[name])
    for name in (*_FIELDS, "allergies", "other_drugs", "other_conditions", "other_allergies"):
        words = form.get(name)
        if isinstance(words, tuple) and all(isinstance(word, str) for word in words):
            form[name] = ()
            for word in words:
                for field, moved in _places(name, word):
                    there = form.get(field, ())
                    form[field] = (*there, moved) if isinstance(there, tuple) else there
    return _with_own_fields(form)


def _with_own_fields(form: dict[str, Any]) -> dict[str, Any]:
    """The form with a leukemia and a phase of treatment taken from the conditions, where their own fields are empty."""
    words = form.get("conditions", ())
    if not isinstance(words, tuple):
        return form
    for field, kind in _OWN_FIELDS.items():
        meant = [word for word in words if isinstance(word, str) and _only(kind, word)]
        if meant and not form.get(field):
            form[field] = meant[0]
            words = tuple(word for word in words if word != meant[0])
    return {**form, "conditions": words}


def _only(kind: Kind, word: str) -> bool:
    """Whether a word is of a kind and no condition."""
    return vocabulary.find("conditions", word) is None and vocabulary.find(kind, word) is not None


def _places(field: str, word: str) -> tuple[tuple[str, str], ...]:
    """Where a word of a field belongs; where it stands if nothing else is sure."""
    text = plain(word)
    if field == "restrictions" and (both := vocabulary.both(word)):
        return (*(("restrictions", key) for key in both.restrictions), *(("avoid", key) for key in both.foods))
    if field in _FIELDS:
        return ((_field_of(field, word, text)),)
    if field == "allergies" and find_ingredients(word) is None:
        if vocabulary.find("not_food", _allergen(text)):
            return (("other_allergies", _allergen(text)),)
        if vocabulary.find("conditions", word):
            return (("conditions", word),)
    if field == "other_allergies" and vocabulary.find("not_food", word) is None:
        return (("allergies", word),)
    if field == "other_drugs" and vocabulary.find("drugs", word):
        return (("drugs", word),)
    if field == "other_conditions":
        found = next((name for name in ("conditions", "symptoms") if vocabulary.find(name, word)), field)
        return ((found, word),)
    return ((field, word),)


def _field_of(field: str, word: str, text: str) -> tuple[str, str]:
    kinds: tuple[Kind, ...] = ("restrictions", "conditions", "symptoms")
    own = next(kind for kind in kinds if kind == field)
    for kind in (own, *kinds):
        if vocabulary.find(kind, word):
            return kind, word
    if match := _ALLERGY.match(text):
        return "allergies", match[1] or match[2]
    if field == "restrictions" and (match := _WITHOUT.match(text)):
        return "avoid", match[1] or match[2]
    return field, word


def _allergen(text: str) -> str:
    match = _ALLERGY.match(text)
    return (match[1] or match[2]) if match else text


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
    return tuple(sorted(_all(field, words, lambda word: _ingredients(field, word), hint=_ASK_FOODS)))


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
    asked = vocabulary.find("ask_food", _allergen(plain(word)))
    if asked and field == "allergies":
        term = vocabulary.terms("ask_food")[asked]
        raise Unclear(Problem(field=field, given=word, reason=f"{term.name}: {term.ask}."))
    return tuple(find_ingredients(word) or ())


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
