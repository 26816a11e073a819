import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.retrievers import BaseRetriever

from ingest.errors import BadRequest
from retriever.errors import NoIndex
from retriever.fusion import min_max_sum
from retriever.records import Filters, SearchResult
from retriever.search import MarrowRetriever, SearchConfig, Searcher, check_question


@pytest.fixture(scope="module")
def searcher(_built_once, embedder):
    return Searcher(_built_once, embedder)


def ids(findings):
    return [found.hit.doc_id for found in findings.found]


@pytest.mark.parametrize("mode", ["hybrid", "bm25", "dense"])
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which tyrosine kinase does imatinib inhibit?", "PMID:1001"),
        ("treatment of FLT3-ITD mutated AML with midostaurin", "PMID:1003"),
        ("side effects of BTK inhibitors in chronic lymphocytic leukemia", "DOI:10.1000/btk"),
    ],
)
def test_every_mode_finds_the_answer_first(searcher, question, expected, mode):
    assert ids(searcher.search(question, mode=mode))[0] == expected


def test_dense_finds_what_shares_no_word(searcher):
    # No word of the question is in the passage on marrow samples.
    assert searcher.search("How do doctors take haematology tissue specimens?", mode="dense").found[0].hit.page == 3


def test_a_hit_shows_its_document(searcher):
    (found,) = searcher.search("midostaurin FLT3", k=1).found
    hit = found.hit
    assert (hit.rank, hit.doc_id, hit.title, hit.year) == (1, "PMID:1003", "Midostaurin for FLT3", 2017)
    assert hit.publication_types == ("Randomized Controlled Trial",)
    assert hit.text == found.stored.passage.text
    assert hit.score == 1.0
    assert hit.scores.bm25 > 0 < hit.scores.dense < 1
    assert hit.scores.rerank is None


def test_hybrid_scores_are_the_sum_of_both(searcher):
    question = "Which leukemia carries PML::RARA?"
    parts = [searcher.search(question, k=100, mode=mode) for mode in ("bm25", "dense")]
    rankings = [
        [(f.stored.row, f.hit.scores.bm25 if f.hit.scores.dense is None else f.hit.scores.dense) for f in part.found]
        for part in parts
    ]
    expected = min_max_sum(rankings, weights=[0.5, 0.5])
    found = [(f.stored.row, f.hit.score) for f in searcher.search(question, k=100).found]
    assert [row for row, _ in found] == [row for row, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-6)


def test_weights_are_a_setting(_built_once, embedder):
    question = "How do doctors take haematology tissue specimens?"
    lexical = Searcher(_built_once, embedder, SearchConfig(lexical_weight=1.0)).search(question)
    assert ids(lexical)[: len(ids(lexical))] == ids(lexical)
    dense = Searcher(_built_once, embedder, SearchConfig(lexical_weight=0.0)).search(question)
    assert ids(dense) == ids(Searcher(_built_once, embedder).search(question, mode="dense"))


def test_the_same_question_has_the_same_answer(searcher):
    first = searcher.search("acute leukemia in adults")
    for _ in range(5):
        again = searcher.search("acute leukemia in adults")
        assert again.found == first.found
        assert (again.vector == first.vector).all()


def test_a_retracted_paper_comes_only_when_asked_for(searcher):
    question = "Do high-dose vitamin drops cure acute myeloid leukemia?"
    for mode in ("hybrid", "bm25", "dense"):
        assert "PMID:1004" not in ids(searcher.search(question, k=100, mode=mode))
    (first, *_) = searcher.search(question, filters=Filters(retracted=True)).found
    assert (first.hit.doc_id, first.hit.retracted) == ("PMID:1004", True)


@pytest.mark.parametrize("mode", ["hybrid", "bm25", "dense"])
@pytest.mark.parametrize(
    "filters",
    [
        Filters(year_from=2100),
        Filters(year_from=2018, year_to=2016),
        Filters(types=("No Such Type",)),
        Filters(doc_ids=("PMID:none",)),
        Filters(doc_ids=("PMID:1004",)),
    ],
)
def test_a_filter_that_nothing_meets_gives_nothing(searcher, filters, mode):
    assert searcher.search("imatinib", filters=filters, mode=mode).found == ()


