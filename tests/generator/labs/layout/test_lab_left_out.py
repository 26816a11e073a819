"""A value that is on the page and could not be read is listed, never lost without a word."""

import pytest
from lab_page import cells, page, table

from generator.labs.errors import NoResults
from generator.labs.read import read_report
from generator.labs.records import LabReading

AT = (50.0, 350.0, 480.0, 700.0)
HEADING = ("Test", "Result", "Unit", "Reference range")
WBC = ("WBC", "4.5", "10^9/L", "4.0-11.0")
HB = ("Hemoglobin", "13.2", "g/dL", "12.0-15.5")
MCV = ("MCV", "91.0", "fL", "80-100")


def read(pieces) -> LabReading:
    return read_report([page(pieces)])


def unread(reading: LabReading) -> list[str]:
    return [line.text for line in reading.unread]


def cards(*lines: tuple[str, ...]):
    return cells(*([(50.0, line)] if line else [] for card in lines for line in (*card, "")))


def test_a_card_whose_value_was_not_read():
    reading = read(
        cards(
            ("WBC", "Normal range: 4.0 - 11.0 10e9/L", "0.6 Low"),
            ("Platelet count", "Normal range: 150 - 400 10e9/L", "1?g thouluL"),
            ("Hemoglobin", "Normal range: 12.0 - 16.0 g/dL", "8.1 Low"),
        )
    )
    assert [result.analyte for result in reading.results] == ["wbc", "hemoglobin"]
    assert len(unread(reading)) == 1
    assert unread(reading)[0].startswith("Platelet count")


def test_a_card_with_its_flag_glued_to_the_unit_is_read():
    reading = read(
        cards(
            ("WBC", "Standard range: 4.0 - 11.0 thou/uL", "1.3 thou/uLLow"),
            ("PLT", "Standard range: 150 - 400 thou/uL", "18 thou/uLLow"),
        )
    )
    assert {result.analyte: (result.value, result.flag) for result in reading.results} == {
        "wbc": (1.3, "L"),
        "platelets": (18.0, "LL"),
    }


def test_of_cards_side_by_side_only_the_one_that_was_not_read_is_listed():
    reading = read(
        table(
            (50.0, 350.0, 650.0),
            ("WBC", "Hemoglobin", "Platelets"),
            ("0.6 10^3/uL", "8.1 g/dL", "10^3/uL"),
            ("Ref: 4.0 - 11.0", "Ref: 12.0 - 16.0", "Ref: 150 - 400"),
        )
    )
    assert [result.analyte for result in reading.results] == ["wbc", "hemoglobin"]
    assert [line.startswith("Platelets") for line in unread(reading)] == [True]
    assert "150 - 400" in unread(reading)[0]


def test_a_name_with_nothing_beside_it():
    reading = read(table(AT, HEADING, WBC, ("Blasts %", "", "", ""), HB))
    assert unread(reading) == ["Blasts %"]


def test_a_name_whose_value_is_said_to_be_absent_is_not_listed():
    reading = read(table(AT, HEADING, WBC, ("Blasts %", "not seen", "", ""), HB))
    assert unread(reading) == []


def test_a_title_of_an_analyte_that_was_read_is_not_listed():
    reading = read(table(AT, HEADING, ("Haemoglobin", "", "", ""), HB, WBC, MCV))
    assert unread(reading) == []


def test_a_value_that_was_read_as_a_time():
    reading = read(table(AT, HEADING, WBC, ("Potassium", "4:10", "", ""), HB))
    assert unread(reading) == ["Potassium 4:10"]


def test_a_result_of_an_unknown_name_with_its_range():
    reading = read(table(AT, HEADING, WBC, ("Mean Gorpuscular Xb", "25.7", "", "27.0 - 33.0"), HB))
    assert unread(reading) == ["Mean Gorpuscular Xb 25.7 27.0 - 33.0"]


def test_a_page_with_nothing_but_a_head_has_no_such_lines():
    with pytest.raises(NoResults, match="no result of a laboratory"):
        read(cells([(50.0, "Patient: Ann Example")], [(50.0, "Dr P. Martin, Haematology")]))


def test_a_small_star_does_not_tear_its_line_apart():
    pieces = table(AT, HEADING, WBC, HB, MCV)
    star = cells([(420.0, "*")], top=190.0)[0]
    # The line of haemoglobin is 20 high from 160; the star takes the upper half of it only.
    star = type(star)("*", 0.96, (420.0, 158.0, 430.0, 167.0))
    reading = read([*pieces, star])
    assert {result.analyte: result.value for result in reading.results} == {"wbc": 4.5, "hemoglobin": 13.2, "mcv": 91.0}


