"""What the benchmarks evaluate on is not what the embedder was trained on."""

import gzip
import json
import random
from pathlib import Path

import pytest

from finetune.retrieval.pairs import FOLDS, read_beir_folds
from retriever.embedder import Embedder
from retriever.errors import IndexStale, NoIndex
from retriever.evaluate import evaluate_ranker, make_header, read_queries
from retriever.index import IndexFolder
from retriever.runs import Run
from retriever.weights import STOCK_MODEL

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(autouse=True)
def _benchmarks_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def write_lines(file, records):
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as stream:
        stream.writelines(f"{json.dumps(record)}\n" for record in records)


def test_questions_from_guidelines_stand_on_no_page_that_was_trained_on(tmp_path):
    from retrieval_sets import pdq_citations

    pages = [f"page{n}" for n in range(10)]
    sentences = [{"sentence": f"On {page}.", "pmids": ["1"], "doc": page} for page in pages]
    everywhere = [{"sentence": "On all.", "pmids": ["1"], "doc": page} for page in pages]
    write_lines(tmp_path / "qa" / "pdq_sentence_citations.jsonl.gz", sentences + everywhere)
    write_lines(tmp_path / "qa" / "pdq_references.jsonl.gz", [{"pmid": "1", "citation": "Paper 1"}])
    pdq_citations(tmp_path, tmp_path / "out")
    # The two pages that a shuffle of the sorted ten with seed 1 puts first: training leaves those out.
    shuffled = sorted(pages)
    random.Random(1).shuffle(shuffled)
    lines = (tmp_path / "out" / "queries.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["text"] for line in lines} == {f"On {page}." for page in shuffled[:2]}


def test_each_question_is_asked_with_the_adapter_that_did_not_see_it(beir_folder):
    from retrieval_folds import by_fold

    queries = read_queries(beir_folder)
    for fold, part in enumerate(by_fold(queries)):
        seen = {text for text, _ in read_beir_folds(beir_folder, folds=FOLDS, held_out=fold).questions}
        assert seen | {query.text for query in part} == {query.text for query in queries}
        assert seen.isdisjoint(query.text for query in part)
    first = [query for part in by_fold(queries, count=5) for query in part]
    assert sorted(query.query_id for query in first) == sorted(query.query_id for query in queries[:5])
    for few, all_of_fold in zip(by_fold(queries, count=5), by_fold(queries), strict=True):
        assert few == [query for query in all_of_fold if query in queries[:5]]


def test_the_parts_join_to_one_run_in_the_order_of_the_questions(beir_folder):
    from retrieval_folds import by_fold, joined

    queries = read_queries(beir_folder)
    # The question's own document first in folds 0 and 1, nothing at all in fold 2.
    parts = by_fold(queries)
    runs = []
    for fold, part in enumerate(parts):
        header = make_header("part", part, folder=beir_folder, documents=12, config={"fold": fold})
        found = {query.text: [(query.query_id.replace("q", "d"), 1.0)] if fold < 2 else [] for query in part}
        runs.append(Run(header, evaluate_ranker(lambda text, found=found: found.get(text, []), part)))
    run = joined(runs, queries, folder=beir_folder)
    assert [result.query for result in run.results] == [query.query_id for query in queries]
    assert run.mean("ndcg@10") == pytest.approx((len(parts[0]) + len(parts[1])) / 12)
    assert run.header.queries == 12
    assert run.header.questions == make_header("all", queries, folder=beir_folder, documents=12, config={}).questions
    assert [run.header.config[f"part {fold}"] for fold in range(3)] == [{"fold": fold} for fold in range(3)]


def test_figures_say_where_the_embedder_saw_the_questions():
    from retrieval import SYSTEMS, remark

    told = {name for name in [*SYSTEMS, "bm25s"] if remark(name, Path("beir/bioasq-dev"))}
    assert told == {"Marrow-dense", "Marrow-fusion", "Marrow-hybrid"}
    assert not remark("Marrow-hybrid", Path("pdq-citations"))


def test_the_scale_corpus_is_asked_with_the_embedder_that_made_its_vectors(built_home):
    from scale import embedder_of

    file = built_home / "versions" / IndexFolder(built_home).active_name() / "manifest.json"
    manifest = json.loads(file.read_text("utf-8"))
    assert embedder_of(built_home).name == manifest["embedder"]
    stock = Embedder(STOCK_MODEL)
    file.write_text(json.dumps(manifest | {"embedder": stock.name, "embedder_checksum": stock.checksum}), "utf-8")
    assert embedder_of(built_home).name == STOCK_MODEL
    file.write_text(json.dumps(manifest | {"embedder_checksum": "another"}), "utf-8")
    with pytest.raises(IndexStale):
        embedder_of(built_home)
    with pytest.raises(NoIndex):
        embedder_of(built_home / "elsewhere")
