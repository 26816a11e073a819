import json
from datetime import date

import pytest
from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from hypothesis import given
from hypothesis import strategies as st
from printed_result import platelets

from generator.labs.fhir import diagnostic_report
from generator.labs.records import Finding, LabReading, Unread
from ingest.errors import BadRequest


def finding() -> Finding:
    return Finding(
        rule="thrombocytopenia",
        title="Thrombocytopenia, grade 4",
        severity="urgent",
        text="A very low platelet count, to be confirmed by a repeat count.",
        used=("Platelets 18 10*9/L",),
        basis="CTCAE v5.0, 2017",
        basis_url="https://ctep.cancer.gov",
    )


def test_a_report_as_the_standard_writes_it():
    reading = LabReading(results=(platelets(),), findings=(finding(),), collected=date(2024, 3, 12))
    report = diagnostic_report(reading, confirmed=True)
    # Written by hand after the examples of hl7.org/fhir/R4/diagnosticreport-examples.html.
    assert report == {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v2-0074",
                        "code": "LAB",
                        "display": "Laboratory",
                    }
                ],
                "text": "Laboratory",
            }
        ],
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "11502-2", "display": "Laboratory report"}],
            "text": "Laboratory report",
        },
        "effectiveDateTime": "2024-03-12",
        "contained": [
            {
                "resourceType": "Observation",
                "id": "result-1",
                "status": "final",
                "category": [
                    {
                        "coding": [
                            {
                                "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                                "code": "laboratory",
                                "display": "Laboratory",
                            }
                        ],
                        "text": "Laboratory",
                    }
                ],
                "code": {
                    "coding": [{"system": "http://loinc.org", "code": "777-3", "display": "Platelets"}],
                    "text": "Platelets",
                },
                "effectiveDateTime": "2024-03-12",
                "valueQuantity": {
                    "value": 18,
                    "unit": "10*9/L",
                    "system": "http://unitsofmeasure.org",
                    "code": "10*9/L",
                },
                "interpretation": [
                    {
                        "coding": [
                            {
                                "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
                                "code": "LL",
                                "display": "Critical low",
                            }
                        ],
                        "text": "Critical low",
                    }
                ],
                "referenceRange": [
                    {
                        "low": {
                            "value": 150,
                            "unit": "10*9/L",
                            "system": "http://unitsofmeasure.org",
                            "code": "10*9/L",
                        },
                        "high": {
                            "value": 400,
                            "unit": "10*9/L",
                            "system": "http://unitsofmeasure.org",
                            "code": "10*9/L",
                        },
                    }
                ],
            }
        ],
        "result": [{"reference": "#result-1", "display": "Platelets"}],
        "conclusion": "Thrombocytopenia, grade 4 (Platelets 18 10*9/L): "
        "A very low platelet count, to be confirmed by a repeat count.",
    }


def test_a_doubtful_value_is_preliminary_and_says_why():
    doubtful = platelets(needs_review=True, doubts=("The second reading says 78.",))
    report = diagnostic_report(LabReading(results=(doubtful, platelets(analyte="other"))), confirmed=True)
    first, second = report["contained"]
    assert (report["status"], first["status"], second["status"]) == ("preliminary", "preliminary", "final")
    assert first["note"][1]["text"] == "The second reading says 78."
    assert "note" not in second


def test_values_that_nobody_has_confirmed_are_preliminary():
    report = diagnostic_report(LabReading(results=(platelets(),)))
    assert (report["status"], report["contained"][0]["status"]) == ("preliminary", "preliminary")


def test_lines_that_could_not_be_read_make_the_report_preliminary():
    unread = (Unread(text="WBC ??", reason="no number"),)
    report = diagnostic_report(LabReading(results=(platelets(),), unread=unread), confirmed=True)
    assert report["status"] == "preliminary"
    assert "could not be read: 1." in report["conclusion"]
    assert "WBC ??" not in json.dumps(report)


def test_a_comparator_goes_along():
    result = platelets(value=5.0, comparator="<")
    quantity = diagnostic_report(LabReading(results=(result,)))["contained"][0]["valueQuantity"]
    assert (quantity["comparator"], quantity["value"]) == ("<", 5)


@pytest.mark.parametrize("flag", ["LL", "L", "N", "H", "HH"])
def test_flags_are_the_codes_of_hl7(flag):
    report = diagnostic_report(LabReading(results=(platelets(flag=flag),)))
    assert report["contained"][0]["interpretation"][0]["coding"][0]["code"] == flag


def test_without_interval_flag_date_or_code_there_is_none():
    bare = platelets(low=None, high=None, range_source="none", flag=None, loinc="", unit="")
    report = diagnostic_report(LabReading(results=(bare,)))
    observation = report["contained"][0]
    assert not {"referenceRange", "interpretation", "effectiveDateTime"} & set(observation)
    assert observation["code"] == {"text": "Platelets"}
    assert observation["valueQuantity"] == {"value": 18}


def test_an_interval_of_our_own_says_so():
    report = diagnostic_report(LabReading(results=(platelets(range_source="table", high=None),)))
    interval = report["contained"][0]["referenceRange"][0]
    assert "Not printed on the report" in interval["text"] and "high" not in interval


def test_the_patient_is_not_in_it():
    report = diagnostic_report(LabReading(results=(platelets(),), sex="F", age=34.0))
    assert not {"subject", "performer", "identifier"} & set(report)


def test_an_empty_reading_is_refused():
    with pytest.raises(BadRequest, match="nothing to export"):
        diagnostic_report(LabReading(results=()))


def test_a_value_that_is_no_number_is_refused():
    with pytest.raises(BadRequest, match="nan"):
        diagnostic_report(LabReading(results=(platelets(value=float("nan")),)))


@given(st.floats(1e-6, 1e9), st.sampled_from(["", "<", "<=", ">", ">="]))
def test_what_is_written_can_be_read_back(value, comparator):
    result = platelets(value=value, comparator=comparator)
    text = json.dumps(diagnostic_report(LabReading(results=(result,))))
    quantity = DiagnosticReport.model_validate_json(text).contained[0].valueQuantity
    # Ten significant digits are kept.
    assert float(quantity.value) == pytest.approx(value, rel=1e-9)
    assert (quantity.comparator or "") == comparator
