"""A small table of made foods and dishes with round figures, and needs for a day, for the tests of the planner."""

from collections.abc import Iterable, Mapping

from generator.diet.planning.records import Allowed, Clash, no_clash
from generator.diet.records import Dish, Food, Need, Nutrients

# key, role, meals, kcal, protein, fibre, sodium, potassium for 100 g; grams, step, least, most; contains
ROWS = """
oats|cereal|breakfast|70 2.5 1.7 5 70|240 60 120 360|oat
flakes|cereal|breakfast|370 8 5 500 120|40 10 30 60|maize
bread|bread|breakfast snack lunch|250 9 5 450 200|60 30 30 120|wheat
rye_bread|bread|breakfast snack lunch|240 8 7 550 190|60 30 30 120|rye
jam|spread|breakfast snack|250 0.3 1 20 70|20 10 10 30|strawberry
butter|spread|breakfast snack|720 0.9 0 500 25|10 5 5 20|milk
milk|dairy|breakfast snack|50 3.4 0 45 150|200 50 100 300|milk
yogurt|dairy|breakfast snack|60 4 0 50 160|150 50 100 250|milk
soy_drink|dairy|breakfast snack|45 3.3 0.5 40 130|200 50 100 300|soy
egg|protein|breakfast lunch dinner|150 12.5 0 130 130|100 50 50 150|egg
chicken|protein|lunch dinner|165 30 0 75 250|100 25 75 200|chicken
salmon|protein|lunch dinner|200 22 0 60 380|120 20 80 200|salmon
tofu|protein|lunch dinner|140 15 2 15 200|120 30 90 240|soy
beans|protein|lunch dinner|125 8.5 7 5 400|130 30 90 240|bean
rice|staple|lunch dinner|130 2.6 0.4 2 35|160 40 80 320|rice
pasta|staple|lunch dinner|155 5.8 1.8 2 45|180 40 80 320|wheat
potato|staple|lunch dinner|86 1.8 2 5 370|180 60 60 360|potato
carrot|vegetable|lunch dinner|35 0.8 3 60 230|80 40 40 160|carrot
peas|vegetable|lunch dinner|80 5.4 5.5 4 270|80 40 40 160|pea
beetroot|vegetable|lunch dinner|44 1.7 2 77 305|80 40 40 160|beetroot
lettuce|salad|lunch dinner|15 1.4 1.3 28 190|60 20 40 120|lettuce
apple|fruit|breakfast lunch dinner snack|52 0.3 2.4 1 107|150 75 75 150|apple
banana|fruit|breakfast lunch dinner snack|89 1.1 2.6 1 358|120 60 60 120|banana
pear|fruit|breakfast lunch dinner snack|57 0.4 3.1 1 116|150 75 75 150|pear
walnuts|topping|breakfast snack|650 15 6.7 2 440|30 10 10 30|walnut
raisins|topping|breakfast snack|300 3 4 11 750|20 10 10 40|grape
crackers|snack|snack|420 9 3 700 120|30 10 20 50|wheat
hummus_cup|snack|snack|180 7 5 400 230|60 20 40 100|chickpea sesame
pudding|dessert|lunch dinner snack|120 3 0 120 130|125 125 125 250|milk
tea|drink|breakfast lunch dinner snack|1 0 0 3 37|240 240 240 240|tea
juice|drink|breakfast snack|45 0.7 0.2 1 200|200 50 100 250|orange
oil|||880 0 0 0 0|10 5 5 20|olive
onion|||40 1 1.7 4 146|40 20 20 80|onion
tomato_sauce|||30 1.5 1.5 150 300|80 40 40 160|tomato
"""
# key, meals, served with, cuisines, ingredients
DISHES = """
porridge|breakfast|||oats 240, milk 100
omelette|breakfast lunch|bread||egg 120, butter 5
chicken_stew|lunch dinner|rice potato vegetable|american|chicken 110, onion 40, carrot 60, oil 8
fish_and_sauce|lunch dinner|staple vegetable||salmon 120, tomato_sauce 60
bean_stew|lunch dinner|staple salad|mexican|beans 180, tomato_sauce 80, onion 40, oil 8
pasta_tomato|lunch dinner|salad|italian|pasta 220, tomato_sauce 120, oil 10
tofu_rice|lunch dinner|vegetable|chinese|tofu 140, rice 160, oil 8, onion 30
egg_rice|lunch dinner|vegetable|chinese|egg 90, rice 180, oil 8
potato_bake|lunch dinner|salad|british|potato 250, milk 100, butter 10
pea_soup|lunch|bread||peas 200, onion 40, oil 5
chicken_rice|lunch dinner|vegetable|indian|chicken 100, rice 180, onion 40, oil 8
salmon_pasta|lunch dinner|salad|italian|salmon 90, pasta 200, oil 6
bean_rice|lunch dinner|salad|caribbean|beans 150, rice 160, onion 30, oil 8
bean_pasta|lunch dinner|vegetable|italian|beans 120, pasta 180, oil 8
"""


