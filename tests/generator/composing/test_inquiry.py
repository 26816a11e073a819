import pytest

from generator.composing.inquiry import cancer_missing, compared, named_concepts, people_missing, private, read_inquiry
from retriever.vocabulary import MARK


class Flat:
    """Terms that are all known and weigh the same."""

    def idf(self, term: str) -> float:
        return 1.0

    def knows(self, term: str) -> bool:
        return True


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is neutropenia?", "definition"),
        ("What are the side effects of venetoclax?", "list"),
        ("Which drugs can cause differentiation syndrome?", "list"),
        ("How often does tumor lysis syndrome happen?", "quantity"),
        ("Is leukemia hereditary?", "yesno"),
        ("What is the difference between ALL and AML?", "comparison"),
        ("dasatinib vs imatinib in CML", "comparison"),
        ("Which fusion protein does imatinib inhibit?", "name"),
        ("How does venetoclax work?", "open"),
    ],
)
def test_the_kind_of_a_question(question, kind):
    assert read_inquiry(question, Flat()).kind == kind


@pytest.mark.parametrize(
    ("question", "subjects"),
    [
        ("What is the difference between acute and chronic leukemia?", ("acute leukemia", "chronic leukemia")),
        ("How does AML differ from ALL?", ("AML", "ALL")),
        ("Compare venetoclax and ibrutinib", ("venetoclax", "ibrutinib")),
        ("dasatinib vs imatinib in CML", ("dasatinib", "imatinib")),
        ("What is AML?", ()),
    ],
)
def test_the_two_subjects_of_a_comparison(question, subjects):
    assert compared(question) == subjects


def test_names_keep_their_words():
    assert named_concepts("Is BRAF mutated in hairy cell leukemia?") == {
        "§braf": "BRAF",
        "§hcl": "hairy cell leukemia",
    }


def test_survival_is_asked_for_or_not():
    assert read_inquiry("What is the survival rate of childhood ALL?", Flat()).outlook
    assert not read_inquiry("How is childhood ALL treated?", Flat()).outlook


class Concepts(Flat):
    """Knows concepts, and no word."""

    def knows(self, term: str) -> bool:
        return term.startswith(MARK)


def test_a_form_that_the_index_lacks_does_not_count_beside_its_concept():
    assert read_inquiry("HCL staging", Concepts()).weights.keys() >= {"stage"}
    assert "imatinib" not in read_inquiry("Is imatinib safe?", Concepts()).weights
    assert "§imatinib" in read_inquiry("Is Gleevec safe?", Concepts()).weights


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Dr Okoro tell us?", True),
        ("What is my platelet count?", True),
        ("Which room am I in?", True),
        ("Has my sister's biopsy come back?", True),
        ("Did I take my imatinib this morning?", True),
        ("How many blasts did they find in my last sample?", True),
        ("Did I cause my leukemia?", False),
        ("What is my risk of relapse?", False),
        ("What should I ask my doctor?", False),
        ("How do I lower my risk of bleeding?", False),
        ("My doctor says I have AML, is that fast?", False),
    ],
)
def test_what_only_a_record_tells(question, expected):
    assert private(question) is expected


def test_costs_are_asked_of_sources_that_name_them():
    assert people_missing("What does imatinib cost?", "Imatinib is a tablet.") == ["costs"]
    assert people_missing("What does imatinib cost?", "The price of imatinib fell.") == []


def test_the_cancer_of_an_organ_is_one_name():
    assert cancer_missing("How is lung cancer staged?", "A cancer; the lung.")
    assert not cancer_missing("How are lung cancers staged?", "Lung cancer has stages.")
