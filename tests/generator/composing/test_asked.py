"""What a question asks with its words, and of what."""

import pytest

from generator.composing.asked import aim, asked_words
from retriever.terms import terms


def words_of(text: str) -> list[str]:
    return [word.text for word in asked_words(text, dict.fromkeys(terms(text), 1.0))]


def test_words_that_say_nothing_are_left_aside():
    assert words_of("Is it okay to get many vaccines?") == ["vaccines"]
    assert words_of("What is Binet stage F?") == ["Binet", "stage", "F"]


def test_a_name_stands_beside_its_parts():
    text = "What is hairy cell leukemia?"
    words = asked_words(text, dict.fromkeys(terms(text), 1.0))
    whole = next(word for word in words if word.text == "hairy cell leukemia")
    part = next(word for word in words if word.text == "hairy")
    assert whole.holds(part)
    assert not part.holds(whole)
    assert not whole.holds(whole)


def test_a_word_weighs_what_its_rarest_term_does():
    (word,) = asked_words("gout", {term: n for n, term in enumerate(terms("gout"), 3)})
    assert word.weight == 2 + len(terms("gout"))


@pytest.mark.parametrize(
    ("question", "subject", "relation"),
    [
        ("How is gout treated?", "gout", "treated"),
        ("What are the symptoms of Lyme disease?", "Lyme disease", "symptoms"),
        ("What is a chloroma?", "chloroma", ""),
        ("Which drugs treat gout?", "gout", "treat"),
        ("What causes hiccups?", "hiccups", "causes"),
    ],
)
def test_the_aim_of_a_question(question, subject, relation):
    found = aim(question)
    assert found is not None
    assert question[found.start : found.end] == subject
    assert found.relation == frozenset(terms(relation))


def test_a_question_of_no_known_form_has_no_aim():
    assert aim("Can I eat Brie during chemo?") is None
