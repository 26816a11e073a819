"""The table of foods: its rows keep to the closed lists, and say all that is in a food."""

import re

import pytest

from generator.diet.foods.dishes import dishes
from generator.diet.foods.ingredients import ingredients, with_parents
from generator.diet.foods.table import figures, foods, lists, problems, rows

ROW = {
    "key": "rice", "name": "Rice", "ndb": "20045", "group": "grains", "household": "1 cup (160 g)", "grams": "160",
    "step": "20", "least": "80", "most": "240", "contains": "rice", "properties": "soft", "meals": "lunch dinner",
    "role": "staple", "cuisines": "indian", "cost": "1",
}  # fmt: skip
WRONG = [
    ("key", "Rice White", "small letters"),
    ("name", "", "no name"),
    ("ndb", "99999", "no figures"),
    ("group", "rices", "group does not know rices"),
    ("grams", "some", "not a number"),
    ("grams", "150", "grams is not a whole number of steps of 20 g"),
    ("least", "0", "least"),
    ("most", "120", "least <= grams <= most"),
    ("contains", "rice manna", "contains does not know manna"),
    ("contains", "grain", "contains groups"),
    ("contains", "rice rice", "twice"),
    ("properties", "soft nice", "properties does not know nice"),
    ("meals", "brunch", "meals does not know brunch"),
    ("meals", "", "a food has meals and a role"),
    ("role", "filler", "role does not know filler"),
    ("cuisines", "martian", "cuisines does not know martian"),
    ("cost", "9", "cost"),
]

# What a food holds without its name saying so, from the labels' usual lists and from how it is made.
HIDDEN = {
    "couscous_cooked": "wheat gluten",
    "semolina_porridge": "wheat gluten",
    "noodles_soba_cooked": "wheat buckwheat",
    "corn_flakes": "barley gluten",
    "miso": "soybean barley gluten",
    "tempeh_cooked": "soybean",
    "natto": "soybean",
    "kimchi": "fish shellfish wheat soybean garlic chili",
    "marmalade": "seville_orange grapefruit_kin",
    "candied_fruit": "seville_orange sulphite",
    "grapefruit_blend_juice": "grapefruit_kin",
    "orange_grapefruit_juice": "grapefruit_kin",
    "tortilla_flour_packed": "pork lard wheat l_cysteine",
    "refried_beans_lard": "pork lard",
    "naan": "milk egg wheat",
    "bread_white_packed": "milk lactose soybean sesame egg wheat barley l_cysteine",
    "bread_gluten_free": "egg milk soybean lupin",
    "bagel": "sesame egg wheat onion",
    "granola": "tree_nut peanut sesame oat wheat milk honey",
    "hummus": "sesame chickpea garlic",
    "falafel": "wheat sesame chickpea garlic onion",
    "papad": "urad_bean wheat",  # asafoetida is sold stretched with wheat flour
    "baked_beans": "mustard celery wheat tomato onion",
    "meatless_sausage": "egg milk wheat soybean",
    "mixed_nuts": "peanut almond cashew walnut pistachio hazelnut brazil_nut pecan macadamia",
    "apricots_dried": "sulphite",
    "maraschino_cherries": "sulphite carmine animal",
    "vegetable_juice": "celery tomato",
    "pasta_fresh_cooked": "egg wheat",
    "noodles_egg_cooked": "egg wheat",
    "potato_mashed_flakes": "milk lactose sulphite",
    "coconut_milk": "coconut tree_nut sulphite",
    "orange_juice_calcium": "vitamin_d3 animal",
    "figs_dried": "wheat sulphite",  # dusted with flour
    "grape_juice": "gelatin animal sulphite",
    "guava_nectar": "carmine insect animal",
    "noodles_somen_cooked": "wheat sesame",  # drawn out with oil
    "fruit_cocktail": "carmine",
}
# A food whose name says that there is nothing else in it: that is what is bought, and nothing else is in it.
NOTHING_ELSE = {
    "bread_french": "wheat malt bread salt yeast",
    "bread_pita": "wheat malt bread flatbread salt yeast",
    "bread_white": "wheat malt bread rapeseed salt yeast",
    "bread_whole_wheat_home": "wheat bread rapeseed salt yeast",
    "tortilla_flour": "wheat malt flatbread rapeseed salt",
    "tortilla_corn": "maize flatbread",
    "matzo": "wheat flatbread",
    "rice_cake": "rice",
    "peanut_butter": "peanut",
    "almond_butter": "almond",
    "sunflower_seed_butter": "sunflower_seed",
    "noodles_rice_cooked": "rice noodle",
    "noodles_glass_dry": "mung_bean noodle",
    "potato_oven_fries": "potato rapeseed sunflower_seed",
    "tempeh_cooked": "tempeh",
}
# Of the plants' table, all that is not made of plants alone: everything else may be served to a vegan.
NOT_VEGAN = set(
    "corn_flakes bran_flakes all_bran granola bread_crumbs bread_white_packed bread_italian bread_whole_wheat focaccia "
    "bread_rye bread_pumpernickel bread_oatmeal bread_multigrain_toasted bread_raisin bread_egg bread_irish_soda "
    "cornbread banana_bread chapati_whole_bought paratha naan tortilla_flour_packed bagel english_muffin roll_dinner "
    "roll_whole_wheat roll_hard roll_hamburger bread_gluten_free bread_gluten_free_whole crispbread_rye melba_toast "
    "rusk phyllo_dough wonton_wrappers pasta_egg_home pasta_fresh_cooked pasta_spinach_cooked noodles_egg_cooked "
    "noodles_chow_mein kimchi potato_mashed_milk potato_mashed_butter potato_mashed_flakes potato_salad "
    "baked_beans_pork refried_beans_lard falafel meatless_sausage meatless_balls meatless_chicken almond_paste "
    "mixed_nuts maraschino_cherries orange_juice_calcium grape_juice guava_nectar fruit_cocktail candied_fruit "
    "grapefruit_blend_juice".split()
)


