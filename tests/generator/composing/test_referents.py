import pytest

from generator.composing.referents import Referent, leans, referent

HEAD = "Imatinib inhibits the BCR::ABL1 protein in chronic myeloid leukemia."


@pytest.mark.parametrize(
    ("sentence", "opening"),
    [("It is taken with food.", 2), ("This drug is taken with food.", 9), ("The medicine can cause cramps.", 12)],
)
def test_an_opening_that_only_a_drug_fits_means_the_drug(sentence, opening):
    assert referent(sentence, HEAD) == Referent("Imatinib", opening)


@pytest.mark.parametrize(
    ("sentence", "before"),
    [
        # A gene, a drug and a disease: it could be any.
        ("It is a fusion protein.", HEAD),
        # Two drugs.
        ("It is taken with food.", "Imatinib is like dasatinib in chronic myeloid leukemia."),
        # The subject is resistance.
        ("It can cause relapse.", "Imatinib resistance is common in blast phase."),
        # The name does not open the sentence.
        ("It is taken with food.", "In chronic myeloid leukemia, imatinib is the first treatment."),
        ("This drug of choice is old.", HEAD),
    ],
)
def test_a_doubtful_opening_is_not_resolved(sentence, before):
    assert referent(sentence, before) is None


def test_a_chain_keeps_its_subject():
    assert referent("It can cause cramps.", "It is taken with food.", known="Imatinib") == Referent("Imatinib", 2)
    assert referent("It can cause cramps.", "It is like dasatinib.", known="Imatinib") is None


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [("It is red.", True), ("However, it helps.", True), ("HER2 is a gene.", False), ("Itching is common.", False)],
)
def test_leaning(sentence, expected):
    assert leans(sentence) is expected
