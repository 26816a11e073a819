import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from ingest.errors import MissingPart
from ingest.ocr import OcrLine, RapidOcrEngine, Recognised, open_engine
from ingest.pages import ReadPage
from ingest.reread import cut_out, second_reading

VALUES = ("10.6", "14.53", "<0.5", "31", "4.0", "1,250")


def printed() -> tuple[ReadPage, list]:
    image = Pillow.new("RGB", (600, 500), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=30)
    pieces = []
    for n, value in enumerate(VALUES):
        draw.text((40, 40 + 70 * n), "Name", fill="black", font=font)
        draw.text((300, 40 + 70 * n), value, fill="black", font=font)
        box = tuple(map(float, draw.textbbox((300, 40 + 70 * n), value, font=font)))
        pieces.append(OcrLine(value, 0.99, box))
    page = ReadPage(1, 600.0, 500.0, tuple(pieces), "ocr", np.array(image), "rapidocr")
    return page, [piece.box for piece in pieces]


def read_again(second, first):
    page, boxes = printed()
    found = second_reading(second, first=first)(page, boxes)
    assert [line.box for line in found] == boxes
    return [line.text.replace(" ", "") for line in found]


def test_the_same_engine_reads_values_again():
    assert read_again(RapidOcrEngine(), "rapidocr") == list(VALUES)


@pytest.mark.slow
def test_another_engine_reads_values_again():
    try:
        engine = open_engine("easyocr")
    except MissingPart as error:
        pytest.skip(str(error))
    assert read_again(engine, "rapidocr")[:5] == list(VALUES[:5])


class Saying:
    """An engine that answers each batch of crops with the next text it was given."""

    name = "saying"

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    def read(self, image):
        raise AssertionError("only recognising is asked of it")

    def detect(self, image):
        raise AssertionError("only recognising is asked of it")

    def recognise(self, crops):
        text = self.texts.pop(0)
        return [Recognised(text, 0.8) for _ in crops]


def one_value(text: str) -> tuple[ReadPage, list]:
    box = (40.0, 40.0, 120.0, 70.0)
    page = ReadPage(
        1, 200.0, 100.0, (OcrLine(text, 0.9, box),), "ocr", np.full((100, 200, 3), 255, dtype=np.uint8), "saying"
    )
    return page, [box]


@pytest.mark.parametrize(
    ("wider", "narrower", "told"),
    [("7.4", "7.4", "7.4"), ("7.4", "74", "7.4"), ("74", "7.4", "7.4"), ("74", "74", "74"), ("", "", "")],
)
def test_of_two_looks_the_one_that_contradicts_the_first_reading_is_told(wider, narrower, told):
    page, boxes = one_value("74")
    (line,) = second_reading(Saying(wider, narrower), first="saying")(page, boxes)
    assert line.text == told


@pytest.mark.parametrize(
    ("there", "look", "contradicts"),
    [
        ("11.2", "1.2", True),
        ("11.2", "11", True),
        ("1,250", "250", True),
        ("5.2 4.0-11.0", "5.2", False),
        ("< 0.5", "<0.5", False),
        ("12 300", "12300", False),
        ("13,2g/dL", "13,2", False),
    ],
)
def test_a_part_of_the_first_reading_contradicts_it(there, look, contradicts):
    page, boxes = one_value(there)
    # The first look says what the first reading said; the second is told only where it contradicts.
    (line,) = second_reading(Saying(there, look), first="saying")(page, boxes)
    assert line.text == (look if contradicts else there)


def test_no_boxes_no_work():
    page, _ = one_value("74")
    assert second_reading(Saying(), first="saying")(page, []) == []


def test_a_side_that_cuts_through_a_letter_moves_out():
    image = np.full((60, 300, 3), 255, dtype=np.uint8)
    image[20:40, 100:106] = image[20:40, 130:150] = image[20:40, 200:220] = 0
    # The box ends in the middle of the second letter; the third is too far away to be let in.
    cut = cut_out(image, (100.0, 20.0, 140.0, 40.0))
    dark = (cut[:, :, 0] < 128).any(axis=0)
    assert dark.sum() == 26
    assert not dark[0] and not dark[-1]


@pytest.mark.parametrize("box", [(-20.0, -20.0, -10.0, -10.0), (290.0, 50.0, 400.0, 90.0), (10.0, 10.0, 10.0, 10.0)])
def test_a_box_off_the_page_gives_a_cut_all_the_same(box):
    assert cut_out(np.full((60, 300, 3), 255, dtype=np.uint8), box).size
