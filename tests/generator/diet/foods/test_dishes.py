import re

import pytest

from generator.diet.foods.dishes import contains_of, dishes, grams_of, per_portion, problems
from generator.diet.foods.ingredients import find_ingredients, with_parents
from generator.diet.foods.table import foods, lists
from generator.diet.records import Dish

# What a person eats of it at a meal, kcal: a bowl of plain broth to a full plate.
ENERGY = {
    "main": (180, 800),
    "cereal": (180, 550),
    "soup": (60, 480),
    "staple": (130, 420),
    "vegetable": (40, 250),
    "salad": (50, 250),
    "snack": (60, 450),
    "dessert": (60, 450),
    "drink": (30, 450),
}
MOST_SODIUM_MG = 1200  # half of the 2,300 mg that a day may hold
# The least temperature inside, °C; FDA and USDA: foodsafety.gov/food-safety-charts/safe-minimum-internal-temperatures
HEATED_TO = {"poultry": 74, "egg": 71, "meat": 63, "fish": 63, "shellfish": 63}
READY = {"tuna_canned", "fish_sauce", "honey"}  # safe as bought


def parents(dish: Dish) -> frozenset[str]:
    return with_parents(contains_of(dish))


def test_there_are_many_dishes_of_many_kitchens() -> None:
    cuisines = {cuisine for dish in dishes().values() for cuisine in dish.cuisines}
    assert len(dishes()) >= 200
    assert len(cuisines) >= 12
    assert {dish.role for dish in dishes().values()} <= lists("roles").keys()


@pytest.mark.parametrize("role", ENERGY)
def test_a_portion_holds_what_a_person_would_eat(role: str) -> None:
    low, high = ENERGY[role]
    portions = {key: per_portion(dish).energy_kcal for key, dish in dishes().items() if dish.role == role}
    assert portions
    odd = {key: round(kcal) for key, kcal in portions.items() if not low <= kcal <= high}
    assert not odd, odd


def test_every_role_of_a_dish_has_bounds() -> None:
    assert {dish.role for dish in dishes().values()} == ENERGY.keys()


def test_a_portion_weighs_what_fits_on_a_plate() -> None:
    # A boiled egg dish or a handful of nuts at the least, a large bowl of soup at the most.
    odd = {key: grams_of(dish) for key, dish in dishes().items() if not 25 <= grams_of(dish) <= 650}
    assert not odd, odd


def test_no_portion_holds_half_a_days_sodium() -> None:
    sodium = {key: per_portion(dish).sodium_mg for key, dish in dishes().items()}
    assert {key: mg for key, mg in sodium.items() if mg is None or mg > MOST_SODIUM_MG} == {}


def test_a_main_of_lunch_or_dinner_holds_protein() -> None:
    mains = [dish for dish in dishes().values() if dish.role == "main" and {"lunch", "dinner"} <= set(dish.meals)]
    assert {dish.key for dish in mains if per_portion(dish).protein_g < 8} == set()


def test_the_figures_are_the_sums_over_the_foods() -> None:
    # By hand from USDA SR: toast 45 g of 266 kcal and 490 mg sodium for 100 g, jam-free; cheddar 30 g of 404 and 653.
    # 0.45 * 266 + 0.30 * 404 = 240.9; 0.45 * 490 + 0.30 * 653 = 416.4
    figures = per_portion(dishes()["toast_cheese"])
    assert figures.energy_kcal == pytest.approx(240.9)
    assert figures.sodium_mg == pytest.approx(416.4)


def test_a_figure_that_much_of_a_dish_lacks_is_not_known() -> None:
    # USDA has no fibre for tempeh: 110 g of 231 g. It has potassium for all.
    figures = per_portion(dishes()["tempe_kecap"])
    assert figures.fibre_g is None
    assert figures.potassium_mg is not None


RECIPE = {
    "name": "Rice with oil",
    "meals": "lunch",
    "role": "staple",
    "ingredients": {"rice_white_cooked": 150, "olive_oil": 5},
    "minutes": 5,
    "method": "Mix.",
}


