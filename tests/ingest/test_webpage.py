import pytest
from reading import one, parts, write

from ingest.errors import UnreadableSource

HTML = """<!DOCTYPE html><html lang="en"><head><title>CML basics</title><meta name="author" content="Ann Lee">
<meta property="article:published_time" content="2021-05-04"><link rel="canonical" href="https://example.org/cml">
</head><body><nav><a href="/">Home</a><a href="/x">Other pages of this site</a></nav><article><h1>CML basics</h1>
<p>Chronic myeloid leukemia is a cancer of the blood that starts in the marrow and grows slowly at first.</p>
<h2>Counts</h2><p>A normal count of white cells is 4 to 11 x 10<sup>9</sup>/L in most laboratories of the world.</p>
<ul><li>Fever is one sign of the disease.</li><li>Night sweats are another sign.</li></ul>
<table><tr><th>Drug</th><th>Dose</th></tr><tr><td>imatinib</td><td>400 mg</td></tr></table></article>
<script>var hidden = 1;</script><footer>Copyright and cookies</footer></body></html>"""


@pytest.mark.parametrize("name", ["a.html", "a.htm", "page"])
def test_html(tmp_path, name):
    made = one(write(tmp_path / name, HTML))
    assert ("paragraph", ("Counts",)) in [part[:2] for part in parts(made)]
    assert ("list", ("Counts",), "Night sweats are another sign.") in parts(made)
    assert ("table", ("Counts",), "Drug: imatinib; Dose: 400 mg") in parts(made)
    assert "10⁹/L" in made.text
    assert "hidden" not in made.text
    assert "cookies" not in made.text
    assert made.meta.title == "CML basics"
    assert (made.meta.year, made.meta.authors, made.meta.url) == (2021, ("Ann Lee",), "https://example.org/cml")


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_encodings_of_html(tmp_path, encoding):
    head = f'<meta charset="{encoding}">' if encoding == "iso-8859-1" else ""
    page = f"<html><head>{head}</head><body><p>Ménière is no leukemia ± β</p></body></html>"
    page = page.replace("β", "b") if head else page
    made = one(write(tmp_path / "a.html", page, encoding))
    assert "Ménière is no leukemia ±" in made.text


@pytest.mark.parametrize(
    "attribute", ["hidden", 'style="color:red; display : none"', 'style="font-size:0"', 'style="opacity:0.0; top:1px"']
)
def test_what_a_page_hides_is_not_read(tmp_path, attribute):
    hidden = f"<p {attribute}>Venetoclax must be taken three times a day by everyone.</p>"
    made = one(write(tmp_path / "a.html", HTML.replace("<h2>", f"{hidden}<h2>")))
    assert "Venetoclax" not in made.text
    assert "grows slowly at first" in made.text
    assert (
        one(write(tmp_path / "b.html", f"<div {attribute}>No.</div><p>Imatinib helps.</p>")).text == "Imatinib helps."
    )


@pytest.mark.parametrize("style", ["opacity:0.9", "font-size:0.9em", "display:block"])
def test_what_a_page_shows_is_read(tmp_path, style):
    assert "helps" in one(write(tmp_path / "a.html", f'<p style="{style}">Imatinib helps.</p>')).text


def test_html_without_an_article_gives_what_there_is(tmp_path):
    assert "Imatinib helps." in one(write(tmp_path / "a.html", "<p>Imatinib helps.</p>")).text


@pytest.mark.parametrize("text", ["<html><body></body></html>", "<html><script>x()</script></html>", "   "])
def test_html_without_text_is_refused(tmp_path, text):
    with pytest.raises(UnreadableSource):
        one(write(tmp_path / "a.html", text))
