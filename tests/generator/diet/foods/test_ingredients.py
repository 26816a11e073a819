"""The vocabulary of ingredients and the words that people have for it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diet.foods.ingredients import IngredientKind, find_ingredients, ingredients, is_mixed, with_parents

MEANT = [
    ("peanuts", "peanut"),
    ("Pea-nuts", "peanut"),
    ("groundnut", "peanut"),
    ("arachide", "peanut"),
    ("Erdnuss", "peanut"),
    ("ERDNÜSSE", "peanut"),
    ("cacahuètes", "peanut"),
    ("花生", "peanut"),
    ("मूंगफली", "peanut"),
    ("allergic to peanuts", "peanut"),
    ("nuts", "peanut tree_nut"),  # a person who says so may mean either
    ("tree nut allergy", "tree_nut"),
    ("Haselnüsse", "hazelnut"),
    ("cow's milk", "milk"),
    ("coconut milk", "coconut"),
    ("oat milk", "oat"),
    ("cilantro", "coriander"),
    ("aubergine", "eggplant"),
    ("garbanzo beans", "chickpea"),
    ("toor dal", "pigeon_pea"),
    ("pepper", "bell_pepper black_pepper chili"),
    ("pomelo", "grapefruit pomelo"),  # French, Dutch and Spanish call the grapefruit so
    ("bitter orange", "seville_orange"),
    ("Earl Grey", "bergamot"),
    ("carambola", "star_fruit"),
    ("linseed", "flaxseed"),
    ("licorice", "liquorice"),
    ("sulfites", "sulphite"),
    ("strawberries and cherries", "cherry strawberry"),
    ("wheat, rye / barley", "barley rye wheat"),
    ("tomatoes", "tomato"),
    ("leaves of moringa", None),
]
SLIPS = [
    ("penut", "peanut"), ("allmonds", "almond"), ("almnods", "almond"), ("wallnut", "walnut"), ("hazlenut", "hazelnut"),
    ("wheet", "wheat"), ("glutten", "gluten"), ("sesamie", "sesame"), ("cellery", "celery"), ("mustrad", "mustard"),
    ("brocolli", "broccoli"), ("avacado", "avocado"), ("grapfruit", "grapefruit"), ("soyabeans", "soybean"),
]  # fmt: skip
NOT_GUESSED = [
    "nuts except almonds",
    "no nuts",
    "peanuts but not almonds",
    "nuts other than walnuts",
    "not milk",
    "gluten free",
    "xyzzy",
    "",
    "   ",
    "?!",
    "allergy",
    "the",
    "peanuts and xyzzy",
    "cashues",
    "cured",
    "crepes",
    "broth",
    "spicy food",
    "sulfa drugs",
    "latex",
    "pen",
    "12345",
    "black sherry",
    "stock cubes",
    "grain fruit",
]
# Made of several things: someone who names it may mean any of them, in any spelling and with any words around.
MIXED = ["hummus", "Pesto", "mayonnaise", "allergic to ketchup", "ICE CREAM", "nutella", "peanuts and satay", "batter",
         "Egg noodles", "marmite", "chicken stock", "oyster sauce", "bread and mayo", "Pizza"]  # fmt: skip
# A name of several things means all of them; and in scripts other than the Latin one, the gravest allergens.
ALL_OF_THEM = {
    "soy sauce": "soy_sauce tamari", "tamari": "soy_sauce tamari", "goat": "goat_meat goat_milk",
    "sheep": "lamb sheep_milk", "duck": "duck duck_egg", "quail": "game_bird quail_egg", "goose": "goose duck_egg",
    "cow": "beef milk", "hen": "chicken egg", "buffalo": "bison buffalo_milk", "wheat gluten": "seitan wheat",
    "lecithin": "soybean egg", "fıstık": "peanut pistachio", "ξηροί καρποί": "peanut tree_nut",
}  # fmt: skip
SCRIPTS = {
    "milk": "牛奶, 牛乳, 우유, حليب, दूध, молоко, γάλα, חלב, นม, sữa, süt, mjölk",
    "egg": "鸡蛋, 卵, 계란, بيض, अंडा, яйца, αυγά, ביצים, ไข่, trứng, yumurta",
    "fish": "鱼, 魚, 생선, سمك, मछली, рыба, ψάρι, דגים, ปลา, cá, balık",
    "shrimp": "虾, えび, エビ, 새우, روبيان, झींगा, креветки, γαρίδες, שרימפס, กุ้ง, tôm, karides",
    "shellfish": "贝类, 貝類, 조개류, محار, οστρακοειδή, หอย",
    "seafood": "海鲜, 해산물, морепродукты, θαλασσινά, פירות ים, hải sản",
}  # fmt: skip

# FDA, the tree nuts among the major food allergens (guidance of January 2025): coconut and chestnut stood there before.
FDA_TREE_NUTS = (
    "almond, black walnut, brazil nut, california walnut, cashew, filbert, hazelnut, heartnut, macadamia nut, pecan, "
    "pine nut, pinon, pistachio, english walnut, coconut, chestnut, hickory nut, shea nut, ginkgo, pili nut, beechnut"
)
# Regulation (EU) 1169/2011, Annex II, with the kinds of gluten cereals that it names.
EU_ALLERGENS = (
    "wheat, spelt, khorasan wheat, rye, barley, oats, crustaceans, eggs, fish, peanuts, soybeans, milk, nuts, celery, "
    "mustard, sesame seeds, sulphur dioxide, lupin, molluscs"
)
# What a Jain does not eat because it is pulled out of the ground.
ROOTS = "potato, onion, garlic, carrot, beetroot, radish, turnip, ginger, turmeric, yam, sweet potato, taro, cassava"


@pytest.mark.parametrize(("words", "keys"), MEANT)
def test_what_people_write_is_understood(words: str, keys: str | None) -> None:
    if keys is None:
        assert find_ingredients(words) is None
    else:
        assert frozenset(keys.split()) <= (find_ingredients(words) or frozenset())
        assert (find_ingredients(words) or frozenset()) - frozenset(keys.split()) <= {"capsicum"}


@pytest.mark.parametrize(("words", "key"), SLIPS)
def test_a_slip_of_spelling_is_understood(words: str, key: str) -> None:
    assert find_ingredients(words) == frozenset({key})


@pytest.mark.parametrize("words", NOT_GUESSED)
def test_what_is_not_clear_is_asked_about(words: str) -> None:
    assert find_ingredients(words) is None


@pytest.mark.parametrize("words", MIXED)
def test_what_is_made_of_several_things_is_asked_about(words: str) -> None:
    assert find_ingredients(words) is None


@pytest.mark.parametrize("words", ALL_OF_THEM)
def test_a_name_of_several_things_means_all_of_them(words: str) -> None:
    assert find_ingredients(words) == frozenset(ALL_OF_THEM[words].split())


@pytest.mark.parametrize("key", SCRIPTS)
def test_the_gravest_allergens_are_known_in_many_scripts(key: str) -> None:
    for word in SCRIPTS[key].split(", "):
        assert key in (find_ingredients(word) or ()), word


@pytest.mark.parametrize("kind", ingredients().values(), ids=lambda kind: kind.key)
def test_every_name_means_its_ingredient(kind: IngredientKind) -> None:
    for name in (kind.key, kind.name, *kind.synonyms):
        if not is_mixed(name):
            assert kind.key in (find_ingredients(name) or ()), name
            assert kind.key in (find_ingredients(f"allergic to {name.upper()}") or ()), name


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_understood_as_ingredients_or_asked_about(words: str) -> None:
    found = find_ingredients(words)
    assert found is None or found and found <= ingredients().keys()


@settings(deadline=None)
@given(st.lists(st.sampled_from(["peanut", "milk", "celery", "mango", "lentil"]), min_size=1, unique=True), st.data())
def test_a_list_means_all_of_its_parts(keys: list[str], data: st.DataObject) -> None:
    comma = data.draw(st.sampled_from([", ", " and ", "; ", " & ", "\n", " oder "]))
    assert find_ingredients(comma.join(keys)) == frozenset(keys)
    assert find_ingredients(comma.join([*keys, "xyzzy"])) is None


def test_parents_are_found_all_the_way_up() -> None:
    assert with_parents(["shrimp"]) == {"shrimp", "crustacean", "shellfish", "seafood", "animal"}
    assert with_parents(["almond"]) == {"almond", "tree_nut", "plant"}
    assert {"soybean", "wheat", "gluten", "legume"} <= with_parents(["soy_sauce"])
    assert {"wheat", "gluten", "grain"} <= with_parents(["couscous"])
    assert with_parents([]) == frozenset()
    with pytest.raises(KeyError):
        with_parents(["manna"])


@pytest.mark.parametrize("nut", FDA_TREE_NUTS.split(", "))
def test_every_tree_nut_of_the_fda_is_one(nut: str) -> None:
    assert "tree_nut" in with_parents(find_ingredients(nut) or ())


@pytest.mark.parametrize("allergen", EU_ALLERGENS.split(", "))
def test_every_allergen_of_the_european_list_is_known(allergen: str) -> None:
    assert find_ingredients(allergen)


@pytest.mark.parametrize("root", ROOTS.split(", "))
def test_roots_are_roots(root: str) -> None:
    assert "root_vegetable" in with_parents(find_ingredients(root) or ())


@pytest.mark.parametrize("grain", "wheat rye barley spelt triticale semolina couscous bulgur malt seitan farro".split())
def test_grains_with_gluten_have_it(grain: str) -> None:
    assert "gluten" in with_parents(find_ingredients(grain) or ())


@pytest.mark.parametrize("grain", "rice corn buckwheat quinoa millet teff sorghum amaranth potato cassava".split())
def test_grains_and_roots_without_gluten_have_none(grain: str) -> None:
    assert "gluten" not in with_parents(find_ingredients(grain) or ())


@pytest.mark.parametrize("fruit", ["grapefruit", "pomelo", "Seville orange", "tangelo", "minneola", "bergamot"])
def test_the_kin_of_grapefruit_are_told_from_oranges(fruit: str) -> None:
    assert "grapefruit_kin" in with_parents(find_ingredients(fruit) or ())
    assert "grapefruit_kin" not in with_parents(["orange", "mandarin", "lemon"])


def test_a_group_has_kinds_and_no_plant_comes_from_an_animal() -> None:
    parents = {parent for kind in ingredients().values() for parent in kind.parents}
    assert {kind.key for kind in ingredients().values() if kind.group} <= parents
    assert {key for key in ingredients() if {"plant", "animal"} <= with_parents([key])} == set()


def test_what_is_alike_on_the_stem_is_alike() -> None:
    assert "onion" in with_parents(["scallion"])
    assert "onion" in with_parents(["shallot"])
    assert "celery" in with_parents(["celeriac"])
    assert "orange" in with_parents(["mandarin"])
    assert "mustard" in with_parents(["mustard_greens"])
    assert "grape" in with_parents(["raisin"])
    assert "plum" in with_parents(["prune"])
