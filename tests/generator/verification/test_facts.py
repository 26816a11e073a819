import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.verification.facts import denies, hedges, read_facts, senses


def numbers(text):
    return [(t.sign + t.key, t.unit) for t in read_facts(text).tokens if t.kind == "number"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("400 mg", [("400.0", "mg")]),
        ("400mg", [("400.0", "mg")]),
        ("1,553 patients", [("1553.0", "")]),
        ("10-20 mg/kg/day", [("10.0", "mg/kg/day"), ("20.0", "mg/kg/day")]),
        ("5 mg per kg", [("5.0", "mg/kg")]),
        ("a 12-month course", [("12.0", "month")]),
        ("39 percent or 39%", [("39.0", "%"), ("39.0", "%")]),
        ("three doses", [("3.0", "")]),
        ("p<0.001", [("<0.001", "")]),
        ("more than 20 years", [(">20.0", "year")]),
        ("at most 5 µg", [("<5.0", "ug")]),
        # Digits of a name are no amount.
        ("IL-6, p53, PD-1 and HNF4A", []),
        # A number in another system of digits.
        ("٤٠ mg", [("40.0", "mg")]),
    ],
)
def test_numbers_have_their_unit_and_bound(text, found):
    assert numbers(text) == found


def test_a_name_is_one_however_it_is_joined():
    def keys(text):
        return [token.key for token in read_facts(text).tokens]

    assert keys("HNF-4α") == keys("HNF4α")
    assert keys("PD-1") == keys("PD1") != keys("PD-2")


def test_forms_of_a_name_of_the_field_share_a_concept():
    assert read_facts("AML").concepts.keys() == read_facts("acute myeloid leukaemia").concepts.keys() == {"§aml"}


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("It is not given.", True),
        ("It isn't given.", True),
        ("Not only imatinib is given.", False),
        ("It failed to help.", True),
        ("Renal failure is rare.", False),
        ("They were free of disease.", True),
        ("Tablets are free.", False),
    ],
)
def test_what_denies(text, denied):
    facts = read_facts(text)
    assert any(denies(facts, place) for place in range(len(facts.tokens))) is denied


def test_words_that_exclude_each_other_are_on_different_sides():
    (up,), (down,) = (read_facts(word).tokens for word in ("increased", "reduces"))
    assert senses(up)["up and down"] != senses(down)["up and down"]
    assert hedges(read_facts("may").tokens[0])
    assert not hedges(up)


@pytest.mark.parametrize("piece", ["1,", "a-", "((", ".", "9", "mg/", "5 mg/", "<", "no ", "α", "per ", "less than "])
def test_reading_takes_time_in_proportion_to_the_text(piece):
    begin = time.process_time()
    read_facts(piece * (20_000 // len(piece)))
    assert time.process_time() - begin < 5  # it is some 0.1 s


@given(st.text(max_size=300))
def test_tokens_stand_where_they_say(text):
    for token in read_facts(text).tokens:
        assert text[token.start : token.end] == token.text


def test_a_greek_capital_that_poses_as_a_latin_letter_is_one():
    # The first letter is a capital tau.
    assert [token.key for token in read_facts("Τhe cells").tokens] == [
        token.key for token in read_facts("The cells").tokens
    ]
