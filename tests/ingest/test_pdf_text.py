import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.pdf_text import is_garbage, lower, turn_box


@pytest.mark.parametrize(
    ("before", "raised", "after", "expected"),
    [
        ("14.5 x10", "9", "/L", "⁹"),
        ("per 10", "6", " cells", "⁶"),
        ("451000/mm", "3", "), and", "³"),
        ("140 mg/m", "2", " on day", "²"),
        ("5 min", "-1", "", "⁻¹"),
        ("the trial", "12", " showed", ""),
        ("was 50", "12", " and", ""),
        ("classification,", "1,2", " the", ""),
        ("therapy.", "2-5", " The", ""),
        ("Rossi", "a,b", ", Bianchi", ""),
        ("one", "3", "two", " "),
        ("CD34", "+", " cells", "+"),
        ("Ca", "2+", " level", "2+"),
        ("CD34", "high", " cells", "high"),
        ("the 5", "th", " edition", "th"),
        ("", "18", "F-FDG", "18"),
        ("", "1", "Department", ""),
        ("e", "kt", "", "^kt"),
    ],
)
def test_raised_text(before, raised, after, expected):
    assert lower(raised, before=before, after=after) == expected


@given(st.text("0123456789", min_size=1, max_size=3), st.from_regex(r"[a-z]{4,8}|[1-9][1-9]", fullmatch=True))
def test_raised_digits_never_glue_to_a_word_or_number(raised, before):
    lowered = before + lower(raised, before=before, after=" x")
    assert lowered == before


def test_garbage():
    assert is_garbage("\ufffd\ufffd\ufffdab")
    assert is_garbage("\ue000\ue001\ue002 a")
    assert is_garbage("䴀甀氀琀")  # "Mult" with the bytes of each character swapped
    assert not is_garbage("Hämoglobin 10,6 g/dL \uf0b7 µ")
    assert not is_garbage("")


sizes = st.floats(100, 1000)
edges = st.floats(0, 100)


@given(st.tuples(edges, edges, edges, edges), sizes, sizes, st.sampled_from([0, 90, 180, 270]))
def test_turning_there_and_back(box, width, height, turn):
    turned = turn_box(box, turn, width, height)
    size = (height, width) if turn in (90, 270) else (width, height)
    assert turn_box(turned, -turn % 360, *size) == pytest.approx(box)


def test_a_page_turned_clockwise():
    # The top left corner of a page 100 wide and 200 high comes to the top right of one 200 wide.
    assert turn_box((0, 0, 10, 20), 90, 100, 200) == (180, 0, 200, 10)
