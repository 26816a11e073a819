import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evaluation.rouge import Overlap, pairs, rouge_2, rouge_su4, words, words_and_skip_pairs

ANSWER, REFERENCE = "police killed the gunman", "police kill the gunman"


def test_rouge_2_by_hand():
    # Of the three pairs of each, only "the gunman" is shared.
    assert rouge_2(ANSWER, [REFERENCE]) == Overlap(1 / 3, 1 / 3)


def test_rouge_su4_by_hand():
    # Three words (the last is left out) and six pairs each. Shared: police, the; police-the, police-gunman, the-gunman.
    assert rouge_su4(ANSWER, [REFERENCE]) == Overlap(5 / 9, 5 / 9)


def test_a_pair_has_at_most_four_words_between():
    assert list(pairs(["a", "b", "c"])) == [("a", "b"), ("b", "c")]
    units = list(words_and_skip_pairs(list("abcdefg")))
    assert ("a", "f") in units and ("a", "g") not in units
    # Six words, and 5 + 5 + 4 + 3 + 2 + 1 pairs.
    assert len(units) == 6 + 20


def test_a_word_counts_as_often_as_both_have_it():
    # "a a" three times against twice: recall 2 of 2, precision 2 of 3.
    assert rouge_2("a a a a", ["a a a"]) == Overlap(1.0, 2 / 3)


def test_recall_and_precision_are_told_apart():
    # The answer's one pair is one of the reference's three.
    found = rouge_2("the gunman", [REFERENCE])
    assert (found.recall, found.precision) == (1 / 3, 1.0)
    assert found.f1 == pytest.approx(0.5)


def test_the_nearest_reference_counts():
    assert rouge_2(ANSWER, ["something else", ANSWER.upper() + "!", REFERENCE]).f1 == 1.0


def test_words_are_runs_of_letters_and_digits():
    assert words("BCR::ABL1, 40%—naïve") == ["bcr", "abl1", "40", "na", "ve"]


@pytest.mark.parametrize("text", ["", "word", "…"])
def test_too_little_to_pair_shares_nothing(text):
    assert rouge_2(text, ["one two"]).f1 == 0
    assert rouge_2("one two", [text]).f1 == 0


TEXT = st.lists(st.sampled_from("abcde"), max_size=14).map(" ".join)


@given(TEXT, st.lists(TEXT, min_size=1, max_size=3))
def test_rouge_is_that_of_rouge_metric(answer, references):
    """An implementation that follows ROUGE-1.5.5; of several references it, too, is asked for the best."""
    peer = pytest.importorskip("rouge_metric").PyRouge(rouge_n=(2,), rouge_l=False, rouge_su=True, skip_gap=4)
    for name, ours in (("rouge-2", rouge_2), ("rouge-su4", rouge_su4)):
        expected = max(peer.evaluate([answer], [[reference]])[name]["f"] for reference in references)
        assert ours(answer, references).f1 == pytest.approx(expected, abs=1e-9), name
