import pytest

from generator.urgency.combine import combination, holds
from generator.urgency.signs import Lexicon, context_names, lexicon
from generator.urgency.wording import words

SIGNS = Lexicon(
    {
        "harmless": ["blood test*"],
        "blood": ["blood"],
        "sample": ["blood test and"],
        "stop": ["won't/can't stop*", "# hours"],
        "keep": ["keep .. down"],
    }
)
KNOWN = frozenset("abcd")


def _found(text):
    return [(sign.name, sign.first, sign.last) for sign in SIGNS.find(words(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it won't stopping", [("stop", 1, 2)]),
        ("for 3 hours", [("stop", 1, 2)]),
        ("keep down", [("keep", 0, 1)]),
        # A gap is at most three words.
        ("keep my pills all down", [("keep", 0, 4)]),
        ("keep a b c d down", []),
        # Inside a harmless phrase a sign does not count; a longer one around it does.
        ("a blood test", []),
        ("blood tests and blood", [("blood", 3, 3)]),
        ("blood test and", [("sample", 0, 2)]),
        ("", []),
    ],
)
def test_phrases_are_found_word_by_word(text, found):
    assert _found(text) == found


@pytest.mark.parametrize("phrase", ["", ".. stop", "stop .."])
def test_a_phrase_has_words_at_both_ends(phrase):
    with pytest.raises(ValueError):
        Lexicon({"a": [phrase]})


def test_the_table_names_no_unknown_context():
    assert context_names() <= lexicon().names


@pytest.mark.parametrize(
    ("text", "told", "expected"),
    [
        ("a", {"a": [(0, 0, 0)]}, True),
        # Words 1 to 5 lie between 0 and 6: five.
        ("a + b", {"a": [(0, 0, 0)], "b": [(0, 6, 6)]}, True),
        ("a + b", {"a": [(0, 0, 0)], "b": [(0, 7, 7)]}, False),
        ("a +6 b", {"a": [(0, 0, 0)], "b": [(0, 7, 7)]}, True),
        ("a + b", {"a": [(0, 6, 6)], "b": [(0, 0, 0)]}, True),
        ("a + b", {"a": [(0, 0, 0)], "b": [(1, 0, 0)]}, False),
        ("a & b", {"a": [(0, 0, 0)], "b": [(1, 40, 40)]}, True),
        ("a + b & c", {"a": [(0, 0, 0)], "b": [(0, 1, 1)]}, False),
        # The third has to be near the two together: c is near b.
        ("a + b + c", {"a": [(0, 0, 0)], "b": [(0, 5, 5)], "c": [(0, 10, 10)]}, True),
        # One place is not two signs.
        ("a + b", {"a": [(0, 3, 3)], "b": [(0, 3, 3)]}, False),
    ],
)
def test_combinations_hold_where_their_signs_stand_near(text, told, expected):
    assert holds(combination(text, KNOWN), told) is expected


def test_a_combination_of_an_unknown_sign_is_refused():
    with pytest.raises(ValueError, match="e"):
        combination("a + e", KNOWN)