def made_food(row: str) -> Food:
    key, role, meals, figures, amounts, contains = row.split("|")
    energy, protein, fibre, sodium, potassium = map(float, figures.split())
    grams, step, least, most = map(float, amounts.split())
    nutrients = Nutrients(
        energy_kcal=energy,
        protein_g=protein,
        fat_g=1,
        carbohydrate_g=10,
        fibre_g=fibre,
        sodium_mg=sodium,
        potassium_mg=potassium,
    )
    return Food(
        key=key,
        name=key.replace("_", " ").capitalize(),
        ndb="00000",
        group={"chicken": "poultry", "salmon": "fish", "egg": "eggs"}.get(key, key),
        household="1 portion",
        grams=grams,
        step=step,
        least=least,
        most=most,
        contains=frozenset(contains.split()),
        meals=tuple(meals.split()),
        role=role,
        per_100g=nutrients,
    )


def made_dish(row: str) -> Dish:
    key, meals, served_with, cuisines, ingredients = row.split("|")
    amounts = (part.split() for part in ingredients.split(", "))
    return Dish(
        key=key,
        name=key.replace("_", " ").capitalize(),
        meals=tuple(meals.split()),
        role="main",
        cuisines=tuple(cuisines.split()),
        ingredients={food: float(grams) for food, grams in amounts},
        served_with=tuple(served_with.split()),
        method="Cook.",
    )


FOODS: Mapping[str, Food] = {food.key: food for food in map(made_food, ROWS.split("\n")[1:-1])}
DISHES_MADE: Mapping[str, Dish] = {dish.key: dish for dish in map(made_dish, DISHES.split("\n")[1:-1])}


def contained(dish: Dish) -> frozenset[str]:
    return frozenset().union(*(FOODS[key].contains for key in dish.ingredients))


def allowed_without(
    *ingredients: str, clash: Clash = no_clash, penalties: Mapping[str, float] | None = None
) -> Allowed:
    """What is left of the made table for a person who eats none of these ingredients."""
    contains = {key: food.contains for key, food in FOODS.items()}
    contains |= {key: contained(dish) for key, dish in DISHES_MADE.items()}
    left = {key for key, inside in contains.items() if inside.isdisjoint(ingredients)}
    return Allowed(
        foods={key: food for key, food in FOODS.items() if key in left},
        dishes={key: dish for key, dish in DISHES_MADE.items() if key in left},
        table=FOODS,
        contains={key: contains[key] for key in left},
        penalties=penalties or {},
        clash=clash,
    )


def need(key: str, value: float, *, low: float | None = None, high: float | None = None) -> Need:
    return Need(key=key, name=key, value=value, unit="g", low=low, high=high, formula="made", inputs={}, sources=())


def needs_of_a_day(energy: float = 2000, protein: float = 85, more: Iterable[Need] = ()) -> list[Need]:
    return [need("energy_kcal", energy), need("protein_g", protein), *more]
