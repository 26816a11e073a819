import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rank_bm25 import BM25Okapi

from retriever.lexical import LexicalIndex, build_lexical, top_rows
from retriever.terms import terms

TEXTS = [
    "Imatinib inhibits the BCR::ABL1 kinase.",
    "Dasatinib inhibits BCR::ABL1 and SRC kinases, kinases that imatinib spares.",
    "Venetoclax blocks BCL2.",
    "Fever in neutropenia is an emergency.",
    "Imatinib, imatinib, imatinib: a drug for chronic myeloid leukemia and for gastrointestinal stromal tumours.",
    "",
]
WORDS = st.sampled_from("blast marrow platelet relapse remission fever dose kinase".split())
CORPORA = st.lists(st.lists(WORDS, max_size=12).map(" ".join), min_size=1, max_size=12)


def built(texts, folder):
    build_lexical(texts, folder)
    return LexicalIndex(folder)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return built(TEXTS, tmp_path_factory.mktemp("lexical"))


def lucene_bm25(texts, query):
    """Robertson and Zaragoza's formula as Lucene writes it, term by term: k1 = 1.5, b = 0.75."""
    corpus = [Counter(terms(text)) for text in texts]
    lengths = [sum(counts.values()) for counts in corpus]
    mean = sum(lengths) / len(lengths)
    scores = [0.0] * len(texts)
    for term in set(terms(query)):
        frequency = sum(term in counts for counts in corpus)
        idf = math.log(1 + (len(texts) - frequency + 0.5) / (frequency + 0.5))
        for row, counts in enumerate(corpus):
            if counts[term]:
                scores[row] += idf * counts[term] / (counts[term] + 1.5 * (1 - 0.75 + 0.75 * lengths[row] / mean))
    return scores


@pytest.mark.parametrize("query", ["imatinib", "Which kinase does imatinib inhibit?", "BCR-ABL1", "fever fever fever"])
def test_scores_are_those_of_the_formula(index, query):
    expected = {row: score for row, score in enumerate(lucene_bm25(TEXTS, query)) if score > 0}
    found = index.search(query, 10)
    assert dict(found) == pytest.approx(expected, rel=1e-5)
    assert [row for row, _ in found] == sorted(expected, key=lambda row: (-round(expected[row], 5), row))


@settings(max_examples=60, deadline=None)
@given(CORPORA, WORDS)
def test_one_word_ranks_as_rank_bm25_does(tmp_path_factory, texts, word):
    # Okapi and Lucene differ only in the idf, which is one factor where there is one term.
    tokens = [terms(text) for text in texts]
    if not any(tokens):
        return
    peer = BM25Okapi(tokens, k1=1.5, b=0.75)
    peer.idf = dict.fromkeys(peer.idf, 1.0)
    scores = peer.get_scores(terms(word))
    expected = [int(row) for row in np.lexsort((np.arange(len(texts)), -scores.round(6))) if scores[row] > 0]
    found = built(texts, tmp_path_factory.mktemp("peer")).search(word, 20)
    assert [row for row, _ in sorted(found, key=lambda pair: (-round(pair[1], 5), pair[0]))] == expected


@settings(max_examples=60, deadline=None)
@given(CORPORA, st.lists(WORDS, max_size=5).map(" ".join), st.integers(1, 5))
def test_any_corpus_and_question_score_by_the_formula(tmp_path_factory, texts, query, k):
    index = built(texts, tmp_path_factory.mktemp("any"))
    assert len(index) == len(texts)
    expected = lucene_bm25(texts, query) if any(map(terms, texts)) else [0.0] * len(texts)
    found = index.search(query, k)
    assert len(found) == min(k, sum(score > 0 for score in expected))
    for row, score in found:
        assert score == pytest.approx(expected[row], rel=1e-4)


def test_unknown_words_find_nothing(index):
    for query in ("zebra", "", "?", "the of and", "白血病"):
        assert index.search(query, 10) == []


def test_rows_not_allowed_are_never_found(index):
    allowed = np.ones(len(TEXTS), np.bool_)
    allowed[[row for row, _ in index.search("imatinib", 1)]] = False
    rows = {row for row, _ in index.search("imatinib", 10)}
    assert {row for row, _ in index.search("imatinib", 10, allowed=allowed)} == {r for r in rows if allowed[r]}
    assert index.search("imatinib", 10, allowed=np.zeros(len(TEXTS), np.bool_)) == []


def test_idf_is_largest_for_an_unknown_word(index):
    # By hand, six texts: "imatinib" is in 3, "fever" in 1.
    assert index.idf("imatinib") == pytest.approx(math.log(1 + 3.5 / 3.5))
    assert index.idf("fever") == pytest.approx(math.log(1 + 5.5 / 1.5))
    assert index.idf("zebra") == pytest.approx(math.log(1 + 6.5 / 0.5))


def test_texts_without_a_word_can_be_indexed(tmp_path):
    index = built(["", "?"], tmp_path)
    assert len(index) == 2
    assert index.search("imatinib", 10) == []


@given(hnp.arrays(np.float32, st.integers(0, 40), elements=st.sampled_from([0.0, 0.5, 1.0, 2.0])), st.integers(1, 50))
def test_top_rows_is_a_stable_sort_cut_at_k(scores, k):
    expected = sorted(((row, float(s)) for row, s in enumerate(scores) if s > 0), key=lambda p: (-p[1], p[0]))[:k]
    assert top_rows(scores, k) == expected
