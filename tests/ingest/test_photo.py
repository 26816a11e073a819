import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from ingest.lines import read_lines
from ingest.ocr import open_engine
from ingest.photo import levelling, upright

ROWS = [
    ("Hemoglobin", "10.6", "g/dL", "13.0 to 17.0"),
    ("Hematocrit", "31.8", "percent", "40.0 to 50.0"),
    ("Erythrocytes", "3.71", "Tpt/L", "4.50 to 5.90"),
    ("Leukocytes", "14.53", "Gpt/L", "4.00 to 11.00"),
    ("Neutrophils", "0.42", "Gpt/L", "1.80 to 7.50"),
    ("Lymphocytes", "3.05", "Gpt/L", "1.00 to 4.00"),
    ("Platelets", "31", "Gpt/L", "150 to 450"),
    ("Creatinine", "0.87", "mg/dL", "0.60 to 1.20"),
    ("Uric acid", "8.1", "mg/dL", "3.5 to 7.2"),
    ("Potassium", "4.6", "mmol/L", "3.5 to 5.1"),
]
VALUES = [row[1] for row in ROWS]


@pytest.fixture(scope="module")
def engine():
    return open_engine("rapidocr")


@pytest.fixture(scope="module")
def page() -> np.ndarray:
    image = Pillow.new("RGB", (1100, 900), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=26)
    for n, row in enumerate(ROWS):
        for x, text in zip((80, 420, 580, 760), row, strict=True):
            draw.text((x, 100 + 60 * n), text, fill="black", font=font)
    return np.array(image)


def tilted(page: np.ndarray, degrees: float) -> np.ndarray:
    image = Pillow.fromarray(page).rotate(degrees, expand=True, fillcolor=(110, 100, 90), resample=Pillow.BICUBIC)
    return np.array(image)


def from_the_side(page: np.ndarray) -> np.ndarray:
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    seen = np.array([[0, 0], [0.85 * width, 0.12 * height], [0.85 * width, 0.88 * height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, seen)
    return cv2.warpPerspective(page, matrix, (width, height), borderValue=(110, 100, 90))


def shaded(page: np.ndarray) -> np.ndarray:
    light = np.linspace(0.25, 1.0, page.shape[1])[None, :, None] * np.linspace(1.0, 0.6, page.shape[0])[:, None, None]
    return (page * light).astype(np.uint8)


PHOTOS = {
    "as it is": lambda page: page,
    "on its left side": lambda page: np.rot90(page, 1).copy(),
    "upside down": lambda page: np.rot90(page, 2).copy(),
    "on its right side": lambda page: np.rot90(page, 3).copy(),
    "tilted": lambda page: tilted(page, 15),
    "tilted the other way": lambda page: tilted(page, -12),
    "upside down and tilted": lambda page: tilted(page, 174),
    "from the side": from_the_side,
    "in a shadow": shaded,
    "blurred": lambda page: cv2.GaussianBlur(page, (0, 0), 2.0),
    "small": lambda page: cv2.resize(page, None, fx=0.45, fy=0.45, interpolation=cv2.INTER_AREA),
    "dim and grainy": lambda page: (
        (page * 0.25 + np.random.default_rng(0).normal(0, 8, page.shape)).clip(0, 255).astype(np.uint8)
    ),
}


@pytest.mark.parametrize("how", PHOTOS)
def test_a_photo_is_read_as_the_page_it_shows(how, page, engine):
    made = upright(PHOTOS[how](page), engine)
    found = read_lines(engine, made.image, made.corners)
    assert [line.text for line in found if line.text in VALUES] == VALUES
    for name, value, *_ in ROWS:
        left = next(line for line in found if line.text == name)
        right = next(line for line in found if line.text == value and line.box[0] > left.box[2])
        middle = (right.box[1] + right.box[3]) / 2
        assert left.box[1] < middle < left.box[3] + 2, "a value stands level with its name"


def test_a_page_without_text_stays_as_it_is(engine):
    blank = np.full((1300, 1300, 3), 240, dtype=np.uint8)
    made = upright(blank, engine)
    assert made.image is blank and len(made.corners) == 0


def ruled(matrix: np.ndarray) -> np.ndarray:
    """Corners of level pieces 200 wide and 20 high in a grid, seen through a projection."""
    grid = [
        [(x, y), (x + 200, y), (x + 200, y + 20), (x, y + 20)] for x in (100, 400, 700) for y in range(100, 1400, 100)
    ]
    flat = np.array(grid, dtype=np.float64).reshape(1, -1, 2)
    return cv2.perspectiveTransform(flat, matrix).reshape(-1, 4, 2).astype(np.float32)


def test_level_lines_need_no_projection():
    assert levelling(ruled(np.eye(3)), 1000, 1400) is None
    assert levelling(np.zeros((0, 4, 2), dtype=np.float32), 1000, 1400) is None


@settings(max_examples=40, deadline=None)
@given(st.floats(-20, 20), st.floats(-2e-4, 2e-4))
def test_tilted_and_slanted_lines_become_level(degrees, slant):
    turn = cv2.getRotationMatrix2D((500, 700), degrees, 1.0)
    seen = ruled(np.vstack([turn, [0, 0, 1]]) @ np.array([[1, 0, 0], [0, 1, 0], [slant, 0, 1.0]]))
    matrix = levelling(seen, 1000, 1400)
    if matrix is None:
        assert abs(degrees) < 1
        return
    after = cv2.perspectiveTransform(seen.reshape(1, -1, 2).astype(np.float64), matrix).reshape(-1, 4, 2)
    along = after[:, 1] - after[:, 0]
    # A quarter of a degree is 4 pixels over a page of 1,000.
    assert np.degrees(np.arctan2(along[:, 1], along[:, 0])) == pytest.approx(0, abs=0.25)
    assert (along[:, 0] > 0).all()
