import pytest
from sklearn.metrics import f1_score

from finetune.evaluation.measures import (
    cited_numbers,
    first_named,
    format_right,
    is_refusal,
    macro_f1,
    overlap,
    ranked_entries,
    read_label,
    reciprocal_rank,
    same_words,
)
from generator.prompts import REFUSAL


@pytest.mark.parametrize(
    "answer",
    [
        "Imatinib is taken with food [1].",
        "Imatinib is taken with food. [1]",
        "Imatinib is taken with food [1]. Dasatinib may cause effusions [2].",
        "Imatinib is taken with food [1][2].",
        "Imatinib is taken with food [2]",
        "- Imatinib is taken with food [1].\n- Dasatinib may cause effusions [2].",
        f"  {REFUSAL}\n",
    ],
)
def test_a_format_with_every_sentence_cited_or_the_refusal_alone_is_right(answer):
    assert format_right(answer, offered=2)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Imatinib is taken with food.",
        "Imatinib is taken with food [3].",  # not offered
        "Imatinib is taken with food [0].",
        "Imatinib [1] is taken with food.",  # the number does not end the sentence
        "Imatinib is taken with food [1]. It is a drug.",
        "Imatinib is taken with food [1, 2].",
        "Imatinib is taken with food [a] [1].",
        "Imatinib is taken [with food [1].",
        "[1]",
        f"{REFUSAL} Imatinib is taken with food [1].",
        f"{REFUSAL} [1]",
        f"{REFUSAL.rstrip('.')} [1].",
    ],
)
def test_any_other_format_is_wrong(answer):
    assert not format_right(answer, offered=2)


def test_a_refusal_is_exact():
    assert is_refusal(REFUSAL)
    assert not is_refusal(REFUSAL + " [1]")
    assert not is_refusal(f"Sorry. {REFUSAL}")


def test_citations_are_the_numbers_alone_in_brackets():
    assert cited_numbers("A [1][2]. B [ 3 ]. C [4, 5]. D [x]. E [12].") == [1, 2, 12]


def test_citation_precision_and_recall():
    # Cited 1, 2, 3; the reference cites 2 and 4: one of three is right, one of two is found.
    assert overlap([1, 2, 3, 3], [2, 4]) == (1 / 3, 1 / 2)
    assert overlap([], [2]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("Yes. It works.", "yes"),
        ("no, it does not", "no"),
        ("**Maybe** so", "maybe"),
        ("Nothing is known", None),
        ("It is: yes", None),
        ("", None),
    ],
)
def test_the_label_is_the_word_that_opens_the_answer(answer, label):
    assert read_label(answer) == label


def test_exact_match_leaves_out_case_and_punctuation():
    assert same_words("Imatinib – 400 mg.", "imatinib 400 mg")
    assert not same_words("Imatinib 400 mg daily", "imatinib 400 mg")


def test_a_ranking_is_read_from_a_list_or_a_sentence():
    assert ranked_entries("Ranking:\n1. AML\n2. ALL\n3. APL\nFlow cytometry decides.") == ["AML", "ALL", "APL"]
    assert ranked_entries("AML, then ALL, then APL. Flow cytometry decides.")[:2] == ["AML", "ALL"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("1. AML\n2. APL\n3. ALL", 1.0),
        ("1. ALL\n2. AML\n3. APL", 1 / 2),
        ("ALL, APL, AML.", 1 / 3),
        ("1. ALL\n2. APL", 0.0),
        (
            "Consistent with, the most likely first:\n1. all kinds\n2. acute myeloid leukemia (AML)\nTo be confirmed.",
            1 / 2,
        ),
        ("", 0.0),
    ],
)
def test_the_reciprocal_rank_of_the_right_diagnosis(answer, expected):
    assert reciprocal_rank(answer, "AML") == expected


def test_the_first_name_is_a_word_of_its_own():
    assert first_named("They call it APL, not AML.", ["ALL", "AML", "APL"]) == "APL"
    assert first_named("nothing", ["ALL"]) is None
    assert first_named("In all of them: acute myeloid leukemia (AML).", ["ALL", "AML"]) == "AML"
    assert first_named("Acute Leukemia", ["acute leukemia"]) == "acute leukemia"


def test_macro_f1_agrees_with_scikit_learn():
    right = ["yes", "yes", "no", "maybe", "no", "yes"]
    said = ["yes", "no", "no", "yes", "", "yes"]
    expected = f1_score(right, said, average="macro", labels=["yes", "no", "maybe"], zero_division=0)
    assert macro_f1(right, said) == pytest.approx(expected)
    # By hand: yes 2*2/(3+3), no 2*1/(2+2), maybe 0.
    assert macro_f1(right, said) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
