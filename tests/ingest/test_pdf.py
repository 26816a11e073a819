import os
import random
from functools import cache
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.errors import UnreadableSource
from ingest.ocr import OcrLine
from ingest.pdf import read_pdf
from ingest.records import Document

DAY = "2026-01-01"
A4 = {"width": 595, "height": 842}


def write(page, x, y, text, size=10, font="tiro", **more):
    page.insert_text((x, y), text, fontsize=size, fontname=font, **more)


def column(page, x, y, lines, pitch=12.5):
    for n, line in enumerate(lines):
        write(page, x, y + n * pitch, line)


def saved(document, tmp_path, **options) -> Path:
    path = tmp_path / "made.pdf"
    document.save(path, **options)
    document.close()
    return path


def blocks(made: Document):
    return [(span.kind, made.text[span.start : span.end]) for span in made.spans]


def of_kind(made: Document, kind: str) -> list[str]:
    return [text for found, text in blocks(made) if found == kind]


LEFT = [
    "Myeloproliferative neoplasms are clonal disorders",
    "of the marrow. They come from changes in genes of",
    "the kinase pathways, and most of the affected pa-",
    "tients carry one of three driver mutations, as the",
    "largest series of the last ten years have shown, so",
]
RIGHT = [
    "that testing for them is part of every first visit.",
    "The BCR-ABL1 fusion defines another disease, with",
    "treatment of its own, and the two are seldom found",
    "together in one person at the same time. Where they",
    "are, both need treatment by one experienced team.",
]


@pytest.fixture
def article(tmp_path) -> Document:
    """Two pages of two columns, written row by row, with what a journal puts around them."""
    document = pymupdf.open()
    for number in (1, 2):
        page = document.new_page(**A4)
        write(page, 50, 30, f"Annals of Examples 2025; 17: e{number}", 8)
        write(page, 290, 815, str(number), 8)
        top = 60
        if number == 1:
            write(page, 50, 80, "Two Diseases of the Marrow in One Patient", 17, "tibo")
            write(
                page, 50, 105, "Licensed under the Creative Commons Attribution 4.0 License. doi:10.1000/example.5", 8
            )
            write(page, 50, 150, "1. Introduction", 12, "tibo")
            top = 170
        for n, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
            write(page, 50, top + 12.5 * n, left)
            write(page, 310, top + 12.5 * n, right)
        if number == 1:
            write(page, 310, 400, "1.1. Outlook", 12, "tibo")
            column(
                page,
                310,
                420,
                ["Nobody knows how often this is seen outside of the", "large centres, and few have looked."],
            )
    document.set_metadata({"author": "Ada Lovelace; Grace Hopper"})
    return read_pdf(saved(document, tmp_path), fetched=DAY)


def test_columns_are_read_in_order_and_cut_words_mended(article):
    whole = " ".join(LEFT + RIGHT).replace("pa- tients", "patients")
    assert whole in article.text.replace("\n\n", " ")


def test_header_and_page_numbers_are_left_out(article):
    assert "Annals of Examples" not in article.text
    assert not any(text.strip().isdecimal() for _, text in blocks(article))


def test_a_paragraph_goes_on_in_the_next_column(article):
    second = next(span for span in article.spans if article.text[span.start :].startswith("that testing"))
    assert article.text[second.start - 1] == " "
    assert second.page == 1
    assert second.box is not None and second.box[0] == pytest.approx(310, abs=2)


def test_headings_make_sections(article):
    found = {article.text[span.start : span.start + 6]: span.section for span in article.spans if span.page == 1}
    assert found["Two Di"] == ()
    assert found["1. Int"] == ()
    assert found["Myelop"] == ("1. Introduction",)
    assert found["Nobody"] == ("1. Introduction", "1.1. Outlook")


def test_metadata(article):
    meta = article.meta
    assert meta.title == "Two Diseases of the Marrow in One Patient"
    assert meta.authors == ("Ada Lovelace", "Grace Hopper")
    assert (meta.year, meta.doi, meta.licence, meta.fetched) == (2025, "10.1000/example.5", "CC BY 4.0", DAY)
    assert (article.kind, article.doc_id) == ("pdf", "DOI:10.1000/example.5")


def test_every_block_has_its_page_and_a_box_on_it(article):
    for span in article.spans:
        assert span.page in (1, 2)
        x0, y0, x1, y1 = span.box
        assert 0 <= x0 < x1 <= 595 and 0 <= y0 < y1 <= 842


