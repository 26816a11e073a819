import io

import numpy as np
import pymupdf
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from ingest.ocr import OcrLine, open_engine
from ingest.pages import ReadPage, complaint, open_upload
from ingest.uploads import UnreadableUpload, UploadLimits

ROWS = [
    ("Hemoglobin", "10.6", "g/dL", "13.0 - 17.0"),
    ("Leukocytes", "14.53", "G/L", "4.0 - 11.0"),
    ("Platelets", "31", "G/L", "150 - 450"),
    ("Creatinine", "0.87", "mg/dL", "0.6 - 1.2"),
    ("Potassium", "4.6", "mmol/L", "3.5 - 5.1"),
]
PRINTED = [text for row in ROWS for text in row]


@pytest.fixture(scope="module")
def engine():
    return open_engine("rapidocr")


class Unused:
    """An engine that must not be asked to find text."""

    name = "unused"

    def read(self, image):
        raise AssertionError("read")

    def detect(self, image):
        raise AssertionError("detect")

    def recognise(self, crops):
        raise AssertionError("recognise")


def write(page, *, render_mode=0, top=100):
    for n, row in enumerate(ROWS):
        for x, text in zip((50, 220, 290, 380), row, strict=True):
            page.insert_text((x, top + 24 * n), text, fontsize=11, render_mode=render_mode)


def report(**options) -> bytes:
    with pymupdf.open() as document:
        write(document.new_page(width=500, height=400), **options)
        return document.tobytes()


def picture() -> Pillow.Image:
    image = Pillow.new("RGB", (1200, 600), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=30)
    for n, row in enumerate(ROWS):
        for x, text in zip((60, 420, 620, 820), row, strict=True):
            draw.text((x, 100 + 80 * n), text, fill="black", font=font)
    return image


def png(image: Pillow.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "png")
    return buffer.getvalue()


def texts(page: ReadPage) -> list[str]:
    return [piece.text for piece in page.pieces]


def squeezed(found) -> list[str]:
    return [text.replace(" ", "") for text in found]


def test_a_text_layer_is_read_cell_by_cell_without_ocr():
    (page,) = open_upload(report(), engine=None)
    assert (page.source, page.engine, page.number) == ("text", "text", 1)
    assert texts(page) == PRINTED
    assert all(piece.confidence == 1 for piece in page.pieces)
    # 220 dots per inch: the value of the first row starts at 220 points, with its feet at 100.
    x0, y0, _, y1 = page.pieces[1].box
    assert x0 == pytest.approx(220 * 220 / 72, abs=3)
    assert y0 < 100 * 220 / 72 < y1
    assert page.image.shape == (page.height, page.width, 3)
    x0, y0, x1, y1 = (round(edge) for edge in page.pieces[1].box)
    assert page.image[y0:y1, x0:x1].min() < 100, "the box is where the page shows the value"


def test_characters_of_a_text_layer_have_places():
    (page,) = open_upload(report(), engine=None)
    hemoglobin, limits = page.pieces[0], page.pieces[3]
    assert limits.part(0, 4).text == "13.0"
    assert limits.part(0, 4).box[2] < limits.part(7, 11).box[0]
    assert len(hemoglobin.chars) == len(hemoglobin.text)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_comes_upright(turn):
    with pymupdf.open() as document:
        page = document.new_page(width=500, height=400)
        write(page)
        page.set_rotation(turn)
        data = document.tobytes()
    (page,) = open_upload(data, engine=None)
    assert texts(page) == PRINTED
    assert page.width > page.height
    x0, y0, x1, y1 = (round(edge) for edge in page.pieces[0].box)
    assert page.image[y0:y1, x0:x1].min() < 100


def test_a_photo_is_read(engine):
    (page,) = open_upload(png(picture()), name="IMG_1.PNG", engine=engine)
    assert (page.source, page.engine) == ("ocr", "rapidocr")
    assert squeezed(texts(page)) == squeezed(PRINTED)
    assert complaint([page]) == ""


