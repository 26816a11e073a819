"""What a rule speaks of: foods by what they contain, what they are, and what a portion of them holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_PROPERTY = "#"
_ANY = "any"


@dataclass(frozen=True, slots=True)
class Edible:
    """A food or a dish as rules see it.

    Attributes:
        key: its key in the tables.
        name: its name for people.
        contains: every ingredient in it, with the parents of each.
        properties: keys of properties.toml.
        role: what it is on the plate; "" for a mere ingredient.
        portion: figures of one portion by the names of `Nutrients`; None where the table has none.
        parts: the foods that a dish is made of; empty for a food.
    """

    key: str
    name: str
    contains: frozenset[str]
    properties: frozenset[str]
    role: str
    portion: Mapping[str, float | None]
    parts: tuple["Edible", ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of food: all of `ingredients` are in it, and all of `properties` are said of it."""

    ingredients: frozenset[str]
    properties: frozenset[str]

    def fits(self, edible: Edible) -> bool:
        """Whether a food or a dish, taken as a whole, is of the kind; a mere ingredient is not of "any"."""
        if not (self.ingredients or self.properties):
            return bool(edible.role)
        return self.ingredients <= edible.contains and self.properties <= edible.properties

    def within(self, contains: frozenset[str]) -> bool:
        """Whether its ingredients are among those given, whatever the food is."""
        return self.ingredients <= contains


def parse_pattern(words: str) -> Pattern:
    """Read "fish + #raw_animal": ingredient keys, and keys of properties behind "#"; "any" is all food.

    Raises:
        ValueError: if a part is empty.
    """
    if words == _ANY:
        return Pattern(frozenset(), frozenset())
    parts = [part.strip() for part in words.split("+")]
    if not all(part.removeprefix(_PROPERTY) for part in parts):
        raise ValueError(f"{words!r} is no kind of food")
    return Pattern(
        ingredients=frozenset(part for part in parts if not part.startswith(_PROPERTY)),
        properties=frozenset(part.removeprefix(_PROPERTY) for part in parts if part.startswith(_PROPERTY)),
    )


@dataclass(frozen=True, slots=True)
class Kinds:
    """The foods that a rule speaks of.

    Attributes:
        patterns: a food of one of these kinds,
        unless: and of none of these.
        keys: foods and dishes by their own keys.
        parts: a dish falls with any food that it is made of; else it is judged as it comes to the table.
        food_most: what a portion of a food may hold, in the unit of the figure; more, or an unknown amount, falls.
        dish_most: the same for a dish.
        spared: roles that `food_most` is not for.
    """

    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...] = ()
    keys: frozenset[str] = frozenset()
    parts: bool = False
    food_most: tuple[tuple[str, float], ...] = ()
    dish_most: tuple[tuple[str, float], ...] = ()
    spared: frozenset[str] = frozenset()

    def include(self, edible: Edible) -> bool:
        """Whether the rule speaks of a food or a dish."""
        if self._of_a_kind(edible) or self._holds_too_much(edible):
            return True
        return self.parts and any(self._of_a_kind(part) for part in edible.parts)

    def _of_a_kind(self, edible: Edible) -> bool:
        if self.keys and any(one.key in self.keys for one in (edible, *edible.parts)):
            return True
        return _any_fits(self.patterns, edible) and not _any_fits(self.unless, edible)

    def _holds_too_much(self, edible: Edible) -> bool:
        bounds = self.dish_most if edible.parts else () if edible.role in self.spared else self.food_most
        if not bounds or not edible.role:
            return False
        return any((held := edible.portion.get(figure)) is None or held > most for figure, most in bounds)


def _any_fits(patterns: Iterable[Pattern], edible: Edible) -> bool:
    return any(pattern.fits(edible) for pattern in patterns)
