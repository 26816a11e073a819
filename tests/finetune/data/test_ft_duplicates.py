import random
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetune.data.duplicates import drop_near_duplicates
from finetune.records import Example
from generator.prompts import REFUSAL, reword_system, reword_user
from ingest.errors import BadRequest


def pair(name: str, question: str, answer: str, *, label: str = "") -> Example:
    prompt = (("system", "Answer in at most three sentences, for patients, and in plain words."), ("user", question))
    return Example(
        id=name, kind="pairs", document=name, prompt=prompt, answer=answer, label=label, source="made", licence="CC0"
    )


def cited(name: str, question: str, facts: list[str], answer: str) -> Example:
    prompt = (("system", reword_system("patient")), ("user", reword_user(question, facts)))
    return Example(
        id=name, kind="cited", document=name, prompt=prompt, answer=answer, passages=tuple(facts), source="made",
        licence="CC0",
    )  # fmt: skip


ANSWER = (
    "Imatinib blocks the fusion protein BCR::ABL1, which drives the growth of the leukemic cells in nearly everyone "
    "with chronic myeloid leukemia, and it is taken by mouth once a day with a meal and a large glass of water."
)
FACTS = [f"{ANSWER} This is fact number {word}." for word in ("one", "two", "three")]


def test_the_first_of_two_that_say_nearly_the_same_is_kept():
    examples = [
        pair("a", "How does imatinib work?", ANSWER),
        pair("b", "How does dasatinib work?", "It blocks several kinases, among them those of the SRC family."),
        pair("c", "how does Imatinib work", ANSWER.replace("large ", "")),
    ]
    # By hand: a has 4 + 38 words, so 40 shingles; c lacks one word, so 3 of them, and has 1 other: 37 / 41 = 0.90.
    kept, dropped = drop_near_duplicates(examples)
    assert [one.id for one in kept] == ["a", "b"]
    assert dropped == [("c", "a")]
    assert drop_near_duplicates(examples, threshold=0.91)[1] == []


def test_another_question_on_the_same_facts_is_no_duplicate():
    examples = [
        cited("asked", "How does imatinib work?", FACTS, "It blocks BCR::ABL1 [1]."),
        cited("other", "Who discovered penicillin?", FACTS, REFUSAL),
        cited("again", "How does imatinib work?", FACTS, "It blocks BCR::ABL1 [1]."),
    ]
    kept, dropped = drop_near_duplicates(examples)
    assert [one.id for one in kept] == ["asked", "other"]
    assert dropped == [("again", "asked")]


def test_the_same_question_on_other_facts_is_no_duplicate():
    other = ["Penicillin was discovered by Alexander Fleming in London in the year 1928 in a dish of bacteria."]
    examples = [
        cited("a", "How does imatinib work?", FACTS, REFUSAL),
        cited("b", "How does imatinib work?", other, REFUSAL),
    ]
    assert drop_near_duplicates(examples)[1] == []


def test_another_label_is_no_duplicate():
    examples = [pair(label, "Does it work?", ANSWER, label=label) for label in ("yes", "no", "maybe")]
    assert drop_near_duplicates(examples)[1] == []


def test_two_tasks_with_one_patient_are_no_duplicates():
    one = pair("a", "Findings: WBC 3.5", ANSWER)
    other = one.model_copy(update={"id": "b", "prompt": (("system", "Rank the diagnoses."), one.prompt[1])})
    ranked = one.model_copy(update={"id": "c", "ranking": ("AML", "ALL")})
    assert drop_near_duplicates([one, other, ranked])[1] == []


@pytest.mark.parametrize("threshold", [0, -0.5, 1.01])
def test_a_threshold_that_is_no_similarity_is_refused(threshold):
    with pytest.raises(BadRequest, match="threshold"):
        drop_near_duplicates([], threshold=threshold)


def shingles(example: Example) -> set[tuple[str, ...]]:
    text = "\n".join([*(text for role, text in example.prompt if role != "system"), example.answer])
    words = "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()
    return {tuple(words[at : at + 3]) for at in range(max(1, len(words) - 2))}


def similarity(one: Example, other: Example) -> float:
    return len(shingles(one) & shingles(other)) / len(shingles(one) | shingles(other))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.sampled_from([0.5, 0.8, 0.95]))
def test_all_pairs_that_a_plain_comparison_finds_and_no_others(seed, threshold):
    draw = random.Random(seed)
    base = [draw.choice(string.ascii_lowercase) * draw.randint(1, 4) for _ in range(40)]
    examples = []
    for number in range(30):
        words = list(base)
        for _ in range(draw.randint(0, 8)):
            words[draw.randrange(len(words))] = draw.choice(string.ascii_lowercase)
        examples.append(pair(str(number), "What is it?", " ".join(words)))
    kept: list[Example] = []
    expected = []
    for one in examples:
        original = next((other for other in kept if similarity(one, other) >= threshold), None)
        if original:
            expected.append((one.id, original.id))
        else:
            kept.append(one)
    assert drop_near_duplicates(examples, threshold=threshold) == (kept, expected)


def test_empty_texts_are_compared_too():
    examples = [pair("a", "?", "!"), pair("b", "...", "")]
    assert drop_near_duplicates(examples)[1] == [("b", "a")]
