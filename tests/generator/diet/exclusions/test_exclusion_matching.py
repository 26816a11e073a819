import pytest

from generator.diet.exclusions.matching import Edible, Kinds, parse_pattern


def edible(key="food", contains="", properties="", *, role="main", parts=(), **portion) -> Edible:
    return Edible(key, key, frozenset(contains.split()), frozenset(properties.split()), role, portion, parts)


def kinds(*patterns: str, unless=(), **more) -> Kinds:
    return Kinds(tuple(map(parse_pattern, patterns)), tuple(map(parse_pattern, unless)), **more)


def test_a_pattern_asks_for_all_its_ingredients_and_properties():
    raw_fish = kinds("fish + #raw_animal")
    assert raw_fish.include(edible(contains="fish", properties="raw_animal cold"))
    assert not raw_fish.include(edible(contains="fish"))
    assert not raw_fish.include(edible(contains="beef", properties="raw_animal"))


def test_one_pattern_of_several_is_enough():
    assert kinds("pork", "#alcohol").include(edible(properties="alcohol"))


@pytest.mark.parametrize("words", ["", "fish + ", "#", "+"])
def test_a_pattern_with_an_empty_part_is_refused(words):
    with pytest.raises(ValueError, match="no kind of food"):
        parse_pattern(words)


def test_any_food_but_those_spared():
    soft_only = kinds("any", unless=["#soft"])
    assert soft_only.include(edible())
    assert not soft_only.include(edible(properties="soft"))


def test_a_mere_ingredient_is_not_judged_as_any_food():
    assert not kinds("any").include(edible("salt", role=""))


def test_a_dish_falls_with_a_part_only_where_the_rule_looks_at_parts():
    egg = edible("egg_raw", properties="raw_egg")
    cake = edible("cake", parts=(egg,))
    assert not kinds("#raw_egg").include(cake)
    assert kinds("#raw_egg", parts=True).include(cake)


def test_a_food_named_by_its_key_takes_its_dishes_with_it():
    liver = edible("liver")
    assert kinds(keys=frozenset({"liver"})).include(edible("pie", parts=(liver,)))
    assert not kinds(keys=frozenset({"liver"})).include(edible("pie"))


def test_a_portion_may_hold_so_much_and_no_more():
    low = kinds(food_most=(("potassium_mg", 200.0),), dish_most=(("potassium_mg", 600.0),))
    assert not low.include(edible(potassium_mg=200.0))
    assert low.include(edible(potassium_mg=200.1))
    assert not low.include(edible(potassium_mg=600.0, parts=(edible(),)))
    assert low.include(edible(potassium_mg=601.0, parts=(edible(),)))


def test_an_amount_that_nobody_knows_is_too_much():
    low = kinds(food_most=(("potassium_mg", 200.0),))
    assert low.include(edible(potassium_mg=None))
    assert low.include(edible())


def test_bounds_are_not_for_roles_that_are_spared_nor_for_mere_ingredients():
    low = kinds(food_most=(("potassium_mg", 200.0),), spared=frozenset({"protein"}))
    assert not low.include(edible(role="protein", potassium_mg=300.0))
    assert not low.include(edible(role="", potassium_mg=300.0))
