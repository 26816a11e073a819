import pytest

from generator.inquiry import compared, named_concepts, read_inquiry


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