@pytest.mark.parametrize(
    ("key", "change", "said"),
    [
        ("rice_oil", {}, []),
        ("Rice", {}, ["small letters"]),
        ("rice_white_cooked", {}, ["a food's"]),
        ("rice_oil", {"ingredients": {"moon_rice": 150}}, ["not in the table: moon_rice"]),
        ("rice_oil", {"ingredients": {"olive_oil": 0}}, ["not above 0"]),
        ("rice_oil", {"ingredients": {}}, ["no ingredients"]),
        ("rice_oil", {"uncooked": "cucumber_peeled"}, ["what is not in it: cucumber_peeled"]),
        ("rice_oil", {"role": "mains"}, ["role does not know mains"]),
        ("rice_oil", {"meals": "lunch brunch"}, ["meals does not know brunch"]),
        ("rice_oil", {"properties": "soft tasty"}, ["properties does not know tasty"]),
        ("rice_oil", {"served_with": "staple napkin"}, ["what is not known: napkin"]),
        ("rice_oil", {"spice": "hot"}, ["unknown columns spice"]),
    ],
)
def test_what_is_wrong_with_a_recipe_is_said(key: str, change: dict[str, object], said: list[str]) -> None:
    found = list(problems(key, RECIPE | change, known=lists("roles")))
    assert len(found) == len(said)
    assert all(words in problem for words, problem in zip(said, found, strict=True))


def test_a_recipe_without_a_method_is_refused() -> None:
    row = {name: value for name, value in RECIPE.items() if name != "method"}
    assert list(problems("rice_oil", row, known=())) == ["lacks method"]


def test_a_dish_contains_what_its_foods_contain() -> None:
    for dish in dishes().values():
        for key in dish.ingredients:
            assert foods()[key].contains <= contains_of(dish), dish.key


@pytest.mark.parametrize(
    ("dish", "held"),
    [
        ("salmon_teriyaki", {"salmon", "fish", "soybean"}),  # of the tamari
        ("soba_tofu_warm", {"buckwheat", "wheat", "gluten", "soybean"}),  # soba is rarely all buckwheat
        ("pad_thai_shrimp", {"shrimp", "crustacean", "egg", "peanut", "fish"}),  # fish sauce is fish
        ("vegetable_couscous", {"wheat", "gluten", "chickpea"}),
        ("hummus_plate", {"sesame", "wheat"}),
        ("chicken_yassa", {"mustard", "chicken", "poultry"}),
        ("pasta_tomato_basil", {"milk", "wheat"}),
        ("minestrone", {"celery", "wheat"}),
        ("thai_green_chicken", {"coconut"}),
        ("samgyetang", {"garlic", "allium"}),
    ],
)
def test_hidden_ingredients_are_found(dish: str, held: set[str]) -> None:
    assert held <= parents(dishes()[dish])


def test_no_dish_holds_alcohol_pork_fat_or_what_is_unsafe() -> None:
    unsafe = {"raw_animal", "raw_egg", "unpasteurised", "deli", "smoked_chilled", "soft_cheese", "sprouts", "probiotic"}
    for dish in dishes().values():
        assert not {"alcohol", "lard", "gelatin", "rennet", "wine"} & parents(dish), dish.key
        assert not unsafe & dish.properties, dish.key


@pytest.mark.parametrize("kind", HEATED_TO)
def test_the_method_names_the_temperature_that_makes_it_safe(kind: str) -> None:
    for dish in dishes().values():
        cooked = [key for key in dish.ingredients if kind in with_parents(foods()[key].contains) and key not in READY]
        of_its_own = [key for key in cooked if foods()[key].group in {"meat", "poultry", "fish", "shellfish", "eggs"}]
        if of_its_own and not any("canned" in key for key in of_its_own):
            degrees = [int(text) for text in re.findall(r"(\d+) °C", dish.method)]
            assert any(HEATED_TO[kind] <= heat <= 100 for heat in degrees), dish.key


def test_minced_meat_is_heated_to_71_degrees() -> None:
    for dish in dishes().values():
        if any("mince" in key for key in dish.ingredients):
            degrees = [int(text) for text in re.findall(r"(\d+) °C", dish.method)]
            assert any(71 <= heat <= 100 for heat in degrees), dish.key


def test_what_is_eaten_raw_is_washed() -> None:
    for dish in dishes().values():
        if "raw" in dish.properties:
            assert re.search(r"[Ww]ash|peel|ripe|sliced", dish.method), dish.key


