from operator import ge, gt, le, lt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.labs.judging.conditions import Value, parse_condition


def value(number, comparator="", low=None, high=None, analyte="alt"):
    return Value(analyte, number, comparator, low, high, "shown")


def met(text, *values):
    return parse_condition(text).met({"alt": values}) is not None


def test_a_threshold_itself_meets_only_the_signs_that_include_it():
    assert [met(f"alt {sign} 5", value(5.0)) for sign in ("<", "<=", ">", ">=")] == [False, True, False, True]


def test_a_multiple_of_a_limit_is_of_the_values_own_interval():
    assert met("alt > 3 x high", value(121, high=40.0))
    assert not met("alt > 3 x high", value(120, high=40.0))
    assert met("alt < low", value(9, low=10.0))


def test_nothing_is_compared_with_a_limit_that_is_not_known():
    assert not met("alt > high", value(1e6))
    assert not met("alt <= high", value(0.0))


@pytest.mark.parametrize(
    ("printed", "number", "held"),
    [
        # "<0.5" leaves everything below 0.5 open, and 0.5 itself out.
        ("<", 0.5, {"alt < 0.5": True, "alt < 0.4": False, "alt <= 0.5": True, "alt > 0": False, "alt >= 0.1": False}),
        ("<=", 0.5, {"alt < 0.5": False, "alt <= 0.5": True, "alt < 0.6": True}),
        (">", 100, {"alt > 100": True, "alt >= 100": True, "alt > 101": False, "alt < 1000": False}),
        (">=", 100, {"alt > 100": False, "alt >= 100": True, "alt > 99": True}),
    ],
)
def test_a_bound_meets_what_all_values_within_it_meet(printed, number, held):
    assert {text: met(text, value(number, printed)) for text in held} == held


SIGNS = {"<": lt, "<=": le, ">": gt, ">=": ge}


@given(st.integers(1, 400), st.integers(0, 400), st.sampled_from(sorted(SIGNS)), st.sampled_from(sorted(SIGNS)))
def test_a_bound_never_meets_what_a_value_within_it_does_not(number, threshold, comparator, sign):
    if met(f"alt {sign} {threshold}", value(float(number), comparator)):
        # Tenths between 0 and 500 stand in for all values that the bound leaves open.
        inside = [n / 10 for n in range(5_000) if SIGNS[comparator](n / 10, number)]
        assert inside
        assert all(SIGNS[sign](n, threshold) for n in inside)


def test_converting_leaves_no_value_on_the_wrong_side():
    # 120 g/L * 0.1 is 12.000000000000002 in floating point; 0.1 + 0.2 is above 0.3.
    assert not met("alt > 0.3", value(0.1 + 0.2))
    assert met("alt <= 12.0", value(120 * 0.1))


def test_alternatives_are_tried_in_order():
    either = parse_condition("alt > 5 | ast > 5")
    found = either.met({"ast": [value(6, analyte="ast")], "alt": [value(4), value(7)]})
    assert found is not None and (found.analyte, found.number) == ("alt", 7)


@pytest.mark.parametrize("text", ["", "alt", "alt > ", "alt = 5", "alt > -5", "alt > high x 3", "alt > 5 and ast > 5"])
def test_another_form_is_refused(text):
    with pytest.raises(ValueError, match="not a condition"):
        parse_condition(text)
