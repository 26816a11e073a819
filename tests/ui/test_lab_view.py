import io
from datetime import date

import numpy as np
import pytest
from PIL import Image

from generator.labs.corrections import Typed, typed_result
from generator.labs.judging.resolve import Person
from generator.labs.records import LabReading, LabResult, Printed, Unread
from generator.labs.rules import judge
from generator.labs.trends import trends
from ingest.errors import BadRequest
from ui.lab_edits import EditedRow, edited
from ui.lab_pictures import picture_jpeg, picture_png, picture_size
from ui.lab_view import findings_text, rows_of, table_props, trend_props

WOMAN = Person("F", 57)
PLATELETS = LabResult(
    analyte="platelets",
    name="Platelets",
    loinc="777-3",
    value=41.0,
    unit="10*9/L",
    low=150.0,
    high=400.0,
    range_source="printed",
    flag="L",
    printed=Printed(name="PLT", value="41,000", unit="cells/cumm", range="1,50,000 - 4,00,000"),
    needs_review=True,
    doubts=("The value is hard to read on the page.",),
    box=(0.1, 0.2, 0.3, 0.4),
)
HEMOGLOBIN = typed_result(Typed("hemoglobin", 10.3, unit="g/dL", low=12.0, high=15.5), WOMAN)
READING = LabReading(
    results=(PLATELETS, HEMOGLOBIN), unread=(Unread(text="Foo 12 U/L", reason="Unknown."),), sex="F", age=57.0
)


def test_a_row_shows_value_and_range_as_printed_and_what_they_were_read_as():
    row, other = rows_of(READING.results)
    # 41,000 per cubic millimetre are 41 x 10^9/L.
    assert (row.value, row.unit, row.used) == ("41,000", "cells/cumm", "41 10^9/L")
    assert (row.range, row.flag, row.level, row.review) == ("150000 – 400000", "low", "out", True)
    assert (other.used, other.range) == ("", "12 – 15.5")


@pytest.mark.parametrize("unit", ["10^9/L", "x10^9/L", "10*9/l", "10⁹/L", "x 10^9 /L"])
def test_prints_of_the_same_unit_are_not_repeated(unit):
    result = typed_result(Typed("platelets", 41.0, unit=unit), WOMAN)
    assert rows_of([result])[0].used == ""


def test_a_critical_value_is_told_by_word_sign_and_level():
    (row,) = rows_of([typed_result(Typed("potassium", 7.1), WOMAN)])
    assert (row.sign, row.flag, row.level) == ("▲▲", "critically high", "alarm")


def test_the_table_has_what_the_element_needs():
    props = table_props(READING, report="r", pages=[], audience="patient")
    assert [row["id"] for row in props["rows"]] == [0, 1]
    assert props["unread"] == [{"text": "Foo 12 U/L", "reason": "Unknown.", "page": 1}]
    assert props["overview"] == "2 values read, 1 to be compared with the page, 1 line not read."
    assert (props["sex"], props["age"], props["collected"]) == ("F", "57", "")


def test_findings_are_escaped_and_say_values_and_thresholds():
    findings = judge(READING.results, sex="F", age=57, audience="patient")
    shown = findings_text(READING.model_copy(update={"findings": findings, "notes": ("<b>x</b>",)}))
    assert shown.startswith("### ")
    assert "Platelets 41 10^9/L" in shown and "Threshold: [" in shown and "](<https://" in shown
    assert "\\<b\\>x\\</b\\>" in shown


def test_a_trend_has_a_table_and_a_picture():
    made = trends([READING.model_copy(update={"collected": day}) for day in (date(2026, 3, 1), date(2026, 3, 8))])
    props = trend_props(made)
    assert [row[0] for row in props["rows"]] == ["Platelets (10^9/L)", "Hemoglobin (g/dL)"]
    assert props["plots"][0]["svg"].startswith("<svg")


def edit(number, **changes):
    row = rows_of(READING.results)[number]
    return EditedRow.model_validate({"id": number, "value": row.value, "unit": row.unit, **changes})


def test_rows_as_they_were_keep_their_doubts():
    made = edited(READING.results, [edit(0), edit(1)], WOMAN)
    assert made.ids == (0, 1) and made.results[0].needs_review
    assert made.results[0].doubts == PLATELETS.doubts


def test_a_row_compared_with_the_page_is_trusted():
    made = edited(READING.results, [edit(0, checked=True), edit(1)], WOMAN)
    assert not made.results[0].needs_review


def test_a_changed_row_is_judged_by_the_server_not_by_what_was_sent():
    made = edited(READING.results, [edit(0, value="4,000"), edit(1)], WOMAN)
    assert (made.results[0].value, made.results[0].flag, made.results[0].needs_review) == (4.0, "LL", False)


def test_removed_rows_are_left_out_and_those_not_sent_stay():
    made = edited(READING.results, [edit(0, removed=True)], WOMAN)
    assert made.ids == (1,)


def test_faults_are_told_by_row():
    made = edited(READING.results, [edit(0, value="many"), edit(1, unit="smoots")], WOMAN)
    assert set(made.faults) == {0, 1} and made.results == ()
    assert made.faults[0].startswith("The value of Platelets is no number")


def test_a_number_that_can_be_read_in_two_ways_is_asked_about():
    odd = PLATELETS.model_copy(update={"printed": Printed(name="PLT", value="41", unit="10^9/L"), "box": None})
    made = edited([odd], [EditedRow(id=0, value="4,000", unit="10^9/L")], WOMAN)
    assert "as 4000 or 4." in made.faults[0] and "thousands without any mark" in made.faults[0]


@pytest.mark.parametrize(
    "rows",
    [
        [edit(0), edit(0)],
        [EditedRow(id=7, value="1")],
        [edit(0, removed=True), edit(1, removed=True)],
    ],
)
def test_rows_that_are_not_the_tables_are_refused(rows):
    with pytest.raises(BadRequest):
        edited(READING.results, rows, WOMAN)


def test_pictures_to_show_are_small_whatever_is_on_the_page():
    noise = np.random.default_rng(0).integers(0, 255, (1800, 1600, 3), dtype=np.uint8)
    shown = picture_jpeg(noise, max_bytes=100_000)
    width, height = picture_size(shown)
    assert len(shown) <= 100_000 and width <= 1400
    # The sides keep their ratio of 16 to 18.
    assert width / height == pytest.approx(16 / 18, rel=0.02)


def test_a_picture_to_keep_is_lossless():
    page = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    with Image.open(io.BytesIO(picture_png(page))) as picture:
        assert (np.asarray(picture) == page).all()
