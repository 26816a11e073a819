import numpy as np
import pytest

from generator.answer import Answerer
from generator.question.personal import PersonalNet, personal, personal_net
from generator.scope import fixed_answer, note_of, scope


@pytest.fixture(scope="module")
def look(embedder):
    return lambda question: personal(question, embedder.encode, embedder=embedder.checksum)


def test_the_likeliest_kind_counts_once_it_is_likely_enough():
    # Of (1, 0) the first line makes 1 / (1 + e^-2) = 0.88 and the second 0.5; of (0, 1) both make 0.5.
    net = PersonalNet("x", ("dose", "prognosis"), np.float32([[2, 0], [0, 0]]), np.zeros(2, np.float32), 0.8)
    assert net.probabilities(np.float32([[1, 0]]))[0] == pytest.approx([0.8808, 0.5], abs=1e-4)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("would half my usual imatinib tablet do for this week", "dose"),
        ("realistically how much time has my dad got left with AML", "prognosis"),
        ("these bumps and bruises, could that be leukemia in my case", "diagnosis"),
    ],
)
def test_what_is_asked_about_one_person_is_seen_in_new_words(look, question, kind):
    assert look(question) == kind


@pytest.mark.parametrize(
    "question",
    ["What is the starting dose of imatinib?", "What is the five-year survival of APL?", "How is CML diagnosed?"],
)
def test_questions_about_nobody_are_left_alone(look, question):
    assert look(question) is None


def test_vectors_of_another_embedder_are_not_judged(embedder):
    assert personal("Should I double my dose?", embedder.encode, embedder="another") is None


def test_every_kind_of_the_net_has_a_note_and_a_fixed_answer():
    for kind in personal_net().kinds:
        assert fixed_answer(kind, "patient").kind == kind
        assert all(note_of(kind, audience) for audience in ("patient", "clinician"))


def test_an_answer_keeps_its_sentences_and_gets_the_note(searcher, embedder):
    question = "Imatinib inhibits BCR::ABL1, so could my wife take a bit less of imatinib?"
    assert scope(question, "patient") is None
    answer = Answerer(searcher, embedder).ask(question)
    assert answer.sentences and answer.notes[0] == note_of("dose", "patient")


def test_a_refusal_gets_the_fitting_words(searcher, embedder):
    question = "may I leave off grapefruit while I am on venetoclax"
    assert scope(question, "patient") is None
    answer = Answerer(searcher, embedder).ask(question)
    assert answer.abstained and (answer.scope, answer.answer) == ("dose", fixed_answer("dose", "patient").message)
