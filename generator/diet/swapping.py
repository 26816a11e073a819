"""A plan in which a person put what was offered for an item into its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.diet.planning.portions import Figures, day_of, dish_portion, food_portion
from generator.diet.records import Day, Dish, Food, Item, Meal, MealName, Need, Swap
from ingest.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Change:
    """What is to give way: `food` stands in for `instead_of` at a meal of a day, counted from 0. Both are ids."""

    day: int
    meal: MealName
    instead_of: str
    food: str


def swapped(
    days: Sequence[Day], change: Change, *, foods: Mapping[str, Food], dishes: Mapping[str, Dish]
) -> tuple[Day, ...]:
    """The days after a change, with new totals; what was there is offered in its turn.

    Raises:
        BadRequest: if the food is not offered there.
    """
    new = _offered(days, change)
    day = days[change.day]
    meals = [_changed(meal, change, new) if meal.name == change.meal else _without(meal, new) for meal in day.meals]
    return (*days[: change.day], _day(meals, foods, dishes), *days[change.day + 1 :])


def _offered(days: Sequence[Day], change: Change) -> Item:
    asked = (change.instead_of, change.food)
    meals = days[change.day].meals if change.day < len(days) else ()
    found = [swap.item for meal in meals if meal.name == change.meal for swap in meal.swaps
             if (swap.instead_of, swap.item.food_id) == asked]  # fmt: skip
    if not found:
        raise BadRequest("this swap is not offered here", hint="Choose one that the plan offers.")
    return found[0]


def _changed(meal: Meal, change: Change, new: Item) -> Meal:
    """The meal with the new item, for which what else was offered for the old one, and the old one, are offered."""
    old = next(item for item in meal.items if item.food_id == change.instead_of)
    items = tuple(new if item is old else item for item in meal.items)
    swaps = [Swap(instead_of=new.food_id, item=old)]
    for swap in meal.swaps:
        if swap.item.food_id != new.food_id:
            instead_of = new.food_id if swap.instead_of == old.food_id else swap.instead_of
            swaps.append(Swap(instead_of=instead_of, item=swap.item))
    return meal.model_copy(update={"items": items, "swaps": tuple(swaps)})


def _without(meal: Meal, new: Item) -> Meal:
    """The meal with no offer of what already stands on the day."""
    kept = tuple(swap for swap in meal.swaps if swap.item.food_id != new.food_id)
    return meal.model_copy(update={"swaps": kept})


def _day(meals: Sequence[Meal], foods: Mapping[str, Food], dishes: Mapping[str, Dish]) -> Day:
    return day_of(meals, [_figures(item, foods, dishes) for meal in meals for item in meal.items])


def _figures(item: Item, foods: Mapping[str, Food], dishes: Mapping[str, Dish]) -> Figures:
    food = foods.get(item.food_id)
    portion = food_portion(food) if food else dish_portion(dishes[item.food_id], foods)
    return portion.figures * round(item.grams / portion.step_g)


def now_over(before: Day, after: Day, needs: Sequence[Need]) -> tuple[str, ...]:
    """The names of the limits that a day is over and was not before."""
    limits = {need.key: need for need in needs if need.high is not None and need.key in type(after.totals).model_fields}
    return tuple(
        need.name for key, need in limits.items() if _over(after, key, need.high) and not _over(before, key, need.high)
    )


def _over(day: Day, key: str, high: float | None) -> bool:
    total = getattr(day.totals, key)
    return total is not None and high is not None and total > high
