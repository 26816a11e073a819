import json
import time
from pathlib import Path

import ir_measures
import pytest
from builders import fill, make_doc
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import RR, R, nDCG

from ingest.catalog import Catalog
from ingest.errors import BadRequest, UnreadableSource
from retriever.evaluate import (
    Query,
    evaluate_ranker,
    evaluate_retrieval,
    make_header,
    ndcg,
    ranked_documents,
    read_queries,
    recall,
    reciprocal_rank_at,
    summary,
)
from retriever.index import IndexFolder
from retriever.search import Searcher

IDS = [f"d{number:02}" for number in range(30)]


def test_measures_by_hand():
    gains = {"a": 2, "b": 1, "c": 0}
    ranking = [0, 2, 1]
    # DCG = 2/log2(3) + 1/log2(4) = 1.2619 + .5; ideal = 2/log2(2) + 1/log2(3) = 2.6309.
    assert ndcg(ranking, gains, 10) == pytest.approx(1.76186 / 2.63093, abs=1e-5)
    assert ndcg(ranking, gains, 2) == pytest.approx(1.26186 / 2.63093, abs=1e-5)
    assert recall(ranking, gains, 2) == 0.5
    assert reciprocal_rank_at(ranking, 10) == 0.5
    assert reciprocal_rank_at(ranking, 1) == 0


def test_without_relevant_documents_every_measure_is_zero():
    assert (ndcg([0, 0], {"a": 0}, 10), recall([0], {}, 10), reciprocal_rank_at([], 10)) == (0, 0, 0)


GAINS = st.dictionaries(st.sampled_from(IDS), st.integers(-1, 3), min_size=1)


@settings(deadline=None)
@given(st.lists(st.tuples(st.permutations(IDS), st.integers(0, 30), GAINS), min_size=1, max_size=4))
def test_measures_are_those_of_ir_measures(questions):
    """Graded and negative gains, questions without relevant documents, rankings cut short or empty."""
    queries = [Query(f"q{n}", f"q{n}", gains) for n, (_, _, gains) in enumerate(questions)]
    # Scores that fall with the rank: among equal ones ir_measures orders by id.
    found = {
        f"q{n}": [(doc, 100.0 - place) for place, doc in enumerate(order[:count])]
        for n, (order, count, _) in enumerate(questions)
    }
    results = evaluate_ranker(lambda question: found.get(question, []), queries)
    qrels = {query.query_id: dict(query.gains) for query in queries}
    measures = {"ndcg@10": nDCG @ 10, "recall@10": R @ 10, "recall@100": R @ 100, "mrr@10": RR @ 10}
    rankings = {query: dict(ranking) for query, ranking in found.items()}
    expected = ir_measures.calc_aggregate(measures.values(), qrels, rankings)
    for name, measure in measures.items():
        mean = sum(result.metrics[name] for result in results) / len(results)
        assert mean == pytest.approx(expected[measure], abs=1e-6), name


def test_equal_scores_have_no_order_in_ir_measures():
    """Why the ranks that the searcher gave are measured: nDCG and the reciprocal rank disagree about a tie."""
    tie = {"q": {"a": 1.0, "b": 1.0}}
    first = ir_measures.calc_aggregate([nDCG @ 10, RR @ 10], {"q": {"a": 1}}, tie)
    assert first[nDCG @ 10] < 1  # "b" came first
    assert first[RR @ 10] == 1  # "a" came first


@pytest.fixture(scope="module")
def searcher(tmp_path_factory, embedder):
    """Three documents; "m1" and "m2" are copies of one text."""
    home = tmp_path_factory.mktemp("beir-home")
    texts = {
        "m1": "Imatinib inhibits the BCR-ABL1 kinase in chronic myeloid leukemia.",
        "m2": "Imatinib inhibits the BCR-ABL1 kinase in chronic myeloid leukemia.",
        "other": "Fever with neutropenia is an emergency that needs antibiotics at once.",
        "long": "\n\n".join(f"Imatinib and kinase are named in part {n} of this long one. " * 15 for n in range(4)),
    }
    fill(home, [make_doc(text, title="", origin=f"/beir#{name}") for name, text in texts.items()])
    catalog = Catalog.at(home)
    folder = IndexFolder(home)
    folder.activate(folder.build(catalog, embedder).version)
    catalog.close()
    return Searcher(home, embedder)


