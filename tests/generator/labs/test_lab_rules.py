import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged import NORMAL, UNITS, normal_report, report, result
from rule_boundaries import BOUNDARIES, PANCYTOPENIA

from generator.labs.analytes import analytes
from generator.labs.judging.fixed_words import triage_of
from generator.labs.judging.flags import alerts, flag
from generator.labs.judging.intervals import interval
from generator.labs.judging.rulebook import rule_units, rulebook
from generator.labs.rules import judge
from ingest.errors import BadRequest

ADULT = {"sex": "F", "age": 40.0}
ORDER = ["emergency", "urgent", "routine", "info"]


def rules_of(values, *, bare=False, sex="F", age=40.0, audience="patient"):
    findings = judge(report(values, bare=bare), sex=sex, age=age, audience=audience)
    return {finding.rule for finding in findings}


@pytest.mark.parametrize(("rule", "inside", "outside", "whose"), BOUNDARIES)
def test_a_rule_holds_just_inside_its_limits_and_not_just_outside(rule, inside, outside, whose):
    assert rule in rules_of(inside, **whose)
    assert rule not in rules_of(outside, **whose)


def test_every_rule_has_its_boundaries_tested():
    tried = {rule for rule, *_ in BOUNDARIES} | {rule for _, _, _, _, rule in PANCYTOPENIA if rule}
    assert tried == {rule.key for rule in rulebook()}


@pytest.mark.parametrize(
    "values", [{"potassium": 5.6}, {"potassium": 5.9}, {"potassium": 3.2}, {"calcium": 7.1}, {"calcium": 12.4}]
)
@pytest.mark.parametrize("age", [None, 40.0])
def test_a_value_near_its_alert_limit_is_called_outside(values, age):
    ((analyte, value),) = values.items()
    row = interval(analyte, sex=None, age_years=age)
    assert row is not None
    placed = flag(value, row.low, row.high, alert=alerts()[analyte])
    results = [*normal_report()[:3], result(analyte, value, limits=(row.low, row.high), flag=placed)]
    findings = judge(results, sex=None, age=age, audience="patient")
    assert [finding.rule for finding in findings] == ["outside"]
    assert "small" not in findings[0].text


def test_a_corrected_calcium_outside_the_interval_is_named_though_the_total_is_inside():
    # By hand: 9.4 + 0.8 * (4.0 - 2.0) = 11.0; 9.4 + 0.8 * (4.0 - 3.5) = 9.8; the interval ends at 10.2.
    calcium = result("calcium", 9.4, limits=(8.6, 10.2), flag="N")
    for albumin, expected in ((2.0, "outside"), (3.5, "in_range")):
        (finding,) = judge([calcium, result("albumin", albumin, flag="N")], audience="patient", **ADULT)
        assert finding.rule == expected


def test_the_thresholds_are_in_the_units_of_the_analytes():
    units = {key: unit for key, unit in rule_units().items() if key != "calcium_best"}
    assert {key: analytes()[key].unit for key in units} == units
    assert {key: UNITS.get(key, "%") for key in units} == units


@pytest.mark.parametrize(
    "values",
    [
        {"wbc": 100.5},
        {"blasts_percent": 1},
        {"blasts": 0.2},
        {"neutrophils": 0.4},
        {"wbc": 2.0, "neutrophils_percent": 20},  # 0.4
        {"platelets": 9},
        {"hemoglobin": 6.9},
        {"potassium": 6.0},
        {"urate": 9, "phosphate": 6.6},
    ],
)
@pytest.mark.parametrize("age", [None, 3.0, 40.0])
@pytest.mark.parametrize("doubtful", [False, True])
def test_the_red_banner_never_depends_on_anything_else(values, age, doubtful):
    findings = judge(report(values, bare=True, needs_review=doubtful), sex=None, age=age, audience="patient")
    triage = triage_of(findings, audience="patient")
    assert triage.level == "emergency"
    assert "Call your treatment team's 24-hour line now" in triage.message
    assert "check this against the paper report" in triage.message
    assert findings[0].provisional == doubtful


def test_platelets_below_20_are_an_emergency_with_fever_or_bleeding():
    triage = triage_of(judge(report({"platelets": 15}), audience="patient", **ADULT), audience="patient")
    assert triage.level == "urgent"
    assert "With any bleeding or fever this is an emergency" in triage.message


def test_neutrophils_follow_from_white_cells_and_their_share():
    findings = judge(report({"wbc": 1.5, "neutrophils_percent": 20}, bare=True), audience="clinician", **ADULT)
    used = next(finding.used for finding in findings if finding.rule == "neutropenia_4")
    # By hand: 1.5 * 20 / 100 = 0.3.
    assert used == ("Neutrophils 0.3 10*9/L, worked out as Wbc 1.5 10*9/L x Neutrophils percent 20 %",)