def test_a_caption_and_a_table_between_two_halves_of_a_paragraph_come_after_it(tmp_path):
    document = pymupdf.open()
    page = document.new_page(**A4)
    column(page, 50, 600, [f"line {n} of a paragraph that fills the page down to its end, and so" for n in range(14)])
    page = document.new_page(**A4)
    write(page, 50, 60, "Table 1.", 9, "tibo")
    write(page, 90, 60, "What was measured at the first visit.", 9)
    for n, row in enumerate([("test", "value", "limit"), ("LDH", "590", "250"), ("WBC", "14.5", "10.0")]):
        for x, cell in zip((50, 200, 300), row, strict=True):
            write(page, x, 80 + 14 * n, cell, 9)
    column(page, 50, 150, ["goes on here, on the next page, below the table that interrupts it, and", "then ends."])
    made = read_pdf(saved(document, tmp_path), fetched=DAY)
    kinds = [kind for kind, _ in blocks(made)]
    assert kinds == ["paragraph", "paragraph", "caption", "table", "table", "table"]
    assert "its end, and so goes on here" in made.text
    assert of_kind(made, "table") == [
        "test | value | limit",
        "LDH | value: 590 | limit: 250",
        "WBC | value: 14.5 | limit: 10.0",
    ]
    assert of_kind(made, "caption") == ["Table 1. What was measured at the first visit."]


def test_a_ruled_table(tmp_path):
    document = pymupdf.open()
    page = document.new_page(**A4)
    rows = [("Drug", "Response"), ("imatinib", "60%"), ("dasatinib", "77%")]
    for n, row in enumerate(rows):
        for k, cell in enumerate(row):
            page.draw_rect((50 + 120 * k, 100 + 20 * n, 170 + 120 * k, 120 + 20 * n))
            write(page, 55 + 120 * k, 114 + 20 * n, cell)
    made = read_pdf(saved(document, tmp_path), fetched=DAY)
    assert blocks(made) == [
        ("table", text) for text in ("Drug | Response", "imatinib | Response: 60%", "dasatinib | Response: 77%")
    ]


def test_raised_text(tmp_path):
    document = pymupdf.open()
    page = document.new_page(**A4)
    write(page, 50, 100, "We saw 14.5 x10")
    x = 50 + pymupdf.get_text_length("We saw 14.5 x10", "tiro", 10)
    write(page, x, 96, "9", 6)
    write(page, x + 3.2, 100, "/L leukocytes in the trial")
    x += 3.2 + pymupdf.get_text_length("/L leukocytes in the trial", "tiro", 10)
    write(page, x, 96, "12", 6)
    write(page, x + 6.5, 100, " of last year.")
    made = read_pdf(saved(document, tmp_path), fetched=DAY)
    assert made.text == "We saw 14.5 x10⁹/L leukocytes in the trial of last year."


def test_paragraphs_are_told_apart_by_indents_and_spacing(tmp_path):
    document = pymupdf.open()
    page = document.new_page(**A4)
    first = "A paragraph of two lines, the second of which is also filled to its end,"
    column(page, 50, 100, [first, first])
    write(page, 65, 125, "An indented first line starts another one, as is usual in journals, and")
    column(page, 50, 137.5, [first])
    column(page, 50, 180, ["Space above a line does so too, whatever came before the space above it."])
    column(page, 50, 210, ["1. First of a list of things", "2. Second of a list of things"])
    made = read_pdf(saved(document, tmp_path), fetched=DAY)
    assert [text[:11] for text in of_kind(made, "paragraph")] == ["A paragraph", "An indented", "Space above"]
    assert of_kind(made, "list") == ["1. First of a list of things", "2. Second of a list of things"]


def test_turned_margin_text_is_left_out_and_a_turned_page_is_read(tmp_path):
    document = pymupdf.open()
    page = document.new_page(**A4)
    column(page, 80, 100, LEFT)
    write(page, 30, 600, "Downloaded by a library", 8, rotate=90)
    page = document.new_page(**A4)
    for n, line in enumerate(RIGHT):
        write(page, 100 + 12.5 * n, 700, line, rotate=90)
    made = read_pdf(saved(document, tmp_path), fetched=DAY)
    assert "Downloaded" not in made.text
    assert " ".join(RIGHT) in made.text
    # Lines written upwards from (100, 700) on a page turned back to how it is shown.
    x0, _, x1, y1 = made.spans[-1].box
    assert (x0, y1) == (pytest.approx(100, abs=12), pytest.approx(700, abs=2))
    assert x1 - x0 == pytest.approx(4 * 12.5, abs=16)


def test_a_page_shown_turned_has_its_boxes_there(tmp_path):
    document = pymupdf.open()
    page = document.new_page(**A4)
    write(page, 50, 100, "Some text of the page")
    page.set_rotation(90)
    made = read_pdf(saved(document, tmp_path), fetched=DAY)
    # Turned clockwise, what was 100 below the top is 100 from the right edge of a page 842 wide.
    assert made.spans[0].box[2] == pytest.approx(842 - 91, abs=4)
    assert made.spans[0].box[1] == pytest.approx(50, abs=2)


def test_text_printed_twice_to_look_bold_is_read_once(tmp_path):
    document = pymupdf.open()
    page = document.new_page(**A4)
    write(page, 50, 100, "All will be well")
    write(page, 50.3, 100, "All will be well")
    assert read_pdf(saved(document, tmp_path), fetched=DAY).text == "All will be well"


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