def test_what_the_name_says_is_not_in_it_is_not() -> None:
    checked = 0
    for dish in dishes().values():
        for words in re.findall(r"without ([^,()]+)", dish.name):
            named = [find_ingredients(word.strip()) for word in re.split(r" and |, ", words)]
            assert all(named), (dish.key, words)
            assert not parents(dish) & frozenset[str]().union(*(keys for keys in named if keys)), dish.key
            checked += 1
    assert checked >= 20


def test_soft_dishes_hold_nothing_hard() -> None:
    hard = {"crunchy", "rough", "small_hard", "chewy", "stringy", "dry"}
    found = {
        key: sorted(hard & dish.properties) for key, dish in dishes().items() if {"soft", "puree"} & dish.properties
    }
    assert not any(found.values()), found


def test_pureed_dishes_are_soft_and_moist() -> None:
    purees = [dish for dish in dishes().values() if "puree" in dish.properties]
    assert all({"soft", "moist"} <= dish.properties for dish in purees)


def test_dishes_with_chili_are_called_spicy() -> None:
    assert all("spicy" in dish.properties for dish in dishes().values() if "chili" in parents(dish))


def test_properties_follow_from_foods_and_figures() -> None:
    assert "high_fibre" in dishes()["chana_masala"].properties  # 190 g of chickpeas hold 14 g of fibre
    assert "high_fibre" not in dishes()["rice_pudding_lactose_free"].properties
    assert "caffeine" in dishes()["shake_chocolate_milk"].properties  # of the cocoa
    assert "high_oxalate" in dishes()["palak_tofu"].properties  # of the spinach
    assert "raw" in dishes()["fattoush"].properties
    assert "raw" not in dishes()["ratatouille"].properties
    assert "live_culture" in dishes()["cucumber_raita"].properties
    assert "live_culture" not in dishes()["tandoori_chicken"].properties  # baked
    assert "low_lactose" in dishes()["rice_pudding_lactose_free"].properties
    assert "low_lactose" not in dishes()["rice_kheer"].properties


# What a person of each of these must not find, by ingredient; "#" names a property.
GLUTEN = {"gluten"}
ALLERGIES = {"milk", "egg", "soybean", "tree_nut", "peanut", "sesame"}
JAIN = {"meat", "seafood", "egg", "honey", "allium", "mushroom", "root_vegetable", "alcohol", "gelatin", "rennet"}
VEGETARIAN = {"meat", "seafood", "gelatin", "rennet"}
SOFT = {"soft", "puree", "liquid"}
PEOPLE = {
    "vegan, gluten-free, soft": ({"animal"} | GLUTEN, SOFT, None),
    "vegan without nuts and soy": ({"animal", "tree_nut", "peanut", "soybean"}, None, None),
    "Jain without lactose": (JAIN | {"lactose"}, None, None),
    "Jain, vegan, gluten-free": (JAIN | GLUTEN | {"animal"}, None, None),
    "halal, low in potassium": ({"pork", "alcohol", "blood", "gelatin", "rennet", "wine_vinegar"}, None, 600),
    "vegetarian, low in potassium": (VEGETARIAN, None, 600),
    "coeliac with many allergies": (GLUTEN | ALLERGIES, None, None),
    "coeliac with many allergies, soft": (GLUTEN | ALLERGIES, SOFT, None),
    "vegan, coeliac with many allergies": (GLUTEN | ALLERGIES | {"animal"}, None, None),
    "kosher without milk": ({"pork", "shellfish", "milk", "gelatin"}, None, None),
    "without fish and lactose, soft": ({"seafood", "lactose"}, SOFT, None),
    "without onion and garlic": ({"allium"}, None, None),
}


def fits(dish: Dish, avoided: set[str], textures: set[str] | None, most_potassium_mg: int | None) -> bool:
    if avoided & parents(dish) or (textures and not textures & dish.properties):
        return False
    potassium = per_portion(dish).potassium_mg
    return most_potassium_mg is None or (potassium is not None and potassium <= most_potassium_mg)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize(
    "kind",
    [("main", "lunch"), ("main cereal", "breakfast"), ("snack dessert drink", "snack"), ("vegetable salad", "dinner")],
)
def test_a_dozen_of_each_is_left_for_everyone(person: str, kind: tuple[str, str]) -> None:
    roles, meal = kind
    left = [
        key
        for key, dish in dishes().items()
        if dish.role in roles.split() and meal in dish.meals and fits(dish, *PEOPLE[person])
    ]
    assert len(left) >= 12, (person, kind, left)