def scan(page, rectangle, image=None) -> None:
    page.insert_image(rectangle, stream=png(image or picture()))


def test_a_scanned_page_is_read_by_ocr(engine):
    with pymupdf.open() as document:
        scan(document.new_page(width=600, height=300), (0, 0, 600, 300))
        data = document.tobytes()
    (page,) = open_upload(data, engine=engine)
    assert page.source == "ocr" and squeezed(texts(page)) == squeezed(PRINTED)
    with pytest.raises(UnreadableUpload, match="no OCR engine"):
        open_upload(data, engine=None)


def test_hidden_text_of_a_scanner_is_not_believed(engine):
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=300)
        scan(page, (0, 0, 600, 300))
        for n in range(5):
            page.insert_text((210, 65 + 40 * n), "99.9 wrong hidden value", fontsize=11, render_mode=3)
        data = document.tobytes()
    (page,) = open_upload(data, engine=engine)
    assert page.source == "ocr" and squeezed(texts(page)) == squeezed(PRINTED)


def test_text_under_a_picture_is_not_believed(engine):
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=300)
        for n in range(5):
            page.insert_text((210, 65 + 40 * n), "99.9 covered value of another report", fontsize=11)
        scan(page, (0, 0, 600, 300))
        data = document.tobytes()
    (page,) = open_upload(data, engine=engine)
    assert page.source == "ocr" and squeezed(texts(page)) == squeezed(PRINTED)


def lying_font() -> bytes:
    """The report with the codes of its text mapped to other digits than their shapes show."""
    with pymupdf.open(stream=report(), filetype="pdf") as document:
        page = document[0]
        codes = "".join(f"<{ord(a):02x}> <{ord(b):04x}>\n" for a, b in zip("0123456789", "1234567890", strict=True))
        rest = [ord(char) for char in sorted(set("".join(PRINTED)) - set("0123456789"))]
        codes += "".join(f"<{code:02x}> <{code:04x}>\n" for code in rest)
        count = 10 + len(rest)
        table = (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
            "1 begincodespacerange <00> <ff> endcodespacerange\n"
            f"{count} beginbfchar\n{codes}endbfchar endcmap CMapName currentdict /CMap defineresource pop end end"
        )
        number = document.get_new_xref()
        document.update_object(number, "<<>>")
        document.update_stream(number, table.encode())
        (font, *_), *_ = page.get_fonts()
        document.xref_set_key(font, "ToUnicode", f"{number} 0 R")
        return document.tobytes()


def test_a_font_that_lies_about_its_digits_is_found_out(engine):
    data = lying_font()
    (believed,) = open_upload(data, engine=None)
    assert texts(believed)[1] == "21.7", "what the text layer claims for 10.6"
    (page,) = open_upload(data, engine=engine)
    assert page.source == "ocr" and squeezed(texts(page)) == squeezed(PRINTED)


def test_results_in_a_picture_on_a_page_with_text_are_read_too(engine):
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=800)
        page.insert_text((50, 60), "City Hospital, Department of Laboratory Medicine, report of 12 March", fontsize=12)
        page.insert_text((50, 760), "This report relates to the sample as it was received. Page 1 of 1", fontsize=9)
        scan(page, (0, 200, 600, 500))
        data = document.tobytes()
    (page,) = open_upload(data, engine=engine)
    found = squeezed(texts(page))
    assert found[0].startswith("CityHospital") and found[-1].endswith("Page1of1")
    assert found[1:-1] == squeezed(PRINTED)


def test_an_encrypted_pdf_asks_for_a_copy_without_password():
    with pymupdf.open(stream=report(), filetype="pdf") as document:
        data = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="owner")
    with pytest.raises(UnreadableUpload, match="password") as caught:
        open_upload(data, engine=None)
    assert "without the password" in caught.value.hint


