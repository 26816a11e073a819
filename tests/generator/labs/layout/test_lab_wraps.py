"""Names over several lines, with their values beside the first line, the last, or between."""

import pytest
from lab_page import LETTER, cells, page, table

from generator.labs.read import read_report
from ingest.ocr import OcrLine

# Tops of the two lines of a name, and of the values' line: they stand 20 apart in rows of 60.
PLACES = {"first": 0.0, "last": 20.0, "between": 10.0}


def piece(text: str, x: float, y: float) -> OcrLine:
    return OcrLine(text, 0.99, (x, y, x + LETTER * len(text), y + 16.0))


def read(*rows: tuple[str, ...], place: str) -> dict[str, float]:
    """Rows of (name with lines parted by "/", value, unit, range)."""
    pieces = []
    for n, (name, *others) in enumerate(rows):
        lines = name.split(" / ")
        top = 100.0 + 60.0 * n
        pieces += [piece(line, 50.0, top + 20.0 * at) for at, line in enumerate(lines)]
        beside = top + (PLACES[place] if len(lines) > 1 else 0.0)
        pieces += [piece(text, x, beside) for text, x in zip(others, (450.0, 550.0, 700.0), strict=True) if text]
    return {result.analyte: result.value for result in read_report([page(pieces)]).results}


@pytest.mark.parametrize("place", PLACES)
def test_a_name_of_two_lines(place):
    got = read(
        ("Leucocytes", "2,1", "G/L", "4,00 - 10,00"),
        ("Polynucléaires / neutrophiles", "0,45", "G/L", "1,40 - 7,70"),
        ("Mean corpuscular / haemoglobin concentration", "33,1", "g/dL", "32 - 36"),
        ("Neutrophils / (absolute)", "0,45", "G/L", "1,40 - 7,70"),
        ("Hémoglobine", "8,2", "g/dL", "12,0 - 16,0"),
        place=place,
    )
    assert got == {"wbc": 2.1, "neutrophils": 0.45, "mchc": 33.1, "hemoglobin": 8.2}


@pytest.mark.parametrize("place", PLACES)
def test_the_line_of_another_row_is_not_taken(place):
    # "Lymphocytes" with "Atypical" below it, which is the first line of the next name.
    got = read(
        ("Lymphocytes", "1.5", "10^9/L", "1-4"),
        ("Atypical / lymphocytes", "0.2", "10^9/L", "0-0.1"),
        ("Neutrophils", "3.5", "10^9/L", "2-7"),
        ("Band / neutrophils", "0.3", "10^9/L", "0-0.7"),
        place=place,
    )
    assert got == {"lymphocytes": 1.5, "atypical_lymphocytes": 0.2, "neutrophils": 3.5, "bands": 0.3}


def test_a_percentage_and_its_count_over_two_lines():
    # The French way; name and unit both go on below.
    pieces = table(
        (50.0, 300.0, 420.0, 600.0, 800.0),
        ("", "Résultats", "", "Référence", "Antériorité"),
        ("Leucocytes", "2,15", "G/L", "3,80 à 11,00", "2,60"),
    ) + cells(
        [(50.0, "Polynucléaires"), (300.0, "21,0 %"), (420.0, "soit 0,45"), (600.0, "1,40 à 7,70"), (800.0, "0,70")],
        [(50.0, "neutrophiles"), (420.0, "G/L")],
        [(50.0, "Plaquettes"), (300.0, "89"), (420.0, "G/L"), (600.0, "150 à 445"), (800.0, "101")],
        top=160.0,
    )
    got = {result.analyte: result for result in read_report([page(pieces)]).results}
    assert (got["neutrophils_percent"].value, got["neutrophils"].value) == (21.0, 0.45)
    assert (got["neutrophils"].low, got["neutrophils"].high) == (1.4, 7.7)
    assert (got["wbc"].value, got["platelets"].value) == (2.15, 89.0)
