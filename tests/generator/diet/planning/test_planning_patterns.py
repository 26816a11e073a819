"""meals.toml speaks of things that are there."""

import pytest

from generator.diet.foods.dishes import dishes
from generator.diet.foods.table import foods, lists
from generator.diet.planning.patterns import patterns
from generator.diet.planning.wishes import wishes_of
from generator.diet.profile import Profile
from generator.diet.records import Nutrients
from generator.diet.vocabulary import terms


def test_every_common_food_is_in_the_table():
    assert patterns().habits.common - foods().keys() == set()


def test_slots_name_roles_or_foods_and_groups_and_properties_of_the_closed_lists():
    slots = [slot for plate in patterns().plates for slot in plate.slots]
    assert {role for slot in slots for role in slot.roles} <= lists("roles").keys() | foods().keys()
    assert {group for slot in slots for group in slot.groups} <= lists("groups").keys()
    assert {word for slot in slots for word in slot.without} <= lists("properties").keys()
    assert {slot.only for slot in slots} <= {"", "food", "dish"}


def test_habits_name_roles_groups_and_properties_of_the_closed_lists():
    habits = patterns().habits
    assert habits.most_days.keys() == lists("roles").keys()
    assert habits.daily | habits.scaled | habits.at_home | habits.twice_a_day <= lists("roles").keys()
    assert habits.once_a_day | habits.most_family_days.keys() <= lists("groups").keys()
    assert habits.never <= lists("properties").keys()
    assert habits.seldom.keys() <= lists("properties").keys() | lists("groups").keys()


def test_what_is_rare_is_in_the_tables():
    assert patterns().habits.rare.keys() - (foods().keys() | dishes().keys()) == set()


def test_every_kitchen_has_staples_and_they_are_of_that_role():
    staples = patterns().kitchens.staples
    roles = {key: one.role for table in (foods(), dishes()) for key, one in table.items()}
    assert staples.keys() == lists("cuisines").keys() | {""}
    assert {roles[key] for keys in staples.values() for key in keys} == {"staple"}


def test_staples_are_those_of_the_person_s_kitchen_where_the_dish_is_at_home_there_else_of_the_dish():
    kitchens = patterns().kitchens
    assert kitchens.staples_of(("indian", "thai"), own=("thai",)) == kitchens.staples["thai"]
    assert kitchens.staples_of(("indian",), own=("german",)) == kitchens.staples["indian"]
    assert kitchens.staples_of((), own=("german",)) == kitchens.staples["german"]
    assert kitchens.staples_of((), own=()) == kitchens.staples[""]


def test_aims_are_figures_and_groups_of_foods():
    aims = patterns().aims
    assert aims.figures <= Nutrients.model_fields.keys()
    assert aims.produce <= lists("groups").keys()


def test_every_kitchen_is_one_of_the_table_and_has_a_family():
    kitchens = patterns().kitchens
    in_families = frozenset().union(*kitchens.families)
    assert in_families == lists("cuisines").keys()
    assert kitchens.everyday | kitchens.guests <= in_families


def test_the_symptoms_that_ask_for_small_meals_are_those_of_the_form():
    assert patterns().small_meals <= terms("symptoms").keys()


@pytest.mark.parametrize("meals", [patterns().usual, patterns().small, patterns().large])
def test_the_shares_of_a_day_can_add_up_to_the_whole(meals):
    assert sum(meal.share[0] for meal in meals) < 1 < sum(meal.share[1] for meal in meals)


def test_one_s_own_kitchen_is_most_welcome_and_a_strange_one_least():
    kitchens = patterns().kitchens
    welcome = [kitchens.welcome(of, own=("greek",)) for of in [("greek",), ("turkish",), ("indian",), ("korean",)]]
    assert welcome == sorted(welcome, reverse=True)
    assert len(set(welcome)) == 4


def test_wishes_are_those_of_the_profile():
    form = {"age": 50, "sex": "F", "height_cm": 165, "weight_kg": 60, "symptoms": ["nausea"], "budget": "low"}
    wishes = wishes_of(Profile.model_validate({**form, "cuisine": "greek"}))
    assert (wishes.cuisines, wishes.budget, wishes.small_meals) == (("greek",), 1, True)
    assert not wishes_of(Profile.model_validate({**form, "symptoms": []})).small_meals
