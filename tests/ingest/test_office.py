import zipfile
from pathlib import Path

import docx
import pytest
from reading import one, parts

from ingest.errors import UnreadableSource


def make_docx(path: Path) -> Path:
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = "Ward guide", "Ann Lee; Bo Ray"
    document.add_heading("Fever", 1)
    paragraph = document.add_paragraph("Call at 38.3 °C. Counts are 10")
    paragraph.add_run("9").font.superscript = True
    paragraph.add_run("/L.")
    document.add_paragraph("Antibiotics", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip((c for row in table.rows for c in row.cells), ("Drug", "Dose", "x", "1 g"), strict=True):
        cell.text = text
    document.save(str(path))
    return path


@pytest.mark.parametrize("name", ["a.docx", "a.bin"])
def test_docx(tmp_path, name):
    made = one(make_docx(tmp_path / name))
    assert parts(made) == [
        ("heading", (), "Fever"),
        ("paragraph", ("Fever",), "Call at 38.3 °C. Counts are 10⁹/L."),
        ("list", ("Fever",), "Antibiotics"),
        ("table", ("Fever",), "Drug: x; Dose: 1 g"),
    ]
    assert (made.kind, made.meta.title, made.meta.authors) == ("office", "Ward guide", ("Ann Lee", "Bo Ray"))


def test_a_docx_cut_short_or_of_other_content_is_refused(tmp_path):
    whole = make_docx(tmp_path / "a.docx").read_bytes()
    for name, data in {"cut.docx": whole[:-3000], "text.docx": b"plain words"}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnreadableSource, match="no DOCX, or broken"):
            one(tmp_path / name)


def test_a_docx_that_unpacks_to_too_much_is_refused(tmp_path):
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 60_000_000)
    with pytest.raises(UnreadableSource, match="unpacks to 60 MB of XML"):
        one(path)
