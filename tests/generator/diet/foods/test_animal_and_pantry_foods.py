"""The rows of animals.csv and pantry.csv, read as an allergist, a rabbi, a mufti, a Jain and a coeliac would."""

import csv
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from generator.diet.foods.ingredients import find_ingredients, ingredients, with_parents
from generator.diet.foods.table import foods
from generator.diet.records import Food

TABLES = tomllib.loads((Path(__file__).with_name("food_promises.toml")).read_text("utf-8"))


def promised(name: str) -> str:
    """The name without what it says is not in the food."""
    return re.sub(r"\b(?:without|free from)\b[^(]*|\w+-free", "", name)


def ours() -> list[Food]:
    folder = files("generator.diet.foods")
    keys = [
        row["key"]
        for name in ("animals.csv", "pantry.csv")
        for row in csv.DictReader(folder.joinpath(name).read_text("utf-8").splitlines())
    ]
    return [foods()[key] for key in keys]


def everything_in(food: Food) -> frozenset[str]:
    return with_parents(food.contains)


def left(*excluded: str, group: str | None = None) -> set[str]:
    """The foods eaten on their own that have none of these in them."""
    return {
        food.key
        for food in ours()
        if food.meals and group in (None, food.group) and everything_in(food).isdisjoint(excluded)
    }


def test_there_are_many() -> None:
    assert len(ours()) >= 500
    cuisines = {cuisine for food in ours() for cuisine in food.cuisines}
    assert {"american", "chinese", "indian", "japanese", "mexican", "west_african"} <= cuisines


@pytest.mark.parametrize("words", TABLES["named"])
def test_what_a_name_says_is_in_it(words: str) -> None:
    needed = TABLES["named"][words]
    said = [food for food in ours() if re.search(rf"\b(?:{words})\b", promised(food.name), re.IGNORECASE)]
    assert said
    assert {(food.key, needed) for food in said if needed not in everything_in(food)} <= TABLES["not_meant"].items()


@pytest.mark.parametrize("key", TABLES["hidden"])
def test_what_is_hidden_in_it_is_written_down(key: str) -> None:
    assert set(TABLES["hidden"][key].split()) - everything_in(foods()[key]) == set()


def test_what_a_name_says_is_left_out_is_left_out() -> None:
    wrong = []
    for food in ours():
        promises = re.findall(r"(?:without|free from) ([^(]*)", food.name) + re.findall(r"(\w+)-free", food.name)
        for word in re.split(r", | and | or ", ", ".join(promises)):
            key = TABLES["without"].get(word.strip().lower())
            if key and key in everything_in(food):
                wrong.append((food.key, key))
    assert wrong == []


def test_a_food_of_milk_says_whether_it_has_lactose() -> None:
    wrong = [food.key for food in ours() if "high_lactose" in food.properties and "lactose" not in food.contains]
    both = [food.key for food in ours() if {"high_lactose", "low_lactose"} <= food.properties]
    assert (wrong, both) == ([], [])
    assert {"milk_lactose_free", "yogurt_lactose_free", "cheddar", "ghee"} <= {
        food.key for food in ours() if "milk" in everything_in(food) and "lactose" not in food.contains
    }


def test_cheese_has_rennet_unless_it_says_otherwise() -> None:
    without = {f.key for f in ours() if "cheese" in f.contains and "rennet" not in f.contains}
    assert {key for key in without if "made without animal rennet" not in foods()[key].name} == {"paneer"}


@pytest.mark.parametrize(
    ("group", "parent"),
    [
        ("meat", "meat"), ("poultry", "poultry"), ("fish", "fish"), ("shellfish", "shellfish"), ("eggs", "egg"),
        ("dairy", "milk"), ("cheese", "cheese"),
    ],
)  # fmt: skip
def test_a_shelf_holds_what_it_is_named_for(group: str, parent: str) -> None:
    assert [food.key for food in ours() if food.group == group and parent not in everything_in(food)] == []


def test_properties_agree_with_ingredients() -> None:
    rules = {
        "raw_egg": "egg",
        "raw_animal": "animal",
        "alcohol": "alcohol",
        "soft_cheese": "cheese",
        "mould_ripened": "cheese",
        "high_nitrate_cured": "cured_meat",
        "raw_honey": "honey",
    }
    assert [
        (f.key, p) for f in ours() for p, i in rules.items() if p in f.properties and i not in everything_in(f)
    ] == []


@pytest.mark.parametrize(("key", "danger"), TABLES["dangers"].items())
def test_what_can_harm_is_there_and_is_marked(key: str, danger: str) -> None:
    assert danger in foods()[key].properties


def test_only_water_holds_nothing() -> None:
    assert {food.key for food in ours() if not food.contains} == {"water", "water_mineral"}


