"""What can stand in the place of an item of a meal."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from generator.diet.planning.candidates import Larder, Plate, goes_with, served_with
from generator.diet.planning.model import Limits, Served
from generator.diet.planning.patterns import patterns
from generator.diet.planning.portions import FIGURES, Figures, Portion, item_of
from generator.diet.planning.waiting import too_soon
from generator.diet.records import Food, Swap

_NEARLY = 0.10
_LITTLE_KCAL = 25.0  # what holds less, such as water and tea, needs no swap
_WELCOME = 0.1  # of what is offered, where 1 is an ordinary food of one's own kitchen
_LEAST = 0.65  # of the usual amount: half an orange is no fruit
# Roles that very different things fill: a yogurt is not swapped for a cheese, nor nuts for biscuits.
_SAME_GROUP = {"dairy", "drink", "snack", "topping", "spread", "dessert"}
# What is no difference to speak of: kcal and g of protein.
_NO_MATTER = {FIGURES.index("energy_kcal"): 20.0, FIGURES.index("protein_g"): 2.0}


@dataclass(frozen=True, slots=True)
class ServedDay:
    """A day as it is served, for what else would fit there.

    Attributes:
        larder: what may be eaten.
        limits: what the day has to hold, also after a swap.
        totals: what it holds, shape `(12,)`; a figure that is not known counts as 0.
        keys: everything that stands on it.
        served: its meals in their order.
        foods: every food of the table, by key.
    """

    larder: Larder
    limits: Limits
    totals: Figures
    keys: frozenset[str]
    served: Sequence[Served]
    foods: Mapping[str, Food]


def lines(meal: Served) -> list[tuple[Portion, int]]:
    """What is eaten at a meal, each with its steps."""
    return list(zip(meal.plate.portions, meal.steps, strict=True))


def swaps(day: ServedDay, meal: Served, *, most: int) -> tuple[Swap, ...]:
    """Up to `most` swaps for each item of a meal, the most welcome first.

    What is offered may be eaten, is a food for a food and a dish for a dish, has the same role, is welcome,
    goes with the rest of the plate, stands nowhere else on the day, is within 10 % (or 20 kcal, 2 g) of the item's
    energy and protein in a whole number of its steps, and leaves the day within its limits.
    """
    return tuple(
        Swap(instead_of=portion.key, item=item_of(other, count, day.foods))
        for portion, steps in lines(meal)
        for other, count in islice(_fitting(day, meal, portion, steps), most)
    )


def _fitting(day: ServedDay, meal: Served, portion: Portion, steps: int) -> Iterator[tuple[Portion, int]]:
    if portion.known[0] * steps < _LITTLE_KCAL:
        return
    stock = day.larder
    beside = [one for one in meal.plate.portions if one.key != portion.key]
    pool = stock.pools.get((meal.meal.kind, portion.role), ())
    home = patterns().kitchens.staples_of(meal.plate.portions[0].source.cuisines, own=stock.cuisines)
    for other in sorted(pool, key=lambda one: (-stock.weights[one.key], one.key)):
        if other.key in day.keys or stock.welcome(other.key) < _WELCOME or not _alike(portion, other):
            continue
        if portion.role == "staple" and portion.key in home and other.key not in home:
            continue
        if not goes_with(other, beside, stock.allowed) or _too_soon(day, meal, other):
            continue
        if served_with(other, stock) and served_with(other, stock) != served_with(portion, stock):
            continue
        count = _same_amount(portion, steps, other)
        if count and day.limits.hold(day.totals - portion.known * steps + other.known * count):
            yield other, count


def _too_soon(day: ServedDay, meal: Served, other: Portion) -> bool:
    """Whether something must wait after an earlier meal of the day, or a later meal would have to wait after it."""
    new = Plate(meal.meal.kind, (other,), 0.0)
    offer = [(one.meal, [new if one is meal else one.plate]) for one in day.served]
    return any(id(new) in before | after for before, after in too_soon(offer, day.larder.allowed))


def _alike(portion: Portion, other: Portion) -> bool:
    if portion.dish or other.dish:
        return portion.dish == other.dish
    return portion.role not in _SAME_GROUP or portion.family == other.family


def _same_amount(portion: Portion, steps: int, other: Portion) -> int:
    """The steps of another thing that come nearest in energy; 0 where none comes near in energy and protein."""
    wanted = portion.known * steps
    energy = float(other.figures[0])
    if energy <= 0:
        return 0
    least = max(other.least, math.ceil(_LEAST * other.usual))
    count = min(other.most, max(least, round(float(wanted[0]) / energy)))
    given = other.known * count
    near = all(abs(given[of] - wanted[of]) <= max(_NEARLY * wanted[of], slack) for of, slack in _NO_MATTER.items())
    return count if near else 0
