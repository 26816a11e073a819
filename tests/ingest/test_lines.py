import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from ingest.lines import crop, ink, read_lines
from ingest.ocr import Char, OcrLine, Recognised


class Fixed:
    """An engine that has read every crop already."""

    name = "fixed"

    def __init__(self, *read: Recognised) -> None:
        self._read = list(read)

    def read(self, image):
        raise AssertionError("only recognising is asked of it")

    def detect(self, image):
        raise AssertionError("only recognising is asked of it")

    def recognise(self, crops):
        return self._read[: len(crops)]


PAGE = np.full((100, 1000, 3), 255, dtype=np.uint8)
WHOLE = np.array([[[0, 20], [1000, 20], [1000, 60], [0, 60]]], dtype=np.float32)


def lines(read: Recognised, page=PAGE, corners=WHOLE):
    return read_lines(Fixed(read), page, corners)


def test_letters_far_apart_fall_into_cells():
    # Letters 20 pixels apart, and 200 between the c and the 1: ten pitches, so two cells.
    middles = (0.10, 0.12, 0.14, 0.24, 0.34, 0.36, 0.38)
    first, second = lines(Recognised("abc 1.2", 0.9, middles, (1.0, 1.0, 1.0, 0.5, 0.8, 0.9, 1.0)))
    assert (first.text, second.text) == ("abc", "1.2")
    assert first.confidence == 1.0
    assert second.confidence == 0.8, "that of its least sure character"
    # Half a pitch and a little on each side of 340 and 380, up to the edge of the crop on the right.
    assert second.box[0] == pytest.approx(328, abs=1) and first.box[2] == pytest.approx(152, abs=1)


def test_letters_a_space_apart_stay_together():
    middles = (0.10, 0.12, 0.14, 0.155, 0.17, 0.19, 0.21)
    (line,) = lines(Recognised("abc 1.2", 0.9, middles, (1.0,) * 7))
    assert line.text == "abc 1.2"
    value = line.part(4, 7)
    assert value.text == "1.2" and 155 <= value.box[0] <= 170


def test_what_is_hardly_readable_is_kept_with_its_confidence():
    (line,) = lines(Recognised("7?", 0.12))
    assert (line.text, line.confidence, line.chars) == ("7?", 0.12, ())


def test_the_confidence_of_a_space_counts_for_nothing():
    (line,) = lines(Recognised("a b", 0.7, (0.1, 0.115, 0.13), (0.9, 0.1, 0.95)))
    assert line.confidence == 0.9


def test_nothing_read_is_no_line():
    assert lines(Recognised("", 0.0)) == []
    assert lines(Recognised("  ", 0.9, (0.1, 0.2), (0.9, 0.9))) == []


def test_odd_characters_get_one_form_and_keep_their_places():
    (line,) = lines(Recognised("5\u2009µL", 1.0, (0.1, 0.115, 0.13, 0.15), (1.0, 0.4, 0.9, 1.0)))
    assert line.text == "5 \u03bcL"
    assert [char.confidence for char in line.chars] == [1.0, 0.4, 0.9, 1.0]


def test_a_box_ends_where_the_ink_ends():
    page = PAGE.copy()
    page[32:50, 300:700] = 0
    (line,) = lines(Recognised("ab", 1.0, (0.31, 0.34), (1.0, 1.0)), page)
    assert line.box[1] == pytest.approx(32, abs=1) and line.box[3] == pytest.approx(50, abs=1)
    assert line.box[0] == pytest.approx(300, abs=1)


def test_corners_are_cut_out_level():
    # A bar that falls by 100 over 400 pixels, cut out along itself.
    page = np.full((400, 600, 3), 255, dtype=np.uint8)
    image = Pillow.fromarray(page)
    bar = [(100, 100), (500, 200), (500, 220), (100, 120)]
    ImageDraw.Draw(image).polygon(bar, fill="black")
    cut = crop(np.array(image), np.array(bar, dtype=np.float32))
    # By Pythagoras sqrt(400² + 100²) = 412.3 wide; 20 high.
    assert cut.shape[:2] == (20, 412)
    assert cut[4:16, 4:-4].max() < 100


def test_ink_is_found_on_paper_of_any_shade():
    for paper, mark in ((255, 0), (90, 30), (20, 240)):
        page = np.full((20, 60, 3), paper, dtype=np.uint8)
        page[5:15, 10:20] = mark
        assert ink(page).sum() == 100
    assert not ink(np.full((20, 60, 3), 128, dtype=np.uint8)).any()


def test_a_part_without_places_gets_its_share_of_the_width():
    line = OcrLine("Hb 10.6", 0.9, (0.0, 0.0, 70.0, 10.0))
    # Seven characters over 70 pixels: characters 3 to 6 go from 30 to 70.
    assert line.part(2, 7) == OcrLine("10.6", 0.9, (30.0, 0.0, 70.0, 10.0))


def test_a_part_with_places_has_its_own_confidence():
    chars = tuple(Char(10.0 * n, 10.0 * n + 8, sure) for n, sure in enumerate((1.0, 0.2, 0.6, 0.8)))
    line = OcrLine("a 12", 0.6, (0.0, 0.0, 38.0, 10.0), chars)
    part = line.part(1, 4)
    assert (part.text, part.box, part.chars) == ("12", (20.0, 0.0, 38.0, 10.0), chars[2:])
    assert part.confidence == 0.6 and line.part(0, 1).confidence == 1.0
    with pytest.raises(ValueError, match="no text"):
        line.part(1, 2)


def test_an_engine_reads_one_row_as_its_cells():
    ocr = pytest.importorskip("ingest.ocr")
    image = Pillow.new("RGB", (900, 60), "white")
    font = ImageFont.load_default(size=28)
    draw = ImageDraw.Draw(image)
    for x, text in ((10, "Hemoglobin"), (300, "13.2"), (500, "g/dL"), (700, "12.0 - 16.0")):
        draw.text((x, 12), text, fill="black", font=font)
    whole = np.array([[[0, 0], [900, 0], [900, 60], [0, 60]]], dtype=np.float32)
    found = read_lines(ocr.open_engine("rapidocr"), np.array(image), whole)
    assert [line.text.replace(" ", "") for line in found] == ["Hemoglobin", "13.2", "g/dL", "12.0-16.0"]
    for line, x in zip(found, (10, 300, 500, 700), strict=True):
        assert line.box[0] == pytest.approx(x, abs=12)
