import pytest

from generator.citations import Quote, citation, same_words, source_ref, sources_between
from ingest.records import Reference
from retriever.store import StoredPassage


def _quote(item: StoredPassage, words: str) -> Quote:
    start = item.passage.text.index(words)
    return Quote(item, start, start + len(words), 0.5)


def _numbers(quote: Quote) -> list[int]:
    return [source.n for source in sources_between(quote.item, quote.start, quote.end)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Hairy cell leukemia is a rare, slow-growing leukemia of B cells.", [1, 2]),
        # The marks of the sentence before stand at this one's start: they are not its own.
        ("The BRAF V600E mutation is present in almost every person with hairy cell leukemia.", [3]),
        ("The first treatment of hairy cell leukemia is cladribine or pentostatin.", [2]),
        ("Hairy cell leukemia is a rare", []),
    ],
)
def test_marks_resolve_to_the_sources_of_their_own_sentence(stored, words, expected):
    item = stored["Hairy cell leukemia"]
    # The heading "Facts" stands before the passage, so document and passage offsets differ.
    assert item.passage.start > 0
    assert _numbers(_quote(item, words)) == expected


def test_a_quote_of_two_sentences_names_each_source_once_in_order(stored):
    item = stored["Hairy cell leukemia"]
    assert _numbers(Quote(item, 0, len(item.passage.text), 0.5)) == [1, 2, 3]


def test_a_citation_holds_the_words_and_what_the_source_says_of_itself(stored):
    made = citation(_quote(stored["Imatinib"], "once a day"), 4)
    assert made.n == 4
    assert made.quote == "once a day" == stored["Imatinib"].passage.text[made.start : made.end]
    assert (made.doc_id, made.title, made.year, made.journal) == ("PMID:11111111", "Imatinib", 2020, "Made Up J")
    assert made.url == "https://example.org/i"
    assert made.sources == () and made.retracted is False


def test_the_page_is_where_the_first_quoted_word_stands(stored):
    item = stored["Asparaginase in adults"]
    assert citation(_quote(item, "Asparaginase can cause"), 1).page == 3
    assert citation(_quote(item, "lowers fibrinogen"), 1).page == 4
    assert citation(Quote(item, 0, len(item.passage.text), 0.5), 1).page == 3


def test_a_source_without_pages_has_none(stored):
    assert citation(_quote(stored["Imatinib"], "once"), 1).page is None


def test_a_pmid_stands_in_for_a_missing_address():
    assert source_ref(Reference(1, "T", "O", pmid="123")).url == "https://pubmed.ncbi.nlm.nih.gov/123/"
    assert source_ref(Reference(1, "T", "O", pmid="123", url="https://x")).url == "https://x"
    assert source_ref(Reference(1, "T", "O")).url is None


def test_words_are_shown_on_one_line(stored):
    item = stored["Asparaginase in adults"]
    quote = Quote(item, 0, len(item.passage.text), 0.5)
    assert "\n" in quote.words
    assert "\n" not in quote.shown
    assert quote.shown.split() == quote.words.split()


@pytest.mark.parametrize(
    ("shown", "quote", "same"),
    [
        ("It is taken with food.", "It is taken\nwith food [12].", True),
        ("[Imatinib] is taken with food.", "It is taken with food.", True),
        ("[Imatinib] Common: rash.", "Common: rash.", True),
        ("[Imatinib] is taken without food.", "It is taken with food.", False),
        ("Imatinib is taken with food.", "It is taken with food.", False),
        ("[Imatinib]", "It is taken with food.", False),
    ],
)
def test_words_shown_are_those_quoted_but_for_a_resolved_opening_and_marks(shown, quote, same):
    assert same_words(shown, quote) is same
