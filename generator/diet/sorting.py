"""The words of the form, each moved to the field where it belongs before it is read."""

import re
from collections.abc import Mapping
from typing import Any

from generator.diet import vocabulary
from generator.diet.foods.ingredients import find_ingredients
from generator.diet.vocabulary import Kind, plain

_FIELDS = ("symptoms", "conditions", "restrictions")
_LISTS = (*_FIELDS, "allergies", "avoid", "drugs", "likes", "dislikes", "cuisine", "other_drugs", "other_conditions")
_COMBINED: tuple[Kind, ...] = ("symptoms", "conditions", "restrictions", "drugs")
_OWN_FIELDS: Mapping[str, Kind] = {"leukemia_type": "leukemia_types", "treatment_phase": "treatment_phases"}
MAX_CHARS, MAX_ENTRIES = 10_000, 200
_PARTS = re.compile(r"[,;\n]")
_ALLERGY = re.compile(r"^(?:severe\s+)?(?:allergic to |allergy to |intolerant to )(.+)$|^(.+?) (?:allergy|allergies)$")
_WITHOUT = re.compile(r"^(?:no|without|avoids?|never|(?:i )?(?:dont|do not|doesnt|does not) eat) (.+)$|^(.+?) free$")
_AND = re.compile(r"\s+(?:and|und|et|y)\s+|\s*[&+/]\s*", re.IGNORECASE)


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


class TooMuch(ValueError):
    """More is told in a field of words than any person has to tell."""

    def __init__(self, field: str) -> None:
        """Keep the name of the field."""
        super().__init__(f"Name at most {MAX_ENTRIES} in {field}.")
        self.field = field


def _bounded(name: str, value: object) -> object:
    """A field of words as it came.

    Raises:
        TooMuch: if it is longer than anybody's.
    """
    if isinstance(value, str) and len(value) > MAX_CHARS:
        raise TooMuch(name)
    if isinstance(value, list | tuple | set | frozenset) and len(value) > MAX_ENTRIES:
        raise TooMuch(name)
    return value


def sorted_out(data: Mapping[str, Any]) -> dict[str, Any]:
    """The form with every list split, and words that were put into the wrong field moved to the right one.

    A "nut allergy" among the conditions is an allergy, "no pork" among the restrictions is a food to `avoid`, "low
    neutrophils" among the symptoms is a condition, a leukemia or a transplant among the conditions fills its own field
    if that is empty, "pregnant" ticks its box, and a drug that we do know is no other drug.

    Raises:
        TooMuch: if a field holds more than 200 entries or 10,000 characters.
    """
    form: dict[str, Any] = dict(data)
    for name in (*_LISTS, "other_allergies"):
        if name in form:
            form[name] = split(_bounded(name, form[name]))
    for kind in _COMBINED:
        if isinstance(words := form.get(kind), tuple):
            form[kind] = tuple(part for word in words for part in _apart(kind, word))
    for name in (*_FIELDS, "allergies", "other_drugs", "other_conditions", "other_allergies"):
        words = form.get(name)
        if isinstance(words, tuple) and all(isinstance(word, str) for word in words):
            form[name] = ()
            for word in words:
                for field, moved in _places(name, word):
                    there = form.get(field, ())
                    form[field] = (*there, moved) if isinstance(there, tuple) else there
    return _with_own_fields(form)


def _apart(kind: Kind, word: object) -> tuple[object, ...]:
    """The parts of "nausea and vomiting", if every one of them is known and the whole is not."""
    if not isinstance(word, str) or vocabulary.find(kind, word):
        return (word,)
    parts = tuple(part for part in _AND.split(word) if part)
    return parts if parts and all(vocabulary.find(kind, part) for part in parts) else (word,)


def _with_own_fields(form: dict[str, Any]) -> dict[str, Any]:
    """The form with a box ticked, a leukemia or a phase of treatment filled in, that was named among the conditions."""
    words = form.get("conditions", ())
    if not isinstance(words, tuple):
        return form
    for word in words:
        if isinstance(word, str) and (box := vocabulary.box_of(word)):
            form[box], words = True, tuple(other for other in words if other != word)
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
        if vocabulary.find("not_food", allergen(text)):
            return (("other_allergies", allergen(text)),)
        if vocabulary.find("conditions", word):
            return (("conditions", word),)
    if field == "other_allergies" and vocabulary.find("not_food", word) is None:
        return (("allergies", word),)
    if field == "other_drugs" and vocabulary.find("drugs", word):
        return (("drugs", word),)
    if field == "other_conditions":
        return (_known_condition(word, text) or (field, word),)
    return ((field, word),)


def _known_condition(word: str, text: str) -> tuple[str, str] | None:
    """Where a condition that was given as one without rules belongs, if it does have rules."""
    if vocabulary.box_of(word) or any(vocabulary.find(kind, word) for kind in _OWN_FIELDS.values()):
        return "conditions", word
    found = _field_of("conditions", word, text)
    known = found[0] != "conditions" or vocabulary.find("conditions", word)
    return found if known else None


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


def allergen(text: str) -> str:
    """What plain words are about, without "allergic to" or "allergy"."""
    match = _ALLERGY.match(text)
    return (match[1] or match[2]) if match else text
