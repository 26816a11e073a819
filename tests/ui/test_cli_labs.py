import json

import pymupdf
import pytest
from lab_uploads import COUNT, NAME, RECORD, SVG, blank_pdf, encrypted_pdf, report_pdf, report_png
from PIL import Image
from typer.testing import CliRunner

from ingest.errors import MarrowError
from ui import cli

EARLIER = (("White blood cells", "9.1", "10^9/L", "4.0 - 11.0"), ("Platelets", "88", "10^9/L", "150 - 400"))


@pytest.fixture
def marrow(built_home, monkeypatch):
    monkeypatch.setenv("MARROW_HOME", str(built_home))
    monkeypatch.setenv("MARROW_LAB_SECOND_READER", "none")

    def run(*arguments):
        done = CliRunner().invoke(cli.app, ["labs", *map(str, arguments)])
        if isinstance(done.exception, MarrowError):
            raise done.exception
        return done

    return run


@pytest.fixture
def report(tmp_path):
    file = tmp_path / "report.pdf"
    file.write_bytes(report_pdf())
    return file


def last_json(done):
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


def test_a_report_is_read_as_the_contract_says(marrow, report):
    reading = last_json(marrow("read", report, "--json"))
    platelets = reading["results"][2]
    assert [platelets[name] for name in ("analyte", "loinc", "unit", "flag")] == ["platelets", "777-3", "10*9/L", "L"]
    assert [platelets[name] for name in ("value", "low", "high")] == [41.0, 150.0, 400.0]
    assert platelets["printed"]["value"] == "41" and platelets["page"] == 1 and len(platelets["box"]) == 4
    assert {"findings", "triage", "unread"} <= set(reading)
    assert (reading["sex"], reading["age"], reading["collected"]) == ("F", 57.0, "2026-03-12")


def test_people_get_urgent_words_first_then_flags_in_words(marrow, report):
    shown = marrow("read", report).stderr
    assert shown.index("Please") < shown.index("Platelets")
    assert "▼ low" in shown and "▲ high" in shown and "Urgent: Thrombocytopenia" in shown
    assert "not a diagnosis" in shown
    assert not any(private in shown for private in (*NAME.split(), RECORD))


def test_papers_to_take_along_name_no_person(marrow, report, tmp_path):
    pdf, fhir, image = tmp_path / "s.pdf", tmp_path / "s.json", tmp_path / "s.png"
    last_json(marrow("read", report, "--pdf", pdf, "--fhir", fhir, "--image", image, "--json"))
    with pymupdf.open(pdf) as document:
        text = "".join(page.get_text() for page in document)
    assert "Platelets" in text and "Farnsworth" not in text
    assert json.loads(fhir.read_text())["resourceType"] == "DiagnosticReport" and "Farnsworth" not in fhir.read_text()
    with Image.open(image) as kept:
        assert kept.format == "PNG" and kept.height > kept.width


def test_pages_of_one_report_may_be_several_files(marrow, tmp_path):
    for number, rows in enumerate((COUNT[:1], COUNT[1:])):
        (tmp_path / f"{number}.pdf").write_bytes(report_pdf(rows))
    reading = last_json(marrow("read", tmp_path / "0.pdf", tmp_path / "1.pdf", "--json"))
    assert [(r["analyte"], r["page"]) for r in reading["results"]] == [("wbc", 1), ("hemoglobin", 2), ("platelets", 2)]
    assert reading["pages"] == 2


@pytest.mark.slow
def test_a_photo_is_read_twice(marrow, tmp_path):
    (tmp_path / "photo.png").write_bytes(report_png())
    reading = last_json(marrow("read", tmp_path / "photo.png", "--second-reader", "auto", "--json"))
    assert [result["value"] for result in reading["results"]] == [23.6, 10.3, 41.0]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (SVG, "SVG drawing"), (blank_pdf(), "blank page"), (encrypted_pdf(), "password")],
)
def test_a_file_that_is_no_report_is_named_with_a_hint(marrow, tmp_path, content, words):
    (tmp_path / "odd.png").write_bytes(content)
    with pytest.raises(MarrowError, match=words) as refused:
        marrow("read", tmp_path / "odd.png")
    assert str(refused.value).startswith("odd.png: ") and refused.value.hint