def test_there_are_many_foods_of_many_kitchens() -> None:
    table = foods()
    assert len(table) >= 500
    assert sum(bool(food.meals) for food in table.values()) >= 400
    assert {cuisine for food in table.values() for cuisine in food.cuisines} == lists("cuisines").keys()


def test_a_right_row_has_no_problems() -> None:
    assert list(problems(ROW)) == []


@pytest.mark.parametrize(("column", "cell", "complaint"), WRONG)
def test_a_wrong_row_is_refused(column: str, cell: str, complaint: str) -> None:
    assert any(complaint in problem for problem in problems({**ROW, column: cell}))


def test_amounts_of_decimals_of_a_gram_are_whole_steps() -> None:
    assert list(problems({**ROW, "grams": "7.5", "step": "2.5", "least": "2.5", "most": "10"})) == []


@pytest.mark.parametrize("key", HIDDEN)
def test_what_is_hidden_in_a_food_is_known(key: str) -> None:
    assert frozenset(HIDDEN[key].split()) - with_parents(foods()[key].contains) == frozenset()


@pytest.mark.parametrize("key", NOTHING_ELSE)
def test_where_the_name_says_so_nothing_else_is_in_it(key: str) -> None:
    assert foods()[key].contains == frozenset(NOTHING_ELSE[key].split())
    assert "only" in foods()[key].name


# Tags that follow from what is in a food, in prepared food too; white chocolate is of cocoa butter.
FOLLOWS = {
    "tyramine": "soy_sauce tamari miso natto blue_cheese beer cured_meat",
    "high_nitrate_cured": "cured_meat ham bacon",
    "caffeine": "cocoa",
    "sweetener": "sweetener",
}


@pytest.mark.parametrize("tag", FOLLOWS)
def test_a_tag_follows_from_what_is_in_a_food(tag: str) -> None:
    held = set(FOLLOWS[tag].split())
    untagged = [food.key for food in foods().values() if held & with_parents(food.contains)]
    assert [key for key in untagged if tag not in foods()[key].properties] in ([], ["chocolate_white"])


def test_plant_foods_are_vegan_but_for_those_listed() -> None:
    plants = [row["key"] for place, row in rows() if place.startswith("plants.csv")]
    assert {key for key in plants if "animal" in with_parents(foods()[key].contains)} == NOT_VEGAN


def test_every_food_says_what_it_is_made_of() -> None:
    # Mineral waters and salts of them alone are made of no ingredient of the vocabulary.
    empty = {key for key, food in foods().items() if not food.contains}
    assert all(foods()[key].group in {"drinks", "spices"} for key in empty), empty


