"""Reference intervals: every row at and just outside its limits, and at the ends of its ages."""

import pytest

from generator.labs.analytes import analytes
from generator.labs.judging.flags import flag
from generator.labs.judging.intervals import interval, intervals
from generator.labs.records import Sex

# Copied by hand from the published tables: analyte, sex (- is either, ? not known), an age in years within
# the row, low, high (- is none).
ROWS = """
wbc - 40 4.0 11.0; wbc - 0.03 9.1 34; wbc - 0.5 6 17; wbc - 5 4 15.5; wbc - 12 4 13.5
neutrophils - 40 2.0 8.25; neutrophils_percent - 40 50 70; lymphocytes - 40 1.2 4.95; lymphocytes_percent - 40 30 45
monocytes - 40 0 0.66; monocytes_percent - 40 0 6; eosinophils - 40 0 0.33; eosinophils_percent - 40 0 3
basophils - 40 0 0.11; basophils_percent - 40 0 1
rbc M 40 4.32 5.72; rbc F 40 3.90 5.03; rbc - 0.03 4 5.5
hemoglobin M 40 13.5 17.5; hemoglobin F 40 12.0 15.5; hemoglobin - 0.03 15 24; hemoglobin - 0.5 10.5 14
hemoglobin - 5 11.5 14.5; hemoglobin M 12 12.5 16.1; hemoglobin F 12 12 15
hematocrit M 40 42 50; hematocrit F 40 37 47; hematocrit - 0.03 44 70; hematocrit - 0.5 32 42; hematocrit - 5 33 43
hematocrit M 12 36 47; hematocrit F 12 35 45
mcv - 40 80 100; mcv - 0.03 99 115; mcv - 0.5 72 88; mcv - 5 76 90; mcv - 12 78 95
mch - 40 27 33; mch - 0.5 24 30; mch - 5 25 31; mch - 12 26 32
mchc - 40 31 36; mchc - 0.03 30 36; rdw_cv - 40 9.0 14.5; rdw_sd - 40 39 46
platelets - 40 150 450; platelets - 0.01 84 478; mpv - 40 7.5 11.5; reticulocytes_percent - 40 0.5 1.5
ldh - 40 80 225; ldh - 0.03 180 2000; ldh - 0.5 170 580; ldh - 5 110 500; ldh - 12 100 330
urate - 40 3.0 7.0; urate - 5 1 7; creatinine M 40 0.9 1.2; creatinine F 40 0.6 1.1; creatinine ? 40 0.509 1.245
creatinine - 0.03 0.32 0.92; creatinine - 1 0.1 0.36; creatinine - 4 0.2 0.43; creatinine - 11 0.31 0.61
creatinine - 14 0.45 0.81; creatinine M 16 0.62 1.08; creatinine F 16 0.49 0.84
bun - 40 8 20; bun - 5 2 20; urea - 40 15 48
potassium - 40 3.5 5.0; potassium - 0.03 3.7 7.2; potassium - 0.15 4.0 6.2; potassium - 0.5 3.4 5.6
potassium - 5 3.5 5.1
phosphate - 40 3.0 4.5; phosphate - 0.01 4.5 9; phosphate - 2 3.8 6.5; phosphate - 8 3.2 5.8; phosphate - 14 2.9 5.4
phosphate - 18 2.4 4.7; calcium - 40 8.6 10.2; magnesium - 40 1.6 2.6
bilirubin - 40 0.3 1.0; bilirubin - 5 - 1.5; bilirubin_direct - 40 0.1 0.3; bilirubin_direct - 5 - 0.2
alt - 40 10 40; alt - 0.5 12 45; alt - 5 5 55; ast - 40 10 40; ast - 2 20 60; ast - 5 15 50; ast - 12 10 40
alp - 40 30 120; alp - 5 100 420; alp - 11 140 560; alp M 13 100 495; alp F 13 100 420; alp M 15 100 525
alp F 15 70 320
alp M 18 65 260; alp F 18 50 320; albumin - 40 3.5 5.5; albumin - 2 3.4 5.2; albumin - 10 3.5 5.6
pt - 40 11 13; aptt - 40 25 35; fibrinogen - 40 200 400; d_dimer - 40 - 0.5
ferritin F 40 24 307; ferritin M 40 24 336; vitamin_b12 - 40 200 800; crp - 40 - 8
sodium - 40 136 146; chloride - 40 95 105; bicarbonate - 40 22 28; protein_total - 40 6.0 7.8; globulin - 40 2.3 3.5
amylase - 40 25 125; iron M 40 65 175; iron F 40 50 170
"""
SEXES: tuple[Sex | None, ...] = ("F", "M", None)
PRINTED_SEX = {"-": None, "?": "unknown", "F": "F", "M": "M"}
EXPECTED = [row.split() for line in ROWS.strip().splitlines() for row in line.split(";")]


