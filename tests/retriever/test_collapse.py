import time

import pytest
from builders import make_doc
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk import chunk
from retriever.collapse import Groups, near_identical
from retriever.store import StoredDocument, StoredPassage

BASE = (
    "Imatinib inhibits the BCR::ABL1 tyrosine kinase in patients with chronic myeloid leukemia. After 5 years of "
    "follow-up, 89 % of the patients were alive, and treatment was well tolerated by most of them."
)


@pytest.mark.parametrize(
    "other",
    [
        BASE,
        BASE.upper().replace("IMATINIB", "Imatinib"),
        BASE.replace(" ", "\n "),
        BASE.replace("follow-up", "follow up"),
        BASE.replace("follow-up", "followup"),
        BASE.replace("tyrosine", "tyro\u00adsine").replace("\u00ad", "- "),
        BASE.replace("leukemia", "leukaemia"),
        BASE.replace("89 %", "89%"),
        BASE.replace("of the patients", "of patients"),
        BASE.rstrip("."),
        BASE.removesuffix(" by most of them."),
        "Background. " + BASE,
    ],
)
def test_the_same_words_again_are_near_identical(other):
    assert near_identical(BASE, other)
    assert near_identical(other, BASE)


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace("89", "98"),
        BASE.replace("89", "8.9"),
        BASE.replace("5 years", "15 years"),
        BASE.replace("was well", "was not well"),
        BASE.replace("was well", "wasn't well"),
        BASE.replace("inhibits", "does not inhibit"),
        BASE.replace("Imatinib", "Dasatinib"),
        BASE.replace("ABL1", "ABL2"),
        BASE.replace("most", "none"),
        BASE.replace("patients with", "patients without"),
        BASE.replace("89 %", "< 89 %"),
        BASE + " At 10 years none had relapsed.",
        BASE + " It did not.",
        BASE[: len(BASE) // 2],
        "",
    ],
)
def test_a_number_a_negation_or_a_name_keeps_both(other):
    assert not near_identical(BASE, other)
    assert not near_identical(other, BASE)


def test_words_that_only_run_together_are_not_the_same():
    assert not near_identical("There was no table effect.", "There was notable effect.")
    assert not near_identical("Doses of 1 2 mg.", "Doses of 12 mg.")
    assert not near_identical("Vitamin A was given.", "Vitamin was given.")


@given(st.text(max_size=200))
def test_every_text_is_like_itself(text):
    assert near_identical(text, text)


@given(st.text("no the t9.%a", max_size=30), st.text("no the t9.%a", max_size=30))
def test_likeness_has_no_direction(one, other):
    assert near_identical(one, other) == near_identical(other, one)


def stored(text, title="Imatinib", **meta):
    document = make_doc(text, title=title, **meta)
    (passage,) = chunk(document)
    return StoredPassage(0, passage, StoredDocument(document.doc_id, "text", document.meta, (), (), ()))


def grouped(*items):
    groups = Groups()
    for item in items:
        groups.add(item)
    return [
        [group.first.document.meta.pmid, *(other.document.meta.pmid for other in group.others)]
        for group in groups.found
    ]


def test_copies_stand_behind_the_best_and_others_keep_their_order():
    items = [
        stored(BASE, pmid="1"), stored("Something else altogether.", pmid="2"), stored(BASE + " ", pmid="3"),
        stored(BASE.replace("89", "90"), pmid="4"), stored(BASE.lower(), pmid="5"),
    ]  # fmt: skip
    assert grouped(*items) == [["1", "3", "5"], ["2"], ["4"]]


def test_the_same_words_under_another_title_stay():
    leaflet = "Tell your doctor if you are pregnant before you take this medicine, and ask about breast-feeding."
    assert grouped(stored(leaflet, "Imatinib", pmid="1"), stored(leaflet, "Dasatinib", pmid="2")) == [["1"], ["2"]]
    assert grouped(stored(leaflet, "Imatinib", pmid="1"), stored(leaflet, "Imatinib: leaflet", pmid="2")) == [
        ["1", "2"]
    ]
    assert grouped(stored(leaflet, "Imatinib", pmid="1"), stored(leaflet, "", pmid="2")) == [["1"], ["2"]]


def test_a_retracted_copy_never_stands_behind_a_sound_one():
    assert grouped(stored(BASE, pmid="1"), stored(BASE, pmid="2", retracted=True)) == [["1"], ["2"]]


def test_a_hundred_passages_of_one_title_are_compared_in_milliseconds():
    sentence = "After {} cycles of treatment {} of the patients had no measurable residual disease by flow cytometry. "
    items = [stored("".join(sentence.format(n, n * m) for m in range(2, 14))) for n in range(10, 110)]
    spent = []
    for _ in range(3):
        begin = time.process_time()
        found = grouped(*items)
        spent.append(time.process_time() - begin)
    assert len(found) == 100
    # Half a second if every pair of texts were read anew.
    assert min(spent) < 0.1
