import pytest

from generator.urgency.context import defines, denied, is_general, is_gone, only_if, past, takes_back


def _at(sentence: str) -> tuple[int, int]:
    start = sentence.index("fever")
    return start, start + len("fever")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("no fever", True),
        ("I don't have any fever", True),
        ("no cough or fever", True),
        ("no cough, fever", False),
        ("denies cough, rash, fever", True),
        ("without cough and fever", True),
        ("fever: none", True),
        ("fever-free", True),
        ("risk of fever", True),
        ("died of fever", True),
        ("in case of fever", True),
        ("does it cause fever?", True),
        ("never had a fever this high", False),
        ("can't stand this fever", False),
        ("I have a fever", False),
    ],
)
def test_a_sign_is_denied(sentence, expected):
    assert denied(sentence, *_at(sentence)) is expected
    assert takes_back(sentence) or not expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("I had a fever in 2010", True),
        ("had a fever three years ago", True),
        ("fever in 2019, none since", True),
        ("my last fever was two months ago", True),
        ("my uncle died with fever", True),
        ("I had a fever yesterday", False),
        ("diagnosed in 2010, now fever", False),
    ],
)
def test_a_sign_is_long_past(sentence, expected):
    assert past(sentence, _at(sentence)[0]) is expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("what if I get a fever", True),
        ("if my child develops fever, who do I call?", True),
        ("I don't know if I have a fever", False),
        ("what if he has a fever", False),
        ("if I get a fever tonight", False),
    ],
)
def test_a_sign_is_only_imagined(sentence, expected):
    assert only_if(sentence, _at(sentence)[0]) is expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("What is febrile neutropenia?", True),
        ("first-line antibiotics for neutropenic fever", True),
        ("at what temperature should I call?", True),
        ("How high may my fever go before I call?", False),
        ("Why do I have a fever?", False),
        ("Is it fever now?", False),
        ("fever", False),
    ],
)
def test_a_question_in_general_tells_of_nobody(sentence, expected):
    assert is_general(sentence) is expected


def test_thresholds_and_what_is_over():
    assert defines("what counts as a fever") and not defines("I have a fever")
    assert is_gone("fever yesterday, gone today") and not is_gone("fever yesterday and today")
