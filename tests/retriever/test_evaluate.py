import json

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
    evaluate_retrieval,
    ndcg,
    ranked_gains,
    read_queries,
    recall,
    reciprocal_rank_at,
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


@settings(deadline=None)
@given(st.permutations(IDS), st.integers(0, 30), st.dictionaries(st.sampled_from(IDS), st.integers(0, 3), min_size=1))
def test_measures_are_those_of_ir_measures(order, found, gains):
    ranking = order[:found]
    qrels = {"q": gains}
    run = {"q": {doc: float(len(ranking) - place) for place, doc in enumerate(ranking)}}
    measured = [gains.get(doc, 0) for doc in ranking]
    expected = ir_measures.calc_aggregate([nDCG @ 10, R @ 10, R @ 100, RR @ 10], qrels, run)
    if not any(gains.values()):
        expected = dict.fromkeys(expected, 0.0)  # trec_eval leaves a question without relevant documents out
    assert ndcg(measured, gains, 10) == pytest.approx(expected[nDCG @ 10], abs=1e-6)
    assert recall(measured, gains, 10) == pytest.approx(expected[R @ 10])
    assert recall(measured, gains, 100) == pytest.approx(expected[R @ 100])
    assert reciprocal_rank_at(measured, 10) == pytest.approx(expected[RR @ 10])


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


def test_a_merged_document_counts_each_copy_and_a_long_one_once(searcher):
    gains = {"m1": 1, "m2": 2}
    ranking = ranked_gains(searcher.search("Which kinase does imatinib inhibit?", k=100), gains)
    # Three documents for four ids: the merged one comes first with both its judgements, the better one before.
    assert ranking == [2, 1, 0, 0]


def test_a_folder_is_scored(searcher):
    queries = [
        Query("1", "Which kinase does imatinib inhibit in chronic myeloid leukemia?", {"m1": 1, "m2": 1}),
        Query("2", "What to do about fever with neutropenia?", {"other": 1, "absent": 1}),
    ]
    steps = []
    scores = evaluate_retrieval(searcher, queries, progress=lambda *step: steps.append(step))
    # By hand: both answers come first; the second question lacks one of two, so nDCG = 1 / (1 + 1/log2(3)) = .61315.
    assert scores.ndcg_10 == pytest.approx((1 + 0.61315) / 2, abs=1e-4)
    assert (scores.recall_10, scores.recall_100, scores.mrr_10) == (0.75, 0.75, 1.0)
    assert (scores.documents, scores.queries, len(steps)) == (3, 2, 2)
    assert 0 < scores.ms_per_query["p50"] <= scores.ms_per_query["p95"]
    assert set(json.loads(scores.model_dump_json())) == {
        "ndcg@10", "recall@10", "recall@100", "mrr@10", "ms_per_query", "documents", "queries",
    }  # fmt: skip


def test_without_questions_there_is_no_score(searcher):
    with pytest.raises(BadRequest):
        evaluate_retrieval(searcher, [])


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