def test_every_hit_meets_the_filter(searcher):
    filters = Filters(year_from=2010, year_to=2017, types=("randomized controlled trial", "clinical trial"))
    assert set(ids(searcher.search("leukemia", k=100, filters=filters))) == {"PMID:1002", "PMID:1003"}


@pytest.mark.parametrize(
    "question", ["a", "7", "the of and is", "?!…", "白血病的治疗方法是什么?", "ق", "🩸", "é" * 4000]
)
def test_short_and_foreign_questions_are_answered(searcher, question):
    findings = searcher.search(question)
    assert 0 < len(findings.found) <= 8
    assert all(0 <= found.hit.score <= 1 for found in findings.found)


@pytest.mark.parametrize(
    "question",
    [
        "'; DROP TABLE passages; --", '" OR 1=1', "NEAR(a b)", "imatinib* AND NOT (kinase", ".*+?[^]$", "(a+)+$",
        "%s %d {0} {question}", "\\", "../../etc/passwd", "<script>alert(1)</script>", "t(9;22", "a" * 4000,
        "::" * 1000,
    ],
)  # fmt: skip
def test_fragments_of_other_languages_are_only_text(searcher, question):
    assert searcher.search(question).found
    assert searcher.search("imatinib", mode="bm25").found


@pytest.mark.parametrize("question", ["", " \t\n", "\x00\x01\x1b", "\u200b\u2028\ufeff", "\ud800"])
def test_an_empty_question_is_refused(searcher, question):
    with pytest.raises(BadRequest, match="empty"):
        searcher.search(question)


def test_a_question_of_20000_characters_is_refused(searcher):
    with pytest.raises(BadRequest, match="20,000") as refused:
        searcher.search("imatinib " * 2222 + "ab")
    assert refused.value.hint
    assert searcher.search(" " * 20_000 + "imatinib").found


@pytest.mark.parametrize("k", [0, -1, 1001, 10**9])
def test_an_impossible_k_is_refused(searcher, k):
    with pytest.raises(BadRequest):
        searcher.search("imatinib", k=k)


def test_control_characters_count_as_space(searcher):
    assert check_question("\x00what\tis\x1b\r\nCML?\x7f", 100) == "what is  " + " CML?"
    odd, plain = searcher.search("imatinib\x00kinase\ud800"), searcher.search("imatinib kinase")
    assert ids(odd) == ids(plain)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.integers(1, 20))
def test_any_question_is_answered_or_refused(searcher, question, k):
    try:
        findings = searcher.search(question, k=k)
    except BadRequest:
        assert not any(c.isprintable() and not c.isspace() for c in question)
        return
    scores = [found.hit.score for found in findings.found]
    assert len(scores) <= k
    assert scores == sorted(scores, reverse=True)
    assert [found.hit.rank for found in findings.found] == list(range(1, len(scores) + 1))


def test_findings_carry_the_vector_times_and_version(searcher, embedder):
    findings = searcher.search("imatinib")
    assert findings.vector == pytest.approx(embedder.encode(["imatinib"])[0])
    assert findings.vector.dtype == np.float32
    assert set(findings.timings_ms) == {"bm25", "embed", "dense", "total"}
    assert findings.timings_ms["total"] >= sum(findings.timings_ms[s] for s in ("bm25", "embed", "dense")) - 0.01
    result = findings.result()
    assert result.index_version == searcher.index().manifest.version
    assert SearchResult.model_validate_json(result.model_dump_json()) == result


def test_without_an_index_the_error_says_what_to_do(tmp_path, embedder):
    with pytest.raises(NoIndex) as absent:
        Searcher(tmp_path, embedder).search("imatinib")
    assert "marrow ingest" in absent.value.hint


def test_langchain_sees_a_retriever(searcher):
    retriever = MarrowRetriever(searcher=searcher, k=2, filters=Filters(year_from=2010))
    assert isinstance(retriever, BaseRetriever)
    documents = retriever.invoke("midostaurin for FLT3-ITD")
    assert len(documents) == 2
    assert documents[0].metadata["doc_id"] == "PMID:1003"
    assert documents[0].id == documents[0].metadata["passage_id"]
    assert documents[0].page_content.startswith("Midostaurin added")
    assert "text" not in documents[0].metadata
