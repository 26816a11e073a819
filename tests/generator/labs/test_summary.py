from datetime import date

import pymupdf
from printed_result import platelets

from generator.labs.records import Finding, LabReading, Unread
from generator.labs.summary import summary_pdf
from generator.labs.trends import trends
from generator.records import Citation, Triage


def reading(**changes) -> LabReading:
    given = {
        "results": (platelets(),),
        "findings": (
            Finding(
                rule="thrombocytopenia",
                title="Thrombocytopenia, grade 4",
                severity="urgent",
                text="A very low platelet count, to be confirmed by a repeat count.",
                used=("Platelets 18 10*9/L",),
                next_steps=("Ask for a repeat count today.",),
                basis="CTCAE v5.0, 2017",
                basis_url="https://ctep.cancer.gov",
                citations=(1,),
            ),
        ),
        "citations": (
            Citation(
                n=1,
                doc_id="PMID:1",
                passage_id="p",
                title="Platelets & bleeding",
                quote="Bleeding is likelier below 10.",
                start=0,
                end=30,
                year=2020,
                url="https://example.org/platelets",
            ),
        ),
        "triage": Triage(level="urgent", reason="platelets", message="Call your team today."),
        "collected": date(2024, 3, 12),
    }
    return LabReading(**(given | changes))


def text_of(pdf: bytes) -> str:
    with pymupdf.open("pdf", pdf) as document:
        return " ".join(" ".join(page.get_text() for page in document).split())


def test_the_urgent_words_come_before_the_values():
    text = text_of(summary_pdf(reading(), audience="patient"))
    assert "12 March 2024" in text
    assert 0 < text.index("Call soon Call your team today.") < text.index("Results") < text.index("Thrombocytopenia")


def test_a_value_has_its_unit_its_range_and_its_flag_in_words():
    assert "Platelets 18 10^9/L 150 – 400 ▼▼ critically low" in text_of(summary_pdf(reading(), audience="patient"))


def test_a_finding_has_its_steps_threshold_and_quote_with_address():
    text = text_of(summary_pdf(reading(), audience="clinician"))
    assert "repeat count. [1]" in text and "Ask for a repeat count today." in text
    assert "Threshold: CTCAE v5.0, 2017, https://ctep.cancer.gov" in text
    assert "[1] “Bleeding is likelier below 10.” Platelets & bleeding, 2020 https://example.org/platelets" in text


def test_doubt_is_shown_at_the_value_and_on_top():
    doubtful = platelets(needs_review=True, doubts=("The second reading says 78.",))
    text = text_of(summary_pdf(reading(results=(doubtful,)), audience="patient"))
    assert "18 ? please check" in text
    assert text.index("The second reading says 78.") < text.index("Results")


def test_lines_that_could_not_be_read_are_counted_but_not_printed():
    text = text_of(summary_pdf(reading(unread=(Unread(text="Jane Doe 12,3?", reason="x"),)), audience="patient"))
    assert "1 line of the report could not be read" in text and "Jane" not in text


def test_nothing_urgent_has_no_box():
    text = text_of(summary_pdf(reading(triage=Triage(level="routine", message="x")), audience="patient"))
    assert "Act now" not in text and "Call soon" not in text


def test_patients_get_questions_and_all_get_the_limits():
    patient, clinician = (text_of(summary_pdf(reading(), audience=who)) for who in ("patient", "clinician"))
    assert "Questions for your care team" in patient and "Questions for your care team" not in clinician
    for text in (patient, clinician):
        assert "AI assistant" in text and "no diagnosis" in text


def test_a_range_of_our_own_is_marked():
    text = text_of(summary_pdf(reading(results=(platelets(range_source="table"),)), audience="patient"))
    assert "150 – 400*" in text and "* Not printed on the report" in text


def test_markup_in_a_report_stays_text():
    text = text_of(summary_pdf(reading(results=(platelets(name="<b>PLT</b> & <img src=x>"),)), audience="patient"))
    assert "<b>PLT</b> & <img src=x>" in text


def test_the_same_reading_gives_the_same_bytes():
    assert summary_pdf(reading(), audience="patient") == summary_pdf(reading(), audience="patient")


def test_no_sex_and_no_age():
    text = text_of(summary_pdf(reading(sex="F", age=34.0), audience="patient"))
    assert "34" not in text and "female" not in text.lower()


def test_fifty_values_take_several_pages_with_numbers():
    many = tuple(platelets(name=f"Analyte {n}") for n in range(50))
    pdf = summary_pdf(reading(results=many), audience="clinician")
    with pymupdf.open("pdf", pdf) as document:
        assert len(document) > 1
        assert all(f"page {n} of {len(document)}" in page.get_text() for n, page in enumerate(document, 1))
    assert all(f"Analyte {n} " in text_of(pdf) for n in range(50))


def test_an_earlier_report_is_drawn():
    earlier = reading(results=(platelets(value=90.0),), collected=date(2024, 2, 1))
    pdf = summary_pdf(reading(), audience="patient", trends=trends([earlier, reading()]))
    text = text_of(pdf)
    assert "2024-02-01 2024-03-12" in text and "90" in text
    with pymupdf.open("pdf", pdf) as document:
        assert sum(len(page.get_images()) for page in document) == 1


def test_an_empty_reading_says_that_nothing_was_read():
    text = text_of(summary_pdf(LabReading(results=()), audience="patient"))
    assert "No value could be read." in text and "Date of the sample: not found" in text