def test_scripts_and_attachments_of_a_pdf_are_left_alone():
    with pymupdf.open(stream=report(), filetype="pdf") as document:
        document.embfile_add("other.txt", b"Blasts 99 %")
        document.xref_set_key(document.pdf_catalog(), "OpenAction", "<</S/JavaScript/JS(app.alert\\(1\\))>>")
        data = document.tobytes()
    (page,) = open_upload(data, engine=None)
    assert texts(page) == PRINTED


def test_a_scan_of_500_pages_is_refused_with_its_bound():
    with pymupdf.open() as document:
        for _ in range(500):
            document.new_page()
        data = document.tobytes()
    with pytest.raises(UnreadableUpload, match="500 pages; at most 20") as caught:
        open_upload(data, engine=Unused())
    assert "only the pages with the results" in caught.value.hint


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnot one at all", report()[:300]])
def test_a_broken_pdf_is_named(data):
    with pytest.raises(UnreadableUpload, match="PDF"):
        open_upload(data, engine=None)


def test_a_pdf_of_several_pages_keeps_their_numbers():
    with pymupdf.open() as document:
        write(document.new_page(width=500, height=400))
        document.new_page(width=500, height=400)
        write(document.new_page(width=500, height=400))
        data = document.tobytes()
    pages = open_upload(data, engine=None)
    assert [(page.number, len(page.pieces)) for page in pages] == [(1, 20), (2, 0), (3, 20)]


def test_an_upload_of_too_many_bytes_is_refused():
    with pytest.raises(UnreadableUpload, match="at most 1 MB"):
        open_upload(bytes(2_000_000), engine=None, limits=UploadLimits(max_bytes=1_000_000))


def test_a_picture_needs_an_engine():
    with pytest.raises(UnreadableUpload) as caught:
        open_upload(png(picture()), engine=None)
    assert "pip install rapidocr" in caught.value.hint


def test_the_name_of_an_upload_is_not_logged(caplog):
    caplog.set_level("INFO")
    open_upload(report(), name="Jane Example blood.pdf", engine=None)
    assert "Jane" not in caplog.text and "bytes" in caplog.text


def test_a_blank_page_and_a_cat_have_no_text(engine):
    blank = Pillow.new("RGB", (800, 1000), (245, 244, 240))
    cat = Pillow.new("RGB", (800, 800), (90, 120, 80))
    draw = ImageDraw.Draw(cat)
    draw.ellipse((200, 250, 600, 650), fill=(120, 110, 100))
    for x in (250, 480):
        draw.polygon([(x, 300), (x + 35, 160), (x + 75, 300)], fill=(110, 100, 90))
        draw.ellipse((x + 10, 380, x + 50, 420), fill=(200, 220, 60))
    for image in (blank, cat):
        assert complaint(open_upload(png(image), engine=engine)).startswith("No text was found")


def test_a_report_in_japanese_is_told_from_one_in_latin_letters(engine):
    with pymupdf.open() as document:
        page = document.new_page(width=500, height=400)
        for n, text in enumerate(
            ("血液検査結果報告書", "白血球数 14.5", "赤血球数 3.71", "血小板数 31", "ヘモグロビン 10.6")
        ):
            page.insert_text((50, 80 + 50 * n), text, fontsize=20, fontname="japan")
        data = document.tobytes()
        shown = page.get_pixmap(dpi=150).tobytes("png")
    assert "another script" in complaint(open_upload(data, engine=engine))
    assert "another script" in complaint(open_upload(shown, engine=engine))


def test_writing_that_is_hardly_read_is_complained_of():
    pieces = tuple(OcrLine("scribbled", 0.45 + 0.1 * (n % 2), (0.0, n, 10.0, n + 1.0)) for n in range(10))
    page = ReadPage(1, 100.0, 100.0, pieces, "ocr", np.zeros((100, 100, 3), dtype=np.uint8), "rapidocr")
    assert "by hand" in complaint([page])
