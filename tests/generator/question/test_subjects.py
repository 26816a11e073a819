import pytest

from generator.question.subjects import subjects


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Is Glivec used for CML?", [("drugs", "Glivec"), ("diseases", "CML")]),
        ("How is ALL treated?", [("diseases", "ALL")]),
        ("ARE ALL PATIENTS TREATED?", []),
        ("Are all treated?", []),
        ("NOTCH1?", [("genes", "NOTCH1")]),
        ("What should I eat?", []),
    ],
)
def test_the_subjects_of_a_text(text, found):
    assert [(subject.kind, text[subject.start : subject.end]) for subject in subjects(text)] == found


def test_two_names_of_a_drug_are_one_concept():
    assert subjects("Gleevec")[0].concept == subjects("imatinib")[0].concept
