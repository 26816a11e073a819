import numpy as np
import pytest
from made_examples import FACTS, made

from finetune import prompts
from finetune.evaluation.records import Likelihood, Reading, Said
from finetune.evaluation.scoring import outcomes, unsupported_share
from generator.prompts import REFUSAL

READING = Reading(answer=Likelihood(nats=3.0, tokens=2), labels={"yes": 1.0, "no": 0.5, "maybe": 4.0})


def encode(texts):
    """Every text means the same."""
    return np.ones((len(texts), 4), dtype=np.float32) / 2


def measures(example, text):
    found = outcomes([example], [READING], [Said(text=text, ended=True)], encode=encode)
    return found[0].measures


def cited(answer):
    return made(0, kind="cited", prompt=prompts.cited("How?", FACTS, "clinician"), answer=answer, passages=FACTS)


def test_an_answer_as_the_reference_is_perfect():
    answer = "Imatinib is given once a day with food [1]. Dasatinib may cause fluid around the lungs [2]."
    found = measures(cited(answer), answer)
    names = ("format_right", "citation_precision", "citation_recall", "exact_match", "rouge2")
    assert [found[name] for name in names] == [1, 1, 1, 1, 1]
    assert (found["unsupported"], found["false_refusal"]) == (0, 0)
    assert "right_refusal" not in found


def test_a_wrong_citation_costs_precision_recall_and_support():
    found = measures(
        cited("Imatinib is given once a day with food [1]."), "Imatinib is given once a day with food [2]."
    )
    assert (found["citation_precision"], found["citation_recall"], found["unsupported"]) == (0, 0, 1)
    assert found["format_right"] == 1


def test_refusals_are_right_or_false():
    right = measures(cited(REFUSAL), REFUSAL)
    assert (right["right_refusal"], right["format_right"], right["unsupported"]) == (1, 1, 0)
    assert "rouge2" not in right and "citation_precision" not in right
    false = measures(cited("Imatinib is given once a day with food [1]."), REFUSAL)
    assert (false["false_refusal"], false["citation_recall"]) == (1, 0)
    assert measures(cited(REFUSAL), "Imatinib is given once a day with food [1].")["right_refusal"] == 0


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        ("Imatinib is given once a day with food [1].", 0.0),
        ("Imatinib is given once a day with food [1]. Imatinib is given three times a day with food [1].", 0.5),
        ("Imatinib is given once a day with food.", 1.0),  # it cites nothing
        ("Imatinib is given once a day with food [7].", 1.0),  # there is no such fact
        ("", 0.0),
    ],
)
def test_a_sentence_is_unsupported_where_nothing_it_cites_carries_it(answer, share):
    assert unsupported_share(answer, FACTS, encode=encode) == share


def test_labels_are_read_and_weighed():
    found = measures(made(0, kind="pubmedqa", answer="No. It does not.", label="no"), "Yes, it does.")
    assert (found["label_likely"], found["label_read"]) == (1, 0)


def test_diagnoses_are_ranked_or_named_first():
    ranked = made(0, kind="report", answer="1. AML\n2. ALL", label="AML", ranking=("AML", "ALL"))
    assert measures(ranked, "1. ALL\n2. AML")["mrr"] == 0.5
    single = made(1, kind="report", answer="Most consistent with ALL.", label="ALL")
    assert measures(single, "This is ALL.")["diagnosis"] == 1
    assert measures(single, "This is leukemia.")["diagnosis"] == 0
