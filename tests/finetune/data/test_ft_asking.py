from collections.abc import Iterator

import pytest

from finetune.data.asking import Asker, asked_by_rules, asked_of
from generator.errors import CutShort, GeneratorError
from generator.language_models.chat import ChatModel
from ingest.records import Passage


def passage(text, *, heading="", n=0):
    return Passage(f"p{n}", "d", n, 0, len(text), text, (heading,) if heading else ())


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Imatinib is used to treat chronic myeloid leukemia.", "What is Imatinib used to treat?"),
        (
            "Cytarabine (Ara-C) is approved to be used with other drugs to treat AML.",
            "What is Cytarabine used to treat?",
        ),
        ("A hot flash is a condition of sudden warmth over your face.", "What is a hot flash?"),
        ("Ado-trastuzumab is a type of targeted therapy drug.", "What is Ado-trastuzumab?"),
        ("Anemia is caused by a lack of red blood cells.", "What causes Anemia?"),
        ("Signs and symptoms of AML include fever and bruising.", "What are the Signs and symptoms of AML?"),
        ("Imetelstat works by blocking an enzyme called telomerase.", "How does Imetelstat work?"),
        ("Selpercatinib selectively inhibits the RET kinase in tumors.", "What does Selpercatinib inhibit?"),
    ],
)
def test_rules_ask_what_a_sentence_answers(sentence, question):
    assert asked_of(sentence) == question


@pytest.mark.parametrize(
    "sentence",
    [
        "It is used to treat chronic myeloid leukemia.",
        "This drug is a type of kinase inhibitor.",
        "Patients with AML are a group with high risk.",
        "However, imatinib is a kinase inhibitor.",
        "Lineage switch is a rare complication of therapy of the disease.",
        "HSCT is a suitable option for patients with the disease.",
        "PDQ is a registered trademark of the disease.",
        "Our study is a test of the treatment of many things.",
        "Imatinib was given to 40 patients.",
    ],
)
def test_sentences_that_lean_or_define_nothing_are_not_asked_for(sentence):
    assert asked_of(sentence) == ""


def test_a_topic_is_asked_for_as_the_text_writes_it():
    assert asked_of("Anemia is caused by a lack of iron.", "People with anemia tire.") == "What causes anemia?"


def test_a_heading_that_is_a_question_is_answered_by_what_stands_below_it():
    below = "Edema is swelling from fluid in the body. Salt makes edema worse in many people. More is told elsewhere."
    found = list(
        asked_by_rules([passage(below, heading="What is edema?"), passage(below, heading="What is edema?", n=1)])
    )
    assert [(a.question, len(a.sentences)) for a in found] == [("What is edema?", 2)]
    for heading in ("How is it treated?", "Leukemia Statistics | Did You Know?", "Edema"):
        assert list(asked_by_rules([passage(below, heading=heading)])) == []


class Says(ChatModel):
    """Says the same to every prompt."""

    facts_per_call: int = 1
    window_tokens: int = 2048
    max_tokens: int = 100
    timeout_s: float = 5.0
    words: str = ""
    error: type[Exception] | None = None

    @property
    def _llm_type(self):
        return "says"

    def count_tokens(self, messages):
        return sum(len(text.split()) for _, text in messages)

    def say(self, messages, *, offered, timeout_s) -> Iterator[str]:
        assert "Edema is swelling" in messages[-1][1]
        if self.error:
            raise self.error("gone", hint="start it") if self.error is GeneratorError else self.error("cut")
        yield self.words


EDEMA = passage("Edema is swelling from too much fluid in the body. It can follow 3 kinds of treatment.")


def test_what_a_model_asks_is_kept_if_the_passage_carries_the_answer(checker):
    said = Says(words="Question: What is edema?\nAnswer: Edema is swelling from too much fluid in the body.")
    (asked,) = Asker(said, checker).asked([EDEMA])
    assert asked.question == "What is edema?"
    assert asked.sentences == ("Edema is swelling from too much fluid in the body.",)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("I cannot.", "the model gave no question with an answer"),
        (
            "Question: What does the text say?\nAnswer: Edema is swelling from too much fluid in the body.",
            "stand alone",
        ),
        ("Question: How many kinds?\nAnswer: Edema can follow 7 kinds of treatment in the body.", "number"),
        ("Question: What is edema?\nAnswer: swelling", "no whole sentence"),
    ],
)
def test_what_a_passage_does_not_carry_is_rejected_and_counted(checker, words, reason):
    assert list(Asker(Says(words=words), checker).asked([EDEMA])) == []
    (counted,) = checker.rejected
    assert reason in counted


def test_a_model_that_is_cut_short_or_fails_once_costs_one_question(checker):
    assert list(Asker(Says(error=CutShort), checker).asked([EDEMA] * 5)) == []
    assert list(Asker(Says(error=GeneratorError), checker).asked([EDEMA] * 2)) == []
    assert checker.rejected == {"the model gave no question with an answer": 7}


def test_a_model_that_fails_three_times_in_a_row_ends_it(checker):
    asker = Asker(Says(error=GeneratorError), checker)
    with pytest.raises(GeneratorError, match="no questions could be made: gone"):
        for _ in range(3):
            list(asker.asked([EDEMA]))
