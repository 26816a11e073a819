import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rank_bm25 import BM25Okapi

from retriever.errors import IndexBroken
from retriever.lexical import FieldConfig, LexicalConfig, LexicalIndex, PassageFields, build_lexical, top_rows
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


PLAIN = LexicalConfig(k1=1.5, body=FieldConfig(1.0, 0.75))


def built(texts, folder):
    build_lexical((PassageFields("", (), text) for text in texts), folder, config=PLAIN)
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
    assert top_rows(np.arange(len(scores)), scores, k) == expected


WEIGHED = LexicalConfig(k1=1.2, title=FieldConfig(3.0, 0.4), headings=FieldConfig(2.0, 0.0), body=FieldConfig(1.0, 0.8))
PHRASES = st.lists(WORDS, max_size=4).map(" ".join)
PASSAGES = st.lists(st.builds(PassageFields, PHRASES, st.lists(PHRASES, max_size=2).map(tuple), PHRASES), min_size=1)


def test_a_term_in_the_title_counts_by_its_weight(tmp_path):
    # By hand: fields of one term and of the mean length, so that length changes nothing; two rows, the term in both,
    # idf = ln(1 + .5/2.5). Title: 3 / (3 + 1.2). Text: 1 / (1 + 1.2).
    passages = [PassageFields("okapi", (), "zebra"), PassageFields("zebra", (), "okapi")]
    build_lexical(passages, tmp_path, config=WEIGHED)
    idf = math.log(1.2)
    found = LexicalIndex(tmp_path).search("okapi", 5)
    assert [row for row, _ in found] == [0, 1]
    assert [score for _, score in found] == pytest.approx([idf * 3 / 4.2, idf * 1 / 2.2], rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(PASSAGES, PHRASES)
def test_fields_score_by_the_formula_and_matches_share_it_out(tmp_path_factory, passages, query):
    folder = tmp_path_factory.mktemp("fields")
    build_lexical(passages, folder, config=WEIGHED)
    fields = [[terms(p.title), terms(" ".join(p.headings)), terms(p.body)] for p in passages]
    # Title and headings: the mean over the rows that have one.
    means = [sum(len(f[i]) for f in fields) / max(sum(bool(f[i]) for f in fields), 1) for i in (0, 1)]
    means.append(sum(len(f[2]) for f in fields) / len(fields))
    parts = [{} for _ in passages]
    for term in set(terms(query)):
        df = sum(any(term in field for field in row) for row in fields)
        for row, found in zip(fields, parts, strict=True):
            tf = sum(
                weight * field.count(term) / (1 - b + b * len(field) / mean)
                for field, mean, weight, b in zip(row, means, (3, 2, 1), (0.4, 0.0, 0.8), strict=True)
                if field
            )
            if tf:
                found[term] = math.log(1 + (len(passages) - df + 0.5) / (df + 0.5)) * tf / (tf + 1.2)
    index = LexicalIndex(folder)
    expected = {row: sum(found.values()) for row, found in enumerate(parts) if found}
    assert dict(index.search(query, len(passages))) == pytest.approx(expected, rel=1e-4)
    for shares, found in zip(index.matches(query, range(len(passages))), parts, strict=True):
        assert dict(shares) == pytest.approx({t: s / sum(found.values()) for t, s in found.items()}, rel=1e-4)
        assert shares == sorted(shares, key=lambda pair: (-pair[1], pair[0]))


def test_matches_of_nothing_are_none(index):
    assert index.matches("zebra", [0, 1]) == [[], []]
    assert index.matches("imatinib", []) == []
    assert index.matches("emergency zebra emergency", [3, 0]) == [[(terms("emergency")[0], 1.0)], []]


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """30,000 rows, in most of which the same three words are: enough for the search to leave common words for last."""
    random = np.random.default_rng(0)
    words = ["patient", "therapi", "cell", *(f"gene{n}" for n in range(300))]
    chance = np.array([0.8, 0.7, 0.7, *(1 / (5 + n) for n in range(300))])
    present = random.random((30_000, len(words))) < chance
    texts = [" ".join(words[place] for place in np.flatnonzero(row)) for row in present]
    return built(texts, tmp_path_factory.mktemp("large")), words, present


@pytest.mark.parametrize("k", [1, 10, 100, 1_000])
def test_leaving_common_words_for_last_changes_nothing(large, k):
    index, words, present = large
    lengths = present.sum(axis=1)
    random = np.random.default_rng(k)
    for masked in (False, True):
        places = [0, 1, 2, *random.choice(np.arange(3, len(words)), 4, replace=False)]
        allowed = random.random(len(present)) < 0.3 if masked else None
        df = present[:, places].sum(axis=0)
        idf = np.log1p((len(present) - df + 0.5) / (df + 0.5))
        scores = (present[:, places] * idf).sum(axis=1) / (1 + 1.5 * (0.25 + 0.75 * lengths / lengths.mean()))
        if allowed is not None:
            scores[~allowed] = 0
        found = index.search(" ".join(words[place] for place in places), k, allowed=allowed)
        expected = np.sort(scores)[::-1][:k]
        assert [score for _, score in found] == pytest.approx(expected.tolist(), rel=1e-4)
        assert [score for _, score in found] == pytest.approx([scores[row] for row, _ in found], rel=1e-4)
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


def test_threads_find_what_one_finds(large):
    index, words, _ = large
    queries = [" ".join(["patient", *words[n : n + 5]]) for n in range(0, 60, 5)]
    alone = [index.search(query, 50) for query in queries]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda query: index.search(query, 50), queries * 4)) == alone * 4


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("rows", lambda values: values + 1_000),  # rows beyond the last
        ("rows", lambda values: values.astype(np.float64)),
        ("starts", lambda values: np.r_[0, np.full(len(values) - 2, values[-1]), values[-1]]),  # terms without a row
        ("impacts", lambda values: values.astype("S4")),
    ],
)
def test_overwritten_postings_are_named_as_damage(tmp_path, name, change):
    built(TEXTS, tmp_path)
    file = tmp_path / f"{name}.npy"
    values = change(np.load(file))
    # Anew: the file is mapped by its reader.
    file.unlink()
    np.save(file, values)
    index = LexicalIndex(tmp_path)
    questions = [word for text in TEXTS for word in text.split()]
    for ask in (lambda text: index.search(text, 3), lambda text: index.matches(text, [0, 1])):
        for question in questions:
            try:
                ask(question)
            except IndexBroken as error:
                assert "damaged" in str(error)
                assert "marrow index build" in error.hint
    with pytest.raises(IndexBroken):
        for question in questions:
            index.search(question, 3)
            index.matches(question, [0, 1])


def test_threads_that_take_the_last_idle_scores_at_once_each_get_their_own(index):
    class TakenInBetween(list):
        """Looks full, and is empty once asked: another thread was faster."""

        def __bool__(self):
            return True

    raced = LexicalIndex(index._folder)
    raced._idle = TakenInBetween()
    assert raced.search("imatinib", 3) == index.search("imatinib", 3)
