import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.samplesize import sample_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("A total of 1,204 patients were enrolled at 30 centres.", 1204),
        ("A total of 1 204 patients were enrolled.", 1204),
        ("A total number of 96 patients entered the trial.", 96),
        ("In total, 56 adults received the drug.", 56),
        ("Altogether 88 children took part.", 88),
        ("312 patients were randomised to arm A or arm B.", 312),
        ("One group got the drug. 312 patients were randomized (1:1) to A or B.", 312),
        ("Between 2001 and 2010, 87 consecutive children with ALL were included.", 87),
        ("We enrolled 312 adult patients with newly diagnosed AML.", 312),
        ("We randomly assigned 820 patients to receive either drug.", 820),
        ("We retrospectively reviewed the medical records of 245 patients with CLL.", 245),
        ("We analysed data from 12 345 adults.", 12345),
        ("We collected and reviewed outcomes of 41 patients.", 41),
        ("This study included 107 patients, and most were male.", 107),
        ("A cohort of 98 patients was followed for 5 years.", 98),
        ("A retrospective study of 1005 de novo adult B-ALL patients was done.", 1005),
        ("This analysis included 209 patients with ALL (treated 2013 to 2023).", 209),
        ("Twenty-three patients were enrolled.", 23),
        ("Twenty\u2010four subjects were randomized and completed the study.", 24),
        ("Forty five patients with CML were recruited.", 45),
        ("Thirteen patients were enrolled between 2011 and 2013.", 13),
        ("Patients (N = 420) received the drug.", 420),
        ("Patients (n=33) received the drug or placebo.", 33),
        ("Elderly patients with AML (n = 61) were given azacitidine.", 61),
        ("Of 150 patients enrolled, 20 relapsed.", 150),
        ("Among 324 patients studied, 317 had negative scans.", 324),
        ("60 patients aged 18-60 years were enrolled.", 60),
        ("Data from 69 patients 0-18 years of age diagnosed since 2001 were analyzed.", 69),
        ("The trial recruited 66 subjects with catheters.", 66),
        ("A meta-analysis of 4512 patients.", 4512),
        ("A total of 13 articles met the criteria, including 1506 patients.", 1506),
        ("The cohort consisted of 77 infants.", 77),
        ("The study population comprised 23 patients with brain tumours; 14 had high-grade gliomas.", 23),
        ("This registry study involving 2,979 paediatric patients ran for ten years.", 2979),
        ("In this phase 3, open-label trial, 307 patients with leukemia were randomly assigned to A or B.", 307),
        ("512 participants were randomly assigned and included in analyses (222 [43%] female).", 512),
        ("We surveyed 400 survivors of childhood leukemia.", 400),
        ("We identified 407 patients with a median follow-up of 5.8 years.", 407),
        ("Clinical data of 428 children with newly diagnosed ALL were analyzed.", 428),
        ("This report describes a series of 19 women with breast leukemia.", 19),
        ("65 evaluable patients were enrolled, 32 receiving PCR and 33 PCR-B.", 65),
        ("A total of 715 patients (115 with grade 2 and 600 with grade 1) were included.", 715),
        ("Fifty volunteers were recruited.", 50),
        ("We enrolled 100 patients. Of these, 60 men were enrolled early. 40 women were enrolled late.", 100),
        ("2695 patients aged 1-18 years were enrolled between 2013 and 2018.", 2695),
    ],
)  # fmt: skip
def test_what_an_abstract_states_plainly_is_found(text, size):
    assert sample_size(text) == size


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Patients received 100 mg imatinib daily for 28 days.",
        "Patients aged 60 years were treated.",
        "In 2010 patients were included for the first time.",
        "Since 1998 patients have been enrolled.",
        "Forty mice were randomised to two groups.",
        "We analysed 10 million cells from patients.",
        "12 of 45 patients responded.",
        "Twelve of the 45 patients were enrolled elsewhere.",
        "A total of 24 patients (20%) achieved remission.",
        "A total of 30 patients relapsed.",
        "More than 300 patients were enrolled.",
        "At least 50 patients were included.",
        "Approximately 1,000 patients were included.",
        "1 in 1000 individuals were identified.",
        "The incidence was 4 per 100,000 people studied.",
        "100,000 person-years were analysed.",
        "300 patient-years were studied.",
        "Imatinib (n = 150) or placebo (n = 152) was given.",
        "We enrolled 45 children and 30 adults.",
        "46 participants were randomly assigned to the treatment group and 22 to the placebo group.",
        "Ninety-one patients in the first cohort and 50 in the second cohort were included.",
        "The analysis included 606 patients treated with imatinib, 163 with dasatinib and 94 with both.",
        "The study included 329 patients with delayed elimination and 1400 patients without it.",
        "A total of 100 patients were enrolled. A total of 40 patients were enrolled in cohort B.",
        "A total of 24 patients were analysed. We enrolled 120 patients.",
        "A total of 1,034 patients will be randomly allocated to two groups.",
        "A simulated cohort of 1,000 subjects was studied.",
        "We enrolled 19 patients in each group.",
        "A literature review identified 19 pediatric cases.",
        "A total of 3.5 patients were enrolled.",
        "A total of 5% patients were enrolled.",
        "20 hospitals were included.",
        "20-30 patients were enrolled.",
        "Participants who completed the final visit (N = 18) lost weight.",
        "Thirty samples from patients were included.",
        "Grade 3 patients were included.",
        "Two affected individuals were analysed.",
        "One hundred patients.",
        "A total of 1 patients were enrolled.",
    ],
)
def test_what_counts_no_study_or_is_in_doubt_is_not(text):
    assert sample_size(text) is None


@given(st.text(max_size=300))
def test_any_text_gives_a_count_or_none(text):
    found = sample_size(text)
    assert found is None or found >= 2


@given(st.integers(2, 999_999))
def test_any_number_is_read_as_it_is_written(number):
    if not 1900 <= number <= 2099:
        assert sample_size(f"A total of {number:,} patients were enrolled.") == number
        assert sample_size(f"We enrolled {number} patients.") == number


def test_a_long_text_takes_no_time_that_grows_with_its_square():
    # Runs of words before no noun are what a careless pattern tries again and again.
    assert sample_size("12 newly diagnosed " * 5000) is None
    assert sample_size("a total of " * 5000) is None


@pytest.mark.parametrize("unit", ["100 ", "1 000 ", "100,", "twenty ", "total of 100 ", "12 a b c ", "n = 12 "])
def test_rows_of_numbers_are_read_in_milliseconds(unit):
    begin = time.process_time()
    assert sample_size((unit * 1_000)[:3_000]) is None
    # A pattern that tries every length of every run takes a minute.
    assert time.process_time() - begin < 2