def test_foods_that_must_be_excluded_are_there_to_be_excluded() -> None:
    made_of = {key: with_parents(food.contains) for key, food in foods().items() if food.meals}
    for ingredient in ("grapefruit", "pomelo", "star_fruit", "seville_orange", "flaxseed", "alfalfa"):
        assert any(ingredient in contains for contains in made_of.values()), ingredient
    said = {name for food in foods().values() if food.meals for name in food.properties}
    assert {
        "sprouts",
        "cyanogenic",
        "unroasted",
        "unpasteurised",
        "raw",
        "high_oxalate",
        "tyramine",
        "unheated_fermented",
    } <= said


def test_raw_sprouts_are_told_from_heated_ones() -> None:
    raw = {key for key, food in foods().items() if "sprouts" in food.properties}
    assert {"alfalfa_sprouts_raw", "mung_sprouts_raw", "soy_sprouts_raw"} <= raw
    assert "mung_sprouts_cooked" not in raw


def test_energy_is_that_of_the_macronutrients() -> None:
    """Atwater's general factors (4 kcal/g of protein and carbohydrate, 9 of fat, 7 of alcohol) bound what USDA found.

    Fibre, acids and specific factors lower it, by half at the most in leaves and bran; alcohol is not among the
    figures, so that drinks and sauces that hold it are left out. Mere ingredients (baking powder, cloves) may be odd.
    """
    for food in foods().values():
        of = food.per_100g
        atwater = 4 * of.protein_g + 4 * of.carbohydrate_g + 9 * of.fat_g
        if food.meals and atwater > 20 and "alcohol" not in food.properties | with_parents(food.contains):
            assert 0.5 * atwater <= of.energy_kcal <= 1.25 * atwater + 12, food.key


def test_figures_are_those_of_100_g() -> None:
    for number, of in figures().items():
        parts = of.protein_g + of.fat_g + of.carbohydrate_g
        assert 0 <= parts <= 101, number
        assert (of.fibre_g or 0) <= of.carbohydrate_g + 1, number


def test_fish_and_meat_have_no_fibre_where_usda_is_silent() -> None:
    assert figures()[foods()["shrimp_cooked"].ndb].fibre_g is None
    assert foods()["shrimp_cooked"].per_100g.fibre_g == 0
    assert foods()["pollock_baked"].per_100g.fibre_g == 0
    assert foods()["tempeh_cooked"].per_100g.fibre_g is None  # of plants: not known is not none
    assert foods()["scallop_fried"].per_100g.fibre_g is None  # breaded


def test_rich_in_fibre_is_what_the_figures_say() -> None:
    # 6 g in 100 g, or 5 g in a portion: the words of properties.toml.
    for place, row in rows():
        if place.startswith("plants.csv"):
            food = foods()[row["key"]]
            fibre = food.per_100g.fibre_g or 0
            assert ("high_fibre" in food.properties) == (fibre >= 6 or fibre * food.grams / 100 >= 5), food.key


def test_a_portion_is_written_with_its_grams() -> None:
    for food in foods().values():
        assert f"({food.grams:g} g" in food.household or f"{food.grams:g} ml" in food.household, food.key


def test_portions_are_what_a_person_eats_at_once() -> None:
    most = {food.key: food.most * food.per_100g.energy_kcal / 100 for food in foods().values() if food.meals}
    assert {key: kcal for key, kcal in most.items() if kcal > 900} == {}


def test_every_ingredient_of_a_food_has_a_name_that_people_know() -> None:
    used = {key for food in foods().values() for key in food.contains}
    assert all(ingredients()[key].name for key in used)


@pytest.mark.parametrize("word", ["shrimp", "prawn", "cheese", "egg", "peanut", "almond", "walnut", "cashew", "sesame"])
def test_a_food_named_after_an_allergen_contains_it(word: str) -> None:
    key = {"prawn": "shrimp"}.get(word, word)
    for food in foods().values():
        named = f" {food.name.lower()} ".replace(",", " ").replace("s ", " ")
        if f" {word} " in named and not {"without", "free"} & set(named.split()):
            assert key in with_parents(food.contains), food.key


def test_names_and_methods_keep_one_spelling():
    # As the README and the handbook write: pasteurized, flavor, zucchini, eggplant.
    other = re.compile(r"pasteuris|flavour|savoury|home-made|courgette|aubergine|alcoholised", re.IGNORECASE)
    shown = [food.name for food in foods().values()]
    shown += [text for dish in dishes().values() for text in (dish.name, dish.method)]
    assert [text for text in shown if other.search(text)] == []
