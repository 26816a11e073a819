"""Tables with a column for each of several days: the newest is the current result, wherever it stands."""

import pytest
from lab_page import LETTER, page, table

from generator.labs.layout.columns import newest
from generator.labs.layout.rows import read_rows
from generator.labs.read import read_report
from ingest.ocr import OcrLine

AT = (50.0, 250.0, 450.0, 650.0, 800.0)
ROWS = (("WBC", "0.9 L", "1.5 L", "x10^9/L", "4.0-11.0"), ("Hb", "8.1 L", "9.0 L", "g/dL", "12-16"))


def read(*rows):
    return {result.analyte: result for result in read_report([page(table(AT, *rows))]).results}


@pytest.mark.parametrize(
    ("first", "second", "wbc"),
    [
        ("01/11/2025 07:10", "15/11/2025 06:00", 1.5),
        ("15/11/2025", "01/11/2025", 0.9),
        ("13.11.2025 07:10", "13.11.2025 18:30", 1.5),
        ("13-Nov-2025 18:30", "13-Nov-2025 07:10", 0.9),
        ("2025-11-03", "2025-12-01", 1.5),
        ("3 Dec 2025", "15 Nov 2025", 0.9),
    ],
)
def test_the_newest_column_is_the_current_one(first, second, wbc):
    got = read(("Test", first, second, "Units", "Ref range"), *ROWS)
    assert got["wbc"].value == wbc
    assert not any(result.needs_review for result in got.values())


def test_times_may_stand_on_the_next_line():
    got = read(("Test", "13.11.2025", "13.11.2025", "Units", "Ref range"), ("", "07:10", "18:30", "", ""), *ROWS)
    assert (got["wbc"].value, got["hemoglobin"].value) == (1.5, 9.0)


@pytest.mark.parametrize(
    ("first", "second"),
    [("Visit A", "Visit B"), ("03/04/2025", "04/03/2025"), ("13.11.2025", "13.11.2025"), ("07:10", "18:30")],
)
def test_where_nothing_tells_the_first_is_taken_and_doubted(first, second):
    got = read(("Test", first, second, "Units", "Ref range"), *ROWS)
    assert [result.value for result in got.values()] == [0.9, 8.1]
    assert all(result.needs_review for result in got.values())


def test_newest():
    assert newest(["03/04/2025", "04/03/2025"], days_first=True) == 0
    assert newest(["03/04/2025", "04/03/2025"], days_first=False) == 1
    assert newest(["03/04/2025", "04/03/2025"], days_first=None) is None
    assert newest(["01.01.2025", "unclear"], days_first=None) is None


def test_two_cells_in_one_piece_are_told_by_its_width():
    # Letters are 10 wide; "WBC 0.9 L" would take 90 and takes 300, so that its number ends at 350.
    joined = OcrLine("WBC 0.9 L", 0.99, (50.0, 100.0, 350.0, 120.0))
    others = [
        OcrLine("1.5", 0.99, (450.0, 100.0, 450.0 + 3 * LETTER, 120.0)),
        OcrLine("x10^9/L", 0.99, (650.0, 100.0, 720.0, 120.0)),
    ]
    (row,) = read_rows([joined, *others])
    assert [(token.text, round(token.box[0])) for token in row.tokens[:3]] == [("WBC", 50), ("0.9", 300), ("L", 340)]


def test_a_time_printed_right_behind_its_date_hides_no_column():
    # As OCR joins them.
    got = read(("Test", "11/15/2506:00", "11/01/25 06:00", "Units", "Ref range"), *ROWS)
    assert (got["wbc"].value, got["hemoglobin"].value) == (0.9, 8.1)
    assert not any(result.needs_review for result in got.values())


def test_a_value_beside_dated_columns_is_doubted():
    at = (50.0, 200.0, 400.0, 600.0, 800.0, 900.0)
    rows = [("WBC", "0.9 L", "1.5 L", "2.6 L", "x10^9/L", "4-11")]
    pieces = table(at, ("Test", "", "01/11/2025", "20/10/2025", "Units", "Range"), *rows)
    (wbc,) = read_report([page(pieces)]).results
    assert wbc.needs_review
