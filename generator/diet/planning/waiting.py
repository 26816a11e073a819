"""What must not follow at a later meal of the day: meat first and milk too soon after it, in a kosher kitchen."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from generator.diet.planning.candidates import Plate
from generator.diet.planning.patterns import MealTime, clock_hours, patterns
from generator.diet.planning.records import Allowed, Wait
from generator.diet.records import Meal

TooSoon = tuple[frozenset[int], frozenset[int]]


def too_soon(offer: Sequence[tuple[MealTime, Sequence[Plate]]], allowed: Allowed) -> list[TooSoon]:
    """Pairs of sets of plates (by `id`), the first of an earlier and the second of a later meal: one of all at most.

    Args:
        offer: the meals of a day in their order with the plates to choose from.
        allowed: what each thing contains, and what has to wait.
    """
    return [
        (before, after)
        for wait in allowed.waits
        for (earlier, first), (later, then) in combinations(offer, 2)
        if not long_enough(wait, clock_hours(earlier.at), clock_hours(later.at))
        if (before := _with(first, wait.first, allowed)) and (after := _with(then, wait.then, allowed))
    ]


def _with(plates: Sequence[Plate], kinds: frozenset[str], allowed: Allowed) -> frozenset[int]:
    return frozenset(id(plate) for plate in plates if any(kinds <= allowed.contains[one.key] for one in plate.portions))


def long_enough(wait: Wait, earlier_h: float, later_h: float) -> bool:
    """Whether between two meals that begin at these hours of a day the wait from the end of the first is kept."""
    return later_h - earlier_h >= wait.hours + patterns().meal_hours


def followed_too_soon(meals: Sequence[Meal], allowed: Allowed) -> Iterator[tuple[Meal, Meal, Wait]]:
    """The meals of a day of which the second holds what has to wait after the first, with what it waits for."""
    for wait in allowed.waits:
        for earlier, later in combinations(meals, 2):
            if long_enough(wait, clock_hours(earlier.at), clock_hours(later.at)):
                continue
            if _holds(earlier, wait.first, allowed) and _holds(later, wait.then, allowed):
                yield earlier, later, wait


def _holds(meal: Meal, kinds: frozenset[str], allowed: Allowed) -> bool:
    return any(kinds <= allowed.contains[item.food_id] for item in meal.items)
