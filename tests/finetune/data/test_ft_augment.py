import re
from collections.abc import Iterator, Sequence

import pytest

from finetune.data.augment import augment
from finetune.records import Example
from generator.errors import CutShort, GeneratorError
from generator.language_models.chat import ChatModel, Message
from generator.prompts import REFUSAL, reword_system, reword_user
from ingest.errors import MissingPart

FACT = "Imatinib, a tyrosine kinase inhibitor, inhibits the fusion protein BCR::ABL1 in chronic myeloid leukemia."
OTHER = "The usual dose of imatinib is 400 mg once a day in the chronic phase."
QUESTION = "Which fusion protein does imatinib inhibit in chronic myeloid leukemia?"
ANSWER = "Imatinib inhibits the fusion protein BCR::ABL1 [1]. The usual dose is 400 mg once a day [2]."
REWORDED = {
    QUESTION: "What fusion protein is inhibited by imatinib in chronic myeloid leukemia?",
    "Imatinib inhibits the fusion protein BCR::ABL1.": "The fusion protein BCR::ABL1 is inhibited by imatinib.",
    "The usual dose is 400 mg once a day.": "400 mg once a day is the usual dose.",
}


class Phrasebook(ChatModel):
    """A chat model that looks up what it says; what it does not know it repeats."""

    phrases: dict[str, str]
    error: Exception | None = None
    seen: list[str] = []
    facts_per_call: int = 1
    window_tokens: int = 500
    max_tokens: int = 100
    timeout_s: float = 10

    @property
    def _llm_type(self) -> str:
        return "phrasebook"

    def say(self, messages: Sequence[Message], *, offered: Sequence[int], timeout_s: float) -> Iterator[str]:
        self.seen.append(messages[-1][1])
        if self.error:
            raise self.error
        asked = messages[-1][1].partition(": ")[2]
        yield from self.phrases.get(asked, asked)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(text.split()) for _, text in messages)


def cited(answer: str = ANSWER, *, question: str = QUESTION, label: str = "") -> Example:
    facts = (FACT, OTHER)
    prompt = (("system", reword_system("patient")), ("user", reword_user(question, facts)))
    return Example(
        id="c1", kind="cited", document="d", prompt=prompt, answer=answer, passages=facts, label=label, source="made",
        licence="CC0",
    )  # fmt: skip


def phrasebook(changes: dict[str, str] | None = None, **options) -> Phrasebook:
    return Phrasebook(phrases=REWORDED | (changes or {}), **options)


def reasons(report, method: str = "paraphrase") -> dict[str, int]:
    return report.methods[method].rejected


def test_a_paraphrase_is_verified_and_marked(embedder):
    original = cited()
    model = phrasebook()
    (made,), report = augment([original], kinds=["paraphrase"], model=model, encode=embedder.encode)
    assert made.prompt == (original.prompt[0], ("user", reword_user(REWORDED[QUESTION], original.passages)))
    assert made.answer == (
        "The fusion protein BCR::ABL1 is inhibited by imatinib [1]. 400 mg once a day is the usual dose [2]."
    )
    assert (made.id, made.augmentation, made.original) == ("c1~paraphrase", "paraphrase", "c1")
    unchanged = {"id", "prompt", "answer", "augmentation", "original"}
    assert made.model_dump(exclude=unchanged) == original.model_dump(exclude=unchanged)
    assert report.methods["paraphrase"].model_dump() == {"made": 1, "kept": 1, "rejected": {}}
    assert len(model.seen) == 3


@pytest.mark.parametrize(
    ("sentence", "said", "reason"),
    [
        (QUESTION, "Which fusion protein does dasatinib inhibit in chronic myeloid leukemia?", "name"),
        (QUESTION, "Which fusion protein does imatinib not inhibit in chronic myeloid leukemia?", "negation"),
        (QUESTION, "Imatinib inhibits which fusion protein in chronic myeloid leukemia.", "question"),
        (QUESTION, QUESTION.upper(), "same words"),
        ("The usual dose is 400 mg once a day.", "800 mg once a day is the usual dose.", "numbers"),
        ("The usual dose is 400 mg once a day.", "400 mg once a day is the usual dose [7].", "citation mark"),
        ("The usual dose is 400 mg once a day.", "The usual dose is not 400 mg once a day.", "negation"),
        (
            "Imatinib inhibits the fusion protein BCR::ABL1.",
            "The weather in Paris was sunny.",
            "not in the source|meaning",
        ),
    ],
)
def test_what_says_something_else_is_rejected_with_a_reason(embedder, sentence, said, reason):
    model = phrasebook({sentence: said})
    made, report = augment([cited()], kinds=["paraphrase"], model=model, encode=embedder.encode)
    assert made == []
    assert report.methods["paraphrase"].made == 1
    (only,) = reasons(report)
    assert re.search(reason, only)


