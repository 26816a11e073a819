"""Questions nobody should ask, an index that goes away, and what adding a document may change of an order."""

import shutil

import pytest
from builders import corpus, fill, make_doc
from hypothesis import given, settings
from hypothesis import strategies as st
from indexing import NEW, build

from ingest.errors import BadRequest
from retriever.errors import RetrieverError
from retriever.lexical import LexicalIndex, PassageFields, build_lexical
from retriever.search import Searcher

MODES = ("hybrid", "bm25", "dense")
ODD = {
    "one letter": ["a", "T", "µ", "ß", "白", "٣"],
    "only stop words": ["the of and is", "which what who how does it", "A AN THE"],
    "only punctuation": ["?", "...---...", "()[]{}", "::;;//", "''''", "—–‐", "%%%%"],
    "mixed scripts": ["imatinib 伊马替尼 إيماتينيب иматиниб", "BCR::ABL1融合基因", "e\u0301" * 300,
                      "\u202eevil\u202c CML", "👩🏽‍⚕️🩸"],
    "control characters": ["\x1b[31mimatinib\x1b[0m", "ima\rtinib\b\b", "\u2028imatinib\u2029", "\x7f\x85imatinib"],
    "NUL": ["imatinib\x00kinase", "\x00imatinib", "\x00" * 3000 + "imatinib"],
    "lone surrogates": ["imatinib \ud83d", "\udc00\ud800 kinase", "ABL\udfff1"],
    "regular expressions": ["(a+)+$", "[", "*", "(?P<x>", "\\", "^$", "(?i)imatinib{1,99999}", "t(9;22",
                            "t(" * 2000, "9," * 2000],
    "SQL": ["' OR '1'='1", "1; DROP TABLE passages; --", "NEAR/1 AND NOT", '"', "passages MATCH 'x'", "%' ESCAPE '\\"],
    "long": ["imatinib " * 444, "x" * 4000, "a-" * 2000, "BCR::" * 800, "1." * 2000, "IDH1/2" * 600],
}  # fmt: skip
REFUSED = {
    "20,000 characters": ["x" * 20_000, "imatinib " * 2222 + "ab", "白" * 20_000, "?" * 20_000],
    "empty": ["", " ", "\x00", "\r\n\t\v", "\ud800\udfff", "\u200b\u200d\ufeff", "\x00" * 20_000],
}


def cases(table):
    return [
        pytest.param(question, id=f"{kind} {n}") for kind, group in table.items() for n, question in enumerate(group)
    ]


@pytest.fixture(scope="module")
def searcher(_built_once, embedder):
    return Searcher(_built_once, embedder)


@pytest.mark.parametrize("question", cases(ODD))
def test_an_odd_question_is_answered_in_every_mode(searcher, question):
    for mode in MODES:
        findings = searcher.search(question, mode=mode)
        assert findings.found or mode == "bm25"  # BM25 finds nothing where no word is known
        scores = [found.hit.score for found in findings.found]
        assert scores == sorted(scores, reverse=True)
        findings.result().model_dump_json().encode()


@pytest.mark.parametrize("question", cases(REFUSED))
def test_what_cannot_be_searched_is_refused_with_a_hint_in_every_mode(searcher, question):
    for mode in MODES:
        with pytest.raises(BadRequest) as refused:
            searcher.search(question, mode=mode)
        assert refused.value.hint


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=80), st.sampled_from(MODES))
def test_any_characters_are_answered_or_refused_and_twice_the_same(searcher, question, mode):
    try:
        first = searcher.search(question, mode=mode)
    except BadRequest as refused:
        assert refused.hint
        return
    again = searcher.search(question, mode=mode)
    assert [found.hit for found in again.found] == [found.hit for found in first.found]


@pytest.mark.parametrize("gone", ["versions", "ACTIVE", "catalog.db", "."])
def test_whatever_goes_away_under_an_open_index_searches_go_on_or_say_why(built_home, embedder, gone):
    searcher = Searcher(built_home, embedder)
    before = {mode: searcher.search("imatinib kinase", mode=mode).result().hits for mode in MODES}
    path = built_home / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    for mode in MODES:
        assert searcher.search("imatinib kinase", mode=mode).result().hits == before[mode]
    if gone != "catalog.db":  # searches do not read it
        with pytest.raises(RetrieverError) as refused:
            Searcher(built_home, embedder).search("imatinib kinase")
        assert refused.value.hint


