"""Values that have to fit each other; the expected doubts follow from the definitions, worked out beside them."""

import pytest

from generator.labs.judging.consistency import doubt_inconsistent
from generator.labs.records import LabResult, Printed

UNITS = {"hematocrit": "%", "rbc": "10*12/L", "hemoglobin": "g/dL", "mcv": "fL", "mch": "pg", "mchc": "g/dL"}


def result(analyte: str, printed: str) -> LabResult:
    unit = UNITS.get(analyte, "%" if analyte.endswith("_percent") else "10*9/L")
    return LabResult(
        analyte=analyte,
        name=analyte,
        loinc="",
        value=float(printed),
        unit=unit,
        printed=Printed(name="", value=printed),
    )


def doubted(**values: str) -> set[str]:
    results = doubt_inconsistent([result(key, printed) for key, printed in values.items()])
    return {one.analyte for one in results if one.needs_review}


# Hct 40.5 / RBC 4.50 x 10 = 90.0; Hb 13.5 / 4.50 x 10 = 30.0; 13.5 / 40.5 x 100 = 33.3.
RED = {"rbc": "4.50", "hemoglobin": "13.5", "hematocrit": "40.5", "mcv": "90.0", "mch": "30.0", "mchc": "33.3"}
WHITE = {
    "wbc": "5.0",
    "neutrophils_percent": "60.0",
    "lymphocytes_percent": "30.0",
    "monocytes_percent": "6.0",
    "eosinophils_percent": "3.0",
    "basophils_percent": "1.0",
    "neutrophils": "3.00",
    "lymphocytes": "1.50",
}


def test_values_that_fit_are_not_doubted():
    assert doubted(**RED, **WHITE) == set()


@pytest.mark.parametrize(
    ("key", "printed"),
    [
        # MCH (30 x 13.5 / 18.5 = 41) and MCHC (45.7) break with Hb 18.5; MCV confirms haematocrit and red cells.
        ("hemoglobin", "18.5"),
        # MCV (113) and MCHC break with Hct 50.8; MCH confirms haemoglobin and red cells.
        ("hematocrit", "50.8"),
        ("mcv", "80.0"),
        ("mch", "33.0"),
    ],
)
def test_two_relations_single_out_the_value_that_is_wrong(key, printed):
    assert doubted(**{**RED, key: printed}) == {key}


def test_the_count_that_differs_from_white_cells_and_percentage_is_doubted():
    # 5.0 x 60 % = 3.00, not 3.90; lymphocytes (1.50) confirm the white cells, the sum of 100 the percentage.
    assert doubted(**{**WHITE, "neutrophils": "3.90"}) == {"neutrophils"}


def test_a_percentage_that_breaks_sum_and_count_is_singled_out():
    assert doubted(**{**WHITE, "neutrophils_percent": "80.0"}) == {"neutrophils_percent"}


def test_rounding_is_no_contradiction():
    # 0.3 x 7 % = 0.021, printed 0.0; whole percentages 33 + 33 + 33 + 0 + 0 = 99.
    assert doubted(wbc="0.3", neutrophils_percent="7", neutrophils="0.0") == set()
    thirds = {"neutrophils_percent": "33", "lymphocytes_percent": "33", "monocytes_percent": "33"}
    assert doubted(**thirds, eosinophils_percent="0", basophils_percent="0") == set()


def test_a_lost_decimal_point_is_named_and_left():
    results = doubt_inconsistent([result(key, printed) for key, printed in {**RED, "mcv": "900"}.items()])
    mcv = next(one for one in results if one.analyte == "mcv")
    assert mcv.value == 900.0
    assert any("decimal point" in doubt for doubt in mcv.doubts)


def test_what_is_impossible_is_doubted_alone():
    assert doubted(potassium="41") == {"potassium"}
