import pytest
from made_sources import bag_of_words

from finetune.data.checking import Checker, sentences_of, without_verdict
from finetune.data.drafts import Draft, marked, renumbered
from generator.prompts import REFUSAL
from generator.reword import cited_sentences

FACTS = ("Imatinib inhibits the BCR::ABL1 kinase in 95% of patients.", "Dasatinib is taken with or without food.")


def cited(answer, facts=FACTS):
    return Draft("cited", "cited", "d", "How?", answer, "s", facts=facts)


def test_marks_stand_where_the_reworder_reads_them():
    answer = f"{marked('Imatinib is a drug.', 1)} {marked('Food does not matter', 2)}"
    assert answer == "Imatinib is a drug [1]. Food does not matter [2]."
    assert list(cited_sentences([answer])) == [(1, "Imatinib is a drug."), (2, "Food does not matter.")]
    assert renumbered(answer, [3, 1]) == "Imatinib is a drug [3]. Food does not matter [1]."


def test_an_answer_cites_the_facts_that_carry_it_by_rising_numbers(checker):
    facts, answer = checker.cite(["Dasatinib is taken with or without food.", FACTS[0]], FACTS)
    assert facts == (FACTS[1], FACTS[0])
    assert answer == (
        "Dasatinib is taken with or without food [1]. Imatinib inhibits the BCR::ABL1 kinase in 95% of patients [2]."
    )


def test_what_no_fact_carries_is_left_out_and_counted(checker):
    wrong = "Imatinib inhibits the BCR::ABL1 kinase in 59% of patients."
    assert checker.cite([wrong, FACTS[0], FACTS[0]], FACTS) == (FACTS[:1], marked(FACTS[0], 1))
    assert checker.rejected == {"no passage carries the sentence": 1, "its passage is cited already": 1}


def test_a_quote_that_leans_on_what_is_not_there_opens_no_answer(checker):
    leaning = "This drug was tested in 40 patients."
    assert checker.cite([leaning], [leaning]) == ((), "")
    assert checker.cite([FACTS[0], leaning], [FACTS[0], leaning])[0] == (FACTS[0], leaning)


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        (f"{FACTS[0][:-1]} [1].", True),
        (f"{FACTS[0][:-1]} [2].", False),
        (f"{FACTS[0][:-1]} [3].", False),
        (FACTS[0], False),
        (f"{FACTS[0][:-1]} [1][2].", False),
        (f"{FACTS[0][:-1]} [1]. It helps.", False),
        (REFUSAL, True),
    ],
)
def test_a_cited_answer_holds_where_each_sentence_is_carried_by_its_one_fact(answer, holds):
    assert Checker(bag_of_words).holds(cited(answer)) is holds


@pytest.mark.parametrize(
    "text",
    [
        "too few words.",
        "Ends in the middle of a thing",
        "begins in the middle of a sentence.",
        "The signs of anemia include the following:",
        "See the page at https://x.org for all of this.",
        "Shown before [12] in a study of many people.",
        "Was written with markup <AbstractText in the middle of it.",
        "Treatment may include - rest - fluids - and more of these.",
        "Is this not a question about a fact?",
        "A bracket (that opens here is never closed again.",
    ],
)
def test_sentences_that_are_not_whole_or_not_plain_are_no_facts(text):
    assert sentences_of(text) == []


def test_sentences_lose_the_label_of_their_section_and_their_line_breaks():
    text = "CONCLUSIONS: Imatinib was\nbetter than interferon. p53 is mutated in some of them."
    assert sentences_of(text) == ["Imatinib was better than interferon.", "p53 is mutated in some of them."]


def test_a_verdict_is_no_part_of_what_passages_carry():
    assert without_verdict("Yes, it does.") == "It does."
    assert without_verdict("Nobody knows.") == "Nobody knows."
