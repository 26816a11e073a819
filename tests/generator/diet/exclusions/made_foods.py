"""A few made foods and dishes with round figures, and people who eat them, for the tests of the exclusions."""

from typing import Any

from generator.diet.profile import Profile, read_profile
from generator.diet.records import Dish, Food, Nutrients

# key | role | potassium, sodium, fibre of 100 g ("-" unknown) | contains | properties; a portion is 100 g
ROWS = """
salmon_raw|protein|300 50 0|salmon|raw_animal
salmon_baked|protein|350 50 0|salmon|
shrimp|protein|150 200 0|shrimp|
beef|protein|300 60 0|beef|
pork|protein|300 60 0|pork|
egg|protein|130 130 0|egg|soft
beans|main|450 5 7|bean_common|gas_forming high_fibre
milk|drink|150 45 0|milk lactose|liquid high_lactose
goat_yogurt|dairy|150 45 0|goat_milk lactose|soft high_lactose
cheese_aged|dairy|80 600 0|cheese|tyramine low_lactose salty
cheese_rennet|dairy|80 600 0|cheese rennet|low_lactose
feta|dairy|80 900 0|cheese|soft_cheese salty
bread|bread|120 450 3|wheat|
rice|staple|35 2 0|rice|soft bland
potato|staple|370 5 2|potato|soft
carrot|vegetable|180 60 3|carrot|soft
grapefruit|fruit|140 0 1|grapefruit|raw acidic
marmalade|spread|40 50 1|seville_orange sugar|very_sweet
star_fruit|fruit|130 2 3|star_fruit|raw
orange|fruit|180 0 2|orange|raw acidic
banana|fruit|360 1 3|banana|soft soluble_fibre
lime_juice||110 2 0|lime|acidic
linseed||800 30 27|flaxseed|
cashew|snack|660 12 3|cashew|small_hard crunchy
walnut_raw|topping|440 2 7|walnut|unroasted small_hard
honey_raw|spread|50 4 0|honey|raw_honey
beer|drink|30 4 0|barley beer|alcohol
vanilla|||sugar alcohol|
sprouts|salad|150 6 2|mung_bean|raw sprouts
lettuce|salad|190 28 1|lettuce|raw unwashable
unknown_salt|snack|- - -|maize|crunchy
sweets|snack|5 5 0|sugar gelatin|sticky
"""
# key | role | properties | ingredients
DISHES = """
salmon_rice|main|soft|salmon_baked 100, rice 150
poke|main||salmon_raw 80, rice 150
cheeseburger|main||beef 100, cheese_aged 30, bread 60
feta_pie|main||feta 60, bread 80
bean_stew|main|soft high_fibre|beans 150, carrot 50
lime_rice|staple|soft|rice 150, lime_juice 5
honey_milk|drink|liquid|milk 200, honey_raw 20
lettuce_soup|soup|soft liquid|lettuce 100, potato 50
plain_potato_rice|main|soft|potato 100, rice 100
"""


def made_foods() -> dict[str, Food]:
    return {food.key: food for food in map(_food, ROWS.strip().splitlines())}


def made_dishes() -> dict[str, Dish]:
    return {dish.key: dish for dish in map(_dish, DISHES.strip().splitlines())}


def person(**form: Any) -> Profile:
    """A woman of 50 in a quiet phase, who has nothing else, but for what is given."""
    plain = {"age": 50, "sex": "F", "height_cm": 165, "weight_kg": 60, "treatment_phase": "maintenance"}
    return read_profile({**plain, **form})


def _food(line: str) -> Food:
    key, role, figures, contains, properties = line.split("|")
    potassium, sodium, fibre = (None if figure == "-" else float(figure) for figure in (figures or "- - -").split())
    return Food(
        key=key,
        name=key.replace("_", " ").capitalize(),
        ndb="00000",
        group="made",
        household="1 portion",
        grams=100,
        step=10,
        least=10,
        most=300,
        contains=frozenset(contains.split()),
        properties=frozenset(properties.split()),
        meals=("lunch",) if role else (),
        role=role,
        per_100g=Nutrients(
            energy_kcal=100, protein_g=5, fat_g=2, carbohydrate_g=15,
            potassium_mg=potassium, sodium_mg=sodium, fibre_g=fibre,
        ),
    )  # fmt: skip


def _dish(line: str) -> Dish:
    key, role, properties, ingredients = line.split("|")
    return Dish(
        key=key,
        name=key.replace("_", " ").capitalize(),
        meals=("lunch",),
        role=role,
        cuisines=(),
        ingredients={part.split()[0]: float(part.split()[1]) for part in ingredients.split(", ")},
        properties=frozenset(properties.split()),
    )
