"""Units and scales: what range and white cells say against a damaged or missing unit."""

import pytest
from lab_page import page, table

from generator.labs.read import read_report

AT = (50.0, 450.0, 560.0, 700.0)


def read(*rows: tuple[str, ...]):
    reading = read_report([page(table(AT, *rows))])
    return {result.analyte: result for result in reading.results}, reading.unread


@pytest.mark.parametrize(
    ("row", "key", "value"),
    [
        (("Neutrophils", "5.51", "10^6/L", "2.0-7.5"), "neutrophils", 5.51),
        (("Platelets", "51", "10^12/L", "150-400"), "platelets", 51.0),
        (("Hb", "91", "g/dL", "120-160"), "hemoglobin", 9.1),
        # 88 umol/L / 88.4 = 0.995 mg/dL
        (("Creatinine", "88", "mg/dL", "60-105"), "creatinine", 0.995),
    ],
)
def test_a_unit_that_the_range_contradicts_gives_way_and_is_doubted(row, key, value):
    got, _ = read(row)
    assert got[key].value == pytest.approx(value, rel=1e-3)
    assert got[key].needs_review


def test_a_damaged_power_without_range_is_doubted():
    got, _ = read(("WBC", "6.1", "x10^9/L", "4.0-11.0"), ("Platelets", "51", "x10°/L", ""))
    assert got["platelets"].value == 51.0
    assert got["platelets"].needs_review
    assert not got["wbc"].needs_review


def test_a_wrong_scale_without_range_never_passes():
    got, _ = read(
        ("WBC", "6.12", "10^9/L", ""), ("Neutrophils %", "90", "%", ""), ("Neutrophils", "5.51", "10^6/L", "")
    )
    assert got["neutrophils"].needs_review


def test_white_cells_tell_a_count_from_a_percentage():
    # 12.5 * 8.8 % = 1.10
    got, unread = read(
        ("Leucocitos", "12.5", "10^3/uL", "4.0-11.0"), ("Basófilos %", "8.8", "", ""), ("Basófilos", "1.10 *", "", "")
    )
    assert got["basophils"].value == 1.1
    assert not got["basophils"].needs_review
    assert not unread


def test_without_white_cells_it_stays_unread():
    got, unread = read(("Basófilos %", "8.8", "", ""), ("Basófilos", "1.10", "", ""), ("Hb", "9.1", "g/dL", "12-16"))
    assert "basophils" not in got
    assert [line.text for line in unread] == ["Basófilos 1.10"]


@pytest.mark.parametrize(
    ("cell", "range_"),
    [("21.0 % soit 0.45 G/L", "1.40 à 7.70"), ("21.0 % i.e. 0.45 G/L", "1.4-7.7"), ("0.45 (21.0 %)", "1.4-7.7")],
)
def test_a_percentage_and_a_count_on_one_row(cell, range_):
    got, _ = read(("WBC", "2.14", "G/L", "4.0-11.0"), ("Neutrophils", cell, "", range_))
    assert (got["neutrophils"].value, got["neutrophils_percent"].value) == (0.45, 21.0)
    assert (got["neutrophils"].low, got["neutrophils"].high) == (1.4, 7.7)


@pytest.mark.parametrize("range_", ["0", "0 %", "0-0", "none seen", "absent", "negative", "bis 5", "< 5"])
def test_ranges_of_what_healthy_blood_does_not_hold(range_):
    got, unread = read(("Test", "Result", "Unit", "Reference range"), ("Blasts", "74", "%", range_))
    assert got["blasts_percent"].value == 74.0
    assert not got["blasts_percent"].needs_review
    assert not unread


def test_a_zero_may_be_the_value():
    got, _ = read(("Basophils %", "0", "%", "0-2"), ("Eosinophils %", "0.0", "%", "< 6"))
    assert {key: result.value for key, result in got.items()} == {"basophils_percent": 0.0, "eosinophils_percent": 0.0}


@pytest.mark.parametrize("printed", ["14l", "1O5", ".6.9", "16;3"])
def test_a_value_with_other_signs_among_its_digits_is_doubted(printed):
    cells = table((50.0, 300.0, 450.0, 600.0), ("Sodium", printed, "mmol/L", "1 - 180"))
    found = read_report([page(cells)]).results
    assert all(result.needs_review for result in found)


@pytest.mark.parametrize(("printed", "placed"), [("H", "H"), ("(L)", "L"), ("*", None), ("", None)])
def test_without_any_interval_a_value_lies_where_its_printed_flag_says(printed, placed):
    reading = read_report([page(table((50.0, 450.0, 560.0), ("INR", "1.4", printed), ("MCV", "90", "")))])
    inr = next(result for result in reading.results if result.analyte == "inr")
    assert (inr.value, inr.low, inr.high, inr.flag) == (1.4, None, None, placed)


def test_a_range_that_no_value_of_the_analyte_can_reach_is_not_its_own():
    got, _ = read(("Neutrophils", "10", "%", "2 000 - 7 500"), ("Platelets", "250", "10^9/L", "150-400"))
    neutrophils = got["neutrophils_percent"]
    assert (neutrophils.low, neutrophils.flag, neutrophils.needs_review) == (None, None, True)