def test_a_file_that_is_not_there_is_named(marrow, tmp_path):
    with pytest.raises(MarrowError, match="nowhere.pdf"):
        marrow("read", tmp_path / "nowhere.pdf")


@pytest.mark.parametrize(
    "wrong", [["--sex", "X"], ["--age", "-3"], ["--audience", "vet"], ["--engine", "x"], ["--second-reader", "x"]]
)
def test_wrong_usage_ends_with_2(marrow, report, wrong):
    assert marrow("read", report, *wrong).exit_code == 2


def test_reports_are_compared_by_day(marrow, report, tmp_path):
    (tmp_path / "earlier.pdf").write_bytes(report_pdf(EARLIER, collected="02 Feb 2026"))
    made = last_json(marrow("trend", report, tmp_path / "earlier.pdf", "--pdf", tmp_path / "t.pdf", "--json"))
    by_name = {trend["analyte"]: trend for trend in made["trends"]}
    # 41 after 88: 47 less, 38 days later. Only these two are on both.
    assert set(by_name) == {"wbc", "platelets"}
    assert (by_name["platelets"]["change"], by_name["platelets"]["days"]) == (-47.0, 38)
    shown = marrow("trend", report, tmp_path / "earlier.pdf").stderr
    assert "2026-02-02" in shown and "falling by" in shown
    assert (tmp_path / "t.pdf").read_bytes().startswith(b"%PDF")


def test_what_cannot_be_compared_is_refused(marrow, report, tmp_path):
    with pytest.raises(MarrowError, match="one report only"):
        marrow("trend", report)
    (tmp_path / "other.pdf").write_bytes(report_pdf((("Sodium", "140", "mmol/L", "135 - 145"),)))
    with pytest.raises(MarrowError, match="no value in common"):
        marrow("trend", report, tmp_path / "other.pdf")


def test_a_saved_reading_is_judged_again_and_exported(marrow, report, tmp_path):
    saved, fhir = tmp_path / "reading.json", tmp_path / "out.json"
    reading = last_json(marrow("read", report, "--json"))
    reading["results"][2]["value"] = 4.0
    saved.write_text(json.dumps(reading))
    again = last_json(marrow("export", saved, "--fhir", fhir, "--json"))
    assert (again["results"][2]["flag"], again["triage"]["level"]) == ("LL", "emergency")
    assert json.loads(fhir.read_text())["resourceType"] == "DiagnosticReport"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"results": [{"analyte": "wbc", "value": "x"}]}'])
def test_what_is_no_saved_reading_is_refused(marrow, tmp_path, content):
    (tmp_path / "odd.json").write_text(content)
    with pytest.raises(MarrowError, match="odd.json is no saved reading"):
        marrow("export", tmp_path / "odd.json")


def test_what_could_not_be_read_is_still_said_of_a_saved_reading(marrow, report, tmp_path):
    saved = tmp_path / "reading.json"
    reading = last_json(marrow("read", report, "--json"))
    texts = ("Blasts 0,3? G/ 0,5", "Zorbase 1O")
    reading["unread"] = [{"text": text, "reason": "smudged", "page": 1} for text in texts]
    saved.write_text(json.dumps(reading))
    again = last_json(marrow("export", saved, "--json"))
    assert again["notes"][0].startswith("Look at the paper report for Blasts: ")
    assert "Lines of the report that could not be read: 2. What they say was not judged." in again["notes"]
    assert "Zorbase" not in json.dumps(again)


def test_what_the_reader_found_of_the_whole_report_is_still_said_when_it_is_judged_again(marrow, report, tmp_path):
    saved = tmp_path / "reading.json"
    reading = last_json(marrow("read", report, "--json"))
    two = "The report seems to be of two patients (it holds different names, ages); check every value."
    reading["notes"] = [two, "The sex is not known. Hemoglobin was compared with limits that hold for both sexes."]
    reading["results"][0] |= {"needs_review": True, "doubts": [two]}
    saved.write_text(json.dumps(reading))
    again = last_json(marrow("export", saved, "--json"))
    # The sex is known to be female: what judging adds is made anew.
    assert two in again["notes"] and not any("sex is not known" in note for note in again["notes"])
    assert again["results"][0]["doubts"] == [two] and again["results"][0]["needs_review"]
