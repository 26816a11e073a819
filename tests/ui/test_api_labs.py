import json
from io import BytesIO

import pymupdf
import pytest
from lab_uploads import (
    NAME,
    RECORD,
    SVG,
    blank_pdf,
    cat_photo,
    encrypted_pdf,
    plain_png,
    report_pdf,
    report_png,
)
from PIL import Image
from starlette.testclient import TestClient
from ui_fakes import FakeService

from ui.app import build_app

# Chainlit's own dependencies are behind Pydantic's times.
pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`:DeprecationWarning")


def send(client, content, **fields):
    return client.post("/api/labs", files={"file": ("report", content)}, data=fields)


def test_a_report_is_read_judged_and_cleaned_of_the_person(client):
    answer = send(client, report_pdf(), audience="clinician")
    assert answer.status_code == 200
    reading = answer.json()
    values = {result["analyte"]: (result["value"], result["unit"], result["flag"]) for result in reading["results"]}
    assert values == {
        "wbc": (23.6, "10*9/L", "H"),
        "hemoglobin": (10.3, "g/dL", "L"),
        "platelets": (41.0, "10*9/L", "L"),
    }
    assert (reading["sex"], reading["age"], reading["collected"]) == ("F", 57.0, "2026-03-12")
    assert "Thrombocytopenia, grade 3" in [finding["title"] for finding in reading["findings"]]
    assert reading["triage"]["level"] == "urgent"
    for private in (*NAME.split(), RECORD):
        assert private not in answer.text


def test_what_is_given_wins_over_what_is_printed(client):
    reading = send(client, report_pdf(), sex="M", age="40").json()
    assert (reading["sex"], reading["age"]) == ("M", 40.0)
    assert any("another sex" in note for note in reading["notes"])


@pytest.mark.slow
def test_a_picture_gives_the_same_values(client):
    read = send(client, report_png()).json()
    assert [result["value"] for result in read["results"]] == [23.6, 10.3, 41.0]
    assert read["engine"] == "rapidocr"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (SVG, "SVG drawing"),
        (blank_pdf(), "blank page"),
        (cat_photo(), "no text"),
        (encrypted_pdf(), "password"),
        (plain_png(20_000, 20_000), "more pixels"),
        (report_pdf()[:900], "no result"),
        (report_pdf((("Shoe size", "42", "EU", "36 - 46"),)), "one line looks like a result"),
    ],
    ids=["empty", "svg", "blank", "cat", "locked", "huge", "cut", "no values"],
)
def test_what_is_no_report_is_refused_with_a_hint(client, content, words):
    answer = send(client, content)
    assert answer.status_code == 422
    problem = answer.json()
    assert words.lower() in problem["error"].lower() and problem["hint"]


def test_two_patients_on_one_page_are_told_and_no_value_is_trusted(client):
    salts = (("Potassium", "6.6", "mmol/L", "3.5 - 5.1"),)
    other = (f"Patient Name: {NAME[::-1]}", "MRN: H99104417", "Age: 71 years")
    reading = send(client, report_pdf(salts, head=other)).json()
    assert reading["notes"][0].startswith("The report seems to be of two patients")
    assert all(result["needs_review"] for result in reading["results"]) and reading["age"] is None
    again = judged(client, results=reading["results"], notes=reading["notes"]).json()
    assert reading["notes"][0] in again["notes"]


def test_a_chemistry_panel_says_that_it_holds_no_blood_count(client):
    salts = (("Potassium", "4.4", "mmol/L", "3.5 - 5.1"), ("Creatinine", "0.9", "mg/dL", "0.6 - 1.2"))
    reading = send(client, report_pdf(salts)).json()
    assert [(r["analyte"], r["value"]) for r in reading["results"]] == [("potassium", 4.4), ("creatinine", 0.9)]
    assert any("holds no blood count" in note for note in reading["notes"])


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_upside_down_or_on_its_side_is_read_right(client, degrees):
    written = BytesIO()
    with Image.open(BytesIO(report_png())) as page:
        page.rotate(degrees, expand=True).save(written, "PNG")
    read = send(client, written.getvalue()).json()
    assert [result["value"] for result in read["results"]] == [23.6, 10.3, 41.0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"sex": "X"}, "sex"), ({"age": "-1"}, "age"), ({"age": "nan"}, "age"), ({"audience": "vet"}, "audience"),
     ({"name": "Quentin"}, "name")],
)  # fmt: skip
def test_a_wrong_field_is_named_and_its_value_is_not_repeated(client, fields, words):
    answer = send(client, report_pdf(), **fields)
    assert answer.status_code == 422 and answer.json()["error"].startswith(words)
    assert "Quentin" not in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {}},
        {"data": {"sex": "F"}, "files": {"other": ("x", b"y")}},
        {"content": b"junk", "headers": {"content-type": "multipart/form-data"}},
        {"content": b"junk", "headers": {"content-type": "multipart/form-data; boundary=x"}},
    ],
)
def test_what_is_no_form_with_a_file_is_refused(client, sent):
    answer = client.post("/api/labs", **sent)
    assert answer.status_code == 422 and "multipart" in answer.json()["hint"]


def test_a_file_over_the_limit_is_refused_before_it_is_read(client):
    answer = client.post("/api/labs", content=b"x", headers={"content-length": "99999999999"})
    assert answer.status_code == 413
    # Other routes keep their small limit.
    assert client.post("/api/labs/judge", content=b"x" * (1 << 21)).status_code == 413


def judged(client, path="/api/labs/judge", **changes):
    values = [{"analyte": "platelets", "value": 4.0, "low": 150.0, "high": 400.0}]
    return client.post(path, json={"results": values, "sex": "F", "age": 57, **changes})


def test_flags_of_given_values_come_from_the_tables(client):
    reading = judged(client).json()
    (result,) = reading["results"]
    assert (result["flag"], result["critical"], result["loinc"]) == ("LL", True, "777-3")
    assert reading["triage"]["level"] == "emergency" and reading["triage"]["message"]


def test_what_a_reading_holds_can_be_sent_back_corrected(client):
    results = send(client, report_pdf()).json()["results"]
    results[2]["value"] = 350.0
    again = judged(client, results=results).json()["results"]
    assert [(result["value"], result["flag"]) for result in again] == [(23.6, "H"), (10.3, "L"), (350.0, "N")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"analyte": "unobtainium", "value": 1}, "unobtainium"),
        ({"analyte": "platelets", "value": 1, "unit": "smoots"}, "smoots"),
        ({"analyte": "platelets", "value": -1}, "value"),
        ({"analyte": "platelets", "value": 1, "comparator": "~"}, "comparator"),
    ],
)
def test_values_that_cannot_be_judged_are_refused(client, value, words):
    answer = judged(client, results=[value])
    assert answer.status_code == 422 and words in answer.json()["error"]


def test_given_values_become_a_pdf_and_a_fhir_report(client):
    pdf = judged(client, "/api/labs/pdf")
    assert pdf.headers["content-disposition"] == 'attachment; filename="lab-report-summary.pdf"'
    with pymupdf.open("pdf", pdf.content) as document:
        assert "Platelets" in document[0].get_text()
    fhir = judged(client, "/api/labs/fhir")
    assert fhir.headers["content-type"] == "application/fhir+json"
    assert json.loads(fhir.content)["resourceType"] == "DiagnosticReport"
    assert pdf.headers["cache-control"] == fhir.headers["cache-control"] == "no-store"


def test_an_upload_of_the_chat_is_never_sent_back(client):
    token = client.post("/labs/uploads", content=report_pdf()).json()["upload"]
    assert client.get(f"/labs/papers/{token}").status_code == 404
    assert client.get("/labs/papers/unknown").status_code == 404
    assert client.post("/labs/uploads", content=b"").status_code == 422


def test_nothing_of_an_upload_is_written_to_disk(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    opened = []
    with TestClient(build_app(FakeService(tmp_path)), base_url="http://localhost:8000") as client:
        # Padded over the megabyte from which on forms go to disk by default.
        monkeypatch.setattr("tempfile.TemporaryFile", lambda *given, **named: opened.append(given))
        answer = send(client, report_pdf() + b"\n%" + b"x" * 2_000_000)
    assert answer.status_code == 200 and not opened
    assert not list(folder.iterdir())


def test_the_routes_are_described(client):
    described = client.get("/openapi.json").json()["paths"]["/api/labs"]["post"]
    form = described["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(form["properties"]) == {"file", "sex", "age", "audience"}
