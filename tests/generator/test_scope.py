import gzip
import json
import os
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.scope import scope, scope_rules

KINDS = ("dose", "prognosis", "diagnosis", "outside", "veterinary")
ROUNDS = [tomllib.loads(path.read_text("utf-8")) for path in sorted(Path(__file__).parent.glob("scope_round_*.toml"))]
REQUESTS = [(message, kind) for lists in ROUNDS for kind in KINDS for message in lists[kind]]
QUESTIONS = [message for lists in ROUNDS for message in lists["none"]]


def _kind(message: str) -> str:
    made = scope(message, "patient")
    return made.kind if made else "none"


def test_nearly_all_requests_get_the_fixed_answer_of_their_kind():
    wrong = [(message, kind, _kind(message)) for message, kind in REQUESTS if _kind(message) != kind]
    assert len(wrong) <= 0.03 * len(REQUESTS), wrong


def test_nearly_all_questions_in_scope_are_left_alone():
    wrong = [(message, _kind(message)) for message in QUESTIONS if _kind(message) != "none"]
    assert len(wrong) <= 0.01 * len(QUESTIONS), wrong


def test_the_messages_are_many():
    assert len(REQUESTS) >= 150 and len(QUESTIONS) >= 150


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Should I double my imatinib?", "dose"),
        ("can I skip my 6-MP tonight?", "dose"),
        ("What should I do about a missed dose of imatinib?", "none"),
        ("What is the starting dose of imatinib in CML-CP?", "none"),
        ("How long will my mother live?", "prognosis"),
        ("What are my chances?", "prognosis"),
        ("What is the five-year survival of AML?", "none"),
        ("Do I have leukemia?", "diagnosis"),
        ("Do I have to fast?", "none"),
        ("What is hairy cell leukemia and how is it treated?", "none"),
        ("What is MDS? Is it a cancer?", "none"),
        ("my doctor says I have AML, is that the fast kind or the slow kind", "none"),
        ("can grandma visit if she just had a live vaccine", "none"),
        ("Can my child die of chickenpox during chemo?", "none"),
        ("Why did my doctor halve my dose of dasatinib?", "none"),
        ("Does he have fish oil with his breakfast?", "none"),
        ("Does a PET scan find lymphoma?", "none"),
        # A worldly question with a word of medicine may well be about living with leukemia.
        ("Who won the world cup?", "outside"),
        ("Can I watch the world cup during chemo?", "none"),
        ("write me a poem about leukemia", "outside"),
        ("recipe ideas during neutropenia", "none"),
        ("my dog has leukemia", "veterinary"),
        ("can my dog sleep in my bed after the transplant", "none"),
        # Triage answers these.
        ("how many pills would kill me", "none"),
        ("should I take all my imatinib and end my life", "none"),
    ],
)
def test_a_person_is_told_from_people_in_general(message, kind):
    assert _kind(message) == kind


def test_the_words_are_those_of_the_audience_and_evidence_may_follow_where_it_helps():
    patient, clinician = (
        scope("Should I double my imatinib?", "patient"),
        scope("Should I double my imatinib?", "clinician"),
    )
    assert patient and clinician and patient.message != clinician.message
    assert patient.evidence and "call your treatment team" in patient.message
    outside = scope("write me a poem", "patient")
    assert outside and not outside.evidence


def test_the_words_promise_no_more_than_the_list_of_sources_below():
    for rule in scope_rules():
        for message in rule.messages.values():
            assert ("sources below" in message) == rule.evidence and "follows" not in message


@pytest.mark.shared
@pytest.mark.parametrize("name", ["bioasq", "medquad", "pubmedqa"])
def test_hardly_any_public_question_on_medicine_gets_a_fixed_answer(name):
    data = Path(os.environ.get("MARROW_SHARED", Path(__file__).parents[3] / "shared")) / "data"
    if not data.is_dir():
        pytest.skip("no shared data")
    questions = _public(data, name)
    kinds = Counter(_kind(question) for question in questions)
    assert len(questions) >= 400
    assert kinds["dose"] + kinds["prognosis"] + kinds["diagnosis"] <= 0.003 * len(questions), kinds
    assert kinds["outside"] + kinds["veterinary"] <= 0.005 * len(questions), kinds


def _public(data: Path, name: str) -> list[str]:
    if name == "bioasq":
        lines = (data / "beir/bioasq-dev/queries.jsonl").read_text("utf-8").splitlines()
        return sorted({json.loads(line)["text"] for line in lines})
    file = {"medquad": "medquad", "pubmedqa": "pubmedqa_dev"}[name]
    with gzip.open(data / f"qa/{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return sorted({json.loads(line)["question"] for line in lines})


def test_every_rule_has_words_and_a_source():
    for rule in scope_rules():
        assert rule.phrases and rule.source and rule.about and all(rule.messages.values())


@given(st.text(max_size=300))
def test_any_text_is_judged_without_an_error(text):
    assert _kind(text) in (*KINDS, "none")


@pytest.mark.parametrize("unit", ["my dose ", "should i ", "leukemia ", "dog ", "a", "is it CML? "])
def test_time_grows_with_the_length_alone(benchmark_s, unit):
    # The best of three: other work may slow any one of them.
    short, long = (
        min(benchmark_s(lambda: scope(text, "patient")) for _ in range(3))  # noqa: B023 (called at once)
        for text in ((unit * 20_000)[:length] for length in (5_000, 20_000))
    )
    # Four times the text takes four times the time; a square would take 16 times.
    assert long < 10 * short + 0.1