def test_a_household_measure_in_grams_is_the_portion() -> None:
    stated = {food.key: re.search(r"\((\d+(?:\.\d+)?) g", food.household) for food in ours()}
    assert {key: m[1] for key, m in stated.items() if m and float(m[1]) != foods()[key].grams} == {}


ALLERGENS = "gluten milk egg soybean tree_nut peanut fish shellfish sesame celery mustard sulphite lupin"


@pytest.mark.parametrize("allergens", [*ALLERGENS.split(), ALLERGENS])
def test_the_allergic_still_find_protein_a_drink_and_fat(allergens: str) -> None:
    assert len(left(*allergens.split(), group="meat") | left(*allergens.split(), group="poultry")) >= 20
    assert len(left(*allergens.split(), group="drinks")) >= 15
    assert {"olive_oil", "margarine_vegan"} <= {f.key for f in ours() if everything_in(f).isdisjoint(allergens.split())}


def test_a_vegan_gets_nothing_from_animals() -> None:
    # By hand, from the names on the shelf.
    kept = left("animal")
    assert (
        kept
        & {"honey", "marshmallow", "beer", "wine_red", "worcestershire_sauce", "gumdrops", "fruit_punch", "margarine"}
        == set()
    )
    assert {
        "margarine_vegan",
        "water_ice",
        "maple_syrup",
        "ketchup",
        "chocolate_dark_plain",
        "mayonnaise_egg_free",
    } <= kept


def test_a_vegetarian_gets_no_rennet_but_cheese() -> None:
    kept = left("meat", "seafood", "gelatin", "rennet", "insect")
    assert kept & {"cheddar", "parmesan", "yogurt_fruit", "tamale_corn", "pupusa_bean"} == set()
    assert {"cheddar_vegetarian", "paneer", "cottage_cheese_vegetarian", "yogurt_plain", "egg_boiled"} <= kept


def test_halal_leaves_lamb_and_leaves_out_what_hides_pork_or_alcohol() -> None:
    kept = left("pork", "alcohol", "gelatin", "rennet", "blood", "insect")
    assert (
        kept
        & {"pie_apple", "turkey_sausage", "barbecue_sauce", "custard", "rice_with_chicken", "hot_dog", "beef_frank"}
        == set()
    )
    assert {"lamb_stewed", "chicken_breast_grilled", "yogurt_plain", "cheddar_vegetarian", "salmon_baked"} <= kept


def test_kosher_leaves_fish_with_scales() -> None:
    kept = left("pork", "shellfish", "fish_without_scales", "rabbit", "blood", "gelatin", "rennet", "insect")
    assert (
        kept & {"eel_grilled", "catfish_baked", "swordfish_grilled", "caviar", "shrimp_cooked", "rabbit_stewed"}
        == set()
    )
    assert {"salmon_baked", "gefilte_fish", "cod_baked", "beef_brisket", "cream_cheese_vegetarian"} <= kept


def test_a_hindu_gets_nothing_of_cattle_that_were_killed() -> None:
    kept = left("beef")
    assert kept & {"bison_roast", "veal_roast", "cheddar", "marshmallow", "gravy_mushroom", "lasagne_meat"} == set()
    assert {"goat_roast", "paneer", "yogurt_plain", "milk_buffalo", "cheddar_vegetarian"} <= kept


def test_a_coeliac_gets_no_hidden_wheat_or_barley() -> None:
    kept = left("gluten")
    assert kept & {"soup_tomato", "chocolate_milk_bar", "crab_sticks", "pork_sausage", "beer", "grain_coffee"} == set()
    assert {"stock_chicken_homemade", "mustard_prepared", "corn_cakes", "potato_chips", "egg_boiled"} <= kept


@pytest.mark.parametrize(("words", "keys"), TABLES["words"].items())
def test_words_for_animal_foods_are_understood(words: str, keys: str) -> None:
    assert find_ingredients(words) == frozenset(keys.split())


def test_parts_of_an_allergen_are_names_of_it() -> None:
    # A person allergic to egg white reacts to every egg, and to casein, to every milk: none may be a key of its own.
    assert ingredients().keys().isdisjoint({"egg_white", "egg_yolk", "casein", "whey"})


def test_energy_agrees_with_protein_fat_and_carbohydrate() -> None:
    # Atwater: 4, 9 and 4 kcal in a gram. Alcohol, organic acids and fiber make the rest; a wrong row is far off.
    loose = {"spices"}
    far = {
        food.key: round(food.per_100g.energy_kcal - counted)
        for food in ours()
        if food.group not in loose and "alcohol" not in food.properties
        for counted in [4 * food.per_100g.protein_g + 9 * food.per_100g.fat_g + 4 * food.per_100g.carbohydrate_g]
        if abs(food.per_100g.energy_kcal - counted) > max(25, 0.12 * counted)
    }
    assert far.keys() <= {"beer_alcohol_free", "cocoa_powder", "capers"}