def test_a_printed_neutrophil_count_beats_the_one_worked_out():
    assert "neutropenia_4" not in rules_of({"wbc": 1.5, "neutrophils_percent": 20, "neutrophils": 1.2})


def test_few_granulocytes_are_few_neutrophils_and_many_say_nothing():
    assert "neutropenia_4" in rules_of({"granulocytes": 0.4})
    assert not rules_of({"granulocytes": 8})


def test_calcium_is_corrected_for_albumin():
    # By hand: 6.5 + 0.8 * (4.0 - 2.0) = 8.1; 12.0 + 0.8 * (4.0 - 2.5) = 13.2.
    assert "calcium_7_corrected" not in rules_of({"calcium": 6.5, "albumin": 2.0})
    assert "calcium_13" in rules_of({"calcium": 12.0, "albumin": 2.5})


def test_total_calcium_counts_towards_tumor_lysis_only_where_no_albumin_corrects_it():
    assert "tls_adult" in rules_of({"calcium": 6.5, "urate": 9})
    # By hand: 6.5 + 0.8 * (4.0 - 2.0) = 8.1; 6.5 + 0.8 * (4.0 - 4.0) = 6.5.
    assert "tls_adult" not in rules_of({"calcium": 6.5, "urate": 9, "albumin": 2.0})
    assert "tls_adult" in rules_of({"calcium": 6.5, "urate": 9, "albumin": 4.0})


def test_values_printed_in_si_units_meet_the_same_limits():
    # Phosphate 1.45 mmol/L * 3.0974 and calcium 1.75 mmol/L * 4.0078 as pint converts them.
    assert "tls_adult" in rules_of({"phosphate": 1.45 * 3.0974, "calcium_corrected": 1.75 * 4.0078})


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"neutrophils": "<0.5"}, "neutropenia_4"),
        ({"neutrophils": "<1.0"}, "neutropenia_3"),
        ({"neutrophils": "<=1.0"}, "neutropenia_2_alert"),
        ({"platelets": "<10"}, "platelets_10"),
        ({"platelets": ">1000"}, "platelets_1000"),
        ({"potassium": ">6.0"}, "potassium_6"),
        ({"wbc": ">100"}, "hyperleukocytosis"),
        ({"inr": ">=5"}, "inr_critical"),
    ],
)
def test_a_bound_is_read_as_one(values, rule):
    assert rule in rules_of(values)


def test_less_than_one_percent_of_blasts_is_not_taken_for_blasts():
    assert "blasts" not in rules_of({"blasts_percent": "<1"})


def test_the_printed_interval_beats_a_grade():
    """A laboratory whose neutrophils begin at 1.2 does not call 1.4 low."""
    results = [result("neutrophils", 1.4, limits=(1.2, 7.0), flag="N")]
    assert {f.rule for f in judge(results, audience="patient", **ADULT)} == {"in_range"}


def test_adult_rules_leave_children_alone():
    assert "lymphocytosis_5" not in rules_of({"lymphocytes": 8.0}, age=2.0, bare=True)
    assert "microcytosis" not in rules_of({"mcv": 76}, age=2.0, bare=True)
    assert "anemia_women" not in rules_of({"hemoglobin": 11.7}, age=8.0, bare=True)


def test_a_childs_share_of_lymphocytes_is_explained_as_normal_for_the_age():
    findings = judge(
        report({"lymphocytes_percent": 60, "neutrophils_percent": 30}), sex=None, age=2.0, audience="patient"
    )
    assert [finding.rule for finding in findings] == ["lymphocyte_share_child"]
    assert "Young children normally have more lymphocytes" in findings[0].text


def test_findings_come_most_urgent_first_then_in_the_order_of_the_table():
    values = {"alt": 130, "platelets": 9, "neutrophils": 0.8, "hemoglobin": 6.0, "mcv": 104, "blasts_percent": 30}
    findings = judge(report(values), audience="clinician", **ADULT)
    ranks = [ORDER.index(finding.severity) for finding in findings]
    assert ranks == sorted(ranks)
    keys = [rule.key for rule in rulebook()]
    places = [(rank, keys.index(f.rule)) for rank, f in zip(ranks, findings, strict=True) if f.rule in keys]
    assert places == sorted(places)


def test_the_clinician_gets_the_criterion_and_what_is_missing():
    finding = judge(report({"neutrophils": 0.3}), audience="clinician", **ADULT)[0]
    assert "Criterion: grade 4, neutrophils below 0.5" in finding.text
    assert "Missing:" in finding.text


