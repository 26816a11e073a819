import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.hyphens import Vocabulary, join, join_lines

EMPTY = Vocabulary([])


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("in pa-", "tients with", "in patients with"),
        ("the BCR-", "ABL1 fusion", "the BCR-ABL1 fusion"),
        ("a FLT3-", "ITD mutation", "a FLT3-ITD mutation"),
        ("the T-", "cell count", "the T-cell count"),
        ("CML-", "related", "CML-related"),
        ("JAK2-", "positive", "JAK2-positive"),
        ("days 10-", "12", "days 10-12"),
        ("pre-", "and post-transplant", "pre- and post-transplant"),
        ("a soft\u00ad", "ware", "a software"),
        ("mg/", "dL", "mg/dL"),
        ("2010\u2013", "2015", "2010\u20132015"),
        ("no", "hyphen", "no hyphen"),
        ("a dash -", "here", "a dash - here"),
    ],
)
def test_a_break_without_other_evidence(above, below, expected):
    assert join(above, below, EMPTY) == expected


def test_the_form_seen_elsewhere_decides():
    assert join("long-", "term", Vocabulary(["a long-term study"])) == "long-term"
    assert join("long-", "term", Vocabulary(["a longterm study"])) == "longterm"
    # In capitals a hyphen is usually meant, but not where the whole word is known.
    assert join("LEU-", "KEMIA", Vocabulary(["Acute leukemia"])) == "LEUKEMIA"


def test_two_words_of_the_document_keep_their_hyphen():
    words = Vocabulary(["a high dose", "the risk"])
    assert join("high-", "risk", words) == "high-risk"
    assert join("treat-", "ment", words) == "treatment"


def test_words_that_line_ends_cut_are_no_evidence():
    words = Vocabulary(["some pa-", "tients had", "an ordinary line"])
    assert (words.count("pa"), words.count("tients"), words.count("ordinary")) == (0, 0, 1)


def test_a_word_cut_by_a_column_end_goes_to_the_first_column():
    assert join_lines([["we saw", "many pa-"], ["tients here."]], EMPTY) == ["we saw many patients", "here."]


@given(st.lists(st.text("abc -\u00ad", min_size=1, max_size=12), min_size=1, max_size=6))
def test_no_letter_is_lost(lines):
    (text,) = join_lines([lines], Vocabulary(lines))
    assert text.replace(" ", "").replace("-", "") == "".join(lines).translate({0x20: None, 0x2D: None, 0xAD: None})
