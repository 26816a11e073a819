import time

import pytest

from retriever.spelling import Change, corrected, edits
from retriever.terms import terms

TEXT = """Imatinib, dasatinib, ibrutinib, venetoclax, leucovorin, rituximab and Gleevec treat chronic lymphocytic
leukemia. The Philadelphia chromosome, the bone marrow, tumor lysis syndrome, neutropenia, side effects, an irregular
heartbeat, a biopsy, symptoms, creatinine, a hemolytic anemia, fibrotic tissue, a vaccine, months of treatment, a
hazard ratio, ELN 2022, a response of hepatitis B, in the first line."""


class Words:
    """Knows the terms of a text."""

    def __init__(self, text: str = TEXT) -> None:
        self.terms = frozenset(terms(text))

    def knows(self, term: str) -> bool:
        return term in self.terms


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is imatnib?", "What is imatinib?"),
        ("venetoclacks side efects", "venetoclax side effects"),
        ("filadelfia chromosome", "philadelphia chromosome"),
        ("nuetropenia meaning", "neutropenia meaning"),
        ("tumer lisis syndrom", "tumor lysis syndrom"),  # whose stem is that of syndrome
        ("cronic lymphocitic lukemia", "chronic lymphocytic leukemia"),
        ("iburtinib iregular heartbeat", "ibrutinib irregular heartbeat"),
    ],
)
def test_a_misspelled_word_becomes_the_known_one_near_it(question, expected):
    assert corrected(question, Words()).text == expected


@pytest.mark.parametrize(
    "question",
    [
        "What does zorbatinib do?",
        "Is leukovexin approved?",
        "Does quenzumab bind CD33?",
        "Is Hemolyxin safe?",
        "Is fostanelimab an antibody?",
    ],
)
def test_an_invented_name_stays(question):
    assert corrected(question, Words()).changes == ()


@pytest.mark.parametrize("question", ["Can I use creatine?", "What is cystic fibrosis?", "Is my colon at risk?"])
def test_another_word_of_english_stays(question):
    assert corrected(question, Words()).changes == ()


def test_words_that_the_index_has_stay():
    known = Words(TEXT + " imatnib")
    assert corrected("What is imatnib?", known).text == "What is imatnib?"


def test_a_word_becomes_none_that_the_index_lacks():
    assert corrected("What is imatnib?", Words("leukemia")).changes == ()


def test_shorthand_is_spelled_out_where_the_index_does_not_have_it():
    done = corrected("ELN2022 HR at 12 mo", Words())
    assert done.text == "ELN 2022 hazard ratio at 12 months"
    assert done.changes == (Change("ELN2022", "ELN 2022"), Change("HR", "hazard ratio"), Change("mo", "months"))
    assert corrected("HR at 12", Words(TEXT + " HR")).changes == ()


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("imatnib", "imatinib", 1),
        ("iburtinib", "ibrutinib", 1),
        ("abc", "abc", 0),
        ("ab", "", 2),
        ("kitten", "sitting", 3),
    ],
)
def test_edits_by_hand(one, other, distance):
    assert edits(one, other) == distance


def test_odd_text_is_left_as_it_is():
    for text in ("", "????", "白血病", "a" * 3_000, "ﬁ \u0301\u200b"):
        assert corrected(text, Words()).text == text


@pytest.mark.slow
def test_a_long_question_takes_no_second():
    words = Words()
    corrected("lukemia", words)  # reads the tables
    start = time.perf_counter()
    corrected("lukemiax nuetropeniax " * 90, words)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is Sprycel?", "What is dasatinib?"),
        ("What is Gleevec?", "What is Gleevec?"),  # the text has this brand itself
        ("What is Xtandi?", "What is Xtandi?"),  # whose drug the text lacks
    ],
)
def test_a_brand_that_the_index_never_writes_becomes_the_drug(question: str, expected: str) -> None:
    assert corrected(question, Words()).text == expected
