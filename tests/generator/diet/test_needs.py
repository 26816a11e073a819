"""Needs against worked examples and figures found by hand."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from generator.diet.gates import referral
from generator.diet.needs import ideal_weight_kg, needs_of, reference_weight, resting_kcal
from generator.diet.profile import Profile

MAN = {"age": 60, "sex": "M", "height_cm": 175, "weight_kg": 70}


def profile(**changes):
    return Profile(**(MAN | changes))


def test_resting_energy_of_a_published_example():
    # Worked example at https://www.dummies.com/article/…/how-to-calculate-your-metabolic-rate-166764: a woman of 45
    # years, 75 kg and 165.1 cm needs 1,396 kcal.
    woman = profile(age=45, sex="F", height_cm=165.1, weight_kg=75)
    assert resting_kcal(woman, weight_kg=75) == pytest.approx(1396, abs=0.5)


def test_resting_energy_of_a_man_by_hand():
    # 10 × 70 + 6.25 × 175 - 5 × 60 + 5 = 700 + 1093.75 - 300 + 5 = 1498.75.
    assert resting_kcal(profile(), weight_kg=70) == pytest.approx(1498.75)


@pytest.mark.parametrize(
    ("sex", "inches", "pounds"),
    # Hamwi: 106 lb for 5 ft and 6 lb for each inch; 100 lb and 5 lb.
    [("M", 70, 166), ("F", 64, 120), ("M", 60, 106), ("F", 58, 90)],
)
def test_ideal_weight_by_the_rule_of_hamwi(sex, inches, pounds):
    person = profile(sex=sex, height_cm=inches * 2.54, weight_kg=60)
    assert ideal_weight_kg(person) == pytest.approx(pounds * 0.45359237, abs=0.02)


def test_weight_is_adjusted_from_a_body_mass_index_of_30_on():
    # 5 ft 10 in, ideal 166 lb = 75.30 kg; 75.30 + 0.25 × (115 - 75.30) = 85.22 kg.
    large = reference_weight(profile(height_cm=177.8, weight_kg=115))
    assert large.kg == pytest.approx(85.22, abs=0.02)
    assert large.sources
    # 1.75² × 29.9 = 91.57 kg is not yet obese.
    assert reference_weight(profile(weight_kg=91.5)).kg == 91.5


def test_the_targets_of_a_man_by_hand():
    # 1498.75 × 1.375 = 2060.8 kcal, within 25 × 70 = 1750 and 30 × 70 = 2100; 1.25 × 70 = 87.5 g; 30 × 70 = 2100 mL.
    # 14 × 2.06 = 28.8 g of fibre, more than the 25 g that are enough.
    targets = needs_of(profile()).targets()
    assert targets["energy_kcal"] == 2060
    assert targets["protein_g"] == 88
    assert targets["fluid_ml"] == 2100
    assert targets["fibre_g"] == 25
    assert targets["sodium_mg"] == 2300


@pytest.mark.parametrize(("activity", "kcal"), [("bed", 1800), ("sedentary", 1800), ("moderate", 2100)])
def test_energy_stays_within_25_to_30_kcal_a_kilogram(activity, kcal):
    # 1498.75 × 1.2 = 1798.5; × 1.55 = 2323, kept at 30 × 70 = 2100.
    assert needs_of(profile(activity=activity)).targets()["energy_kcal"] == kcal


def test_an_old_woman_in_bed_gets_no_less_than_25_kcal_a_kilogram():
    # 10 × 60 + 6.25 × 160 - 5 × 80 - 161 = 1039; × 1.2 = 1246.8, below 25 × 60 = 1500.
    woman = profile(age=80, sex="F", height_cm=160, weight_kg=60, activity="bed")
    assert needs_of(woman).targets()["energy_kcal"] == 1500


@pytest.mark.parametrize(
    "changes",
    [{"weight_6_months_ago_kg": 74}, {"symptoms": ["weight loss"]}, {"height_cm": 188}, {"age": 75, "height_cm": 180}],
)
def test_who_loses_weight_gets_the_upper_end(changes):
    # 74 to 70 kg is 5.4 %; 70 / 1.88² = 19.8 is below 20; from 70 years on 70 / 1.8² = 21.6 is below 22.
    needs = needs_of(profile(**changes))
    assert needs.targets()["energy_kcal"] == 2100
    assert needs.targets()["protein_g"] == 105
    assert any("lost weight" in note for note in needs.notes)


def test_protein_is_held_back_with_kidney_disease():
    needs = needs_of(profile(conditions=["kidney disease"], weight_6_months_ago_kg=74))
    assert needs.targets()["protein_g"] == 70
    assert any("kidney" in note for note in needs.notes)


@pytest.mark.parametrize("condition", ["heart failure", "kidney disease", "fluid restriction"])
def test_fluid_is_left_to_the_team_where_it_may_be_limited(condition):
    needs = needs_of(profile(conditions=[condition]))
    assert needs.need("fluid_ml") is None
    assert any("drink" in note for note in needs.notes)


def test_venetoclax_asks_for_plenty_to_drink():
    # 35 × 70 = 2450.
    assert needs_of(profile(drugs=["venetoclax"])).targets()["fluid_ml"] == 2450


def test_limits_that_were_asked_for():
    needs = needs_of(profile(restrictions=["low-fibre", "low potassium", "low salt"]))
    limits = {key: needs.need(key).high for key in ("fibre_g", "potassium_mg", "sodium_mg")}
    assert limits == {"fibre_g": 10, "potassium_mg": 2000, "sodium_mg": 2000}
    assert needs.need("fibre_g").low is None


def test_potassium_is_only_told_where_no_limit_was_asked_for():
    need = needs_of(profile()).need("potassium_mg")
    assert (need.value, need.low, need.high) == (3400, None, None)


@pytest.mark.parametrize("symptom", ["diarrhea", "nausea", "mouth sores", "bloating"])
def test_no_least_amount_of_fibre_with_a_sore_or_troubled_gut(symptom):
    need = needs_of(profile(symptoms=[symptom])).need("fibre_g")
    assert (need.low, need.high) == (None, 35)
    usual = needs_of(profile()).need("fibre_g")
    assert (usual.low, usual.high) == (25, 50)


@pytest.mark.parametrize(
    ("sex", "age", "key", "value"),
    # NIH Office of Dietary Supplements, fact sheets for health professionals.
    [
        ("F", 18, "calcium_mg", 1300),
        ("F", 50, "calcium_mg", 1000),
        ("F", 51, "calcium_mg", 1200),
        ("M", 70, "calcium_mg", 1000),
        ("M", 71, "calcium_mg", 1200),
        ("F", 50, "iron_mg", 18),
        ("F", 51, "iron_mg", 8),
        ("M", 40, "iron_mg", 8),
        ("F", 40, "vitamin_c_mg", 75),
        ("M", 40, "vitamin_k_ug", 120),
        ("M", 40, "folate_ug", 400),
    ],
)
def test_daily_intakes_by_sex_and_age(sex, age, key, value):
    assert needs_of(profile(sex=sex, age=age, height_cm=165)).targets()[key] == value


def test_no_iron_target_with_iron_overload():
    assert "iron_mg" not in needs_of(profile(conditions=["iron overload"])).targets()


def test_every_need_tells_its_formula_and_sources():
    for changes in ({}, {"restrictions": ["low-fibre", "low potassium"]}, {"weight_kg": 130}, {"conditions": "ckd"}):
        for need in needs_of(profile(**changes)).needs:
            assert need.formula
            assert need.sources
            assert all(source.title and source.url.startswith("https://") for source in need.sources)


def test_no_numbers_for_a_child():
    with pytest.raises(ValueError, match="dietitian"):
        needs_of(profile(age=17))


BODIES = st.builds(
    Profile,
    age=st.floats(18, 100),
    sex=st.sampled_from("FM"),
    height_cm=st.floats(130, 220),
    weight_kg=st.floats(35, 200),
    activity=st.sampled_from(["bed", "sedentary", "light", "moderate", "active"]),
    symptoms=st.lists(st.sampled_from(["weight_loss", "diarrhoea", "anaemia"]), max_size=2, unique=True),
    conditions=st.lists(st.sampled_from(["kidney_disease", "heart_failure", "diabetes"]), max_size=2, unique=True),
)


@given(st.data())
def test_energy_and_protein_stay_within_the_ranges_for_every_adult(data):
    try:
        person = data.draw(BODIES)
    except ValueError:
        assume(False)
    assume(not referral(person))
    kg, targets = reference_weight(person).kg, needs_of(person).targets()
    # 5 kcal and half a gram of rounding.
    assert 25 * kg - 5 <= targets["energy_kcal"] <= 30 * kg + 5
    assert 1.0 * kg - 0.5 <= targets["protein_g"] <= 1.5 * kg + 0.5
