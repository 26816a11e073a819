import random

import pytest

from finetune.data.synonyms import same_names, with_synonyms
from retriever.terms import terms


@pytest.mark.parametrize("same", same_names(), ids=lambda same: same.names[0])
def test_all_names_of_a_row_are_one_concept_to_the_search(same):
    concepts = [{term for term in terms(f"About {name} in leukemia") if term[0] == "§"} for name in same.names]
    assert concepts[0]
    assert all(found == concepts[0] for found in concepts)
    assert same.source.startswith(("https://", "WHO", "MeSH"))


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("Is Sprycel taken with food?", {"Is dasatinib taken with food?"}),
        ("Sprycel or not?", {"Dasatinib or not?"}),
        ("What is acute promyelocytic leukemia?", {"What is APML?"}),
        ("Is dasatinib after dasatinib sensible?", {"Is Sprycel after Sprycel sensible?"}),
    ],
)
def test_one_name_for_another(question, answers):
    assert {with_synonyms(question, random.Random(seed)) for seed in range(5)} == answers


@pytest.mark.parametrize(
    "question",
    [
        "Is dasatinib (Sprycel) a drug?",  # about its names
        "What is cml?",  # an abbreviation is read as written
        "What is AML-M3?",  # part of a longer name
        "Does an APML relapse?",  # "an acute" is right, "an APML" is its only other name here
        "Is it safe?",
    ],
)
def test_nothing_to_replace(question):
    found = {with_synonyms(question, random.Random(seed)) for seed in range(5)}
    assert found <= {None, "Does an acute promyelocytic leukemia relapse?"}


def test_articles_agree():
    found = {with_synonyms("How is a CML treated? With an imatinib course?", random.Random(seed)) for seed in range(20)}
    # Gleevec and Glivec do not follow "an"; Imkeldi does.
    assert found == {
        "How is a chronic myeloid leukemia treated? With an imatinib course?",
        "How is a chronic myelogenous leukemia treated? With an imatinib course?",
        "How is a CML treated? With an Imkeldi course?",
    }
