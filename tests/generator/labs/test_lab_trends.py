from datetime import date

import pytest
from judged import report, result

from generator.labs.judging.fixed_words import triage_of
from generator.labs.judging.rulebook import trend_rules
from generator.labs.records import LabReading
from generator.labs.trends import trend_rows, trends


def reading(day, values, **fields):
    collected = date.fromisoformat(day) if day else None
    return LabReading(results=tuple(report(values, **fields)), collected=collected)


def only(*readings, audience="patient"):
    (made,) = trends(readings, audience=audience)
    return made


def notices_of(analyte, older, newer, *, days, **fields):
    newest = date.fromordinal(date(2026, 1, 1).toordinal() + days).isoformat()
    made = only(reading("2026-01-01", {analyte: older}, **fields), reading(newest, {analyte: newer}, **fields))
    return {notice.rule for notice in made.notices}


def test_values_stand_by_date_whatever_the_order_of_the_reports():
    made = only(
        reading("2026-03-01", {"platelets": 90}),
        reading("2026-01-01", {"platelets": 210}),
        reading("2026-02-01", {"platelets": 120}),
    )
    assert [point.value for point in made.points] == [210, 120, 90]
    # February has 28 days: 1 February to 1 March.
    assert (made.direction, made.change, made.days) == ("falling", -30, 28)
    assert (made.low, made.high, made.range_source) == (150, 400, "printed")


@pytest.mark.parametrize(("older", "newer", "direction"), [(4.2, 4.5, "rising"), (4.2, 4.2, "unchanged")])
def test_the_direction_is_that_of_the_last_two_days(older, newer, direction):
    made = only(reading("2026-01-01", {"potassium": older}), reading("2026-01-02", {"potassium": newer}))
    assert made.direction == direction
    assert made.change == pytest.approx(newer - older)


def test_an_analyte_of_one_report_has_no_trend():
    made = trends(
        [reading("2026-01-01", {"platelets": 200, "potassium": 4}), reading("2026-01-02", {"platelets": 180})]
    )
    assert [trend.analyte for trend in made] == ["platelets"]
    assert trends([]) == () and trends([reading("2026-01-01", {"platelets": 200})]) == ()


def test_a_report_without_a_date_stands_apart():
    made = only(reading("2026-01-01", {"platelets": 200}), reading(None, {"platelets": 20}))
    assert [point.value for point in made.points] == [200]
    assert [point.value for point in made.undated] == [20]
    assert made.direction == "unclear" and made.notices == ()
    assert "without a date" in made.notes[0]


def test_different_values_of_one_day_leave_the_direction_open():
    made = only(
        reading("2026-01-01", {"platelets": 200}),
        reading("2026-01-05", {"platelets": 90}),
        reading("2026-01-05", {"platelets": 150}),
    )
    assert made.direction == "unclear" and made.change is None
    assert "2026-01-05" in made.notes[0]
    # The fall to 90 is told all the same: which of the two came last is not known.
    assert [notice.rule for notice in made.notices] == ["platelets_halved"]


def test_the_same_value_twice_a_day_is_one():
    made = only(
        reading("2026-01-01", {"platelets": 200}),
        reading("2026-01-05", {"platelets": 150}),
        reading("2026-01-05", {"platelets": 150}),
    )
    assert (made.direction, made.change) == ("falling", -50)


def test_a_bound_has_no_difference():
    made = only(reading("2026-01-01", {"neutrophils": 0.4}), reading("2026-01-03", {"neutrophils": "<0.1"}))
    assert made.direction == "unclear" and made.change is None


def test_intervals_that_differ_are_said_and_the_newest_is_the_band():
    made = only(
        LabReading(results=(result("alt", 50, limits=(0, 40)),), collected=date(2026, 1, 1)),
        LabReading(results=(result("alt", 50, limits=(0, 35)),), collected=date(2026, 2, 1)),
    )
    assert made.high == 35
    assert "different intervals" in made.notes[0]


