import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evaluation.readability import reading_grade, syllables


@pytest.mark.parametrize(
    ("word", "spoken"),
    [
        ("cat", "cat"),
        ("leukemia", "leu-ke-mi-a"),
        ("neutropenia", "neu-tro-pe-ni-a"),
        ("imatinib", "i-ma-ti-nib"),
        ("patients", "pa-tients"),
        ("treated", "treat-ed"),
        ("caused", "caused"),
        ("doses", "dos-es"),
        ("table", "ta-ble"),
        ("molecules", "mol-e-cules"),
        ("disease", "dis-ease"),
        ("radiation", "ra-di-a-tion"),
        ("deficiency", "de-fi-cien-cy"),
        ("mechanism", "mech-a-nis-m"),
        ("being", "be-ing"),
        ("period", "pe-ri-od"),
        ("continuous", "con-tin-u-ous"),
        ("improvement", "im-prove-ment"),
        ("likely", "like-ly"),
        ("serious", "se-ri-ous"),
        ("Chemotherapy", "che-mo-ther-a-py"),
        ("patient's", "pa-tient's"),
        ("rhythm", "rhythm"),
        ("mg", "mg"),
    ],
)
def test_syllables(word, spoken):
    assert syllables(word) == len(spoken.split("-"))


def test_grade_of_short_words_by_hand():
    # Six words of one syllable in one sentence: .39 * 6 + 11.8 * 1 - 15.59.
    assert reading_grade("The cat sat on the mat.") == pytest.approx(-1.45)


def test_grade_by_hand():
    # 13 words in two sentences; 11 + 7 syllables (leu-ke-mi-a, can-cer, mar-row): .39 * 6.5 + 11.8 * 18 / 13 - 15.59.
    text = "Leukemia is a cancer of the blood. It starts in the bone marrow."
    assert reading_grade(text) == pytest.approx(2.535 + 16.33846 - 15.59, abs=1e-4)


def test_numbers_are_no_words():
    assert reading_grade("The cat sat on 7 mats.") == reading_grade("The cat sat on mats.")


def test_longer_words_and_sentences_are_harder():
    plain = "This drug stops the cancer cells. They then die."
    hard = "Pharmacological inhibition of oncogenic tyrosine kinases precipitates apoptotic cellular elimination."
    assert reading_grade(plain) < 5 < 15 < reading_grade(hard)


@pytest.mark.parametrize("text", ["", "  \n", "40 % (12/30)", "…", "ALL"])
def test_a_text_without_words_has_no_grade(text):
    assert (reading_grade(text) is None) == (text != "ALL")


@given(st.text())
def test_any_text_has_a_grade_or_none(text):
    grade = reading_grade(text)
    assert grade is None or grade >= 0.39 + 11.8 - 15.59