@pytest.mark.parametrize(
    "line", ["INR 1.3 (H), aPTT 28.1 sec, Fibrinogen 444 mg/dL", "Fibrinogen 444 mg/dL (H), INR 1.3 (H), aPTT 28.1 sec"]
)
def test_inr_behind_the_unit_of_another_value(line: str):
    values = {result.analyte: result.value for result in read(cells([(50.0, line)])).results}
    assert values == {"inr": 1.3, "aptt": 28.1, "fibrinogen": 444.0}


def test_inr_as_the_unit_is_its_name():
    reading = read(table(AT, HEADING, WBC, ("", "0.9", "INR", "0.8 - 1.2")))
    assert [(result.analyte, result.value) for result in reading.results] == [("wbc", 4.5), ("inr", 0.9)]


def test_a_range_that_cannot_be_read_is_said_where_ours_takes_its_place():
    reading = read(table(AT, HEADING, WBC, ("ALT", "51", "U/L", "7156"), HB))
    alt = reading.results[1]
    # Ours of adults is 10 to 40.
    assert (alt.analyte, alt.value, alt.flag, alt.range_source) == ("alt", 51.0, "H", "table")
    assert alt.needs_review
    assert alt.doubts == ("The printed range cannot be read.",)


def test_where_ranges_have_a_slash_two_by_ten_is_one():
    slashed = [(name, value, unit, limits.replace("-", " / ")) for name, value, unit, limits in (WBC, HB, MCV)]
    reading = read(table(AT, HEADING, *slashed, ("Monocytes %", "1", "%", "2/10")))
    monocytes = reading.results[-1]
    assert (monocytes.low, monocytes.high, monocytes.flag) == (2.0, 10.0, "L")


@pytest.mark.parametrize("beside", ["Pending", "See comment"])
def test_a_bound_behind_the_word_for_no_result_is_the_range(beside: str):
    reading = read(table(AT, ("WBC", "4.5", "10^9/L", "4.0-11.0"), ("Basophils #", beside, "10^9/L", "< 0.10")))
    assert [result.analyte for result in reading.results] == ["wbc"]
    assert unread(reading) == []


def test_a_bound_behind_damaged_digits_is_the_range():
    reading = read(table(AT, ("WBC", "4.5", "10^9/L", "4.0-11.0"), ("Basophils #", "0.0日", "10^9/L", "< 0.10")))
    assert not [result for result in reading.results if result.analyte == "basophils" and not result.needs_review]
    assert "0.1" not in [result.printed.value for result in reading.results]


def test_a_bound_alone_is_a_value():
    reading = read(table(AT, ("WBC", "4.5", "10^9/L", "4.0-11.0"), ("CRP", "<0.5", "mg/L", "")))
    assert [(result.analyte, result.comparator, result.value) for result in reading.results][1] == ("crp", "<", 0.5)


def test_a_sections_unit_is_not_that_of_a_percentage():
    reading = read(
        table(AT, ("Counts", "", "10^9/L", ""), ("WBC", "4.5", "", "4.0-11.0"), ("Basophils %", "0.8", "", ""))
    )
    assert [(result.analyte, result.value) for result in reading.results] == [("wbc", 4.5), ("basophils_percent", 0.8)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Neutrophils 10 % 103 /mm3", {"neutrophils_percent": 10.0, "neutrophils": 0.103}),
        ("WBC 4.5 103 /mm3", {"wbc": 4.5}),
    ],
)
def test_a_count_of_103_is_not_taken_for_a_power_of_ten(line: str, expected: dict[str, float]):
    assert {result.analyte: result.value for result in read(cells([(50.0, line)])).results} == expected


def test_a_wide_percent_sign_is_one():
    reading = read(table(AT, ("WBC", "4.5", "10^9/L", "4.0-11.0"), ("Monocytes %", "4％", "", "2.0-10.0")))
    assert [(result.analyte, result.value) for result in reading.results][1] == ("monocytes_percent", 4.0)


def test_a_percentage_that_was_not_read_is_listed_beside_its_count():
    count = ("Blasts", "2.9", "10^9/L", "")
    assert unread(read(table(AT, HEADING, WBC, ("Blasts %", "", "", ""), count))) == ["Blasts %"]


def test_a_count_whose_unit_lost_its_last_letter_keeps_its_range():
    at = (50.0, 350.0, 420.0, 500.0, 580.0, 700.0)
    reading = read(table(at, ("Monocytes", "4.9", "%", "0.29", "10^9/", "0.20 to 1.00")))
    percentage, count = reading.results
    assert (percentage.analyte, percentage.value, percentage.range_source) == ("monocytes_percent", 4.9, "table")
    assert (count.analyte, count.value, count.low, count.high) == ("monocytes", 0.29, 0.2, 1.0)
