import os
import random
from functools import cache
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pdf_pages import A4, DAY, LEFT, RIGHT, column, saved, write

from ingest.errors import UnreadableSource
from ingest.ocr import OcrLine
from ingest.pdf import read_pdf


def reason(path) -> str:
    with pytest.raises(UnreadableSource) as caught:
        read_pdf(path, fetched=DAY)
    return str(caught.value)


def test_bad_files_have_named_reasons(tmp_path):
    empty, prose = tmp_path / "empty.pdf", tmp_path / "prose.pdf"
    empty.write_bytes(b"")
    prose.write_text("This is not a PDF at all.")
    assert reason(empty) == "empty file"
    assert reason(prose) == "not a PDF or broken: it does not begin as a PDF does"
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\n" + b"\xff\x00garbage" * 40)
    assert reason(broken).startswith("not a PDF or broken: ") or reason(broken) == "no pages"


def test_an_encrypted_file(tmp_path):
    document = pymupdf.open()
    write(document.new_page(), 50, 100, "secret")
    path = saved(document, tmp_path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="user", owner_pw="owner")
    assert reason(path) == "encrypted: needs a password"


def test_a_file_that_only_its_owner_locked_is_read(tmp_path):
    document = pymupdf.open()
    write(document.new_page(), 50, 100, "open to readers")
    path = saved(document, tmp_path, encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner")
    assert read_pdf(path, fetched=DAY).text == "open to readers"


def test_blank_pages(tmp_path):
    document = pymupdf.open()
    document.new_page()
    document.new_page()
    assert reason(saved(document, tmp_path)) == "no text: all 2 pages are blank"


def image_page(document, text="SCANNED WORDS"):
    """A page whose only content is a picture of text."""
    source = pymupdf.open()
    page = source.new_page(width=400, height=200)
    write(page, 40, 80, text, 20)
    pixmap = page.get_pixmap(dpi=150)
    target = document.new_page(width=400, height=200)
    target.insert_image(target.rect, pixmap=pixmap)
    source.close()


class OneLine:
    """An engine that finds one line on whatever it is shown, and remembers the shapes."""

    name = "one line"

    def __init__(self):
        self.shapes = []

    def read(self, image):
        self.shapes.append(image.shape)
        assert image.dtype == np.uint8
        return [OcrLine("found by the engine", 0.9, (100.0, 100.0, 300.0, 130.0))]


def test_scans_need_ocr_and_go_through_it(tmp_path):
    document = pymupdf.open()
    image_page(document)
    image_page(document)
    path = saved(document, tmp_path)
    assert reason(path) == "no text layer: 2 scanned pages; run again with --ocr"
    engine, done = OneLine(), []
    made = read_pdf(path, fetched=DAY, ocr=engine, on_page=lambda page, pages: done.append((page, pages)))
    assert done == [(1, 2), (2, 2)]
    # 400 x 200 points at 200 dots per inch.
    assert engine.shapes == [(556, 1112, 3)] * 2
    assert "found by the engine" in made.text
    assert made.spans[0].box == pytest.approx((36, 36, 108, 46.8))  # 72/200 of the pixels


def test_only_pages_without_text_are_scanned(tmp_path, caplog):
    document = pymupdf.open()
    write(document.new_page(**A4), 50, 300, "a page with a text layer")
    image_page(document)
    path = saved(document, tmp_path)
    engine = OneLine()
    assert [span.page for span in read_pdf(path, fetched=DAY, ocr=engine).spans] == [1, 2]
    assert len(engine.shapes) == 1
    assert read_pdf(path, fetched=DAY).text == "a page with a text layer"
    assert "1 scanned pages have no text layer" in caplog.text


def test_an_enormous_page_is_rendered_small(tmp_path):
    document = pymupdf.open()
    page = document.new_page(width=14000, height=14000)
    page.draw_rect((100, 100, 9000, 9000), fill=(0, 0, 0))
    engine = OneLine()
    read_pdf(saved(document, tmp_path), fetched=DAY, ocr=engine)
    ((height, width, _),) = engine.shapes
    assert height * width <= 12_100_000


@cache
def sound() -> bytes:
    with pymupdf.open() as document:
        for _ in range(3):
            page = document.new_page(**A4)
            column(page, 50, 100, LEFT)
            column(page, 310, 100, RIGHT)
            page.draw_rect((50, 300, 200, 400))
        return document.tobytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), keep=st.floats(0.02, 1))
@example(seed=170357, keep=0.08203125)  # its page tree is what is broken
def test_damaged_files_end_as_a_document_or_a_reason(tmp_path, seed, keep):
    rng = random.Random(seed)
    data = bytearray(sound()[: int(len(sound()) * keep)])
    for _ in range(rng.randint(0, 30)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    path = tmp_path / "damaged.pdf"
    path.write_bytes(data)
    try:
        made = read_pdf(path, fetched=DAY)
    except UnreadableSource as error:
        assert str(error)
    else:
        assert made.text.strip()


def test_a_page_tree_that_claims_millions_of_pages_is_given_up(tmp_path):
    path = tmp_path / "claims.pdf"
    path.write_bytes(sound().replace(b"/Count 3", b"/Count 3000000"))
    pages = []
    try:
        made = read_pdf(path, fetched=DAY, on_page=lambda page, _pages: pages.append(page))
    except UnreadableSource as error:
        assert "broken" in str(error) or "no pages" in str(error)
    else:
        assert made.spans[-1].page == 3
    assert len(pages) <= 103


def shared_pdfs() -> list[Path]:
    shared = Path(os.environ.get("MARROW_SHARED", Path(__file__).parents[3] / "shared"))
    return sorted((shared / "data" / "pdf").rglob("*.pdf"))


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    shared_pdfs() or [pytest.param(None, marks=pytest.mark.skip(reason="no shared data"))],
    ids=lambda path: path.name if path else "none",
)
def test_every_odd_file_ends_as_a_document_or_a_reason(path):
    try:
        made = read_pdf(path, fetched=DAY)
    except UnreadableSource as error:
        assert str(error) and error.hint
    else:
        assert all(span.page and span.box and made.text[span.start : span.end].strip() for span in made.spans)
