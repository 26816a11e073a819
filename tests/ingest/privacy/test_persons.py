from concurrent.futures import ThreadPoolExecutor

import pytest

from ingest.privacy.persons import common_words, find_persons

pytestmark = pytest.mark.slow  # loads the language model


def names(text: str, **options: object) -> list[str]:
    return [text[one.start : one.end] for one in find_persons(text, **options)]  # type: ignore[arg-type]


def test_names_in_capitals_and_in_sentences():
    assert names("The patient, Margaret Holloway, was seen.\nMARGARET HOLLOWAY WAS SEEN AGAIN") == [
        "Margaret Holloway",
        "MARGARET HOLLOWAY",
    ]


def test_cells_set_apart_are_not_read():
    text = "Margaret Holloway was here\nMargaret Holloway 9.1"
    second = text.index("\n") + 1
    assert names(text, apart=[(second, len(text))]) == ["Margaret Holloway"]


@pytest.mark.parametrize(
    "text",
    [
        "1. Foster JB, Li D, March ME, et al.: Kinase activity. Blood 12 (3): 100-9, 2021.",
        "Osteosarcoma is treated with surgery. Afatinib is a tablet.",
        "Tisagenlecleucel (Kymriah) is approved in the United States.",
        "Saint John's wort must be avoided with imatinib.",
        "She had an Ommaya reservoir.",
    ],
)
def test_authors_tumours_drugs_and_eponyms_stay(text):
    assert names(text) == []


def test_many_threads_at_once_find_the_same():
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(names, ["The patient, Margaret Holloway, was seen."] * 8))
    assert found == [["Margaret Holloway"]] * 8


def test_common_words_are_the_handbooks_small_ones():
    assert {"leukemia", "blood"} <= common_words() and "holloway" not in common_words()
