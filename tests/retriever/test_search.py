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
    assert hit.scores.bm25 > 0 < hit.scores.dense < 1
    assert hit.scores.fused == 1.0
    assert -1 < hit.scores.rerank <= 1
    # By hand: a randomised trial has 0.8, a quarter goes by age, a fiftieth of the score is the prior's.
    age = int(searcher.index().manifest.built[:4]) - 2017
    assert hit.scores.prior == pytest.approx(0.75 * 0.8 + 0.25 * (1 - min(age, 20) / 20))
    assert hit.score == pytest.approx(0.98 + 0.02 * hit.scores.prior, abs=1e-6)
    assert (hit.evidence.kind, hit.evidence.year, hit.evidence.sample_size) == ("rct", 2017, None)
    assert (hit.kind, hit.diseases, hit.also, hit.context) == ("pubmed", (), (), ())


def test_a_hit_names_the_terms_that_matched(searcher):
    (found,) = searcher.search("midostaurin FLT3 zebrafish", k=1).found
    assert "midostaurin" in {match.term for match in found.hit.matched}
    assert not any("zebrafish" in match.term for match in found.hit.matched)
    assert sum(match.share for match in found.hit.matched) == pytest.approx(1.0, abs=0.01)
    assert all(found.hit.matched == () for found in searcher.search("zebrafish", k=3).found)


def test_fused_scores_are_the_sum_of_both(searcher):
    question = "Which leukemia carries PML::RARA?"
    parts = [searcher.search(question, k=100, mode=mode) for mode in ("bm25", "dense")]
    rankings = [
        [(f.stored.row, f.hit.scores.bm25 if f.hit.scores.dense is None else f.hit.scores.dense) for f in part.found]
        for part in parts
    ]
    expected = min_max_sum(rankings, weights=[0.5, 0.5])
    found = {f.stored.row: f.hit.scores.fused for f in searcher.search(question, k=100).found}
    # Hits show scores rounded to six places; scaling a range below 1 to 0..1 widens what that loses.
    assert found == pytest.approx(dict(expected), abs=1e-5)


def test_the_prior_only_turns_round_near_ties(_built_once, embedder, searcher):
    question = "acute leukemia in adults"
    without = Searcher(_built_once, embedder, SearchConfig(evidence_weight=0.0)).search(question, k=100).found
    before = {f.hit.passage_id: f.hit.score for f in without}
    ranked = searcher.search(question, k=100).found
    assert before.keys() == {f.hit.passage_id for f in ranked}
    for place, better in enumerate(ranked):
        for worse in ranked[place + 1 :]:
            # 0.02 / 0.98 is all that the prior can bridge.
            assert before[better.hit.passage_id] > before[worse.hit.passage_id] - 0.0205


def test_one_retriever_alone_gives_its_own_scores(searcher):
    for hit in searcher.search("imatinib kinase", mode="bm25").result().hits:
        assert (hit.score, hit.scores.prior, hit.scores.fused) == (hit.scores.bm25, None, None)


@pytest.mark.parametrize(("weights", "stage"), [((1, 0, 0), "bm25"), ((0, 1, 0), "dense"), ((0, 0, 1), "rerank")])
def test_weights_are_a_setting(_built_once, embedder, weights, stage):
    config = SearchConfig(weights=weights, feedback_weight=0.0, evidence_weight=0.0)
    hits = Searcher(_built_once, embedder, config).search("How do doctors take tissue specimens?").result().hits
    own = [getattr(hit.scores, stage) for hit in hits]
    assert own == sorted(own, key=lambda score: -(score or 0))


def test_feedback_is_a_share_of_the_score(_built_once, embedder):
    question = "How do doctors take tissue specimens?"
    plain = SearchConfig(feedback_weight=0.0, evidence_weight=0.0)
    before = {h.passage_id: h for h in Searcher(_built_once, embedder, plain).search(question, k=100).result().hits}
    config = SearchConfig(feedback_weight=0.5, evidence_weight=0.0)
    after = Searcher(_built_once, embedder, config).search(question, k=100).result().hits
    assert before.keys() == {hit.passage_id for hit in after}
    for hit in after:
        expected = 0.5 * before[hit.passage_id].score + 0.5 * hit.scores.feedback
        assert hit.score == pytest.approx(expected, abs=1e-5)


def test_fusion_is_the_first_stage_alone(searcher):
    hits = searcher.search("acute leukemia in adults", mode="fusion").result().hits
    assert [(hit.score, hit.scores.rerank, hit.scores.prior) for hit in hits] == [
        (h.scores.fused, None, None) for h in hits
    ]


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
        Filters(languages=("en",)),
        Filters(audience="patient"),
        Filters(diseases=("JMML",)),
        Filters(sources=("handbook",)),
    ],
)
def test_a_filter_that_nothing_meets_gives_nothing(searcher, filters, mode):
    assert searcher.search("imatinib", filters=filters, mode=mode).found == ()


def test_every_hit_meets_the_filter(searcher):
    filters = Filters(year_from=2010, year_to=2017, types=("randomized controlled trial", "clinical trial"))
    assert set(ids(searcher.search("leukemia", k=100, filters=filters))) == {"PMID:1002", "PMID:1003"}


def test_filters_work_before_the_cut_off(_built_once, embedder):
    # With one candidate from each retriever, a filter applied afterwards would find nothing.
    narrow = Searcher(_built_once, embedder, SearchConfig(depth=1))
    for mode in ("hybrid", "bm25", "dense"):
        found = narrow.search("retinoic acid in leukemia", k=1, filters=Filters(diseases=("CML",)), mode=mode)
        assert ids(found) == ["PMID:1001"]


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
    assert set(findings.timings_ms) == {"bm25", "embed", "dense", "rerank", "feedback", "hits", "total"}
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


def test_a_candidate_that_is_not_reranked_gets_nothing_there(_built_once, embedder):
    config = SearchConfig(reranked=1, weights=(0, 0, 1), feedback_weight=0.0, evidence_weight=0.0)
    first, *others = Searcher(_built_once, embedder, config).search("imatinib in leukemia", k=100).result().hits
    # By hand: a ranking of one scores 1; the others have no place in it.
    assert (first.score, first.scores.rerank is None) == (1.0, False)
    assert {(hit.score, hit.scores.rerank) for hit in others} == {(0.0, None)}
