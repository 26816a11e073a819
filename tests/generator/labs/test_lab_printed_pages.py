"""Reports as they come: HTML set as a PDF by PyMuPDF, read by its text layer and, as a picture, by OCR."""

import io

import pymupdf
import pytest

from generator.labs.read import read_report
from generator.labs.records import LabReading
from ingest.ocr import RapidOcrEngine
from ingest.pages import open_upload

STYLE = "body {font-family: sans-serif; font-size: 11px} td, th {padding: 5px 12px; text-align: left}"
FRENCH = """<p>Mme DUPONT Anne, née le 05/03/1968</p><p>Prélevé le 04/11/2025 à 08h10. Edité le 05/11/2025</p>
<table><tr><th>Examen</th><th>Résultat</th><th>Unité</th><th>Valeurs de référence</th></tr>
<tr><td>Leucocytes</td><td>2,1</td><td>G/L</td><td>4,00 - 10,00</td></tr>
<tr><td>Polynucléaires<br/>neutrophiles</td><td>0,45</td><td>G/L</td><td>1,40 - 7,70</td></tr>
<tr><td>Hémogl.</td><td>8,2</td><td>g/dL</td><td>12,0 - 16,0</td></tr>
<tr><td>Plaquettes</td><td>18</td><td>G/L</td><td>150 - 400</td></tr></table>"""
CUMULATIVE = """<p>Collected: see columns</p>
<table><tr><th>Test</th><th>01/11/2025</th><th>15/11/2025</th><th>20/11/2025</th><th>Units</th><th>Ref range</th></tr>
<tr><td>WBC</td><td>0.9</td><td>1.5</td><td>6.2</td><td>10^9/L</td><td>4.0-11.0</td></tr>
<tr><td>Haemoglobin</td><td>81</td><td>90</td><td>112</td><td>g/L</td><td>120-160</td></tr>
<tr><td>Platelets</td><td>12</td><td>44</td><td>160</td><td>10^9/L</td><td>150-400</td></tr></table>"""
CARDS = """<p><b>White blood cell count</b><br/>Normal range: 4.0 - 11.0 10e9/L<br/>0.6 Low</p>
<p><b>Platelet count</b><br/>Normal range: 150 - 400 10e9/L<br/>12 Low</p>
<p><b>Potassium</b><br/>Normal range: 3.5 - 5.1 mmol/L<br/>4.1</p>"""
EXPECTED = {
    FRENCH: {"wbc": 2.1, "neutrophils": 0.45, "hemoglobin": 8.2, "platelets": 18.0},
    CUMULATIVE: {"wbc": 6.2, "hemoglobin": 11.2, "platelets": 160.0},
    CARDS: {"wbc": 0.6, "platelets": 12.0, "potassium": 4.1},
}


def pdf(html: str) -> bytes:
    out = io.BytesIO()
    writer = pymupdf.DocumentWriter(out)
    story = pymupdf.Story(html, user_css=STYLE)
    paper = pymupdf.paper_rect("a4")
    device = writer.begin_page(paper)
    story.place(paper + (40, 40, -40, -40))
    story.draw(device)
    writer.end_page()
    writer.close()
    return out.getvalue()


def values(reading: LabReading) -> dict[str, float]:
    return {result.analyte: result.value for result in reading.results}


@pytest.mark.parametrize("html", EXPECTED, ids=["french", "cumulative", "cards"])
def test_a_text_layer(html):
    reading = read_report(open_upload(pdf(html), engine=None))
    assert values(reading) == EXPECTED[html]
    assert not any(result.needs_review for result in reading.results)


def test_its_head():
    reading = read_report(open_upload(pdf(FRENCH), engine=None))
    assert (reading.collected.isoformat(), reading.sex, int(reading.age)) == ("2025-11-04", "F", 57)


@pytest.mark.slow
@pytest.mark.parametrize("html", EXPECTED, ids=["french", "cumulative", "cards"])
def test_a_picture(html):
    with pymupdf.open(stream=pdf(html)) as document:
        picture = document[0].get_pixmap(dpi=200).tobytes("png")
    assert values(read_report(open_upload(picture, engine=RapidOcrEngine()))) == EXPECTED[html]