def test_a_cited_sentence_has_to_stand_in_its_fact(embedder):
    # The sentence and its paraphrase agree; the fact that they cite says nothing of them.
    wrong = cited(ANSWER.replace("[2]", "[1]"))
    made, report = augment([wrong], kinds=["paraphrase"], model=phrasebook(), encode=embedder.encode)
    assert made == []
    assert reasons(report) == {"a number is not in the source": 1}
    beyond = cited(ANSWER.replace("[2]", "[3]"))
    assert augment([beyond], kinds=["paraphrase"], model=phrasebook(), encode=embedder.encode)[0] == []


@pytest.mark.parametrize(("answer", "label"), [(REFUSAL, ""), ("Yes. " + ANSWER, "yes"), ("It helps.", "")])
def test_refusals_labels_and_short_answers_keep_their_words(embedder, answer, label):
    original = cited(answer, label=label)
    (made,), _ = augment([original], kinds=["paraphrase"], model=phrasebook(), encode=embedder.encode)
    assert made.answer == answer
    assert REWORDED[QUESTION] in made.prompt[1][1]


def test_back_translation_goes_there_and_back(embedder):
    german = "Welches Fusionsprotein hemmt Imatinib bei chronischer myeloischer Leukämie?"
    model = Phrasebook(phrases={QUESTION: german, german: REWORDED[QUESTION]})
    (made,), _ = augment([cited(REFUSAL)], kinds=["back-translation"], model=model, encode=embedder.encode)
    assert [asked.split(":")[0] for asked in model.seen] == ["Translate into German", "Translate into English"]
    assert REWORDED[QUESTION] in made.prompt[1][1]
    assert made.augmentation == "back-translation"


def test_synonyms_change_one_name_of_the_question_only(embedder):
    original = cited()
    (made,), _ = augment([original], kinds=["synonyms"], encode=embedder.encode, seed=1)
    again = augment([original], kinds=["synonyms"], encode=embedder.encode, seed=1)[0]
    assert again == [made]
    assert made.answer == original.answer
    before, after = (one.prompt[1][1].splitlines() for one in (original, made))
    assert before[0] != after[0]
    assert before[1:] == after[1:]


def test_all_methods_in_order_and_nothing_of_what_is_augmented_already(embedder):
    original = cited(REFUSAL)
    copy = original.model_copy(update={"id": "x", "augmentation": "synonyms", "original": "c1"})
    made, report = augment([original, copy], model=phrasebook(), encode=embedder.encode)
    # The phrasebook repeats what it does not know: its German for the question is the paraphrase, which it repeats.
    assert [one.augmentation for one in made] == ["synonyms", "back-translation", "paraphrase"]
    assert {method: one.kept for method, one in report.methods.items()} == dict.fromkeys(report.methods, 1)


def test_findings_have_no_question_to_reword(embedder):
    prompt = (("system", "Name it."), ("user", "Findings:\nWBC 3.5 ×10⁹/L\nPlatelets 20 ×10⁹/L"))
    findings = cited().model_copy(update={"prompt": prompt})
    made, report = augment([findings], kinds=["paraphrase"], model=phrasebook(), encode=embedder.encode)
    assert made == []
    assert report.unsuited == {"paraphrase": 1}


@pytest.mark.parametrize(
    ("error", "reason"),
    [(CutShort("no room"), "the model was cut short"), (GeneratorError("gone"), "the model failed")],
)
def test_a_model_that_fails_costs_its_item(embedder, error, reason):
    made, report = augment([cited()], kinds=["paraphrase"], model=phrasebook(error=error), encode=embedder.encode)
    assert made == []
    assert reasons(report) == {reason: 1}


def test_a_sentence_longer_than_the_window_is_not_asked(embedder):
    model = phrasebook(window_tokens=110)
    report = augment([cited()], kinds=["paraphrase"], model=model, encode=embedder.encode)[1]
    assert reasons(report) == {"the sentence is too long for the model": 1}
    assert model.seen == []


def test_rewording_needs_a_model(embedder):
    with pytest.raises(MissingPart, match="chat model"):
        augment([], kinds=["paraphrase"], encode=embedder.encode)
