"""Who gets a referral instead of numbers, each limit from both sides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diet.gates import all_gates, gates, refeeding_risk, referral
from generator.diet.profile import Profile
from generator.diet.vocabulary import terms

# 70 kg at 1.75 m is a body mass index of 22.9.
ADULT = {"age": 60, "sex": "F", "height_cm": 175, "weight_kg": 70}


def shut(**changes):
    return [gate.key for gate in gates(Profile(**(ADULT | changes)))]


def test_an_adult_on_treatment_passes():
    assert shut(drugs=["venetoclax", "azacitidine"], symptoms=["nausea", "diarrhea"], conditions=["diabetes"]) == []


@pytest.mark.parametrize(
    ("changes", "gate"),
    [
        ({"age": 17.9}, "child"),
        ({"pregnant": True}, "pregnancy"),
        ({"breastfeeding": True}, "pregnancy"),
        ({"tube_feeding": True}, "tube_feeding"),
        ({"days_eating_little": 6}, "intake"),
        ({"symptoms": ["cannot keep anything down"]}, "intake"),
        ({"conditions": ["dialysis"]}, "kidney"),
        ({"conditions": ["acute kidney injury"]}, "kidney"),
        ({"conditions": ["tumor lysis syndrome"]}, "kidney"),
        ({"conditions": ["cirrhosis"]}, "liver"),
        ({"conditions": ["gut GVHD"]}, "gut"),
        ({"conditions": ["ileostomy"]}, "gut"),
        ({"conditions": ["pancreatitis"]}, "pancreas"),
        ({"conditions": ["PKU"]}, "metabolism"),
        ({"conditions": ["anorexia nervosa"]}, "eating_disorder"),
        ({"symptoms": ["choking on food"]}, "swallowing"),
        ({"restrictions": ["pureed"]}, "swallowing"),
        ({"symptoms": ["black stools"]}, "bleeding"),
        ({"height_cm": 125, "weight_kg": 40}, "size"),
        ({"weight_kg": 160}, "size"),
    ],
)
def test_each_gate_holds_back_its_people(changes, gate):
    assert gate in shut(**changes)


@pytest.mark.parametrize("changes", [{"age": 18}, {"days_eating_little": 5}, {"weight_kg": 152}])
def test_just_on_the_near_side_of_a_limit_passes(changes):
    assert shut(**changes) == []


@pytest.mark.parametrize(
    ("changes", "severe"),
    # GLIM stage 2: more than 10 % in 6 months; a body mass index below 18.5, from 70 years on below 20.
    [
        ({"weight_6_months_ago_kg": 77.7}, False),  # 9.9 %
        ({"weight_6_months_ago_kg": 78}, True),  # 10.3 %
        ({"weight_kg": 56.7}, False),  # 18.51
        ({"weight_kg": 56.6}, True),  # 18.48
        ({"weight_kg": 61, "age": 69}, False),
        ({"weight_kg": 61, "age": 70}, True),  # 19.9
    ],
)
def test_severe_malnutrition_by_glim(changes, severe):
    assert ("malnutrition" in shut(**changes)) is severe


@pytest.mark.parametrize(
    ("changes", "risk"),
    # NICE CG32, box 1. One of: < 16, > 15 %, > 10 days, low salts.
    [
        ({"weight_kg": 48.9}, True),  # 15.97
        ({"weight_kg": 49.1}, False),  # 16.03 alone
        ({"weight_6_months_ago_kg": 83}, True),  # 15.7 %
        ({"days_eating_little": 11}, True),
        ({"days_eating_little": 10}, False),
        ({"conditions": ["hypophosphatemia"]}, True),
        # Two of: < 18.5, > 10 %, > 5 days, alcohol or insulin, chemotherapy, antacids, diuretics.
        ({"weight_kg": 56, "drugs": ["cytarabine"]}, True),
        ({"weight_kg": 56, "treatment_phase": "induction"}, True),
        ({"weight_kg": 56, "drugs": ["imatinib"]}, False),
        ({"weight_6_months_ago_kg": 79, "conditions": ["alcohol abuse"]}, True),  # 11.4 %
        ({"days_eating_little": 6, "drugs": ["insulin"]}, True),
        ({"days_eating_little": 6}, False),
        ({"drugs": ["cytarabine", "furosemide"]}, False),
    ],
)
def test_refeeding_risk_by_nice(changes, risk):
    assert refeeding_risk(Profile(**(ADULT | changes))) is risk


def test_the_weight_of_a_child_is_not_judged_by_the_limits_of_adults():
    child = {"age": 6, "height_cm": 115, "weight_kg": 20, "weight_6_months_ago_kg": None}
    assert shut(**child) == ["child"]


def test_reasons_come_in_the_order_of_the_table_and_once():
    found = shut(conditions=["dialysis", "AKI"], age=12, pregnant=True)
    assert found == ["child", "pregnancy", "kidney"]


def test_every_drug_and_condition_of_the_table_is_known():
    from generator.diet.gates import _tables

    two = _tables()["refeeding"]["two"]
    assert set(two["drugs"]) <= terms("drugs").keys()
    assert set(two["phases"]) <= terms("treatment_phases").keys()
    assert {*two["conditions"], *_tables()["refeeding"]["one"]["conditions"]} <= terms("conditions").keys()


def test_every_gate_has_words_and_a_source():
    for gate in all_gates().values():
        assert gate.text.endswith(".")
        assert gate.sources
        assert all(source.url.startswith("https://") for source in gate.sources)


@given(st.sampled_from(sorted(terms("conditions"))), st.sampled_from(sorted(terms("symptoms"))))
def test_more_trouble_never_opens_a_gate(condition, symptom):
    alone = set(shut(conditions=[condition]))
    assert alone <= set(shut(conditions=[condition], symptoms=[symptom]))
    assert len(referral(Profile(**(ADULT | {"conditions": [condition]})))) == len(alone)