def test_a_value_past_an_alert_limit_without_a_rule_is_urgent_all_the_same():
    results = [result("sodium", 112, limits=(135, 145), flag="LL", critical=True)]
    findings = judge(results, audience="patient", **ADULT)
    assert [(f.rule, f.severity) for f in findings] == [("critical_value", "urgent")]
    assert "Call your treatment team's 24-hour line today" in triage_of(findings, audience="patient").message


def test_a_critical_value_that_a_rule_warns_of_is_not_told_twice():
    results = [result("potassium", 6.4, limits=(3.5, 5.0), flag="HH", critical=True)]
    assert [f.rule for f in judge(results, audience="patient", **ADULT)] == ["potassium_6"]


def test_other_values_out_of_range_are_named():
    findings = judge([result("sodium", 131, limits=(135, 145), flag="L")], audience="patient", **ADULT)
    assert [f.rule for f in findings] == ["outside"]
    assert findings[0].used == ("Sodium 131 mmol/L (report: 135 to 145)",)


@pytest.mark.parametrize("audience", ["patient", "clinician"])
def test_nothing_out_of_range_is_said_without_reassurance(audience):
    findings = judge(normal_report(), audience=audience, **ADULT)
    assert [finding.rule for finding in findings] == ["in_range"]
    assert "does not rule" in findings[0].text
    assert findings[0].used == (f"{len(NORMAL)} of {len(NORMAL)} values are inside their interval",)
    assert triage_of(findings, audience=audience).message == ""


def test_an_empty_report_has_no_findings():
    assert judge([], sex=None, age=None, audience="patient") == ()


def test_values_without_intervals_are_not_called_in_range():
    assert rules_of({"potassium": 4.2}, bare=True) == set()


@pytest.mark.parametrize(
    ("analyte", "value"), [("inr", 3.5), ("inr", "<2"), ("hemoglobin", 13.5), ("creatinine", 0.9), ("calcium", 7.5)]
)
@pytest.mark.parametrize("audience", ["patient", "clinician"])
def test_one_value_without_an_interval_keeps_a_report_from_being_called_in_range(analyte, value, audience):
    known = [row for row in normal_report() if row.analyte != analyte]
    missing = result(analyte, value, needs_review=True)
    (finding,) = judge([*known, missing], sex=None, age=None, audience=audience)
    assert finding.rule == "not_compared"
    assert finding.used[0] == f"{len(known)} of {len(known) + 1} values are inside their interval"
    assert len(finding.used) == 2
    assert finding.used[1].startswith(missing.name) and finding.used[1].endswith(": could not be compared")
    assert finding.provisional and "does not rule" in finding.text


def test_a_value_in_another_unit_is_refused():
    with pytest.raises(BadRequest, match="g/L") as refused:
        judge([result("hemoglobin", 70, unit="g/L")], sex=None, age=None, audience="patient")
    assert "Convert" in refused.value.hint


def test_the_interval_and_the_printed_form_are_shown():
    shown = result("hemoglobin", 6.5, limits=(13, 17), printed={"name": "Hb", "value": "65", "unit": "g/L"})
    finding = judge([shown], sex="M", age=50, audience="patient")[0]
    assert finding.used == ("Hemoglobin 6.5 g/dL (report: 13 to 17; printed as 65 g/L)",)


def worst(values, **whose):
    findings = judge(report(values, bare=True), audience="patient", **(ADULT | whose))
    return min((ORDER.index(f.severity) for f in findings), default=len(ORDER))


@pytest.mark.parametrize("analyte", ["neutrophils", "platelets", "hemoglobin", "fibrinogen"])
@given(st.floats(0.0, 20.0), st.floats(0.0, 20.0), st.sampled_from([None, 1.0, 8.0, 40.0]))
def test_a_lower_value_is_never_less_urgent(analyte, one, other, age):
    low, high = sorted((one, other))
    assert worst({analyte: low}, age=age) <= worst({analyte: high}, age=age)


@pytest.mark.parametrize("analyte", ["wbc", "potassium", "inr", "creatinine", "bilirubin", "urate", "blasts_percent"])
@given(st.floats(4.0, 150.0), st.floats(4.0, 150.0), st.sampled_from([None, 8.0, 40.0]))
def test_a_higher_value_is_never_less_urgent(analyte, one, other, age):
    low, high = sorted((one, other))
    assert worst({analyte: high}, age=age) <= worst({analyte: low}, age=age)


@given(st.dictionaries(st.sampled_from(sorted(UNITS)), st.floats(0, 2000), max_size=12), st.booleans())
def test_any_report_is_judged_the_same_twice(values, doubtful):
    results = report(values, needs_review=doubtful)
    first = judge(results, sex=None, age=None, audience="patient")
    assert first == judge(results, sex=None, age=None, audience="patient")
    assert triage_of(first, audience="patient").level in ("emergency", "urgent", "routine", "none")