BEIR = Path("/beir")


def test_a_merged_document_counts_each_copy_and_a_long_one_once(searcher):
    findings = searcher.search("Which kinase does imatinib inhibit?", k=100)
    ranking = ranked_documents(findings, BEIR, searcher.index().store)
    # Three documents for four ids: the merged one comes first, under both its ids, the later one before.
    assert [doc_id for doc_id, _ in ranking][:2] == ["m2", "m1"]
    assert sorted(doc_id for doc_id, _ in ranking) == ["long", "m1", "m2", "other"]
    assert [score for _, score in ranking] == sorted((score for _, score in ranking), reverse=True)


def test_documents_of_other_sources_keep_their_place(searcher):
    findings = searcher.search("Which kinase does imatinib inhibit?", k=100)
    ranking = ranked_documents(findings, Path("/elsewhere"), searcher.index().store)
    elsewhere = [doc_id for doc_id, _ in ranking]
    assert len(elsewhere) == 3
    assert not set(elsewhere) & {"long", "m1", "m2", "other"}


def test_a_document_behind_another_that_says_the_same_comes_right_after_it(tmp_path, embedder):
    # Two catalog documents: the second's text lacks an article, so that they are no copies of each other.
    texts = {
        "a": "The kinase inhibitor imatinib is the treatment of chronic myeloid leukemia in adults.",
        "b": "The kinase inhibitor imatinib is treatment of chronic myeloid leukemia in adults.",
        "c": "Dasatinib is another kinase inhibitor that adults take for chronic myeloid leukemia.",
    }
    fill(tmp_path, [make_doc(text, title="", origin=f"/beir#{name}") for name, text in texts.items()])
    catalog = Catalog.at(tmp_path)
    folder = IndexFolder(tmp_path)
    folder.activate(folder.build(catalog, embedder).version)
    catalog.close()
    searcher = Searcher(tmp_path, embedder)
    findings = searcher.search("imatinib in chronic myeloid leukemia", k=100)
    assert [len(found.hit.also) for found in findings.found] == [1, 0]
    ranking = ranked_documents(findings, BEIR, searcher.index().store)
    assert [doc_id for doc_id, _ in ranking][2] == "c"
    assert {doc_id for doc_id, _ in ranking[:2]} == {"a", "b"}
    assert ranking[0][1] == ranking[1][1]


QUERIES = [
    Query("1", "Which kinase does imatinib inhibit in chronic myeloid leukemia?", {"m1": 1, "m2": 1}),
    Query("2", "What to do about fever with neutropenia?", {"other": 1, "absent": 1}),
]


def test_a_folder_is_scored(searcher):
    steps = []
    run = evaluate_retrieval(searcher, QUERIES, folder=BEIR, progress=lambda *step: steps.append(step))
    scores = summary(run)
    # By hand: both answers come first; the second question lacks one of two, so nDCG = 1 / (1 + 1/log2(3)) = .61315.
    assert scores.ndcg_10 == pytest.approx((1 + 0.61315) / 2, abs=1e-4)
    assert (scores.recall_10, scores.recall_100, scores.mrr_10) == (0.75, 0.75, 1.0)
    assert (scores.documents, scores.queries, len(steps)) == (3, 2, 2)
    assert 0 < scores.ms_per_query["p50"] <= scores.ms_per_query["p95"]
    assert set(json.loads(scores.model_dump_json())) == {
        "ndcg@10", "recall@10", "recall@100", "mrr@10", "ms_per_query", "documents", "queries",
    }  # fmt: skip


