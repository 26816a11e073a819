"""The desk on the real tables, without an index: what must not be eaten is nowhere, and swaps are looked at again."""

import json
from itertools import combinations

import pytest

from generator.diet.foods.dishes import contains_of, dishes
from generator.diet.foods.ingredients import with_parents
from generator.diet.foods.table import foods
from generator.diet.profile import read_profile
from generator.diet.records import Item, Swap
from generator.diet.swapping import Change
from generator.diet.wording import relax_text
from generator.records import Answer, Triage
from ingest.errors import BadRequest
from ui.diet import DietDesk

PERSON = {"age": 62, "sex": "F", "height_cm": 165, "weight_kg": 62, "neutrophils": 0.8, "days": 2}
DESK = DietDesk(search=None, ask=None)


def planned(**changes):
    profile = read_profile({**PERSON, **changes})
    return profile, DESK.plan(profile)


def ids(plan):
    """Every food on a plan: what is eaten, what it is made of, what is offered instead."""
    items = [item for day in plan.days for meal in day.meals for item in meal.items]
    items += [swap.item for day in plan.days for meal in day.meals for swap in meal.swaps]
    return {item.food_id for item in items} | {part.food_id for item in items for part in item.ingredients}


def contained(key):
    within = foods()[key].contains if key in foods() else contains_of(dishes()[key])
    return with_parents(within)


@pytest.fixture(scope="module")
def vegetarian():
    return planned(drugs=["venetoclax"], allergies=["peanut"], restrictions=["vegetarian"])


def test_no_plan_holds_what_must_not_be_eaten(vegetarian):
    _, plan = vegetarian
    assert len(plan.days) == 2 and ids(plan)
    for key in ids(plan):
        assert contained(key).isdisjoint({"peanut", "meat", "poultry", "fish", "shellfish", "grapefruit"}), key
    excluded = {one.food_id for one in plan.excluded}
    assert excluded.isdisjoint(ids(plan)) and "St John's wort" in {one.food for one in plan.excluded}


def test_days_reach_energy_and_protein_within_five_percent(vegetarian):
    _, plan = vegetarian
    for day in plan.days:
        for key in ("energy_kcal", "protein_g"):
            assert getattr(day.totals, key) == pytest.approx(plan.targets[key], rel=0.05)


def test_the_same_profile_and_seed_give_the_same_plan(vegetarian):
    profile, plan = vegetarian
    assert DESK.plan(profile) == plan and DESK.plan(profile, seed=1).days != plan.days


def test_a_plan_says_what_it_rests_on(vegetarian):
    _, plan = vegetarian
    assert plan.warnings and plan.timings and plan.shopping and plan.advice and plan.questions and plan.screening
    assert all(need.sources for need in plan.needs) and all(one.source and one.source.url for one in plan.excluded)


def test_an_offered_swap_changes_the_meal_and_the_totals(vegetarian):
    profile, plan = vegetarian
    number, meal, swap = next((n, m, m.swaps[0]) for n, day in enumerate(plan.days) for m in day.meals if m.swaps)
    changed = DESK.swap(profile, plan, Change(number, meal.name, swap.instead_of, swap.item.food_id))
    eaten = {item.food_id for one in changed.days[number].meals if one.name == meal.name for item in one.items}
    assert swap.item.food_id in eaten and swap.instead_of not in eaten
    items = [item for one in changed.days[number].meals for item in one.items]
    assert changed.days[number].totals.energy_kcal == pytest.approx(sum(item.energy_kcal for item in items), abs=1)
    assert changed.shopping != plan.shopping


def test_a_swap_is_judged_by_the_profile_and_not_by_what_was_offered(vegetarian):
    _, plan = vegetarian
    number, meal, swap = next((n, m, m.swaps[0]) for n, day in enumerate(plan.days) for m in day.meals if m.swaps)
    changed = read_profile({**PERSON, "dislikes": [f"food:{swap.item.food_id}"]})
    with pytest.raises(BadRequest, match="must not be eaten"):
        DESK.swap(changed, plan, Change(number, meal.name, swap.instead_of, swap.item.food_id))


@pytest.mark.parametrize(
    "reason", [{"age": 15}, {"pregnant": True}, {"tube_feeding": True}, {"conditions": ["dialysis"]}]
)
def test_who_needs_a_dietitian_gets_guidance_and_no_numbers(reason):
    _, plan = planned(drugs=["venetoclax"], **reason)
    assert plan.referral and plan.days == () and plan.targets == {} and plan.needs == () and plan.screening is None
    assert plan.advice and plan.questions and "grapefruit" in " ".join(one.food for one in plan.excluded).lower()


def test_what_is_disliked_is_gone_and_named():
    profile, plan = planned(dislikes=["mushroom"])
    assert all("mushroom" not in contained(key) for key in ids(plan))
    eaten = plan.days[0].meals[0].items[0].food_id
    again = DESK.plan(read_profile({**json.loads(profile.model_dump_json()), "dislikes": [f"food:{eaten}"]}))
    assert eaten not in ids(again)


