"""What a person likes and cannot have, with the reason: it is said, never only left out."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from generator.diet.exclusions.matching import Edible
from generator.diet.exclusions.records import Excluded
from generator.diet.foods.dishes import dishes
from generator.diet.foods.ingredients import ingredients
from generator.diet.foods.table import foods
from generator.diet.records import Exclusion, Missed

_FOOD, _PROPERTY = "food:", "#"
_DISHES = 3  # of one wish ("sushi") that are named


def missed(likes: Collection[str], excluded: Excluded) -> tuple[Missed, ...]:
    """What of a person's likes has no food left that may be eaten, those of one reason together.

    Of several reasons that one is told which takes away most of the foods, the gravest if as many.

    Args:
        likes: as in a profile: keys of ingredients, "#spicy" for a property, "food:KEY" for a food or a dish.
        excluded: what was left out for the person.
    """
    by_food = {one.food_id: one for one in excluded.exclusions if one.food_id}
    told: dict[str, tuple[Exclusion, list[str]]] = {}
    for like in likes:
        kinds = [edible.key for edible in excluded.edibles.values() if _is(edible, like)]
        if kinds and by_food.keys() >= set(kinds):
            why = _reason([by_food[key] for key in kinds])
            told.setdefault(why.reason, (why, []))[1].append(taste_name(like))
    return tuple(_missed(why, names) for why, names in told.values())


def taste_name(key: str) -> str:
    """What a like or a dislike is about, for people: an ingredient, a property ("#spicy"), a food or a dish."""
    if key.startswith(_FOOD):
        known = key.removeprefix(_FOOD)
        return (foods().get(known) or dishes()[known]).name
    return ingredients()[key].name.lower() if key in ingredients() else key.lstrip(_PROPERTY).replace("_", " ")


def _is(edible: Edible, like: str) -> bool:
    """Whether something that is eaten by itself is what a person likes, or holds it."""
    if not edible.role:
        return False
    if like.startswith(_FOOD):
        return edible.key == like.removeprefix(_FOOD)
    if like.startswith(_PROPERTY):
        return like.removeprefix(_PROPERTY) in edible.properties
    return like in edible.contains


def _reason(met: Iterable[Exclusion]) -> Exclusion:
    """Of the exclusions of all that a person likes the one whose reason stands behind most of them."""
    standing: Mapping[str, Exclusion] = {}
    counts: Counter[str] = Counter()
    for one in met:
        counts.update({one.reason, *one.also})
        standing = {one.reason: one, **standing}
    order = list(standing)
    return standing[max(order, key=lambda reason: (counts[reason], -order.index(reason)))]


def _missed(why: Exclusion, names: list[str]) -> Missed:
    *others, last = names[:_DISHES]
    liked = f"{', '.join(others)} and {last}" if others else last
    text = f"You like: {liked}. Left out of this plan: {why.reason}"
    return Missed(liked=liked, text=text, source=why.source, citation=why.citation)
