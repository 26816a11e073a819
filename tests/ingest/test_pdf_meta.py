import pytest

from ingest.layout import Word, fragment
from ingest.margins import Sheet
from ingest.pdf_meta import PdfInfo, licence, pdf_metadata


def sheet(*lines):
    """A page with (text, size) lines from the top, above body text of 10 points."""
    pieces = []
    y = 60.0
    for text, size in [*lines, *[("ordinary text of the body of this article", 10.0)] * 8]:
        pieces.append(
            fragment(
                [Word(word, (50 + 40 * n, y, 85 + 40 * n, y + size)) for n, word in enumerate(text.split())],
                size=size,
                bold=False,
            )
        )
        y += size * 2.5
    return Sheet(1, 595, 842, tuple(pieces))


def read(first=None, *, info=None, xmp="", pages=()):
    return pdf_metadata(PdfInfo(info or {}, xmp, pages), first or sheet(), stem="scan-07", fetched="2026-01-01")


def test_a_declared_title_is_believed_when_the_page_prints_it():
    page = "Imatinib in chronic myeloid leukaemia\nA trial"
    assert read(info={"title": "Imatinib in chronic myeloid leukaemia"}, pages=[page]).title.startswith("Imatinib in")
    assert read(info={"title": "Annual budget of the city"}, pages=[page]).title == "scan-07"


@pytest.mark.parametrize(
    "title", ["Microsoft Word - final2.doc", "Untitled", "paper.tex", "WWW.JOURNAL.ORG The Journal", ""]
)
def test_a_declared_title_that_is_none(title):
    assert (
        read(sheet(("Ruxolitinib with imatinib", 16.0)), info={"title": title}, pages=[title]).title
        == "Ruxolitinib with imatinib"
    )


def test_a_masthead_is_the_journal_and_not_the_title():
    made = read(sheet(("European Journal of Blood Research", 20.0), ("Ruxolitinib with imatinib", 16.0)))
    assert (made.title, made.journal) == ("Ruxolitinib with imatinib", "European Journal of Blood Research")


def test_authors():
    assert read(info={"author": "Ada Lovelace; Grace Hopper"}).authors == ("Ada Lovelace", "Grace Hopper")
    assert read(info={"author": "Ada Lovelace and Grace Hopper"}).authors == ("Ada Lovelace", "Grace Hopper")
    assert read(info={"author": "Utente"}).authors == ()
    assert read(info={"author": "Windows User"}).authors == ()
    xmp = "<dc:creator><rdf:Seq><rdf:li>Ada Lovelace</rdf:li><rdf:li>Jean &amp; Hopper</rdf:li></rdf:Seq></dc:creator>"
    assert read(xmp=xmp).authors == ("Ada Lovelace", "Jean & Hopper")


def test_year():
    created = {"creationDate": "D:20180212090000"}
    assert read(info=created, pages=["Blood 2025; 17: e20"]).year == 2025
    assert read(info=created, pages=["Published: March 01, 2024"]).year == 2024
    assert read(info=created, pages=["since 1999 we saw 2000 cases"]).year == 2018
    assert read().year is None


def test_doi():
    xmp = "<prism:doi>10.1000/ABC.1</prism:doi>"
    assert read(xmp=xmp, pages=["doi:10.1000/other"]).doi == "10.1000/abc.1"
    assert read(pages=["see https://doi.org/10.4084/MJHID.2025.023."]).doi == "10.4084/mjhid.2025.023"
    # Two of them, each once: nobody can say which is its own.
    assert read(pages=["doi:10.1000/one doi:10.1000/two"]).doi is None
    assert read(pages=["doi:10.1000/one", "doi:10.1000/one\nReferences\ndoi:10.1000/two"]).doi == "10.1000/one"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("under the Creative Commons Attribution 4.0 International License", "CC BY 4.0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives\n4.0 licence", "CC BY-NC-ND 4.0"),
        ("Creative Commons Attribution License (https://creativecommons.org/licenses/by-nc/4.0)", "CC BY-NC 4.0"),
        ("licensed CC BY-SA 3.0", "CC BY-SA 3.0"),
        ("Creative Commons Attribution License", "CC BY"),
        ("All rights reserved", None),
    ],
)
def test_licence(text, expected):
    assert licence(text) == expected
