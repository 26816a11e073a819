"""The program that chooses plates and amounts, on days small enough to be solved by hand."""

from dataclasses import replace

import numpy as np
from larder_of_made_foods import FOODS, need, needs_of_a_day

from generator.diet.planning.candidates import Plate
from generator.diet.planning.days import limits_of
from generator.diet.planning.model import Search, choose
from generator.diet.planning.patterns import MealTime
from generator.diet.planning.portions import food_portion

LUNCH = MealTime("lunch", "lunch", (0.0, 1.0), at="13:00")
EXACT = Search(gap=0.01, thorough=True)
DINNER = MealTime("dinner", "dinner", (0.0, 1.0), at="19:00")


def plate(*keys, cost=0.0):
    return Plate("lunch", tuple(food_portion(FOODS[key]) for key in keys), cost)


def test_amounts_are_those_that_reach_energy_and_protein():
    # Chicken 165 kcal and 30 g of protein in 100 g, rice 130 and 2.6. In steps of 25 and 40 g, 150 g and 240 g are
    # 247.5 + 312 = 559.5 kcal and 45 + 6.24 = 51.24 g.
    (served,) = choose([(LUNCH, [plate("chicken", "rice")])], limits_of(needs_of_a_day(560, 51.2)), search=EXACT)
    assert served.steps == (6, 6)


def test_the_plate_that_can_reach_the_protein_is_chosen_though_it_costs_more():
    # 120 g of tofu are 18 g; of carrots 160 g at most are 1.3 g of protein.
    plates = [plate("carrot", "rice"), plate("tofu", "rice", cost=3.0)]
    (served,) = choose([(LUNCH, plates)], limits_of(needs_of_a_day(380, 22)), search=EXACT)
    assert served.plate is plates[1]


def test_the_cheaper_of_two_equal_plates_is_chosen():
    plates = [plate("chicken", "rice", cost=1.0), plate("chicken", "rice")]
    (served,) = choose([(LUNCH, plates)], limits_of(needs_of_a_day(373, 34)), search=EXACT)
    assert served.plate is plates[1]


def test_nothing_but_daily_fare_stands_twice_on_a_day():
    # Both of salmon, whose family may be eaten once, or the same chicken twice: only chicken with tofu is left.
    meals = [
        (LUNCH, [plate("chicken", "rice")]),
        (DINNER, [plate("chicken", "rice"), plate("tofu", "rice", cost=5.0)]),
    ]
    served = choose(meals, limits_of(needs_of_a_day(750, 57)), search=EXACT)
    assert [one.plate.portions[0].key for one in served] == ["chicken", "tofu"]
    assert all(one.plate.portions[1].key == "rice" for one in served)


def test_there_is_no_choice_where_no_amount_keeps_the_limits():
    # At most 200 g of chicken and 320 g of rice: 746 kcal.
    assert choose([(LUNCH, [plate("chicken", "rice")])], limits_of(needs_of_a_day(900, 60)), search=EXACT) is None


def test_an_upper_limit_is_kept():
    # 30 g of crackers (126 kcal, 2.7 g, 210 mg of sodium) and 200 g of milk (100 kcal, 6.8 g, 90 mg) are the only
    # amounts within 5 % of 226 kcal and 9.5 g: 300 mg.
    def chosen(most):
        limits = limits_of(needs_of_a_day(226, 9.5, [need("sodium_mg", most, high=most)]))
        return choose([(LUNCH, [plate("crackers", "milk")])], limits, search=EXACT)

    assert [served.steps for served in chosen(300)] == [(3, 4)]
    assert chosen(299) is None


def test_of_two_plates_the_one_with_vegetables_is_chosen_unless_it_is_much_dearer():
    # Chicken and rice are 373 kcal and 34.2 g, with 80 g of carrots 401 kcal and 34.8 g: both within 5 % of 390 and
    # 34.5. Going without any of the 80 g of vegetables that are wanted costs 0.8.
    limits = replace(limits_of(needs_of_a_day(390, 34.5)), produce_g=80.0)
    carrots = food_portion(FOODS["carrot"].model_copy(update={"group": "vegetables"}))

    def chosen(cost):
        plain = plate("chicken", "rice")
        with_carrots = Plate("lunch", (*plain.portions, carrots), cost)
        (served,) = choose([(LUNCH, [plain, with_carrots])], limits, search=EXACT)
        return served.plate is with_carrots

    assert carrots.produce_g == 40.0  # of one step
    assert chosen(0.2)
    assert not chosen(2.0)


def test_limits_are_those_of_the_needs():
    limits = limits_of(needs_of_a_day(2000, 80, [need("fibre_g", 25, low=25), need("fluid_ml", 2000)]))
    assert limits.hold(np.array([2000, 80, 0, 0, 25, 0, 0, 0, 0, 0, 0, 0]))
    assert not limits.hold(np.array([2000, 80, 0, 0, 24.9, 0, 0, 0, 0, 0, 0, 0]))
    assert not limits.hold(np.array([2101, 80, 0, 0, 25, 0, 0, 0, 0, 0, 0, 0]))
