"""Which foods a sentence names, and who may be told it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diet.foods.ingredients import with_parents
from generator.diet.foods.table import foods
from generator.diet.mentions import ingredients_named, may_be_told


def with_ingredient(key):
    return {food.key for food in foods().values() if key in with_parents(food.contains)}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Milk powder, cheese, eggs, nut butter and beans add protein.", {"milk", "cheese", "egg", "bean"}),
        ("Bananas help; so does white rice.", {"banana", "rice"}),
        ("Soft food hurts less.", set()),
        ("White blood cells and bone marrow; the pain in the liver.", set()),
    ],
)
def test_foods_of_a_sentence(text, named):
    found = ingredients_named(text)
    assert named <= found
    assert bool(found) is bool(named)


def test_a_sentence_on_eggs_is_not_for_somebody_allergic_to_eggs():
    text = "Eggs and cheese add protein."
    assert may_be_told(text, forbidden=(), never=())
    assert not may_be_told(text, forbidden=(), never=("egg",))


def test_nuts_are_not_for_somebody_allergic_to_almonds():
    assert not may_be_told("Nuts make good snacks.", forbidden=(), never=("almond",))


def test_what_most_foods_of_a_kind_are_forbidden_for_is_not_recommended():
    fish = with_ingredient("fish")
    assert not may_be_told("Fish is a source of protein.", forbidden=fish, never=())
    assert may_be_told("Rice is a source of energy.", forbidden=fish, never=())


def test_a_warning_is_for_everybody():
    grapefruit = with_ingredient("grapefruit")
    assert may_be_told("Grapefruit must be avoided with venetoclax.", forbidden=grapefruit, never=("grapefruit",))
    assert not may_be_told("Grapefruit is refreshing.", forbidden=grapefruit, never=())


@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    assert ingredients_named(text) <= with_parents(ingredients_named(text))
