"""Likes that nothing is left of are told with the reason and its source."""

import pytest

from generator.diet.exclusions.exclude import exclude
from generator.diet.foods.dishes import dishes
from generator.diet.foods.table import foods
from generator.diet.liked import missed, taste_name
from generator.diet.profile import Profile


def told(**changes):
    form = {"age": 60, "sex": "F", "height_cm": 165, "weight_kg": 65, "treatment_phase": "maintenance"}
    person = Profile(**(form | changes))
    return missed(person.likes, exclude(person, foods=foods(), dishes=dishes()))


def test_a_liked_food_is_told_with_the_reason_that_takes_it_away():
    (one,) = told(likes=["grapefruit", "salmon"], drugs=["venetoclax"])
    assert one.liked == "grapefruit"
    assert one.text.startswith("You like: grapefruit. Left out of this plan: ")
    assert "venetoclax" in one.text
    assert one.source is not None and "Venclyxto" in one.source.title


def test_what_some_of_is_left_of_is_not_told():
    # Cashews are nuts too, and of salmon only what is raw or cold-smoked is left out.
    assert told(likes=["grapefruit", "salmon"]) == ()
    assert told(likes=["bread"], restrictions=["gluten-free"]) == ()


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"likes": ["shrimp"], "allergies": ["shellfish"]}, "allergic"),
        ({"likes": ["pork"], "restrictions": ["halal"], "dislikes": ["pork"]}, "halal"),
        ({"likes": ["beer"], "restrictions": ["gluten-free"], "avoid": ["beer"]}, "beer"),
    ],
)
def test_the_gravest_reason_that_holds_for_all_of_it_is_told(form, word):
    (one,) = told(**form)
    assert word in one.text


def test_likes_of_one_reason_stand_in_one_line():
    (one,) = told(likes=["sushi"])
    # "sushi" means every dish of that name; raw fish is a matter of safety in treatment.
    assert one.liked.count(" and ") == 1
    assert "raw" in one.text.lower()
    assert one.source is not None


def test_every_kind_of_like_has_a_name_for_people():
    assert [taste_name(key) for key in ("soybean", "#very_sweet", "food:apple")] == [
        "soy",
        "very sweet",
        foods()["apple"].name,
    ]
