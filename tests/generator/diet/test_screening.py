"""The Malnutrition Screening Tool, each band from both sides."""

import pytest

from generator.diet.profile import Profile
from generator.diet.screening import screen

ADULT = {"age": 60, "sex": "M", "height_cm": 180, "weight_kg": 80}


def score(**changes):
    return screen(Profile(**(ADULT | changes)))


@pytest.mark.parametrize(
    ("before_kg", "points"),
    # 1-5 kg is 1, 6-10 kg 2, 11-15 kg 3, more than 15 kg 4 (Ferguson 1999); 5.5 kg are 12 lb, in the band of 6 kg.
    [(75, 0), (80, 0), (80.9, 0), (81, 1), (85, 1), (85.5, 2), (86, 2), (90, 2), (91, 3), (95, 3), (95.1, 4), (110, 4)],
)
def test_points_for_weight_lost(before_kg, points):
    assert score(weight_6_months_ago_kg=before_kg).parts["weight loss"] == points


def test_a_loss_that_nobody_has_measured_is_unsure():
    assert score(symptoms=["weight loss"]).parts["weight loss"] == 2
    assert score(symptoms=["weight loss"], weight_6_months_ago_kg=80).parts["weight loss"] == 2


@pytest.mark.parametrize("changes", [{"symptoms": ["poor appetite"]}, {"days_eating_little": 2}])
def test_a_point_for_eating_poorly(changes):
    assert score(**changes).parts == {"weight loss": 0, "eating poorly": 1}


def test_two_points_are_a_risk():
    found = score(weight_6_months_ago_kg=84, symptoms=["poor appetite"])
    assert found.score == 2
    assert "At risk" in found.meaning
    assert score(weight_6_months_ago_kg=84).meaning.startswith("Not at risk")


def test_a_weight_that_was_not_given_is_said():
    assert "was not given" in score().meaning


def test_the_most_is_five():
    assert score(weight_6_months_ago_kg=120, symptoms=["poor appetite"]).score == 5


def test_the_score_names_its_sources():
    assert all(source.url.startswith("https://doi.org/") for source in score().sources)
