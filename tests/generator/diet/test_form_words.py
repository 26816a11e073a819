"""Words of the diet form: every table can be read, every form is clear, nothing is guessed."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diet.foods.table import lists
from generator.diet.gates import all_gates
from generator.diet.profile import Activity, Budget
from generator.diet.vocabulary import Kind, cuisines_of, find, near, plain, says_nothing, terms

KINDS: tuple[Kind, ...] = get_args(Kind)


@pytest.mark.parametrize(
    ("kind", "words", "key"),
    [
        ("symptoms", "Nausea", "nausea"),
        ("symptoms", "severe diarrhea", "diarrhoea"),
        ("symptoms", "diarrhoea", "diarrhoea"),
        ("symptoms", "I have mouth-sores", "mouth_sores"),
        ("symptoms", "severe trouble swallowing", "cannot_swallow"),
        ("symptoms", "trouble swallowing", "swallowing_trouble"),
        ("conditions", "Crohn’s disease", "bowel_inflammation"),
        ("conditions", "Type 2 diabetes", "diabetes"),
        ("conditions", "CKD stage 5", "kidney_failure"),
        ("conditions", "hypokalaemia", "low_electrolytes"),
        ("conditions", "hyperkalaemia", "high_potassium"),
        ("restrictions", "Low-fiber diet", "low_fibre"),
        ("restrictions", "Muslim", "halal"),
        ("drugs", "Gleevec 400 mg once daily", "imatinib"),
        ("drugs", "imatinib mesylate tablets", "imatinib"),
        ("drugs", "6-MP", "mercaptopurine"),
        ("drugs", "ATRA", "tretinoin"),
        ("drugs", "Prednisolone", "prednisolone"),
        ("drugs", "VENCLEXTA", "venetoclax"),
        ("drugs", "Lipitor", "atorvastatin"),
        ("leukemia_types", "Acute Myeloid Leukaemia", "aml"),
        ("treatment_phases", "watch and wait", "watch"),
    ],
)
def test_words_that_people_write_are_found(kind, words, key):
    assert find(kind, words) == key


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("conditions", "hypekalaemia"),
        ("conditions", "no diabetes"),
        ("symptoms", "not nauseous"),
        ("restrictions", "carnivore"),
        ("drugs", "chemo tablets"),
        ("drugs", ""),
    ],
)
def test_nothing_is_guessed(kind, words):
    assert find(kind, words) is None


def test_near_words_are_suggested_but_not_taken():
    assert "imatinib" in near("drugs", "imatinb")
    assert find("drugs", "imatinb") is None


@pytest.mark.parametrize("kind", KINDS)
def test_no_form_means_two_things(kind):
    meant: dict[str, set[str]] = {}
    for term in terms(kind).values():
        for form in (term.key, term.name, *term.also):
            meant.setdefault(plain(form), set()).add(term.key)
    assert {form: keys for form, keys in meant.items() if len(keys) > 1} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_finds_its_own_row(kind):
    for term in terms(kind).values():
        for form in (term.key, term.name, *term.also):
            assert find(kind, form) == term.key


def test_every_referral_of_a_word_is_a_gate():
    named = {term.referral for kind in KINDS for term in terms(kind).values()} - {""}
    assert named <= all_gates().keys()


def test_the_closed_lists_are_those_of_the_profile_and_of_the_foods():
    assert set(terms("activities")) == set(get_args(Activity))
    assert set(terms("budgets")) == set(get_args(Budget))
    assert set(terms("cuisines")) == set(lists("cuisines"))


def test_a_name_for_several_cuisines_means_all_of_them():
    assert cuisines_of("East Asian food") == ("chinese", "japanese", "korean")
    assert cuisines_of("Martian") == ()


@pytest.mark.parametrize("words", ["none", "NKDA", " No known allergies ", "n/a", "-", ""])
def test_ways_to_say_nothing(words):
    assert says_nothing(words)


@pytest.mark.parametrize("words", ["?", "🥜", "no nuts", "none but peanut"])
def test_words_that_say_something_are_not_taken_for_nothing(words):
    assert not says_nothing(words)


@given(st.text(max_size=60))
def test_any_text_can_be_looked_up(words):
    for kind in KINDS:
        key = find(kind, words)
        assert key is None or key in terms(kind)
        assert plain(plain(words)) == plain(words)