# Just inside, just outside: the days and shares are written down from the sources.
BOUNDARIES = [
    ("neutrophils_falling", ("neutrophils", 1.2, 0.99, 31), ("neutrophils", 1.2, 1.0, 31)),
    ("neutrophils_falling", ("neutrophils", 0.8, 0.7, 31), ("neutrophils", 0.8, 0.7, 32)),
    ("neutrophils_falling", ("neutrophils", 0.8, 0.7, 2), ("neutrophils", 0.8, 0.8, 2)),
    ("neutrophils_halved", ("neutrophils", 3.0, 1.5, 92), ("neutrophils", 3.0, 1.51, 92)),
    ("neutrophils_halved", ("neutrophils", 3.8, 1.9, 92), ("neutrophils", 8.0, 2.1, 92)),
    ("platelets_halved", ("platelets", 300, 150, 92), ("platelets", 300, 151, 92)),
    ("platelets_halved", ("platelets", 300, 150, 92), ("platelets", 300, 150, 93)),
    ("lymphocytes_doubled", ("lymphocytes", 5.0, 10.0, 182), ("lymphocytes", 5.0, 9.9, 182)),
    ("lymphocytes_doubled", ("lymphocytes", 20, 40, 182), ("lymphocytes", 20, 40, 183)),
    ("lymphocytes_doubled", ("lymphocytes", 5.0, 10.0, 100), ("lymphocytes", 4.9, 10.0, 100)),
    ("lymphocytes_rise_half", ("lymphocytes", 20, 30, 61), ("lymphocytes", 20, 29.9, 61)),
    ("lymphocytes_rise_half", ("lymphocytes", 20, 30, 61), ("lymphocytes", 20, 30, 62)),
    ("creatinine_rise", ("creatinine", 0.8, 1.1, 10), ("creatinine", 0.8, 1.09, 10)),
    ("creatinine_rise", ("creatinine", 0.8, 1.1, 10), ("creatinine", 0.8, 1.1, 11)),
]


@pytest.mark.parametrize(("rule", "inside", "outside"), BOUNDARIES)
def test_a_notice_holds_just_inside_its_limits_and_not_just_outside(rule, inside, outside):
    analyte, older, newer, days = inside
    assert rule in notices_of(analyte, older, newer, days=days)
    analyte, older, newer, days = outside
    assert rule not in notices_of(analyte, older, newer, days=days)


def test_every_notice_has_its_boundaries_tested():
    assert {rule for rule, *_ in BOUNDARIES} == {rule.key for rule in trend_rules()}


def test_neutrophils_that_recover_are_not_falling():
    made = only(
        reading("2026-01-01", {"neutrophils": 0.9}),
        reading("2026-01-05", {"neutrophils": 0.2}),
        reading("2026-01-09", {"neutrophils": 0.8}),
    )
    assert made.notices == ()


def test_a_doubling_is_found_over_several_reports():
    made = only(
        reading("2026-01-01", {"lymphocytes": 20}),
        reading("2026-03-15", {"lymphocytes": 28}),
        reading("2026-06-01", {"lymphocytes": 40}),
    )
    # 1 January to 1 June are 151 days.
    (notice,) = made.notices
    assert notice.rule == "lymphocytes_doubled"
    assert notice.used[0].startswith("2026-01-01: Lymphocytes 20") and notice.used[1].startswith("2026-06-01")


def test_a_notice_of_an_old_fall_is_not_repeated():
    made = only(
        reading("2025-01-01", {"platelets": 300}),
        reading("2025-01-10", {"platelets": 40}),
        reading("2026-01-01", {"platelets": 280}),
    )
    assert made.notices == ()


def test_a_falling_low_count_leads_with_fixed_words():
    made = only(reading("2026-01-01", {"neutrophils": 1.4}), reading("2026-01-08", {"neutrophils": 0.8}))
    told = triage_of(made.notices, audience="patient")
    assert told.level == "emergency"
    assert "24-hour line now" in told.message


def test_a_notice_on_a_doubtful_value_is_provisional():
    made = only(reading("2026-01-01", {"platelets": 300}), reading("2026-01-08", {"platelets": 30}, needs_review=True))
    assert made.notices[0].provisional
    assert made.notices[0].text.endswith("Compare it with the paper report.")
    assert made.points[1].needs_review


def test_the_table_has_a_column_for_each_day_and_one_for_no_date():
    made = trends(
        [
            LabReading(results=(result("platelets", 40, flag="L", needs_review=True),), collected=date(2026, 2, 1)),
            LabReading(results=(result("platelets", 210, flag="N"),), collected=date(2026, 1, 1)),
            LabReading(results=(result("platelets", "<10", flag="LL"),)),
        ]
    )
    assert trend_rows(made) == (
        ("", "2026-01-01", "2026-02-01", "no date"),
        ("Platelets (10*9/L)", "210", "40 L ?", "<10 LL"),
    )
    assert trend_rows(()) == (("",),)
