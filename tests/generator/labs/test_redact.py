from datetime import date

import numpy as np
import pytest

from generator.labs.records import LabReading, LabResult, Printed, Unread
from generator.labs.redact import clean_image, without_person
from ingest.ocr import OcrLine
from ingest.pages import ReadPage

PIECES = (
    OcrLine("Patient Name: Quentin Farnsworth", 1.0, (10, 10, 300, 30)),
    OcrLine("MRN: H40718823", 1.0, (10, 40, 300, 60)),
    OcrLine("Collected: 12 Mar 2026", 1.0, (10, 70, 300, 90)),
    OcrLine("Hemoglobin", 1.0, (10, 110, 100, 130)),
    OcrLine("10.3 g/dL", 1.0, (150, 110, 250, 130)),
)
PAGE = ReadPage(1, 400.0, 200.0, PIECES, "text", np.full((200, 400, 3), 255, dtype=np.uint8), "text")


def reading(**changes):
    result = LabResult(
        analyte="hemoglobin",
        name="Hemoglobin",
        loinc="718-7",
        value=10.3,
        unit="g/dL",
        printed=Printed(name="Hemoglobin", value="10.3", unit="g/dL"),
    )
    made = LabReading(results=(result,), collected=date(2026, 3, 12), age=57.43, sex="F")
    return made.model_copy(update=changes)


def test_lines_that_could_not_be_read_lose_the_person_and_keep_the_rest():
    line = Unread(text="H40718823 Farnsworth Quentin Farnsworth Zorbase 12 U/L", reason="Unknown.")
    (clean,) = without_person(reading(unread=(line,)), [PAGE]).unread
    assert "Farnsworth" not in clean.text and "H40718823" not in clean.text
    assert "Zorbase" in clean.text and "12 U/L" in clean.text


def test_values_and_the_day_stay():
    clean = without_person(reading(), [PAGE])
    assert clean.results == reading().results
    assert (clean.collected, clean.sex) == (date(2026, 3, 12), "F")


@pytest.mark.parametrize(("age", "kept"), [(57.43, 57.0), (None, None), (93.2, 90.0), (1.57, 1.5), (2.9, 2.0)])
def test_an_exact_age_would_tell_the_birth_date(age, kept):
    assert without_person(reading(age=age), [PAGE]).age == kept


def test_the_person_is_painted_over_and_the_values_are_not():
    image = clean_image(PAGE)
    # "Quentin Farnsworth" takes up the right half of its piece, the record number that of its own.
    assert (image[20, 250] != 255).all() and (image[50, 200] != 255).all()
    assert (image[120] == 255).all() and (image[80] == 255).all()


def test_no_text_of_a_result_and_no_note_names_the_person_and_limits_stay():
    pieces = (*PIECES, OcrLine("Address: 120 Maple Street, Springfield, IL 62704", 1.0, (10, 150, 390, 170)))
    page = ReadPage(1, 400.0, 200.0, pieces, "text", PAGE.image, "text")
    printed = Printed(name="Hemoglobin", value="120", unit="g/L Farnsworth", range="120 - 155 Farnsworth H40718823")
    doubts = ('Two readings of the value differ: "120 Farnsworth" and "120".',)
    result = reading().results[0].model_copy(update={"printed": printed, "doubts": doubts})
    clean = without_person(reading(results=(result,), notes=("Of Quentin Farnsworth.",)), [page])
    assert "Farnsworth" not in clean.model_dump_json() and "H40718823" not in clean.model_dump_json()
    kept = clean.results[0]
    assert kept.printed.value == "120" and kept.printed.unit.startswith("g/L ")
    assert kept.printed.range.startswith("120 - 155 ") and kept.doubts[0].endswith('and "120".')
