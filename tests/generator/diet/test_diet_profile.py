"""Profiles from the form: what is read, moved to its place, refused and asked about."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from generator.diet.profile import BadProfile, Profile, read_profile
from generator.diet.vocabulary import terms
from ingest.errors import BadRequest

BODY = {"age": 54, "sex": "F", "height_cm": 165, "weight_kg": 68}


def problems(**form):
    with pytest.raises(BadProfile) as caught:
        read_profile(BODY | form)
    return {problem.field: problem for problem in caught.value.problems}


def test_age_sex_height_and_weight_are_enough():
    profile = read_profile(BODY)
    assert (profile.activity, profile.days, profile.budget) == ("light", 7, "high")
    # By hand: 68 / 1.65² = 24.977.
    assert profile.bmi == pytest.approx(24.977, abs=0.001)
    assert profile.weight_loss_percent == 0


def test_what_is_missing_is_named_all_at_once():
    with pytest.raises(BadProfile) as caught:
        read_profile({"sex": "F"})
    assert {problem.field for problem in caught.value.problems} == {"age", "height_cm", "weight_kg"}
    assert isinstance(caught.value, BadRequest)
    assert "age" in str(caught.value)


def test_words_become_keys_and_stay_the_same_when_read_again():
    profile = read_profile(
        BODY
        | {
            "drugs": "Venclexta 400 mg daily, azacitidine",
            "symptoms": ["severe Diarrhea", "taste changes"],
            "conditions": "Type 2 diabetes; coeliac",
            "allergies": ["peanuts", "allergic to prawns"],
            "restrictions": "halal",
            "dislikes": "spicy food, mushrooms",
            "cuisine": "Indian",
            "treatment_phase": "chemo",
            "leukemia_type": "AML",
        }
    )
    assert profile.drugs == ("venetoclax", "azacitidine")
    assert profile.symptoms == ("diarrhoea", "taste_change")
    assert profile.conditions == ("diabetes", "coeliac")
    assert set(profile.allergies) == {"peanut", "shrimp"}
    assert "#spicy" in profile.dislikes
    assert profile.cuisine == ("indian",)
    assert profile.treatment_phase == "chemotherapy"
    again = Profile.model_validate_json(json.dumps(profile.model_dump()))
    assert again == profile


def test_words_in_the_wrong_field_are_moved_to_the_right_one():
    profile = read_profile(
        BODY
        | {
            "symptoms": ["low neutrophils"],
            "conditions": ["nut allergy", "nausea"],
            "restrictions": ["no pork", "Hindu vegetarian", "egg-free", "allergy to sesame"],
            "other_drugs": ["Gleevec"],
            "other_conditions": ["gout"],
        }
    )
    assert set(profile.conditions) == {"neutropenia", "gout"}
    assert profile.symptoms == ("nausea",)
    assert set(profile.allergies) >= {"peanut", "tree_nut", "sesame"}
    assert set(profile.avoid) == {"pork", "egg"}
    assert profile.restrictions == ("hindu", "vegetarian")
    assert profile.drugs == ("imatinib",)


def test_a_leukemia_and_a_transplant_among_the_conditions_fill_their_own_fields():
    profile = read_profile(BODY | {"conditions": ["AML", "stem cell transplant", "gout"]})
    assert (profile.leukemia_type, profile.treatment_phase, profile.conditions) == ("aml", "transplant", ("gout",))
    # A field that says something else is not overwritten: the person is asked.
    assert "conditions" in problems(conditions=["stem cell transplant"], treatment_phase="maintenance")


def test_pregnancy_among_the_conditions_ticks_its_box():
    profile = read_profile(BODY | {"conditions": "pregnancy, gout, PEG tube"})
    assert (profile.pregnant, profile.tube_feeding, profile.conditions) == (True, True, ("gout",))


def test_two_words_in_one_are_taken_apart_only_if_both_are_known():
    profile = read_profile(
        BODY
        | {
            "symptoms": ["nausea and vomiting"],
            "drugs": "Venclexta/azacitidine",
            "restrictions": ["halal + vegetarian"],
        }
    )
    assert profile.symptoms == ("nausea", "vomiting")
    assert profile.drugs == ("venetoclax", "azacitidine")
    assert profile.restrictions == ("halal", "vegetarian")
    assert "no nausea and vomiting" in problems(symptoms=["no nausea and vomiting"])["symptoms"].reason


def test_an_allergy_to_no_food_is_noted_and_takes_no_food_away():
    profile = read_profile(BODY | {"allergies": "penicillin allergy, house dust"})
    assert profile.allergies == ()
    assert profile.other_allergies == ("penicillin", "airborne")


def test_a_food_among_other_allergies_is_an_allergy_all_the_same():
    assert read_profile(BODY | {"other_allergies": ["peanut"]}).allergies == ("peanut",)


@pytest.mark.parametrize("field", ["allergies", "avoid", "symptoms", "conditions", "restrictions", "drugs", "dislikes"])
def test_what_is_not_understood_is_asked_about_and_never_dropped(field):
    assert "xqzzv" in problems(**{field: ["milk" if field in {"allergies", "avoid"} else "", "xqzzv"]})[field].reason


@pytest.mark.parametrize(
    "words",
    ["?", "🥜", "???", "nuts except almonds", "not allergic to nuts", "pollen", "latex", "some fruits I forgot"],
)
def test_an_allergy_that_can_mean_several_foods_is_asked_about(words):
    assert problems(allergies=[words])["allergies"].given == words


def test_an_unknown_drug_can_be_named_as_one_without_rules():
    asked = problems(drugs=["Foobarmab"])["drugs"]
    assert "other_drugs" in asked.reason
    assert read_profile(BODY | {"other_drugs": ["Foobarmab"]}).other_drugs == ("Foobarmab",)


def test_nothing_that_has_rules_hides_among_what_has_none():
    profile = read_profile(BODY | {"other_conditions": ["peanut allergy", "pregnant", "vegan", "gut GVHD", "AML"]})
    assert profile.allergies == ("peanut",)
    assert profile.pregnant
    assert profile.restrictions == ("vegan",)
    assert profile.conditions == ("gut_gvhd",)
    assert profile.leukemia_type == "aml"
    assert profile.other_conditions == ()
    assert "allergies" in problems(other_conditions=["hives and an egg allergy since 2010"])["other_conditions"].reason
    assert "imatinib" in problems(other_drugs=["imatinib plus foobarmab"])["other_drugs"].reason


def test_a_near_word_is_suggested():
    assert "imatinib" in problems(drugs=["imatinb"])["drugs"].suggestions
    asked = problems(alergies=["milk"])["alergies"]
    assert asked.suggestions[0] == "allergies"


def test_imperial_units_are_turned_into_metric_ones():
    # By hand: 5 ft 6 in = 66 × 2.54 = 167.64 cm; 11 st 11 lb = 165 lb × 0.45359237 = 74.842741 kg.
    body = {"age": 45, "sex": "F", "height_ft": 5, "height_in": 6, "weight_st": 11, "weight_lb": 11}
    profile = read_profile(body | {"weight_6_months_ago_lb": 180})
    assert profile.height_cm == pytest.approx(167.64)
    assert profile.weight_kg == pytest.approx(74.842741)
    # By hand: 1 - 165 / 180 = 8.333 %.
    assert profile.weight_loss_percent == pytest.approx(8.3333, abs=0.001)


def test_a_measure_is_given_once():
    assert "once" in problems(weight_lb=150)["weight_kg"].reason
    assert problems(height_in="tall")["height_in"].reason == "Give a number."


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("age", -1),
        ("age", 130),
        ("age", float("nan")),
        ("height_cm", 5.5),
        ("weight_kg", 6800),
        ("weight_kg", float("inf")),
        ("weight_kg", 17),
        ("weight_6_months_ago_kg", 250),
        ("neutrophils", -0.1),
        ("neutrophils", 500),
        ("days", 0),
        ("days", 15),
        ("days_eating_little", -1),
        ("activity", "flying"),
        ("sex", "X"),
        ("sex", None),
        ("drugs", 7),
        ("symptoms", [3]),
        ("allergies", {"milk": True}),
        ("pregnant", "perhaps"),
    ],
)
def test_impossible_values_are_refused_with_the_reason(field, value):
    found = problems(**{field: value})
    assert next(iter(found)).startswith(field)
    assert all(problem.reason for problem in found.values())


def test_a_bound_is_told_in_plain_words_with_its_unit():
    assert problems(height_cm=17)["height_cm"].reason == "It has to be at least 40 cm."
    assert problems(weight_kg=700)["weight_kg"].reason == "It has to be at most 400 kg."
    assert problems(age=True)["age"].reason == problems(weight_kg="62,5")["weight_kg"].reason == "Give a number."


@pytest.mark.parametrize("words", [["okra"] * 201, "okra," * 2001])
def test_a_field_of_words_has_a_bound(words):
    assert "at most 200" in problems(dislikes=words)["dislikes"].reason


def test_an_allergy_that_is_not_known_leads_to_a_dietitian():
    assert "dietitian has to make the plan" in problems(allergies=["zorbleberry"])["allergies"].reason


@pytest.mark.parametrize("field", ["symptoms", "conditions", "drugs", "allergies", "avoid", "likes", "notes"])
def test_an_emergency_in_a_refused_form_is_told_before_its_faults(field):
    with pytest.raises(BadProfile) as caught:
        read_profile({**BODY, field: ["I have fever 39 and bleeding"]})
    # The fixed words of the rule C01 (fever) of the triage table.
    assert caught.value.triage.level == "emergency"
    assert str(caught.value).startswith("A temperature of 38.0 °C")


@pytest.mark.parametrize(
    ("form", "level"),
    [
        ({"other_conditions": ["I have fever 39 and bleeding"]}, "emergency"),
        ({"other_drugs": ["spray against chest pain"]}, "emergency"),
        ({"symptoms": ["fever"]}, "emergency"),
        ({"symptoms": ["black stools"]}, "emergency"),
        # Known illnesses and common symptoms have rules of their own.
        ({"conditions": ["epilepsy"], "symptoms": ["vomiting", "mouth sores"], "dislikes": ["jerky"]}, "none"),
        ({"other_conditions": ["stroke in 2010"]}, "none"),
    ],
)
def test_how_urgent_it_is_what_a_person_tells(form, level):
    assert read_profile({**BODY, **form}).triage.level == level


def test_neutrophils_in_microliters_are_told_apart():
    assert "500 in a microliter are 0.5" in problems(neutrophils=500)["neutrophils"].reason


def test_a_man_is_not_pregnant():
    assert "pregnant" in problems(sex="M", pregnant=True)


def test_a_direct_profile_is_as_strict_as_the_form():
    with pytest.raises(ValidationError):
        Profile(**(BODY | {"allergies": ("xqzzv",)}))


def test_a_baby_can_grow_more_than_an_adult():
    baby = {"age": 0.5, "sex": "M", "height_cm": 68, "weight_kg": 8, "weight_6_months_ago_kg": 3}
    assert read_profile(baby).weight_kg == 8


@given(
    symptoms=st.lists(st.sampled_from(sorted(terms("symptoms"))), max_size=6, unique=True),
    conditions=st.lists(st.sampled_from(sorted(terms("conditions"))), max_size=6, unique=True),
    restrictions=st.lists(st.sampled_from(sorted(terms("restrictions"))), max_size=6, unique=True),
    drugs=st.lists(st.sampled_from(sorted(terms("drugs"))), max_size=6, unique=True),
)
def test_no_key_is_lost_or_added(symptoms, conditions, restrictions, drugs):
    profile = read_profile(
        BODY | {"symptoms": symptoms, "conditions": conditions, "restrictions": restrictions, "drugs": drugs}
    )
    assert list(profile.symptoms) == symptoms
    assert list(profile.conditions) == conditions
    assert list(profile.restrictions) == restrictions
    assert list(profile.drugs) == drugs


@given(
    st.dictionaries(st.sampled_from([*Profile.model_fields, "weight_lb", "x"]), st.text(max_size=20) | st.integers())
)
def test_any_form_is_read_or_refused_with_words(form):
    try:
        read_profile(form)
    except BadProfile as error:
        assert error.problems
        assert all(problem.field and problem.reason for problem in error.problems)
