"""What has to wait after an earlier meal: milk after meat."""

from larder_of_made_foods import FOODS, needs_of_a_day

from generator.diet.planning.candidates import Plate
from generator.diet.planning.days import limits_of
from generator.diet.planning.model import Search, choose
from generator.diet.planning.patterns import MealTime, clock_hours
from generator.diet.planning.portions import food_portion
from generator.diet.planning.records import Allowed, Wait
from generator.diet.planning.waiting import followed_too_soon, long_enough, too_soon
from generator.diet.records import Item, Meal

WAIT = Wait(frozenset({"chicken"}), frozenset({"milk"}), hours=6, reason="Wait.")
ALLOWED = Allowed(
    foods=FOODS, dishes={}, table=FOODS, contains={key: food.contains for key, food in FOODS.items()}, waits=(WAIT,)
)
LUNCH = MealTime("lunch", "lunch", (0.0, 1.0), at="13:00")
SNACK = MealTime("afternoon snack", "snack", (0.0, 1.0), at="16:00")
LATE = MealTime("evening snack", "snack", (0.0, 1.0), at="21:30")


def plate(*keys, cost=0.0):
    return Plate("lunch", tuple(food_portion(FOODS[key]) for key in keys), cost)


def meal(time, *keys):
    items = tuple(Item(food=key, food_id=key, grams=1, energy_kcal=1, protein_g=1) for key in keys)
    return Meal(name=time.name, at=time.at, items=items)


def test_the_wait_counts_from_the_end_of_a_meal_of_half_an_hour():
    # From 13:30 six hours are over at 19:30.
    assert not long_enough(WAIT, clock_hours("13:00"), clock_hours("19:00"))
    assert long_enough(WAIT, clock_hours("13:00"), clock_hours("19:30"))


def test_plates_are_kept_apart_only_in_that_order_and_within_the_hours():
    meat, milk = plate("chicken", "rice"), plate("milk")
    assert too_soon([(LUNCH, [meat]), (SNACK, [milk])], ALLOWED) == [(frozenset({id(meat)}), frozenset({id(milk)}))]
    assert too_soon([(LUNCH, [milk]), (SNACK, [meat])], ALLOWED) == []
    assert too_soon([(LUNCH, [meat]), (LATE, [milk])], ALLOWED) == []
    assert too_soon([(LUNCH, [plate("tofu")]), (SNACK, [milk])], ALLOWED) == []


def test_a_dearer_snack_without_milk_is_chosen_after_meat():
    # 100 kcal of milk or of juice (two times 45 kcal) beside 165 + 208 kcal of chicken and rice.
    milk, juice = plate("milk"), plate("juice", cost=3.0)
    offer = [(LUNCH, [plate("chicken", "rice")]), (SNACK, [milk, juice])]
    limits, search = limits_of(needs_of_a_day(468, 36.5)), Search(gap=0.01, thorough=True)
    free = choose(offer, limits, search=search)
    kept = choose(offer, limits, search=search, apart=too_soon(offer, ALLOWED))
    assert free[1].plate is milk
    assert kept[1].plate is juice


def test_a_changed_day_says_which_meal_comes_too_soon():
    day = [meal(LUNCH, "chicken"), meal(SNACK, "milk"), meal(LATE, "yogurt")]
    ((earlier, later, wait),) = followed_too_soon(day, ALLOWED)
    assert (earlier.name, later.name, wait) == ("lunch", "afternoon snack", WAIT)
    assert list(followed_too_soon([meal(LUNCH, "tofu"), meal(SNACK, "milk")], ALLOWED)) == []