QUESTIONS = ("Which kinase does imatinib inhibit?", "fever", "children with acute lymphoblastic leukemia", "BTK", "z")
ADDED = (
    NEW,
    make_doc("Imatinib imatinib imatinib kinase fever BTK leukemia.", title="Everything at once", pmid="2002"),
    make_doc("Die Katze schläft auf dem warmen Ofen.", title="Zoologie", origin="/data/cat.txt"),
)


@pytest.mark.parametrize("added", ADDED, ids=lambda document: document.meta.title)
def test_a_new_document_never_changes_the_dense_order_of_the_others(built_home, embedder, added):
    searcher = Searcher(built_home, embedder)
    before = {question: dense_order(searcher, question) for question in QUESTIONS}
    fill(built_home, [added])
    build(built_home, embedder)
    for question, ranking in before.items():
        after = dense_order(searcher, question)
        assert len(after) == len(ranking) + 1
        # The cosines too are the same to the bit: a passage's vector is made once.
        assert [pair for pair in after if pair[0] != added.doc_id] == ranking


def test_the_dense_order_does_not_depend_on_the_order_of_arrival(tmp_path, embedder):
    rankings = []
    for name, documents in (("one", corpus()), ("other", corpus()[::-1])):
        fill(tmp_path / name, documents)
        build(tmp_path / name, embedder)
        searcher = Searcher(tmp_path / name, embedder)
        rankings.append([[doc_id for doc_id, _ in dense_order(searcher, question)] for question in QUESTIONS])
    assert rankings[0] == rankings[1]


def dense_order(searcher, question):
    return [(found.hit.doc_id, found.hit.score) for found in searcher.search(question, k=100, mode="dense").found]


# In BM25 a new document changes how rare each term is and how long the mean text, and through these the order of
# others. Three things hold whatever is added; a passage here is a text without title and headings.
WORDS = st.sampled_from("apple stone river garden window candle ladder".split())
TEXTS = st.lists(WORDS, min_size=1, max_size=10)


def lexical_order(folder, texts, query):
    build_lexical((PassageFields("", (), " ".join(words)) for words in texts), folder)
    return LexicalIndex(folder).search(query, len(texts))


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.lists(WORDS, max_size=3), TEXTS, st.lists(TEXTS, max_size=6), st.integers(0, 9))
def test_more_of_a_query_in_fewer_words_is_never_worse_whatever_is_added(
    tmp_path_factory, weaker, more, query, added, cut
):
    # `stronger` has every query term at least as often as `weaker`, and is not longer.
    stronger = [*(word for word in weaker if word in query), *(word for word in more if word in query)]
    weaker = [*weaker, *["other"] * (max(0, len(stronger) - len(weaker)) + cut)]
    found = lexical_order(tmp_path_factory.mktemp("more"), [stronger, weaker, *added], " ".join(query))
    scores = dict(found)
    assert scores.get(0, 0.0) >= scores.get(1, 0.0) * (1 - 1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=8), WORDS, st.integers(1, 5))
def test_texts_without_the_term_and_of_mean_length_scale_all_scores_alike(tmp_path_factory, texts, term, copies):
    # One text more makes the mean a whole number.
    mean = sum(map(len, texts)) // len(texts) + 1
    texts = [*texts, ["other"] * (mean * (len(texts) + 1) - sum(map(len, texts)))]
    before = lexical_order(tmp_path_factory.mktemp("before"), texts, term)
    after = lexical_order(tmp_path_factory.mktemp("after"), [*texts, *[["other"] * mean] * copies], term)
    assert [row for row, _ in after] == [row for row, _ in before]
    ratios = [new / old for (_, new), (_, old) in zip(after, before, strict=True)]
    assert ratios == pytest.approx(ratios[:1] * len(ratios), rel=1e-5)


def test_texts_that_make_a_term_common_turn_two_others_round(tmp_path):
    # By hand: equally long, so only the idf counts. Of four texts "apple" is in one and "stone" in two, then in four of
    # seven and in two.
    texts = [["apple", "river"], ["stone", "river"], ["stone", "garden"], ["other", "garden"]]
    assert [row for row, _ in lexical_order(tmp_path / "before", texts, "apple stone")] == [0, 1, 2]
    texts += [["apple", "window"]] * 3
    assert [row for row, _ in lexical_order(tmp_path / "after", texts, "apple stone")] == [1, 2, 0, 4, 5, 6]
