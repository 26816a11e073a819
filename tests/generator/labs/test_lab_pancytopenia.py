import pytest
from judged import result
from rule_boundaries import PANCYTOPENIA

from generator.labs.judging.fixed_words import triage_of
from generator.labs.judging.intervals import interval
from generator.labs.rules import judge

LOW_WHITE_CELLS = result("wbc", 3.0, limits=(4.0, 11.0))


@pytest.mark.parametrize(("hemoglobin", "platelets", "sex", "age", "rule"), PANCYTOPENIA)
def test_pancytopenia_needs_no_interval_of_hemoglobin_and_platelets(hemoglobin, platelets, sex, age, rule):
    results = [result("hemoglobin", hemoglobin), result("platelets", platelets), LOW_WHITE_CELLS]
    findings = judge(results, sex=sex, age=age, audience="patient")
    assert {f.rule for f in findings if f.rule.startswith("pancytopenia")} == ({rule} if rule else set())
    assert (triage_of(findings, audience="patient").level == "urgent") is bool(rule)


@pytest.mark.parametrize(("age", "woman", "man"), [(40.0, 12.0, 13.5), (15.0, 12.0, 12.5)])
def test_the_limits_for_an_unknown_sex_are_those_of_the_table(age, woman, man):
    rows = [interval("hemoglobin", sex=sex, age_years=age) for sex in ("F", "M")]
    assert [row.low for row in rows] == [woman, man]


def test_a_printed_interval_beats_the_fixed_limits_of_pancytopenia():
    results = [result("hemoglobin", 10.4, limits=(10.0, 15.0)), result("platelets", 100), LOW_WHITE_CELLS]
    rules = {finding.rule for finding in judge(results, sex=None, age=None, audience="patient")}
    assert not rules & {"pancytopenia", "pancytopenia_no_interval"}
