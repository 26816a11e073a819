"""Values below their names: cards of patient portals and tables set on their side."""

import pytest
from lab_page import cells, page, table

from generator.labs.errors import NoResults
from generator.labs.read import read_report
from generator.labs.records import LabReading

GRID = (50.0, 350.0, 650.0)


def read(pieces) -> LabReading:
    return read_report([page(pieces)])


def values(reading: LabReading) -> dict[str, float]:
    return {result.analyte: result.value for result in reading.results}


def cards(*lines: tuple[str, ...]):
    """Cards below each other, with an empty line between them."""
    return cells(*([(50.0, line)] if line else [] for card in lines for line in (*card, "")))


RANGE_FIRST = (
    ("White blood cell count", "Normal range: 4.0 - 11.0 10e9/L", "0.6 Low"),
    ("Hemoglobin", "Normal range: 12.0 - 16.0 g/dL", "8.1 Low"),
)
VALUE_FIRST = (
    ("WBC", "0.6", "Reference range: 4.0 - 11.0 10^3/uL"),
    ("Hemoglobin", "8.1", "Standard range: 12.0 - 16.0 g/dL"),
)
LABELLED = (
    ("WBC", "Nov 4, 2025", "Your value 0.6 10^3/uL", "Previous: 1.2 10^3/uL", "Normal range: 4.0 - 11.0 10^3/uL"),
    ("Hemoglobin", "Nov 4, 2025", "Your value 8.1 g/dL", "Previous: 9.9 g/dL", "Normal range: 12.0 - 16.0 g/dL"),
)
WITH_A_SCALE = (
    ("WBC", "Normal range: 4.0 - 11.0 10e9/L", "4.0", "11.0", "0.6 Low"),
    ("Hemoglobin", "Normal range: 12.0 - 16.0 g/dL", "12.0", "16.0", "8.1 Low"),
)


@pytest.mark.parametrize("lines", [RANGE_FIRST, VALUE_FIRST, LABELLED, WITH_A_SCALE])
def test_cards(lines):
    reading = read(cards(*lines))
    assert values(reading) == {"wbc": 0.6, "hemoglobin": 8.1}
    assert [(result.low, result.high) for result in reading.results] == [(4.0, 11.0), (12.0, 16.0)]
    # 0.6 is below the alert limit as well.
    assert [result.flag for result in reading.results] == ["LL", "L"]
    assert not any(result.needs_review for result in reading.results)


def test_cards_side_by_side():
    reading = read(
        table(
            GRID,
            ("WBC", "Hemoglobin", "Platelets"),
            ("Your value 0.6 10^3/uL", "Your value 8.1 g/dL", "Your value 12 10^3/uL"),
            ("Ref: 4.0 - 11.0", "Ref: 12.0 - 16.0", "Ref: 150 - 400"),
        )
    )
    assert values(reading) == {"wbc": 0.6, "hemoglobin": 8.1, "platelets": 12.0}
    assert [result.high for result in reading.results] == [11.0, 16.0, 400.0]


def test_the_card_of_an_unknown_test_is_of_no_other():
    reading = read(cards(*VALUE_FIRST, ("Widget count", "77", "Normal range: 60 - 90 %")))
    assert values(reading) == {"wbc": 0.6, "hemoglobin": 8.1}


def test_a_bound_below_its_label_is_the_range():
    reading = read(cards(VALUE_FIRST[0], ("CRP", "Value", "48", "Reference range", "< 5 mg/L")))
    assert [(result.value, result.high) for result in reading.results] == [(0.6, 11.0), (48.0, 5.0)]


def test_a_table_on_its_side():
    reading = read(
        table(
            (50.0, 250.0, 450.0, 650.0),
            ("Test", "WBC", "Hb", "Platelets"),
            ("Result", "0.9", "8.1", "12"),
            ("Units", "10^9/L", "g/dL", "10^9/L"),
            ("Range", "4.0-11.0", "12-16", "150-400"),
        )
    )
    assert values(reading) == {"wbc": 0.9, "hemoglobin": 8.1, "platelets": 12.0}
    assert [result.low for result in reading.results] == [4.0, 12.0, 150.0]


@pytest.mark.parametrize(
    ("dates", "wbc", "doubted"),
    [
        (("01/10/2025", "27/10/2025", "14/10/2025"), 1.9, False),
        # By day and month or by month and day, another is the newest.
        (("03/04/2025", "04/03/2025", "01/01/2025"), 0.9, True),
    ],
)
def test_of_dated_rows_the_newest_is_the_current_one(dates, wbc, doubted):
    rows = zip(dates, ("0.9", "1.9", "2.9"), ("8.1", "9.1", "10.1"), strict=True)
    reading = read(table(GRID, ("Date", "WBC (10^9/L)", "Hb (g/dL)"), *rows))
    assert values(reading)["wbc"] == wbc
    assert all(result.needs_review == doubted for result in reading.results)


def test_what_stands_under_an_unknown_name_is_not_its_neighbours():
    reading = read(
        table(
            (50.0, 250.0, 450.0, 650.0),
            ("WBC", "Platelets", "Hb", "Zorg"),
            ("0.9", "12", "", "9.9"),
            ("10^9/L", "10^9/L", "g/dL", "g/dL"),
            ("4-11", "150-400", "12-16", "12-16"),
        )
    )
    assert values(reading) == {"wbc": 0.9, "platelets": 12.0}


def test_a_title_is_no_name_of_the_number_below():
    reading = read(
        table(
            (50.0, 350.0, 450.0, 600.0),
            ("HAEMOGLOBIN", "", "", ""),
            ("Unknown test", "5.1", "mg/L", "1-9"),
            ("PLATELETS", "", "", ""),
            ("WBC", "4.1", "10^9/L", "4-11"),
        )
    )
    assert values(reading) == {"wbc": 4.1}


def test_numbers_below_names_that_cannot_be_read_are_said():
    with pytest.raises(NoResults, match="2 lines"):
        read(
            table(
                GRID,
                ("WBC", "", ""),
                ("4.1", "5.2", "6.3"),
                ("something", "", ""),
                ("Hb", "", ""),
                ("9 10", "11", "12"),
            )
        )
