"""How gladly something is eaten, by all that is known of a person."""

import math
import random

from generator.diet.planning.patterns import patterns
from generator.diet.planning.portions import Portion
from generator.diet.planning.records import Allowed, Wishes
from generator.diet.records import Dish, Food

_LIKED = 1.5  # what is liked is drawn e^1.5 times more often,
_DEAR = 1.0  # a step of cost above the budget e times more rarely,
_UNWELCOME = 3.0  # and what has a penalty of 1 e^3 times
_WELCOMED = 2.0  # with a penalty of -0.5 (a sore mouth, and it is soft) it is no matter how seldom others eat it
_TASTE = 0.8  # spread of what one person happens to favour, as the deviation of a logarithm


def weight_of(portion: Portion, allowed: Allowed, wishes: Wishes) -> float:
    """How gladly something is drawn for all that is known of the person, above 0."""
    names = {portion.key, f"food:{portion.key}", *(f"#{name}" for name in portion.source.properties)}
    liked = not wishes.likes.isdisjoint(names | allowed.contains[portion.key])
    above = max(0.0, portion.cost - wishes.budget)
    penalty = allowed.penalties.get(portion.key, 0.0)
    habit = 1.0 if liked else _habit(portion) ** max(0.0, 1 + _WELCOMED * min(0.0, penalty))
    return (
        _home(portion, wishes)
        * habit
        * float(math.exp((_LIKED if liked else 0.0) - _DEAR * above - _UNWELCOME * penalty))
    )


def _habit(portion: Portion) -> float:
    """How often people eat something for what it is, of 1."""
    kinds = {*portion.source.properties, *([portion.family] if isinstance(portion.source, Food) else [])}
    habits = patterns().habits
    kept = [rarely for kind, rarely in sorted(habits.seldom.items()) if kind in kinds]
    return math.prod(kept) * habits.rare.get(portion.key, 1.0)


def _home(portion: Portion, wishes: Wishes) -> float:
    """How far something belongs to a person's kitchen: a food that is common does everywhere."""
    habits, kitchens = patterns().habits, patterns().kitchens
    welcome = kitchens.welcome(portion.source.cuisines, own=wishes.cuisines)
    if isinstance(portion.source, Dish):
        return welcome if portion.source.cuisines else kitchens.anywhere
    if wishes.cuisines and set(wishes.cuisines) & set(portion.source.cuisines):
        return 1.0
    if portion.key in habits.common:
        return kitchens.anywhere if wishes.cuisines and portion.role in habits.at_home else 1.0
    return welcome * habits.uncommon


def taste(seed: int, key: str) -> float:
    """How far a person happens to favour something, around 1: the same for the same seed and key."""
    return float(math.exp(random.Random(f"{seed} {key}").gauss(0, _TASTE)))