@pytest.mark.parametrize(
    ("analyte", "sex", "age", "low", "high"), EXPECTED, ids=[" ".join(row[:3]) for row in EXPECTED]
)
def test_rows_are_the_published_ones_and_flag_just_outside(analyte: str, sex: str, age: str, low: str, high: str):
    for person in {"-": SEXES, "?": (None,), "F": ("F",), "M": ("M",)}[sex]:
        found = interval(analyte, sex=person, age_years=float(age))
        assert found is not None
        assert (found.low, found.high) == (None if low == "-" else float(low), float(high))
        assert flag(float(high), found.low, found.high) == "N"
        assert flag(float(high) + 0.001, found.low, found.high) == "H"
        if low not in ("-", "0"):
            assert flag(float(low), found.low, found.high) == "N"
            assert flag(float(low) - 0.001, found.low, found.high) == "L"


def test_every_row_of_the_table_is_tried():
    tried = {(row[0], PRINTED_SEX[row[1]], float(row[3]) if row[3] != "-" else None) for row in EXPECTED}
    assert {(row.analyte, row.sex, row.low) for row in intervals()} == tried
    assert len(intervals()) == len(EXPECTED)


def test_ages_begin_inclusive_and_end_exclusive():
    child, adult = interval("wbc", sex=None, age_years=17.99), interval("wbc", sex=None, age_years=18.0)
    assert child is not None and adult is not None
    assert (child.high, adult.high) == (13.5, 11.0)
    # 30 days are 0.0821 years; 31 days belong to the next row.
    newborn, infant = interval("wbc", sex=None, age_years=0.082), interval("wbc", sex=None, age_years=0.0825)
    assert newborn is not None and infant is not None
    assert (newborn.high, infant.high) == (34, 17)


def test_an_unknown_sex_gets_no_interval_that_depends_on_it():
    assert interval("hemoglobin", sex=None, age_years=40) is None
    assert interval("hemoglobin", sex=None, age_years=5) is not None


def test_an_unknown_age_is_taken_as_an_adults():
    found = interval("wbc", sex=None, age_years=None)
    assert found is not None
    assert (found.low, found.high) == (4.0, 11.0)


@pytest.mark.parametrize("analyte", sorted({row.analyte for row in intervals()}))
def test_an_unknown_age_has_the_interval_of_forty_years(analyte: str):
    """Those of platelets, potassium and AST begin before an adult's age."""
    for sex in SEXES:
        assert interval(analyte, sex=sex, age_years=None) == interval(analyte, sex=sex, age_years=40.0)
    assert interval(analyte, sex="F", age_years=None) is not None


@pytest.mark.parametrize(
    ("micromoles", "expected"), [(44.0, "L"), (45.0, "N"), (110.0, "N"), (111.0, "H"), (1.24 * 88.4, "N")]
)
def test_creatinine_of_an_unknown_sex_has_the_pooled_interval(micromoles: float, expected: str):
    found = interval("creatinine", sex=None, age_years=None)
    assert found is not None
    assert flag(micromoles / 88.4, found.low, found.high) == expected


@pytest.mark.parametrize("analyte", ["glucose", "neutrophils", "calcium", "made_up"])
def test_children_get_none_where_the_sources_have_none(analyte: str):
    assert interval(analyte, sex="F", age_years=5) is None


def test_glucose_is_never_judged_where_fasting_is_unknown():
    assert interval("glucose", sex="M", age_years=40) is None


def test_every_row_has_a_known_analyte_and_possible_limits():
    for row in intervals():
        low, high = analytes()[row.analyte].plausible
        assert row.source
        assert all(low <= limit <= high for limit in (row.low, row.high) if limit is not None), row
