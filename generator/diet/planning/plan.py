"""Days of meals that meet a person's needs out of what the person may eat."""

from collections.abc import Sequence

import numpy as np

from generator.diet.planning.candidates import Eaten, Larder
from generator.diet.planning.days import limits_of, meal_times, served_day, stocked
from generator.diet.planning.model import Limits, Served
from generator.diet.planning.portions import day_of, item_of
from generator.diet.planning.records import Allowed, Droppable, Planned, Wishes
from generator.diet.planning.relax import Problem, relaxations
from generator.diet.planning.shopping import shopping
from generator.diet.planning.swaps import ServedDay, lines, swaps
from generator.diet.records import Day, Meal, Need

_MOST_DAYS = 14
_SWAPS = 2


def plan_days(
    needs: Sequence[Need],
    allowed: Allowed,
    *,
    wishes: Wishes,
    days: int,
    seed: int,
    droppable: Sequence[Droppable] = (),
) -> Planned:
    """Plan days that reach energy and protein within 5 % and keep within the other bounds, varied from day to day.

    Args:
        needs: of a day. `energy_kcal` and `protein_g` are reached by their `value`; of every other need whose key is a
            figure of `Nutrients` (`fibre_g`, `sodium_mg`, `potassium_mg`, …) `low` and `high` bound the day, None does
            not; needs of other keys (`fluid_ml`) are not the planner's.
        allowed: what may be eaten; nothing else ever stands on the plan.
        wishes: what would be welcome.
        days: 1 to 14.
        seed: the same needs, foods, wishes and seed give the same plan.
        droppable: what to give up one by one where no plan is possible, most readily given up first; the limits of
            `needs` are tried too.

    Returns:
        The plan, or `relax` without days.

    Raises:
        ValueError: if a need of energy or protein is missing or not above 0, or `days` is not 1 to 14.
    """
    if not 1 <= days <= _MOST_DAYS:
        raise ValueError(f"{days} days: from 1 to {_MOST_DAYS} can be planned")
    limits = limits_of(needs)
    stock = stocked(allowed, limits, wishes=wishes, seed=seed)
    eaten, planned, width = Eaten(), list[Day](), 0
    for number in range(days):
        served, width = served_day(
            stock, limits, meals=meal_times(wishes, limits), eaten=eaten, dice=f"{seed} {number}", first=width
        )
        if served is None:
            return Planned((), relax=relaxations(Problem(needs, allowed, wishes, seed), droppable))
        eaten.add(portion for meal in served for portion in meal.plate.portions)
        planned.append(_day(served, stock, limits))
    return Planned(tuple(planned), shopping(planned, allowed.table))


def _day(served: Sequence[Served], stock: Larder, limits: Limits) -> Day:
    eaten = [line for meal in served for line in lines(meal)]
    day = ServedDay(
        larder=stock,
        limits=limits,
        totals=np.sum([portion.known * steps for portion, steps in eaten], axis=0),
        keys=frozenset(portion.key for portion, _ in eaten),
        served=served,
        foods=stock.allowed.table,
    )
    return day_of([_meal(day, meal) for meal in served], [portion.figures * steps for portion, steps in eaten])


def _meal(day: ServedDay, served: Served) -> Meal:
    items = tuple(item_of(portion, steps, day.foods) for portion, steps in lines(served))
    return Meal(name=served.meal.name, at=served.meal.at, items=items, swaps=swaps(day, served, most=_SWAPS))
