"""Foods and dishes as the rules see them: with all that is in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from generator.diet.exclusions.matching import Edible, Kinds
from generator.diet.foods.dishes import MOST_UNKNOWN, dishes
from generator.diet.foods.ingredients import with_parents
from generator.diet.foods.table import foods
from generator.diet.records import Dish, Food

# The figures that rules bound.
_FIGURES = ("potassium_mg", "fibre_g", "sodium_mg")


@dataclass(frozen=True, slots=True)
class Table:
    """Foods and dishes by key; which of them a rule speaks of is worked out once for each rule."""

    edibles: Mapping[str, Edible]
    _included: dict[Kinds, frozenset[str]] = field(default_factory=dict)

    def included(self, kinds: Kinds) -> frozenset[str]:
        """The keys of the foods and dishes that a rule speaks of."""
        found = self._included.get(kinds)
        if found is None:
            found = frozenset(key for key, edible in self.edibles.items() if kinds.include(edible))
            self._included[kinds] = found
        return found


def table_of(eaten: Mapping[str, Food], made: Mapping[str, Dish]) -> Table:
    """Foods, and the dishes made of them, with all that they contain; the ones of our tables are made once.

    Raises:
        KeyError: if a dish is made of a food that is not there.
    """
    return _whole_table() if eaten is foods() and made is dishes() else _table(eaten, made)


@cache
def _whole_table() -> Table:
    return _table(foods(), dishes())


def _table(eaten: Mapping[str, Food], made: Mapping[str, Dish]) -> Table:
    plain = {key: _food(food) for key, food in eaten.items()}
    return Table(plain | {key: _dish(dish, plain, eaten) for key, dish in made.items()})


def _food(food: Food) -> Edible:
    return Edible(
        key=food.key,
        name=food.name,
        contains=with_parents(food.contains),
        properties=food.properties,
        role=food.role,
        portion=_figures(food, food.grams),
    )


def _dish(dish: Dish, plain: Mapping[str, Edible], eaten: Mapping[str, Food]) -> Edible:
    parts = tuple(plain[key] for key in dish.ingredients)
    return Edible(
        key=dish.key,
        name=dish.name,
        contains=frozenset().union(*(part.contains for part in parts)),
        properties=dish.properties,
        role=dish.role,
        portion={figure: _sum(figure, dish, eaten) for figure in _FIGURES},
        parts=parts,
    )


def _figures(food: Food, grams: float) -> dict[str, float | None]:
    per_100g = {figure: getattr(food.per_100g, figure) for figure in _FIGURES}
    return {figure: None if value is None else value * grams / 100 for figure, value in per_100g.items()}


def _sum(figure: str, dish: Dish, eaten: Mapping[str, Food]) -> float | None:
    """A figure of a portion; None where foods without it weigh more than a pinch."""
    held = [(_figures(eaten[key], grams)[figure], grams) for key, grams in dish.ingredients.items()]
    unknown = sum(grams for amount, grams in held if amount is None)
    if unknown > MOST_UNKNOWN * sum(dish.ingredients.values()):
        return None
    return sum(amount for amount, _ in held if amount is not None)
