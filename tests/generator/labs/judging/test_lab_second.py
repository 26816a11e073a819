"""A second reading of values: what agrees, what differs, and what says nothing."""

import pytest
from lab_page import cells, page

from generator.labs.judging.second import compare_readings
from generator.labs.records import LabResult, Printed
from ingest.ocr import OcrLine


def compared(value: str, again: str, *, confidence: float = 0.99, source: str = "ocr") -> LabResult:
    result = LabResult(
        analyte="crp",
        name="C-reactive protein",
        loinc="1988-5",
        value=1.0,
        unit="mg/L",
        printed=Printed(name="CRP", value=value),
        confidence=confidence,
        box=(0.3, 0.1, 0.4, 0.2),
    )

    def reread(_, boxes):
        return [OcrLine(again, 0.9, box) for box in boxes]

    (made,) = compare_readings([result], [page(cells([(300.0, value)]), source=source)], reread)
    return made


@pytest.mark.parametrize(
    ("value", "again"), [("5.2", "5.2"), ("5,2", "5.2"), ("< 0.5", "<0.5"), ("5.2 H", "5.2"), ("5", "5."), (".5", ".5")]
)
def test_readings_that_agree_leave_no_doubt(value, again):
    assert not compared(value, again).needs_review


@pytest.mark.parametrize(
    ("value", "again"), [(".5", "5"), ("5", ".5"), ("5.2", "52"), ("<5", "5"), ("5.2", "H"), ("5", "---")]
)
def test_readings_that_differ_or_cannot_be_compared_are_doubted(value, again):
    made = compared(value, again)
    assert made.needs_review and made.doubts == (f'Two readings of the value differ: "{value}" and "{again}".',)


@pytest.mark.parametrize(("confidence", "doubted"), [(0.99, False), (0.97, False), (0.96, True)])
def test_where_nothing_is_read_again_only_a_sure_value_stands(confidence, doubted):
    made = compared("5.2", " ", confidence=confidence)
    assert (made.needs_review, made.doubts) == (doubted, ("The second reading found no value.",) if doubted else ())


def test_a_text_layer_is_not_read_again():
    assert not compared("5.2", "7", source="text").needs_review
