import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.deidentify import (
    DeidentifyConfig,
    blank,
    boxes_to_blank,
    deidentify,
    deidentify_lines,
    find_identifiers,
)
from ingest.ocr import OcrLine

RULES = DeidentifyConfig(persons=False)
KEEP_DATES = DeidentifyConfig(persons=False, keep_dates=True)


def found(text: str, config: DeidentifyConfig = RULES) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in find_identifiers(text, config)]


@pytest.mark.parametrize(
    ("line", "kind", "value"),
    [
        ("Patient Name : RAJESH KUMAR SHARMA", "name", "RAJESH KUMAR SHARMA"),
        ("Pt. Name: O'Brien, Mary", "name", "O'Brien, Mary"),
        ("PatientName:Jane Doe", "name", "Jane Doe"),
        ("Patlent Name: Jane Doe", "name", "Jane Doe"),
        ("Nom : LEFÈVRE Amélie", "name", "LEFÈVRE Amélie"),
        ("Nachname: Müller-Lüdenscheidt", "name", "Müller-Lüdenscheidt"),
        ("Apellidos y nombre: García Pérez, Lucía", "name", "García Pérez, Lucía"),
        ("Collected by: Tina Wu", "name", "Tina Wu"),
        ("S/O Suresh Patel", "name", "Suresh Patel"),
        ("氏名：井上健太", "name", "井上健太"),
        ("DOB: 01-Feb-1979", "birth_date", "01-Feb-1979"),
        ("Geb.-Datum: 03.04.1955", "birth_date", "03.04.1955"),
        ("Né(e) le : 3 août 1961", "birth_date", "3 août 1961"),
        ("Fecha de nacimiento: 12/10/1948", "birth_date", "12/10/1948"),
        ("DOB: O1/02/198O", "birth_date", "O1/02/198O"),
        ("生年月日：昭和61年9月30日", "birth_date", "昭和61年9月30日"),
        ("UHID: APL.0001234567", "number", "APL.0001234567"),
        ("MRN 00 98 76", "number", "00 98 76"),
        ("Lab No. 24-03-00123", "number", "24-03-00123"),
        ("Accession #: H-24-1881", "number", "H-24-1881"),
        ("Fallnummer 123456789", "number", "123456789"),
        ("N° de dossier : 55 123", "number", "55 123"),
        ("Codice fiscale: RSSMRA80A01H501U", "number", "RSSMRA80A01H501U"),
        ("Tel: 020-2567 8901", "phone", "020-2567 8901"),
        ("Fax +49 89 1234567", "phone", "+49 89 1234567"),
        ("Email: j.smith@example.org", "email", "j.smith@example.org"),
        ("see www.example-lab.com", "url", "www.example-lab.com"),
        ("Age: 92 years", "age", "92"),
        ("1420 Maple Ridge Ave, Columbus, OH 43215", "address", "1420 Maple Ridge Ave, Columbus, OH 43215"),
        ("7 rue des Lilas, 69003 Lyon", "address", "7 rue des Lilas, 69003 Lyon"),
    ],
)
def test_a_value_beside_its_label(line, kind, value):
    assert found(line) == [(kind, value)]


def test_labels_over_their_values():
    text = "Name\nDOB\nMRN\nJane Doe\n01/02/1980\n12345678"
    assert found(text) == [("name", "Jane Doe"), ("birth_date", "01/02/1980"), ("number", "12345678")]


def test_columns_of_labels_over_columns_of_values():
    text = "Name\tDate of Birth\tMRN\nSMITH, JOHN A\t04/05/1961\t0098765"
    assert found(text) == [("name", "SMITH, JOHN A"), ("birth_date", "04/05/1961"), ("number", "0098765")]


def test_several_labels_on_one_line():
    text = "Name: John Smith Age: 45 Y Sex: M UHID: 12345 Collected: 12/03/2024 09:15"
    assert found(text, KEEP_DATES) == [("name", "John Smith"), ("number", "12345")]


def test_a_signer_over_the_role():
    text = "Anita Venkataraman\nConsultant Pathologist"
    assert found(text) == [("name", "Anita Venkataraman")]


def test_a_titled_name_anywhere():
    assert found("Seen with Prof. Dr. med. Anna Bauer today") == [("name", "Prof. Dr. med. Anna Bauer")]


def test_what_was_found_once_goes_everywhere():
    text = "Patient Name: Rajesh Bhattacharya\nUHID: 778812\n\nBhattacharya was told. Barcode 778812"
    assert [kind for kind, _ in found(text)] == ["name", "number", "name", "number"]


def test_days_become_years_and_a_birth_date_nothing():
    text = "DOB: 01/02/1980\nCollected: 12/03/2024"
    assert deidentify(text, RULES).text == "DOB: [BIRTH DATE]\nCollected: [DATE 2024]"
    assert deidentify(text, KEEP_DATES).text == "DOB: [BIRTH DATE]\nCollected: 12/03/2024"


