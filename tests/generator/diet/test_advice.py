"""Tips and questions: each with a source, and no tip names a food that is excluded for the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diet.advice import _tables, advice_for, notes_of, questions_for, texture_notes, tips, whom_of
from generator.diet.exclusions.exclude import exclude
from generator.diet.foods.dishes import dishes
from generator.diet.foods.ingredients import with_parents
from generator.diet.foods.table import foods
from generator.diet.mentions import ingredients_named
from generator.diet.profile import Profile
from generator.diet.vocabulary import terms

ADULT = {"age": 60, "sex": "F", "height_cm": 165, "weight_kg": 65, "treatment_phase": "maintenance"}
STATES = {"everyone", "referred", "neutropenia", "transplant", "low_platelets", "unknown_neutrophils"}
FIELDS = {"drugs", "other_drugs", "other_conditions", "tube_feeding"}
# Tips whose foods every diet has, or that are told because the food is harmful to all who read them.
OPEN = {"fruit", "vegetable", "lettuce_kin", "plant", "alcohol"}


def profile(**changes):
    return Profile(**(ADULT | changes))


def told(person):
    excluded = exclude(person, foods=foods(), dishes=dishes())
    unwelcome = excluded.forbidden | {key for key, weight in excluded.penalties.items() if weight > 0}
    return [tip.text for tip in advice_for(person, unwelcome=unwelcome)]


def test_everything_that_tips_and_questions_are_for_is_known():
    known = {key for kind in ("symptoms", "conditions", "restrictions", "drugs") for key in terms(kind)}
    rows = [*_tables()["tip"], *_tables()["question"]]
    assert {key for row in rows for key in (*row["for"], *row.get("unless", ()))} <= known | STATES | FIELDS


def test_every_tip_has_a_source_that_resolves_and_foods_of_the_table():
    for tip in tips():
        assert tip.advice.source.url.startswith("https://")
        assert tip.names <= foods().keys(), tip.advice.text


def test_every_source_is_used():
    used = {row["source"] for row in _tables()["tip"]}
    assert set(_tables()["sources"]) == used


def test_every_food_that_a_tip_speaks_of_is_among_its_names():
    # An independent reading of the words: else the tip could not be left out for those who must not eat the food.
    for row, tip in zip(_tables()["tip"], tips(), strict=True):
        if row.get("against"):
            continue
        held = with_parents(key for name in tip.names for key in foods()[name].contains)
        assert ingredients_named(tip.advice.text) - OPEN <= held, tip.advice.text


def test_nausea_brings_its_tips_and_others_do_not():
    assert any("30 minutes" in text for text in told(profile(symptoms=["nausea"])))
    assert not any("30 minutes" in text for text in told(profile()))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"symptoms": ["nausea"], "conditions": ["coeliac"]}, "toast"),
        ({"symptoms": ["mouth sores"], "allergies": ["egg"]}, "egg"),
        ({"symptoms": ["diarrhea"], "restrictions": ["low potassium"]}, "banana"),
        ({"symptoms": ["poor appetite"], "allergies": ["milk"]}, "milk"),
        ({"symptoms": ["poor appetite"], "restrictions": ["vegan"]}, "milk"),
        ({"restrictions": ["vegetarian"]}, "fish"),
        ({"restrictions": ["Hindu"]}, "beef"),
        ({"symptoms": ["diarrhea"], "conditions": ["heart failure"]}, "Replace what you lose"),
    ],
)
def test_no_tip_names_what_the_person_must_not_have(changes, words):
    assert not any(words in text for text in told(profile(**changes)))


def test_a_coeliac_with_nausea_is_still_told_of_rice():
    assert any("rice" in text for text in told(profile(symptoms=["nausea"], conditions=["coeliac"])))


def test_low_white_cells_bring_the_honest_state_of_evidence_and_when_to_call():
    texts = told(profile(conditions=["neutropenia"]))
    assert any("neutropenic" in text for text in texts)
    assert any("38 °C" in text for text in texts)


def test_who_is_referred_gets_no_tips_of_a_plan():
    texts = told(profile(conditions=["dialysis"], symptoms=["constipation"]))
    assert any("three days" in text for text in texts)
    assert not any("Prune" in text for text in texts)


def test_subjects_stay_together():
    person = profile(symptoms=["nausea", "vomiting", "diarrhea"])
    about = [tip.about for tip in advice_for(person, unwelcome=())]
    assert len(dict.fromkeys(about)) == sum(1 for at, name in enumerate(about) if at == 0 or about[at - 1] != name)


def test_questions_fit_the_person():
    asked = questions_for(profile(other_drugs=["Foobarmab", "Quuxin"], conditions=["diabetes"]))
    assert "Does food matter with Foobarmab and Quuxin?" in asked
    assert any("diabetes" in text for text in asked)
    assert not any("INR" in text for text in asked)


def test_what_was_not_checked_is_said():
    person = profile(other_conditions=["{0} syndrome"], allergies=["penicillin"], symptoms=["dysphagia"])
    conditions, allergies = notes_of(person)
    assert "speech and language" in texture_notes(person)[0]
    assert "{0} syndrome" in conditions
    assert "penicillin" in allergies


@given(
    st.lists(st.sampled_from(sorted(terms("symptoms"))), max_size=3, unique=True),
    st.lists(st.sampled_from(sorted(terms("restrictions"))), max_size=3, unique=True),
    st.sets(st.sampled_from(sorted({name for tip in tips() for name in tip.names}))),
)
def test_never_a_tip_with_an_unwelcome_food(symptoms, restrictions, unwelcome):
    person = profile(symptoms=symptoms, restrictions=restrictions)
    texts = {tip.text for tip in advice_for(person, unwelcome=unwelcome)}
    assert not any(tip.names & unwelcome for tip in tips() if tip.advice.text in texts)
    assert "everyone" in whom_of(person)