@pytest.mark.parametrize("mode", ["hybrid", "bm25", "dense"])
def test_a_run_says_what_was_run_on_what(searcher, mode):
    run = evaluate_retrieval(searcher, QUERIES, folder=BEIR, mode=mode)
    manifest = searcher.index().manifest
    assert (run.header.system, run.header.folder, run.header.queries) == (f"Marrow {mode}", "beir", 2)
    assert (run.header.config["mode"], run.header.config["version"]) == (mode, manifest.version)
    assert run.header.config["embedder_checksum"] == manifest.embedder_checksum
    assert [result.query for result in run.results] == ["1", "2"]
    assert run.results[1].ranking[0][0] == "other"


def test_a_run_keeps_the_first_ten_ranks_and_the_time():
    def rank(question):
        time.sleep(0.02 if question == "slow" else 0)
        return [(f"d{place:02}", 50.0 - place) for place in range(50)]

    slow, fast = evaluate_ranker(rank, [Query("1", "slow", {"d49": 1}), Query("2", "fast", {"d09": 1})])
    assert slow.ranking == tuple((f"d{place:02}", 50.0 - place) for place in range(10))
    assert (slow.metrics["recall@10"], slow.metrics["recall@100"]) == (0, 1)
    assert slow.ms >= 20 > fast.ms
    assert fast.metrics["mrr@10"] == pytest.approx(0.1)


def test_the_digest_of_the_questions_tells_other_judgements_apart():
    def digest(queries):
        return make_header("x", queries, folder=BEIR, documents=1, config={}).questions

    assert digest(QUERIES) == digest(QUERIES[::-1])
    assert digest(QUERIES) != digest(QUERIES[:1])
    assert digest(QUERIES) != digest([QUERIES[0], Query("2", QUERIES[1].text, {"other": 2, "absent": 1})])


def test_without_questions_there_is_no_score(searcher):
    with pytest.raises(BadRequest):
        evaluate_retrieval(searcher, [], folder=BEIR)


def write_beir(folder, queries, qrels):
    (folder / "qrels").mkdir(parents=True)
    (folder / "queries.jsonl").write_text(queries)
    (folder / "qrels" / "test.tsv").write_text(qrels)
    return folder


def test_judged_questions_are_read_in_file_order(tmp_path):
    folder = write_beir(
        tmp_path / "beir",
        '{"_id": "b", "text": "B?"}\n\n{"_id": "a", "text": "A?", "metadata": {}}\n{"_id": "c", "text": "unjudged"}\n',
        "query-id\tcorpus-id\tscore\na\td1\t1\nb\td2\t2\nb\td3\t0\nzz\td1\t1\n",
    )
    assert read_queries(folder) == [Query("b", "B?", {"d2": 2, "d3": 0}), Query("a", "A?", {"d1": 1})]


@pytest.mark.parametrize(
    ("queries", "qrels"),
    [
        ("not json", "q\td\t1\n"),
        ("[1, 2]\n", "q\td\t1\n"),
        ('{"_id": "q"}\n', "q\td\t1\n"),
        ('{"_id": "q", "text": "?"}\n', "one column\n"),
        ('{"_id": "q", "text": "?"}\n', "query-id\tcorpus-id\tscore\nq\td\t0.5\n"),
        ('{"_id": "q", "text": "?"}\n{"_id": "q", "text": "again?"}\n', "q\td\t1\n"),
        ('{"_id": "q", "text": "?"}\n', "query-id\tcorpus-id\tscore\n"),
        ("", ""),
    ],
)
def test_what_is_no_beir_folder_is_refused(tmp_path, queries, qrels):
    with pytest.raises(UnreadableSource):
        read_queries(write_beir(tmp_path / "beir", queries, qrels))


def test_a_folder_that_is_missing_is_refused(tmp_path):
    with pytest.raises(UnreadableSource):
        read_queries(tmp_path / "nowhere")