def test_an_old_day_without_a_label_is_taken_for_a_birth_date():
    assert found("12/03/1980\nCollected: 12/03/2024", KEEP_DATES) == [("birth_date", "12/03/1980")]


@pytest.mark.parametrize(
    "line",
    [
        "Haemoglobin  13.5  g/dL  13.0 - 17.0",
        "Platelet Count  1,50,000  /cumm  1,50,000 - 4,50,000",
        "RBC 4500000 /cumm 4500000 - 5500000",
        "WBC  142.3 H  10^9/L  4.0-11.0",
        "Test Name\tResult\tUnit",
        "Leukozyten  12,4  Gpt/l  4,0-10,0",
        "LDH 1240 U/L (135-225)",
        "Ph chromosome positive, Auer rods seen, Coombs test negative.",
        "Hodgkin lymphoma; Philadelphia chromosome; Sudan Black B; FLT3-ITD; t(9;22)(q34;q11)",
        "Age/Sex: 45 Y / M",
        "Blasts 62 % on the smear of 30 cells",
        "Trial NCT01234567, PMID 35797463",
    ],
)
def test_results_and_words_of_medicine_stay(line):
    assert found(line) == []


def test_label_and_value_in_separate_pieces():
    pieces = [
        OcrLine("Patient Name", 0.9, (10, 10, 110, 30)),
        OcrLine("JANE DOE", 0.9, (150, 11, 230, 31)),
        OcrLine("MRN", 0.9, (400, 10, 440, 30)),
        OcrLine("0098765", 0.9, (400, 40, 470, 60)),
        OcrLine("Hemoglobin", 0.9, (10, 200, 110, 220)),
        OcrLine("9.1", 0.9, (150, 200, 180, 220)),
        OcrLine("g/dL", 0.9, (250, 200, 290, 220)),
    ]
    texts = [piece.text for piece in deidentify_lines(pieces, RULES)]
    assert texts == ["Patient Name", "[NAME]", "MRN", "[NUMBER]", "Hemoglobin", "9.1", "g/dL"]
    assert [piece.box for piece in deidentify_lines(pieces, RULES)] == [piece.box for piece in pieces]
    # The name's letters are 10 wide; its box is left as a whole, a letter and a half would reach beyond it.
    assert boxes_to_blank(pieces, RULES) == [(150, 11, 230, 31), (400, 40, 470, 60)]


def test_only_the_value_is_blanked():
    pieces = [OcrLine("UHID: 123456", 0.9, (0, 0, 120, 20))]
    # Ten pixels a letter: the number starts at letter 6; one and a half letters before it is 45.
    assert boxes_to_blank(pieces, RULES) == [(45.0, 0, 120, 20)]


def test_blanking_paints_a_copy():
    image = np.full((20, 30, 3), 255, dtype=np.uint8)
    painted = blank(image, [(5.2, 3.0, 9.5, 8.0), (25, 15, 99, 99)])
    # By hand: columns 5 to 9 and rows 3 to 7, and the corner from (25, 15).
    assert (painted[3:8, 5:10] == 128).all() and (painted[15:, 25:] == 128).all()
    assert (painted == 128).all(axis=2).sum() == 5 * 5 + 5 * 5
    assert (image == 255).all()


def test_nothing_of_the_text_is_logged(caplog):
    with caplog.at_level(logging.DEBUG):
        deidentify("Patient Name: Jane Doe", RULES)
    assert "Jane" not in caplog.text and "removed 1 identifiers" in caplog.text


def test_empty_text_and_no_pieces():
    assert deidentify("", RULES).text == ""
    assert deidentify_lines([], RULES) == []


@given(st.text(max_size=300))
def test_spans_are_ordered_apart_and_inside_any_text(text):
    spans = find_identifiers(text, RULES)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges) and all(span.start < span.end <= len(text) for span in spans)


@given(
    st.from_regex(r"[A-Z]{0,3}[0-9]{5,12}", fullmatch=True),
    st.sampled_from(["MRN: ", "UHID ", "Patient ID:", "Lab No "]),
)
def test_any_record_number_beside_its_label_goes(number, label):
    assert number not in deidentify(f"{label}{number}\nHb 13.5 g/dL", RULES).text


@pytest.mark.slow
def test_names_in_running_text_need_the_language_model():
    text = "The patient, Margaret Holloway, has Hodgkin lymphoma and takes imatinib. Hemoglobin is 9.1 g/dL."
    assert found(text, DeidentifyConfig()) == [("name", "Margaret Holloway")]
    assert deidentify(text).text == deidentify(text).text
