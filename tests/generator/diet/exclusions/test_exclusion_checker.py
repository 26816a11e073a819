"""The whole table against a checker of its own: it reads the tables again and knows only tags and ingredients."""

import csv
import tomllib
from functools import cache
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_foods import person

from generator.diet.exclusions.exclude import exclude
from generator.diet.foods.dishes import dishes
from generator.diet.foods.ingredients import find_ingredients
from generator.diet.foods.table import foods

# What must not be left, written down here once more, by hand, from the rules of each diet.
NEVER_WITH = {
    "vegan": "meat seafood egg milk honey gelatin rennet insect bee_product",
    "vegetarian": "meat seafood gelatin rennet insect",
    "pescatarian": "meat gelatin rennet",
    "halal": "pork blood alcohol gelatin rennet",
    "kosher": "pork shellfish blood gelatin rennet rabbit fish_without_scales",
    "hindu": "beef",
    "jain": "meat seafood egg honey onion garlic leek potato carrot beet radish ginger cassava alcohol mushroom",
    "gluten_free": "wheat barley rye oat spelt couscous malt",
    "lactose_free": "lactose",
    "low_potassium": "star_fruit",
}
ALLERGENS = (
    "milk",
    "egg",
    "peanut",
    "tree_nut",
    "fish",
    "shellfish",
    "wheat",
    "soybean",
    "sesame",
    "celery",
    "mustard",
)
DRUGS = {
    "venetoclax": "grapefruit pomelo seville_orange star_fruit",
    "ibrutinib": "grapefruit seville_orange flaxseed fish_oil",
    "dasatinib": "grapefruit",
    "ciclosporin": "grapefruit pomelo",
    "mercaptopurine": "",
}
NEVER_TAGS = frozenset(
    {"raw_animal", "raw_egg", "unpasteurised", "deli", "smoked_chilled", "soft_cheese", "sprouts", "alcohol"}
)
NEUTROPENIC_TAGS = frozenset({"raw_honey", "unroasted", "probiotic", "unheated_fermented", "soft_serve"})


@cache
def parents() -> dict[str, set[str]]:
    found = {}
    for table in files("generator.diet.foods").iterdir():
        if table.name.startswith("ingredients_") and table.name.endswith(".toml"):
            for key, row in tomllib.loads(table.read_text("utf-8")).items():
                words = row.get("parents", [])
                found[key] = set(words.split() if isinstance(words, str) else words)
    return found


def closed(keys: set[str]) -> set[str]:
    grown = set(keys)
    while more := {parent for key in grown for parent in parents()[key]} - grown:
        grown |= more
    return grown


@cache
def contents() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """All that is in each food and dish, and the tags of all foods in it with its own."""
    found = {}
    for table in files("generator.diet.foods").iterdir():
        if table.name.endswith(".csv") and table.name != "nutrients.csv":
            for row in csv.DictReader(table.read_text("utf-8").splitlines()):
                found[row["key"]] = (
                    frozenset(closed(set(row["contains"].split()))),
                    frozenset(row["properties"].split()),
                )
    for key, dish in dishes().items():
        parts = [found[part] for part in dish.ingredients]
        found[key] = (
            frozenset().union(*(one for one, _ in parts)),
            frozenset(dish.properties).union(*(t for _, t in parts)),
        )
    return found


def left(**form) -> set[str]:
    excluded = exclude(person(**form), foods=foods(), dishes=dishes())
    return contents().keys() - excluded.forbidden


def holding(keys: set[str], banned: set[str]) -> list[str]:
    return sorted(key for key in keys if not banned.isdisjoint(contents()[key][0]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    restrictions=st.lists(st.sampled_from(sorted(NEVER_WITH)), max_size=3, unique=True),
    allergies=st.lists(st.sampled_from(ALLERGENS), max_size=3, unique=True),
    drugs=st.lists(st.sampled_from(sorted(DRUGS)), max_size=3, unique=True),
    neutrophils=st.sampled_from([None, 0.1, 0.9, 1.4, 1.5, 4.0]),
)
def test_nothing_forbidden_is_ever_left(restrictions, allergies, drugs, neutrophils):
    keys = left(restrictions=restrictions, allergies=allergies, drugs=drugs, neutrophils=neutrophils)
    banned = set(allergies)
    banned |= {word for restriction in restrictions for word in NEVER_WITH[restriction].split()}
    banned |= {word for drug in drugs for word in DRUGS[drug].split()}
    assert holding(keys, banned) == []
    tags = NEVER_TAGS | (NEUTROPENIC_TAGS if neutrophils is not None and neutrophils < 1.5 else frozenset())
    assert sorted(key for key in keys if not tags.isdisjoint(contents()[key][1])) == []
    if "kosher" in restrictions:
        assert sorted(key for key in keys if {"meat", "milk"} <= contents()[key][0]) == []


@pytest.mark.parametrize("allergen", ALLERGENS)
def test_an_allergy_leaves_enough_to_eat(allergen):
    keys = left(allergies=[allergen], treatment_phase="induction")
    roles = [food.role for key, food in foods().items() if key in keys]
    assert min(roles.count(role) for role in ("protein", "staple", "vegetable", "fruit", "drink")) >= 12


@pytest.mark.parametrize(
    ("word", "key"),
    [("groundnut", "peanut_butter"), ("prawns", "shrimp_cooked"), ("dairy", "butter"), ("gluten", "couscous")],
)
def test_another_name_of_an_allergen_excludes_the_same(word, key):
    found = find_ingredients(word)
    assert found
    like = [name for name in foods() if name == key or name.startswith(key.split("_")[0])]
    keys = left(allergies=sorted(found))
    assert like
    assert holding(keys & set(like), set(found)) == []


def test_grapefruit_is_on_the_table_so_that_it_can_be_seen_to_go():
    grapefruits = holding(set(contents()), {"grapefruit", "pomelo", "seville_orange"})
    assert len(grapefruits) >= 3
    assert holding(left(drugs="venetoclax"), {"grapefruit", "pomelo", "seville_orange", "star_fruit"}) == []


def test_judging_is_quick_once_the_table_is_known():
    first = exclude(person(restrictions="vegan"), foods=foods(), dishes=dishes())
    again = exclude(person(restrictions="vegan"), foods=foods(), dishes=dishes())
    # The table with all that is in each dish is made once and shared.
    assert first.edibles is again.edibles
