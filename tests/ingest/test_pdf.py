import pymupdf
import pytest
from pdf_pages import A4, DAY, LEFT, RIGHT, blocks, column, of_kind, saved, write

from ingest.pdf import read_pdf
from ingest.records import Document


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
