import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evaluation.measures import (
    citation_precision,
    citation_recall,
    entity_recall,
    exact_hit,
    implied_answer,
    normalised,
    occurs,
    stated_answer,
)


def test_case_accents_and_punctuation_go_and_greek_is_spelled():
    assert normalised("Sjögren’s TNF-α, ΔF508 (5 µg)") == ["sjogren", "s", "tnf", "alpha", "deltaf508", "5", "mug"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("imatinib", "Imatinib, a kinase inhibitor."),
        ("IL-2", "It binds IL2."),
        ("IL2", "It binds il-2 (interleukin 2)."),
        ("β-blocker", "A beta blocker helps."),
        ("TNF alpha", "TNFα rises."),
        ("The Esrrb-Sox2 complex", "An Esrrb/Sox2 complex forms."),
        ("Kaposi's  sarcoma", "a case of Kaposi’s sarcoma"),
        ("the", "the"),
        ("a", "a"),
    ],
)
def test_a_name_occurs(name, text):
    assert occurs(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("imatinib", "Nilotinib works."),
        ("ALL", "It is called so."),
        ("IL-2", "IL-21 and IL-12 do not count."),
        ("AML", "TAML"),
        ("BCR ABL1", "ABL1 BCR"),
        ("imatinib", ""),
        ("", "anything"),
        ("–", "a – b"),
    ],
)
def test_a_name_does_not_occur(name, text):
    assert not occurs(name, text)


@given(st.text(), st.text(), st.text())
def test_a_name_occurs_wherever_it_is_written_between_spaces(before, name, after):
    text = f"{before} {name} {after}"
    assert occurs(name, text) == bool(normalised(name))


def test_any_name_of_any_entity_answers_a_factoid():
    entities = [("imatinib", "STI571"), ("nilotinib",)]
    assert exact_hit(entities, "STI-571 was first.") == 1
    assert exact_hit(entities, "Dasatinib was second.") == 0


def test_a_list_is_answered_by_the_share_of_its_entities():
    entities = [("imatinib", "STI571"), ("nilotinib",), ("dasatinib",), ("bosutinib",)]
    # Two names of one entity count once: imatinib and dasatinib of four.
    assert entity_recall(entities, "Imatinib (STI571) and dasatinib.") == 0.5


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Yes, it does.", "yes"),
        ("**Yes.** It does", "yes"),
        ("No: nothing is known.", "no"),
        ("no", "no"),
        ("No studies exist.", None),
        ("Not known.", None),
        ("Yesterday it was.", None),
        ("It does, yes.", None),
        ("", None),
    ],
)
def test_a_stated_yes_or_no_opens_the_answer(text, answer):
    assert stated_answer(text) == answer


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("Imatinib inhibits ABL1.", "yes"),
        ("Imatinib did not improve survival.", "no"),
        ("The drug doesn’t help.", "no"),
        ("Trials failed to show a benefit.", "no"),
        ("Yes, although not in children.", "yes"),
        ("Notable effects were seen.", "yes"),
    ],
)
def test_a_reader_takes_a_denial_for_a_no(sentence, answer):
    assert implied_answer(sentence) == answer


def test_citations_by_hand():
    cited = [frozenset({"a"}), frozenset({"x"}), frozenset({"b", "copy-of-b"}), frozenset()]
    # Two of four cited documents are gold; two of three gold documents are cited.
    assert citation_precision(cited, {"a", "b", "c"}) == 0.5
    assert citation_recall(cited, {"a", "b", "c"}) == pytest.approx(2 / 3)
    assert citation_recall([], {"a"}) == 0
    # A copy that is gold under both its ids is one cited document, and two gold ones.
    assert (citation_precision(cited[2:3], cited[2]), citation_recall(cited[2:3], cited[2])) == (1, 1)
