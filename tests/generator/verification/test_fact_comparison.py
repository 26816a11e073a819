import pytest

from generator.verification.align import align
from generator.verification.compare import (
    exchanged,
    lost_condition,
    lost_denials,
    lost_hedges,
    lost_names,
    lost_numbers,
    moved,
    substituted,
    turned,
)
from generator.verification.facts import read_facts


def read(sentence, passage):
    said, there = read_facts(sentence), read_facts(passage)
    return said, there, align(said, there, lambda token: 0.0 if token.kind == "stop" else 1.0)


def texts(tokens):
    return [token.text for token in tokens]


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("Give 400 mg daily.", []),
        ("Give 400 g daily.", ["400"]),
        ("Give 400 daily.", ["400"]),
        ("Give 40 mg daily.", ["40"]),
        ("Give more than 400 mg daily.", ["400"]),
        ("Give it to two adults.", ["two"]),
    ],
)
def test_numbers_that_the_passage_lacks(sentence, lost):
    said, there, _ = read(sentence, "Give 400 mg daily to 3 adults.")
    assert texts(lost_numbers(said, there)) == lost


def test_a_number_or_name_in_the_place_of_another_is_moved():
    passage = "Imatinib gave 39% and dasatinib gave 7%."
    assert texts(moved(*read("Imatinib gave 7% and dasatinib gave 39%.", passage), kind="number")) == ["7", "39"]
    swapped = read("Dasatinib is superior to imatinib.", "Imatinib is superior to dasatinib.")
    assert texts(moved(*swapped, kind="name"))
    assert not texts(moved(*read("Imatinib gave 39%.", passage), kind="number"))


def test_two_words_that_changed_places():
    passage = "The fox chased the hen across the yard."
    assert exchanged(*read("The hen chased the fox across the yard.", passage))
    assert not exchanged(*read("The fox chased the hen.", passage))


def test_an_abbreviation_of_the_words_before_it_is_no_new_name():
    passage = "Mesenchymal stem cells differ."
    said, _, alignment = read("Mesenchymal stem cells (MSC) differ.", passage)
    assert lost_names(said, alignment) == []
    said, _, alignment = read("Mesenchymal stem cells (HSC) differ.", passage)
    assert texts(lost_names(said, alignment)) == ["HSC"]


@pytest.mark.parametrize(
    ("sentence", "passage", "lost"),
    [
        ("The drug did not improve survival.", "The drug improved survival.", True),
        ("The drug improved survival.", "The drug did not improve survival.", True),
        ("The drug did not improve survival.", "The drug failed to improve survival.", False),
        ("The drug did not improve survival.", "No drug improved survival.", False),
        ("No effect was not seen.", "No effect was seen.", True),
        ("The drug helped.", "The drug helped. It was not given to children.", False),
    ],
)
def test_denials_of_both(sentence, passage, lost):
    assert bool(lost_denials(*read(sentence, passage))) is lost


def test_a_word_that_excludes_the_one_in_its_place_is_turned():
    said, there, alignment = read("It lowers the risk in men.", "It raises the risk in women.")
    assert texts(turned(said, there, alignment)) == ["lowers", "men"]
    assert not texts(turned(*read("It reduces the risk.", "It lowers the risk.")))


def test_a_hedge_between_words_that_are_kept_is_lost():
    assert lost_hedges(*read("Venetoclax causes lysis.", "Venetoclax may cause lysis.")) == 1
    assert lost_hedges(*read("Venetoclax might cause lysis.", "Venetoclax may cause lysis.")) == 0


def test_a_condition_before_the_words_that_are_kept_is_lost():
    passage = "In patients with renal failure, avoid the drug."
    assert lost_condition(*read("Avoid the drug.", passage))
    assert not lost_condition(*read("Avoid the drug in patients with renal failure.", passage))
    assert not lost_condition(*read("The drug helps.", "In this study, the drug helps."))


def test_a_word_between_the_same_words_is_a_substitute():
    found = list(substituted(*read("It treats severe asthma in dogs.", "It treats severe gout in dogs.")))
    assert [(token.text, both) for token, _, both in found] == [("asthma", True)]