def test_without_an_index_there_is_no_explanation_and_with_one_there_is(vegetarian):
    profile, plan = vegetarian
    assert DESK.explain(profile, plan).explanation is None
    asked = []

    def refuse(question):
        asked.append(question)
        return Answer(answer="No.", abstained=True, sentences=(), citations=(), triage=Triage(level="none"),
                      index_version="v1", model="quote", timings_ms={})  # fmt: skip

    explained = DietDesk(search=None, ask=refuse).explain(profile, plan)
    assert asked and explained.explanation is not None and explained.explanation.abstained


def test_what_is_urgent_comes_first_then_medicines_and_then_the_rest():
    _, plan = planned(
        other_conditions=["I have fever 39 and bleeding"], drugs=["posaconazole"], other_drugs=["zzz-17"],
        symptoms=["trouble swallowing"], days=1,
    )  # fmt: skip
    assert plan.triage.level == "emergency" and plan.warnings[0] == plan.triage.message
    starts = ["A temperature of 38.0", "With trouble swallowing", "Antifungal medicines", "Our tables have no rule"]
    for words, start in zip(plan.warnings, starts, strict=False):
        assert words.startswith(start)
    assert plan.warnings[-1].startswith("Not checked") and any("neutropenic diet" in words for words in plan.warnings)


def test_a_wish_has_no_source():
    _, plan = planned(dislikes=["okra"], avoid=["pork"], days=1)
    wishes = [one for one in plan.excluded if one.reason in ("You asked for no okra.", "You asked for no pork.")]
    assert {one.priority for one in wishes} == {"dislike", "restriction"}
    assert all(one.source is None and one.citation == 0 for one in wishes)


def test_what_stands_in_the_way_is_named_for_people():
    _, plan = planned(dislikes=["fruit", "vegetables", "grains", "beans", "meat", "fish", "dairy", "nuts", "eggs"])
    assert not plan.days and any(one.constraint == "your wish: no grain" for one in plan.relax)
    assert relax_text(plan.relax[-1]).startswith("Your wish: no ")


@pytest.fixture(scope="module")
def kosher():
    return planned(restrictions=["kosher"], cuisine=["jewish"], days=3)


def minutes(meal):
    return 60 * int(meal.at[:2]) + int(meal.at[3:])


def test_a_kosher_day_has_no_milk_within_six_hours_after_meat_not_even_by_a_swap(kosher):
    _, plan = kosher
    seen = 0
    for day in plan.days:
        for earlier, later in combinations(day.meals, 2):
            # A meal lasts half an hour.
            if minutes(later) - minutes(earlier) < 6 * 60 + 30:
                eaten = [[item.food_id for item in meal.items] for meal in (earlier, later)]
                every = [[*keys, *(swap.item.food_id for swap in meal.swaps)]
                         for keys, meal in zip(eaten, (earlier, later), strict=True)]  # fmt: skip
                for first, then in ((eaten[0], every[1]), (every[0], eaten[1])):
                    meat = any("meat" in contained(key) for key in first)
                    seen += meat
                    assert not (meat and any("milk" in contained(key) for key in then)), (first, then)
    assert seen
    assert any("six hours" in warning for warning in plan.warnings)


def test_a_swap_that_would_bring_milk_too_soon_after_meat_is_refused(kosher):
    profile, plan = kosher
    day = plan.days[0]
    lunch = next(meal for meal in day.meals if meal.name == "lunch")
    snack = next(meal for meal in day.meals if meal.name == "afternoon snack")
    meat = Item(food="Chicken", food_id="chicken_breast_grilled", grams=100, energy_kcal=150, protein_g=30)
    milk = Item(food="Milk", food_id="milk_whole", grams=244, energy_kcal=150, protein_g=8)
    tea = Item(food="Tea", food_id="tea_black", grams=240, energy_kcal=2, protein_g=0)
    # A plan made by hand: meat at lunch, and milk offered for the tea after it.
    meals = (
        lunch.model_copy(update={"items": (meat,), "swaps": ()}),
        snack.model_copy(update={"items": (tea,), "swaps": (Swap(instead_of="tea_black", item=milk),)}),
    )
    made = plan.model_copy(update={"days": (day.model_copy(update={"meals": meals}),)})
    with pytest.raises(BadRequest, match="too soon after lunch"):
        DESK.swap(profile, made, Change(0, "afternoon snack", "tea_black", "milk_whole"))


def test_juice_is_left_out_with_diabetes_and_told_to_who_likes_it():
    profile, plan = planned(conditions=["diabetes"], likes=["food:orange_juice"], days=1)
    sugary = {key for key, food in foods().items() if "sugary_drink" in food.properties}
    assert sugary and ids(plan).isdisjoint(sugary)
    assert {"orange_juice", "cola", "apple_juice"} <= sugary and "tomato_juice" not in sugary
    assert any("juice" in one.liked.lower() and "diabetes" in one.text for one in plan.missed)
    assert any("too low" in warning for warning in plan.warnings)
