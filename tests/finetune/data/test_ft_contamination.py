import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetune.data.contamination import decontaminate
from finetune.records import Example
from generator.prompts import REFUSAL, reword_system, reword_user
from ingest.errors import BadRequest

WORDS = string.ascii_lowercase
TWENTY = " ".join(letter * 3 for letter in WORDS[:20])

# A busy machine is no failure.
UNHURRIED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def example(question: str, answer: str, *, facts: tuple[str, ...] = (), name: str = "e") -> Example:
    prompt = (("system", reword_system("patient")), ("user", reword_user(question, facts) if facts else question))
    return Example(
        id=name, kind="cited" if facts else "pairs", document="d", prompt=prompt, answer=answer, passages=facts,
        source="made", licence="CC0",
    )  # fmt: skip


def words(first: int, last: int) -> str:
    return " ".join(TWENTY.split()[first:last])


@pytest.mark.parametrize(
    ("answer", "removed"),
    [
        (f"Before {words(3, 16)} after.", True),  # 13 words in a row
        (f"Before {words(3, 15)} after.", False),  # 12
        (f"{words(3, 12)} zzz {words(12, 20)}", False),  # 9 and 8, torn apart
        (words(3, 16).upper().replace(" ", ", "), True),  # case and punctuation do not count
    ],
)
def test_thirteen_words_in_a_row(answer, removed):
    kept, report = decontaminate([example("What is it?", answer)], {"held out": [TWENTY]})
    assert (kept == []) is removed
    assert report.removed == {"held out": int(removed)}
    if removed:
        assert report.overlaps[0].words == words(3, 16)
        assert report.overlaps[0].reason == "run of words"


def test_a_shorter_text_counts_whole_from_eight_words_on():
    known = {"short": [words(0, 8), words(10, 17)]}
    examples = [
        example("What?", f"so {words(0, 8)} so", name="eight"),
        example("What?", f"so {words(10, 17)} so", name="seven"),
    ]
    kept, report = decontaminate(examples, known)
    assert [one.id for one in kept] == ["seven"]
    assert [(one.example, one.reason) for one in report.overlaps] == [("eight", "whole text")]


def test_an_evaluation_question_is_removed_however_short():
    facts = ("Imatinib is a drug.",)
    examples = [
        example("What is AML?", "A leukemia.", name="plain"),
        example("what is AML", "It is a drug [1].", facts=facts, name="among facts"),
        example("What is AML caused by?", "By many things.", name="longer"),
    ]
    kept, report = decontaminate(examples, {"questions": ["What is AML?"], "others": ["What is CML?"]})
    assert [one.id for one in kept] == ["longer"]
    assert report.removed == {"questions": 2, "others": 0}
    assert report.reasons == {"question": 2}
    assert (report.examples, report.removed_examples, report.texts) == (3, 2, {"questions": 1, "others": 1})


def test_instructions_passages_and_the_refusal_are_not_compared():
    known = {"set": [reword_system("patient"), TWENTY, REFUSAL]}
    asked = example("Who won?", REFUSAL, facts=(TWENTY,))
    assert decontaminate([asked], known)[0] == [asked]


def test_an_example_known_to_two_sets_counts_for_both_and_goes_once():
    kept, report = decontaminate([example("Q?", TWENTY)], {"one": [TWENTY], "two": [TWENTY]})
    assert kept == []
    assert report.removed == {"one": 1, "two": 1}
    assert report.removed_examples == 1


def test_the_report_lists_ten_of_a_set():
    examples = [example("Q?", TWENTY, name=str(number)) for number in range(15)]
    report = decontaminate(examples, {"set": [TWENTY]})[1]
    assert report.removed == {"set": 15}
    assert [one.example for one in report.overlaps] == [str(number) for number in range(10)]


def test_short_runs_are_refused():
    with pytest.raises(BadRequest, match="8"):
        decontaminate([], {}, n=7)


@UNHURRIED
@given(
    st.lists(st.lists(st.sampled_from("ab"), max_size=25).map(" ".join), max_size=6),
    st.lists(st.lists(st.sampled_from("ab"), max_size=25).map(" ".join), max_size=4),
)
def test_what_is_kept_shares_nothing_and_what_goes_shares_something(answers, texts):
    examples = [example("What now?", answer, name=str(number)) for number, answer in enumerate(answers)]
    kept, report = decontaminate(examples, {"set": texts})

    def shares(answer: str) -> bool:
        padded = f" {answer} "
        for text in map(str.split, texts):
            length = min(13, len(text))
            if length >= 8 and any(
                f" {' '.join(text[at : at + length])} " in padded for at in range(len(text) - length + 1)
            ):
                return True
        return False

    assert [one.id for one in kept] == [str(number) for number, answer in enumerate(answers) if not shares(answer)]
    assert report.removed_examples == len(answers) - len(kept)
