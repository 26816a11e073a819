"""Dishes as recipes of foods of the table: what they contain, what they are and their figures follow from the foods."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from generator.diet.foods.ingredients import with_parents
from generator.diet.foods.table import foods, lists
from generator.diet.records import Dish, Food, Nutrients

KCAL_PER_G_FAT = 9
# A figure of a dish is known if foods that lack it weigh at most this share of the portion: a pinch of a spice.
MOST_UNKNOWN = 0.05
_LISTS = {"meals": "meals", "role": "roles", "cuisines": "cuisines", "properties": "properties"}
_COLUMNS = frozenset(
    "name meals role cuisines ingredients uncooked properties served_with minutes method".split()
)  # fmt: skip
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Amount:
    """A food in a portion of a dish, and whether the recipe heats it."""

    food: Food
    grams: float
    heated: bool


@cache
def dishes() -> Mapping[str, Dish]:
    """Every dish by key, in the order of the tables; read once.

    `properties` are those that the recipe states and those that follow from its foods (carried.toml) and figures.

    Raises:
        ValueError: names every recipe that is not right: a key that stands twice or is a food's, a food that is not in
            the table, a word that is not in the closed lists.
    """
    made: dict[str, Dish] = {}
    wrong: list[str] = []
    recipes = tuple(_recipes())
    known = foods().keys() | {key for key, _ in recipes} | lists("roles").keys()
    for key, row in recipes:
        if found := [*problems(key, row, known=known), *(["stands twice"] if key in made else [])]:
            wrong.extend(f"{key}: {problem}" for problem in found)
        else:
            made[key] = _dish(key, row)
    if wrong:
        raise ValueError("\n".join(wrong))
    return made


def contains_of(dish: Dish) -> frozenset[str]:
    """The ingredients of a dish: those of all its foods, keys of the vocabulary without their parents."""
    return frozenset[str]().union(*(foods()[key].contains for key in dish.ingredients))


def grams_of(dish: Dish) -> float:
    """What a portion of a dish weighs, in grams."""
    return sum(dish.ingredients.values())


def per_portion(dish: Dish) -> Nutrients:
    """The figures of a portion, see `sums_of`."""
    return sums_of([(foods()[key], grams) for key, grams in dish.ingredients.items()])


def problems(key: str, row: Row, *, known: Iterable[str]) -> Iterator[str]:
    """What is not right with a recipe, one sentence each.

    Args:
        key: of the dish.
        row: as it stands in its table.
        known: what a dish can be served with: roles, and keys of foods and dishes.
    """
    if key in foods() or not key.isidentifier() or not key.islower():
        yield "the key is a food's, or not a name in small letters"
    if missing := {"name", "meals", "role", "ingredients", "minutes", "method"} - row.keys():
        yield f"lacks {' '.join(sorted(missing))}"
        return
    if strange := row.keys() - _COLUMNS:
        yield f"has unknown columns {' '.join(sorted(strange))}"
    yield from _ingredient_problems(row)
    if strange := set(row.get("served_with", "").split()) - set(known):
        yield f"is served with what is not known: {' '.join(sorted(strange))}"
    for column, table in _LISTS.items():
        if strange := set(row.get(column, "").split()) - lists(table).keys():
            yield f"{column} does not know {' '.join(sorted(strange))}"


def _ingredient_problems(row: Row) -> Iterator[str]:
    if strange := row["ingredients"].keys() - foods().keys():
        yield f"has foods that are not in the table: {' '.join(sorted(strange))}"
    if not row["ingredients"]:
        yield "has no ingredients"
    if any(grams <= 0 for grams in row["ingredients"].values()):
        yield "has an amount that is not above 0"
    if strange := set(row.get("uncooked", "").split()) - row["ingredients"].keys():
        yield f"does not heat what is not in it: {' '.join(sorted(strange))}"


def sums_of(amounts: Iterable[tuple[Food, float]]) -> Nutrients:
    """The figures of foods in grams together.

    A figure is None where foods that lack it make up more than 5 % of the weight; else what is missing counts as
    nothing.
    """
    amounts = tuple(amounts)
    allowed = MOST_UNKNOWN * sum(grams for _, grams in amounts)
    sums: dict[str, float | None] = {}
    for name in Nutrients.model_fields:
        figures = [(getattr(food.per_100g, name), grams) for food, grams in amounts]
        unknown = sum(grams for figure, grams in figures if figure is None)
        total = sum(figure * grams / 100 for figure, grams in figures if figure is not None)
        sums[name] = total if unknown <= allowed else None
    return Nutrients.model_validate(sums)


def _recipes() -> Iterator[tuple[str, Row]]:
    folder = files("generator.diet.foods.recipes")
    for name in sorted(path.name for path in folder.iterdir() if path.name.endswith(".toml")):
        yield from tomllib.loads(folder.joinpath(name).read_text("utf-8")).items()


def _dish(key: str, row: Row) -> Dish:
    uncooked, stated = row.get("uncooked", "").split(), frozenset(row.get("properties", "").split())
    amounts = [Amount(foods()[food], grams, food not in uncooked) for food, grams in row["ingredients"].items()]
    return Dish(
        key=key,
        name=row["name"],
        role=row["role"],
        ingredients=row["ingredients"],
        properties=stated | _carried(amounts, blended="puree" in stated),
        method=row["method"],
        minutes=row["minutes"],
        **{name: tuple(row.get(name, "").split()) for name in ("meals", "cuisines", "served_with")},
    )


@cache
def _carry() -> dict[str, Any]:
    return tomllib.loads(files("generator.diet.foods").joinpath("carried.toml").read_text("utf-8"))


@cache
def _safety() -> frozenset[str]:
    """The properties that heating all through ends: the section "safety" of properties.toml."""
    text = files("generator.diet.foods").joinpath("properties.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)["safety"])


def _carried(amounts: Iterable[Amount], *, blended: bool) -> frozenset[str]:
    """What follows from the foods; `blended` is a dish that is a purée."""
    amounts = tuple(amounts)
    tables = [_carry()["from_grams"], *([] if blended else [_carry()["texture"]])]
    found = _of_milk(amounts) | _of_figures(amounts) | _of_uncooked(amounts)
    for name, least in (item for table in tables for item in table.items()):
        grams = [amount.grams for amount in amounts if name in amount.food.properties]
        if grams and sum(grams) >= least:
            found.add(name)
    return frozenset(found)


def _of_uncooked(amounts: Iterable[Amount]) -> set[str]:
    bounds, found = _carry()["uncooked"], set[str]()
    also = set(bounds["also"].split())
    for amount in amounts:
        if not amount.heated:
            found |= amount.food.properties & _safety()
            found |= amount.food.properties & also if amount.grams >= bounds["from_grams"] else set()
    return found


def _of_milk(amounts: Iterable[Amount]) -> set[str]:
    """A dish with milk in it is low in lactose if all that is made of milk in it is."""
    milky = [amount.food for amount in amounts if "milk" in with_parents(amount.food.contains)]
    return {"low_lactose"} if milky and all("low_lactose" in food.properties for food in milky) else set()


def _of_figures(amounts: Iterable[Amount]) -> set[str]:
    portion = [(amount.food, amount.grams) for amount in amounts]
    sums, bounds, found = sums_of(portion), _carry()["figures"], set[str]()
    fibre, weight = sums.fibre_g or 0, sum(grams for _, grams in portion)
    if fibre >= bounds["fibre_g"] or fibre >= bounds["fibre_g_per_100g"] * weight / 100:
        found.add("high_fibre")
    fat_kcal = KCAL_PER_G_FAT * sums.fat_g
    if sums.fat_g >= bounds["greasy_fat_g"] and fat_kcal >= bounds["greasy_share"] * sums.energy_kcal:
        found.add("greasy")
    return found
