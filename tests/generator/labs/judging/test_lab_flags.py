"""Flags and alert limits: every row just inside and just outside, and flags that never fall as the value rises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.labs.analytes import analytes
from generator.labs.judging.flags import alerts, critical, flag
from generator.labs.records import Comparator

# Written from the published lists, not from the table: analyte, a value not yet critical, and the first that is.
LOW = [
    ("wbc", 1.01, 1.0),
    ("neutrophils", 0.5, 0.49),
    ("platelets", 21, 20),
    ("hemoglobin", 7.1, 7.0),
    ("hematocrit", 20.1, 20.0),
    ("potassium", 2.9, 2.8),
    ("sodium", 121, 120),
    ("chloride", 80, 79),
    ("bicarbonate", 11, 10),
    ("calcium", 7.1, 7.0),
    ("calcium_corrected", 7.1, 7.0),
    ("calcium_ionized", 3.01, 3.0),
    ("magnesium", 1.1, 1.0),
    ("phosphate", 1.1, 1.0),
    ("glucose", 51, 50),
    ("fibrinogen", 100, 99),
]
HIGH = [
    ("wbc", 99.9, 100),
    ("neutrophils", 50, 50.1),
    ("blasts", 0, 0.01),
    ("blasts_percent", 0, 1),
    ("platelets", 999, 1000),
    ("hemoglobin", 19.9, 20),
    ("hematocrit", 59.9, 60),
    ("potassium", 5.9, 6.0),
    ("sodium", 159, 160),
    ("chloride", 120, 121),
    ("bicarbonate", 49, 50),
    ("calcium", 12.9, 13.0),
    ("calcium_corrected", 12.9, 13.0),
    ("calcium_ionized", 6.4, 6.5),
    ("magnesium", 4.6, 4.7),
    ("phosphate", 8.9, 9.0),
    ("glucose", 449, 450),
    ("creatinine", 5.9, 6.0),
    ("bun", 99, 100),
    # Urea weighs 60.056, its two nitrogens 28.014: 100 * 60.056 / 28.014 = 214.4.
    ("urea", 213.9, 214),
    ("urea", 99 * 60.056 / 28.014, 100 * 60.056 / 28.014),
    ("bilirubin", 9.9, 10),
    ("inr", 4.9, 5.0),
    ("pt", 40, 40.1),
    ("aptt", 75, 75.1),
]


@pytest.mark.parametrize(("analyte", "inside", "outside"), LOW)
def test_a_value_past_the_lower_limit_is_critical(analyte: str, inside: float, outside: float):
    assert not critical(analyte, inside)
    assert critical(analyte, outside)
    assert flag(outside, None, None, alert=alerts()[analyte]) == "LL"
    assert flag(inside, None, None, alert=alerts()[analyte]) is None


@pytest.mark.parametrize(("analyte", "inside", "outside"), HIGH)
def test_a_value_past_the_upper_limit_is_critical(analyte: str, inside: float, outside: float):
    assert not critical(analyte, inside)
    assert critical(analyte, outside)
    assert flag(outside, None, None, alert=alerts()[analyte]) == "HH"


def test_every_row_of_the_table_is_tried():
    assert {key for key, row in alerts().items() if row.low is not None} == {row[0] for row in LOW}
    assert {key for key, row in alerts().items() if row.high is not None} == {row[0] for row in HIGH}


def test_every_row_has_a_known_analyte_and_a_source():
    assert all(key in analytes() and row.source for key, row in alerts().items())


@pytest.mark.parametrize(
    ("value", "expected"), [(3.9, "L"), (4.0, "N"), (7.0, "N"), (11.0, "N"), (11.1, "H"), (1.0, "LL"), (100.0, "HH")]
)
def test_the_limits_belong_to_the_interval(value: float, expected: str):
    assert flag(value, 4.0, 11.0, alert=alerts()["wbc"]) == expected


@pytest.mark.parametrize(
    ("value", "comparator", "low", "high", "expected"),
    [
        (3.0, "<", 4.0, 11.0, "L"),
        (4.0, "<", 4.0, 11.0, "L"),
        (4.0, "<=", 4.0, 11.0, None),
        (5.0, "<", 4.0, 11.0, None),
        (0.3, "<", None, 0.5, "N"),
        (0.3, "<", 0.0, 0.5, "N"),
        (12.0, ">", 4.0, 11.0, "H"),
        (11.0, ">", 4.0, 11.0, "H"),
        (11.0, ">=", 4.0, 11.0, None),
        (5.0, ">", 4.0, 11.0, None),
        (90.0, ">", 60.0, None, "N"),
    ],
)
def test_a_bound_is_placed_only_where_all_its_values_lie(
    value: float, comparator: str, low: float | None, high: float | None, expected: str | None
):
    assert flag(value, low, high, comparator=comparator) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("analyte", "comparator", "value", "expected"),
    [
        ("neutrophils", "<", 0.1, True),
        ("neutrophils", "<", 0.5, True),
        ("neutrophils", "<", 0.6, False),
        ("wbc", ">", 100, True),
        ("inr", ">", 5.0, True),
        ("inr", ">", 4.0, False),
        ("pt", ">", 40, True),
        ("platelets", "<", 10, True),
        ("platelets", ">", 10, False),
        ("blasts_percent", "<", 1, False),
        ("blasts_percent", ">", 0, True),
        ("mcv", "", 500, False),
    ],
)
def test_bounds_are_critical_where_all_their_values_are(analyte: str, comparator: str, value: float, expected: bool):
    assert critical(analyte, value, comparator=comparator) is expected  # type: ignore[arg-type]


@given(
    key=st.sampled_from(sorted(alerts())),
    value=st.one_of(st.floats(min_value=0, max_value=2000), st.sampled_from([0.5, 1.0, 7.0, 20.0, 50.0, 100.0])),
    comparator=st.sampled_from(["", "<", "<=", ">", ">="]),
)
def test_what_is_critical_is_flagged_so_and_nothing_else_is(key: str, value: float, comparator: Comparator):
    flagged = flag(value, 0.0, 1.0, alert=alerts()[key], comparator=comparator)
    assert critical(key, value, comparator=comparator) == (flagged in ("LL", "HH"))


def test_without_interval_and_alert_there_is_no_flag():
    assert flag(5.0, None, None) is None


ORDER = ["LL", "L", "N", "H", "HH"]


@given(
    key=st.sampled_from(sorted(alerts())),
    values=st.lists(st.floats(min_value=0, max_value=2000), min_size=2, max_size=6),
    limits=st.tuples(st.floats(min_value=0, max_value=500), st.floats(min_value=0, max_value=500)),
)
def test_flags_never_fall_as_the_value_rises(key: str, values: list[float], limits: tuple[float, float]):
    low, high = sorted(limits)
    flags = [flag(value, low, high, alert=alerts()[key]) for value in sorted(values)]
    places = [ORDER.index(name) for name in flags if name is not None]
    assert places == sorted(places)
