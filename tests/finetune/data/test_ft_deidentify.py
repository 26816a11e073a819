from collections import Counter

import pytest

from finetune.data.deidentify import deidentify


def test_a_report_loses_its_person_and_says_what_went():
    text = (
        "Patient Name: Margaret Holloway\nDOB: 01/02/1961\nMRN: 00123456\nPhone: 020 2567 8901\n"
        "Collected: 12/03/2024\nWBC 142.3 x10^9/L\nSeen by Dr. Anna Bauer."
    )
    clean, removed = deidentify(text)
    assert clean == (
        "Patient Name: [NAME]\nDOB: [BIRTH DATE]\nMRN: [NUMBER]\nPhone: [PHONE]\n"
        "Collected: [DATE 2024]\nWBC 142.3 x10^9/L\nSeen by [NAME]."
    )
    assert removed == Counter(name=2, birth_date=1, number=1, phone=1, date=1)


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "Hodgkin lymphoma, Burkitt lymphoma and Waldenström macroglobulinemia are lymphomas.",
        "The Philadelphia chromosome t(9;22) makes BCR::ABL1; Auer rods are seen in AML.",
        "Gleevec (imatinib) and Sprycel were given; a 72-year-old woman responded to Venclexta.",
        "The Kaplan-Meier method, the Cox model and the Richter transformation are known.",
        "FLT3-ITD, NPM1, TP53 and DNMT3A mutations were found in 62% of 40 patients.",
    ],
)
def test_names_of_the_field_stay(text, published):
    assert deidentify(text, published=published) == (text, Counter())


def test_what_a_publication_may_name_stays():
    text = "Approved on May 10, 2001; call 1-800-422-6237 or see www.cancer.gov. The drug GDC-0941 helped."
    assert deidentify(text, published=True) == (text, Counter())
    clean, removed = deidentify(text)
    assert "May 10" not in clean
    assert "422-6237" not in clean
    assert removed["date"] == 1


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Mr. Jonathan Whitfield had leukemia. Write to j.whitfield@example.org.", {"name": 1, "email": 1}),
        ("The editor is Jonathan Whitfield, MD (Cleveland Clinic).", {"name": 1}),
        ("“It is remarkable,” said Jonathan Whitfield of the institute.", {"name": 1}),
        ("A 93-year-old woman was treated.", {"age": 1}),
    ],
)
def test_persons_go_from_publications_too(text, kinds):
    clean, removed = deidentify(text, published=True)
    assert "Whitfield" not in clean
    assert "93" not in clean
    assert removed == Counter(kinds)


@pytest.mark.parametrize(
    "text",
    [
        "What is Urinary Incontinence?",
        "What are the treatments for Ovarian Epithelial, Fallopian Tube, and Primary Peritoneal Cancer?",
        "Cholera toxin is secreted by Vibrio cholerae; Heller myotomy (LHM) is preferred.",
        "Eligard is produced by Tolmar Therapeutics.",
        "Patients of 34 to 92 years were enrolled; support averaged 91 days.",
        "The American Indian or Alaska Native children said little.",
    ],
)
def test_words_in_capitals_of_a_publication_are_no_names(text):
    assert deidentify(text, published=True) == (text, Counter())


def test_nothing_happens_twice():
    clean, _ = deidentify("Patient Name: Margaret Holloway\nMRN: 00123456")
    assert deidentify(clean) == (clean, Counter())
