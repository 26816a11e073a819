"""Rows out of pieces: by place alone, whatever the order, the scale and a small slope."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from lab_page import cells, page, table

from generator.labs.layout.rows import read_rows
from generator.labs.read import read_report
from ingest.ocr import OcrLine

AT = (50.0, 350.0, 480.0, 700.0)
PIECES = table(
    AT,
    ("Test", "Result", "Unit", "Reference range"),
    ("WBC", "4.5", "10^9/L", "4.0-11.0"),
    ("Hemoglobin", "13.2", "g/dL", "12.0-15.5"),
    ("Platelets", "250", "10^9/L", "150-400"),
    ("MCV", "91.0", "fL", "80-100"),
)
EXPECTED = [("wbc", 4.5), ("hemoglobin", 13.2), ("platelets", 250.0), ("mcv", 91.0)]


def moved(piece: OcrLine, *, scale: float = 1.0, dx: float = 0.0, dy: float = 0.0, slope: float = 0.0) -> OcrLine:
    x0, y0, x1, y1 = piece.box
    drop = slope * (x0 + x1) / 2
    return OcrLine(
        piece.text,
        piece.confidence,
        (x0 * scale + dx, (y0 + drop) * scale + dy, x1 * scale + dx, (y1 + drop) * scale + dy),
    )


def results(pieces: list[OcrLine]) -> list[tuple[str, float]]:
    return [(result.analyte, result.value) for result in read_report([page(pieces)]).results]


def test_pieces_of_one_line_make_a_row_and_words_tokens():
    rows = read_rows(cells([(50.0, "Hb"), (200.0, "13.2 g/dL")], [(50.0, "WBC")]))
    assert [row.text for row in rows] == ["Hb 13.2 g/dL", "WBC"]
    # "13.2" is 4 of 9 letters of a piece 90 wide from x 200.
    assert rows[0].tokens[1].box == (200.0, 100.0, 240.0, 120.0)
    # From the end of "Hb" (50 + 20) to 200 are 130, in heights of 20.
    assert rows[0].tokens[1].gap == 6.5


@given(st.permutations(PIECES))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_pieces_does_not_matter(pieces):
    assert results(list(pieces)) == EXPECTED


@given(
    st.floats(0.3, 4.0), st.floats(-40.0, 500.0), st.floats(-80.0, 500.0), st.floats(math.tan(-0.03), math.tan(0.03))
)
@settings(max_examples=25, deadline=None)
def test_neither_scale_nor_place_nor_a_small_slope_matters(scale, dx, dy, slope):
    assert results([moved(piece, scale=scale, dx=dx, dy=dy, slope=slope) for piece in PIECES]) == EXPECTED


def test_a_curved_line_stays_one_row():
    pieces = [moved(piece, dy=8.0 * math.sin(piece.box[0] / 300.0)) for piece in PIECES]
    assert results(pieces) == EXPECTED
