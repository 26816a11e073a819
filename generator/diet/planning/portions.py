"""Foods and dishes in the amounts that they are eaten in, with the figures of one step of that amount."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from generator.diet.foods.dishes import sums_of
from generator.diet.planning.household import counted, household
from generator.diet.planning.patterns import patterns
from generator.diet.records import Day, Dish, Food, Ingredient, Item, Meal, Nutrients

FIGURES: tuple[str, ...] = tuple(Nutrients.model_fields)
_DISH_STEPS = 2  # a dish is served in whole and half portions
_LARGE = 1.25
_BESIDES = re.compile(r" with | in |, | \(")
Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Portion:
    """Something that can be eaten, counted in steps.

    Attributes:
        source: the food or the dish.
        step_g: one step in grams.
        least, usual, most: steps at one meal.
        figures: of one step, in the order of `FIGURES`, shape `(12,)`; not a number where it is not known.
        known: the same with 0 where it is not known.
        produce_g: of one step, the grams of it that are fruit or vegetables.
        family: for a dish the group of the food that most of its protein comes from, for a food its own group.
        cost: 1 cheap to 3 dear.
    """

    source: Food | Dish
    step_g: float
    least: int
    usual: int
    most: int
    figures: Figures
    known: Figures
    produce_g: float
    family: str
    cost: float

    @property
    def key(self) -> str:
        """The key of the food or dish."""
        return self.source.key

    @property
    def dish(self) -> bool:
        """Whether it is a dish; else it is a food."""
        return isinstance(self.source, Dish)

    @property
    def kind(self) -> str:
        """What is the same to who eats it: all plain yogurts, all rice congees (whatever they are with)."""
        if isinstance(self.source, Dish):
            return _BESIDES.split(self.source.name)[0]
        return " ".join((self.source.role, self.source.group, *sorted(self.source.contains)))

    @property
    def role(self) -> str:
        """What it is on a plate."""
        return self.source.role


def food_portion(food: Food, *, scale: float = 1.0) -> Portion:
    """A food in its steps, its usual amount times `scale` as far as least and most allow."""
    least, most = max(1, round(food.least / food.step)), max(1, round(food.most / food.step))
    usual = min(most, max(least, round(food.grams * scale / food.step)))
    figures = _figures(food.per_100g) * food.step / 100
    produce = food.step if food.group in patterns().aims.produce else 0.0
    return Portion(food, food.step, least, usual, most, figures, np.nan_to_num(figures), produce, food.group, food.cost)


def dish_portion(dish: Dish, table: Mapping[str, Food], *, scale: float = 1.0) -> Portion:
    """A dish in halves of its portion: half of one to one and a half, up to two where `scale` asks for more.

    Raises:
        KeyError: if the dish is made of a food that the table does not hold.
    """
    most = _DISH_STEPS * 2 if scale >= _LARGE else _DISH_STEPS * 3 // 2
    least = _DISH_STEPS // 2
    usual = min(most, max(least, round(_DISH_STEPS * scale)))
    grams = sum(dish.ingredients.values())
    parts = [(table[key], amount) for key, amount in sorted(dish.ingredients.items())]
    figures = _figures(sums_of(parts)) / _DISH_STEPS
    return Portion(
        source=dish,
        step_g=grams / _DISH_STEPS,
        least=least,
        usual=usual,
        most=most,
        figures=figures,
        known=np.nan_to_num(figures),
        produce_g=sum(amount for food, amount in parts if food.group in patterns().aims.produce) / _DISH_STEPS,
        family=max(parts, key=lambda part: part[0].per_100g.protein_g * part[1])[0].group,
        cost=sum(food.cost * amount for food, amount in parts) / grams,
    )


def _figures(nutrients: Nutrients) -> Figures:
    return np.array([getattr(nutrients, name) for name in FIGURES], dtype=np.float64)


def item_of(portion: Portion, steps: int, table: Mapping[str, Food]) -> Item:
    """The line of the plan for so many steps of something."""
    source, grams = portion.source, portion.step_g * steps
    energy, protein = portion.figures[:2] * steps
    item = Item(
        food=source.name,
        food_id=source.key,
        grams=round(grams, 1),
        energy_kcal=round(float(energy), 1),
        protein_g=round(float(protein), 2),
    )
    if isinstance(source, Food):
        return item.model_copy(update={"household": household(source.household, grams / source.grams)})
    share = Fraction(steps, _DISH_STEPS)
    parts = tuple(
        Ingredient(food=table[key].name, food_id=key, grams=round(grams * float(share), 1))
        for key, grams in source.ingredients.items()
    )
    return item.model_copy(
        update={"household": counted(share, "portion"), "ingredients": parts, "method": source.method}
    )


def day_of(meals: Sequence[Meal], figures: Sequence[Figures]) -> Day:
    """A day of meals with the totals of what stands on it; `figures` are those of each item, unknown not a number."""
    columns = dict(zip(FIGURES, np.array(figures).reshape(-1, len(FIGURES)).T, strict=True))
    totals = {name: round(float(np.nansum(column)), 2) for name, column in columns.items()}
    unknown = tuple(name for name, column in columns.items() if np.isnan(column).any())
    return Day(meals=tuple(meals), totals=Nutrients(**totals), unknown=unknown)
