import made_plan
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diet.records import Exclusion, Item, Need, Nutrients, ShoppingItem
from generator.diet.wording import (
    FIGURES,
    amount_text,
    bars,
    bought,
    figure_text,
    left_out,
    mean_text,
    number_text,
    recipes,
    target_text,
)


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (0.24, "0.2"), (9.94, "9.9"), (9.96, "10"), (31.0, "31"), (1999.6, "2,000"), (12345.0, "12,345")],
)
def test_figures_are_rounded_as_people_read_them(value, words):
    assert number_text(value) == words


def test_what_is_not_known_is_not_zero():
    assert figure_text(None, "mg") == "not known" and figure_text(0.0, "mg") == "0 mg"


def test_every_figure_of_the_table_has_a_name():
    assert set(FIGURES) == set(Nutrients.model_fields)


def test_an_amount_is_told_in_measures_of_the_kitchen_where_there_are_some():
    assert amount_text(made_plan.OATS) == "1 cup (240 g)"
    assert amount_text(Item(food="Rice", food_id="rice", grams=158.4, energy_kcal=1, protein_g=1)) == "158 g"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(None, None, "25 g"), (20.0, 35.0, "20 to 35 g"), (20.0, None, "20 g or more"), (None, 35.0, "at most 35 g")],
)
def test_a_target_is_told_with_its_bounds(low, high, words):
    assert target_text(_need("fibre_g", 25.0, low=low, high=high)) == words


def _need(key, value, low=None, high=None):
    unit = key.rpartition("_")[2]
    return Need(key=key, name=key, value=value, unit=unit, low=low, high=high, formula="", inputs={}, sources=())


def test_the_bars_of_a_day_say_in_words_how_it_stands():
    shown = {bar.name: (bar.total, bar.state, bar.word) for bar in bars(made_plan.day(), made_plan.NEEDS)}
    assert shown == {
        "Energy": ("800 kcal", "met", "on target"),
        "Protein": ("31 g", "below", "below the target"),
        "Fiber": ("26 g", "met", "on target"),
        # Some foods have no figure for sodium, so 900 mg is a least, and nobody knows whether 2,300 mg are passed.
        "Sodium": ("at least 900 mg", "told", "not all known"),
    }
    protein = next(bar for bar in bars(made_plan.day(), made_plan.NEEDS) if bar.name == "Protein")
    assert protein.share == pytest.approx(31 / 40)


@pytest.mark.parametrize(
    ("need", "total", "part", "state", "word"),
    [
        # 5 % of 2,000 are 100.
        (_need("energy_kcal", 2000.0), 1900.0, False, "met", "on target"),
        (_need("energy_kcal", 2000.0), 1890.0, False, "below", "below the target"),
        (_need("energy_kcal", 2000.0), 2110.0, False, "above", "above the target"),
        (_need("sodium_mg", 2300.0, high=2300.0), 2299.0, False, "met", "within the limit"),
        (_need("sodium_mg", 2300.0, high=2300.0), 2400.0, True, "above", "over the limit"),
        (_need("fibre_g", 25.0, low=25.0), 60.0, False, "met", "on target"),
        (_need("fibre_g", 25.0, low=25.0), 20.0, True, "told", "not all known"),
        # A daily intake to compare with: more of it is no fault, and 600 of 1,000 mg are 60 %.
        (_need("calcium_mg", 1000.0), 2500.0, False, "met", "reached"),
        (_need("calcium_mg", 1000.0), 600.0, False, "below", "60% of it"),
        (_need("calcium_mg", 1000.0), 600.0, True, "told", "not all known"),
    ],
)
def test_a_total_stands_to_its_target(need, total, part, state, word):
    totals = Nutrients(energy_kcal=0, protein_g=0, fat_g=0, carbohydrate_g=0).model_copy(update={need.key: total})
    day = made_plan.day().model_copy(update={"totals": totals, "unknown": (need.key,) if part else ()})
    (bar,) = bars(day, [need])
    assert (bar.state, bar.word) == (state, word)


@given(st.floats(0, 1e5), st.floats(1, 1e4), st.booleans())
def test_a_total_over_a_limit_is_never_called_within_it(total, limit, part):
    totals = Nutrients(energy_kcal=0, protein_g=0, fat_g=0, carbohydrate_g=0, potassium_mg=total)
    day = made_plan.day().model_copy(update={"totals": totals, "unknown": ("potassium_mg",) if part else ()})
    (bar,) = bars(day, [_need("potassium_mg", limit, high=limit)])
    if total > limit * 1.01:
        assert bar.state == "above"
    if part:
        assert bar.state != "met"


def test_exclusions_stand_under_their_reason_gravest_first():
    heads = [(left.heading, left.reason, left.foods, left.citation) for left in left_out(made_plan.EXCLUDED)]
    assert heads == [
        ("Because of an allergy", "It contains peanut.", ("Peanut butter",), 0),
        ("Because of a medicine", "It raises the level of venetoclax.", ("Grapefruit, raw", "Pomelo, raw"), 1),
    ]


def test_no_excluded_food_is_lost_by_gathering():
    many = [
        Exclusion(food=f"Food {n}", reason=f"Reason {n % 7}", rule="r", priority="dislike", source=made_plan.GUIDE)
        for n in range(100)
    ]
    assert {food for left in left_out(many) for food in left.foods} == {one.food for one in many}


def test_means_are_over_days_and_need_every_day():
    # (800 + 780) / 2 = 790.
    assert mean_text(made_plan.plan(), "energy_kcal") == "790 kcal"
    assert mean_text(made_plan.plan(), "iron_mg") == ""


def test_a_dish_that_stands_twice_is_cooked_once_in_its_largest_portion():
    small = made_plan.DAL.model_copy(update={"grams": 200.0})
    plan = made_plan.plan().model_copy(update={"days": (made_plan.day(small), made_plan.day())})
    assert recipes(plan) == (made_plan.DAL,)


def test_what_to_buy_stands_under_names_in_the_order_of_a_shop():
    shopping = [
        ShoppingItem(group=group, food=food, grams=grams)
        for group, food, grams in (("bread", "Rye", 90.0), ("spices", "Saffron", 0.2), ("vegetables", "Carrot", 1250.0))
    ]
    plan = made_plan.plan().model_copy(update={"shopping": tuple(shopping)})
    assert bought(plan) == (
        ("Vegetables", ("Carrot, 1,250 g",)), ("Bread and wraps", ("Rye, 90 g",)),
        ("Herbs and spices", ("Saffron, a pinch",)),
    )  # fmt: skip
