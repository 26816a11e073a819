"""What to buy for a plan."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from generator.diet.records import Day, Food, ShoppingItem


def shopping(days: Sequence[Day], table: Mapping[str, Food]) -> tuple[ShoppingItem, ...]:
    """All that the days are made of, dishes by their ingredients, in grams as eaten, by group and name."""
    grams: dict[str, float] = defaultdict(float)
    for item in (item for day in days for meal in day.meals for item in meal.items):
        for key, amount in [(part.food_id, part.grams) for part in item.ingredients] or [(item.food_id, item.grams)]:
            grams[key] += amount
    bought = [ShoppingItem(group=table[key].group, food=table[key].name, grams=round(grams[key])) for key in grams]
    return tuple(sorted(bought, key=lambda item: (item.group, item.food)))
