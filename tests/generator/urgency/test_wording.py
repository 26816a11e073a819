import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.urgency.signs import spelling
from generator.urgency.wording import Spelling, plain, words

FEW = Spelling(["bleeding", "temperature", "fever"], kept=["breeding", "fewer"])


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("I cannot, can not, cant and can’t", "I can't, can't, can't and can't"),
        ("it is not and it isnt", "it isn't and it isn't"),
        ("pt w/o fever w/ chills", "pt without fever with chills"),
        ("haemorrhage, diarrhoea, dyspnoea", "hemorrhage, diarrhea, dyspnea"),
        ("haemophilus", "haemophilus"),
        ("thirty eight point six", "38.6"),
        ("thirty-nine", "39"),
        ("one hundred and two", "102"),
        ("a hundred point four", "100.4"),
        ("38 and a half", "38.5"),
        ("38 point 9", "38.9"),
    ],
)
def test_a_message_is_written_in_one_way(written, right):
    assert plain(written, FEW) == right


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("bleding", "bleeding"),
        ("bleeeding", "bleeding"),
        ("bleating", "bleating"),
        ("fevre", "fever"),
        ("tempreture", "temperature"),
        # Another word, a word too short, and one that opens with another letter stay.
        ("breeding", "breeding"),
        ("fewer", "fewer"),
        ("fev", "fev"),
        ("lever", "lever"),
    ],
)
def test_a_slip_is_put_right_and_other_words_are_left(written, right):
    assert FEW.right(written) == right


@pytest.mark.parametrize("word", "birth cheat chess cooking delicious election smelling spelling threat tribal".split())
def test_common_words_near_a_sign_are_kept(word):
    assert spelling().right(word) == word


def test_words_know_where_they_stand_and_drop_the_possessive():
    found = words("Dad's temp: 38.5, he's hot")
    assert [word.text for word in found] == ["dad", "temp", "38.5", "he's", "hot"]
    assert (found[2].start, found[2].end) == (12, 16)


@given(st.text(max_size=300))
def test_any_text_can_be_written_plainly(text):
    assert isinstance(plain(text, FEW), str)
