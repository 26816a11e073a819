"""The whole of `marrow finetune retriever`, with the real MiniLM, a few steps at a time."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from finetune.cli import app
from finetune.retrieval.judgement import Models
from finetune.retrieval.preparing import TuneConfig
from finetune.retrieval.seen import read_seen, was_seen
from finetune.retrieval.tuning import tune
from ingest.errors import BadRequest, MissingPart, UnreadableSource
from retriever.embedder import Embedder
from retriever.errors import NoIndex
from retriever.rerank import LATE_INTERACTION, CrossEncoderReranker
from retriever.search import Searcher
from retriever.weights import BUNDLED_MODEL

QUESTIONS = {
    "Which kinase does imatinib inhibit?": "Imatinib inhibits the BCR::ABL1 kinase.",
    "What cures promyelocytic leukemia?": "Retinoic acid with arsenic trioxide cures most adults.",
    "When are BTK inhibitors watched?": "Bleeding and atrial fibrillation are watched for.",
    "What does drug 3 inhibit?": "Drug 3 inhibits kinase 3.",
}


@pytest.fixture
def config(built_home, beir_folder, tmp_path):
    pairs = tmp_path / "pairs.jsonl"
    records = ({"question": question, "passage": passage} for question, passage in QUESTIONS.items())
    pairs.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return TuneConfig(
        home=built_home,
        pairs=(pairs,),
        beir=(beir_folder,),
        out=tmp_path / "out",
        serving=Models(BUNDLED_MODEL, LATE_INTERACTION),
        steps=2,
    )


@pytest.mark.slow
def test_an_embedder_is_trained_measured_and_not_adopted_without_being_better(config):
    result = tune(config)
    (stage,) = result.stages
    # The question about drug 3 is asked in the evaluation.
    assert list(result.pairs.values()) == [3] and list(result.dropped.values()) == [1]
    assert list(result.questions.values()) == [12]
    # Every one of twelve drugs is found by its name before and after: nothing is better, nothing worse.
    assert [found.ndcg_10 for found in (*stage.before.values(), *stage.after.values())] == [1.0, 1.0]
    assert not stage.adopted and stage.setting is None
    assert not (config.home / "models").exists()
    assert json.loads((config.out / "result.json").read_text())["stages"][0]["reasons"] == list(stage.reasons)
    assert len(list((config.out / "runs").glob("embedder-*.jsonl"))) == 2
    folder = config.out / "embedder"
    assert was_seen("What cures promyelocytic leukemia?", read_seen(folder))
    assert not was_seen("What does drug 3 inhibit?", read_seen(folder))
    trained, shipped = Embedder(str(folder)), Embedder(BUNDLED_MODEL)
    assert 0.9 < (trained.encode(["imatinib"]) * shipped.encode(["imatinib"])).sum() < 0.999999
    written = (folder / "adapter_model.safetensors").stat().st_mtime_ns
    again = tune(config)
    assert (folder / "adapter_model.safetensors").stat().st_mtime_ns == written
    assert again.stages[0].losses == stage.losses and len(stage.losses) == 2
    with pytest.raises(BadRequest, match="other data or options"):
        tune(replace(config, steps=3))


@pytest.mark.slow
def test_a_cross_encoder_is_trained_and_loads_as_a_reranker(config):
    result = tune(replace(config, kinds=("reranker",), questions=3))
    (stage,) = result.stages
    assert stage.what == "reranker" and not stage.adopted
    searcher = Searcher(config.home, Embedder(BUNDLED_MODEL), reranker=CrossEncoderReranker(stage.model))
    found = searcher.search("Which kinase does imatinib inhibit?", k=3).found
    assert len({item.hit.scores.rerank for item in found}) == 3


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        ({"kinds": ("embedder",), "serving": Models("intfloat/e5", LATE_INTERACTION)}, BadRequest, "only all-MiniLM"),
        ({"fold": 3}, BadRequest, "no fold 3"),
        ({"kinds": ("reranker",), "base": "no/such-model"}, MissingPart, "could not be loaded"),
    ],
)
def test_options_that_cannot_be_are_refused_before_work(config, change, error, reason):
    with pytest.raises(error, match=reason):
        tune(replace(config, **change))
    assert not list(config.out.glob("*"))


def test_what_is_missing_is_named_before_work(config, tmp_path):
    with pytest.raises(BadRequest, match=r"no corpus\.jsonl"):
        tune(replace(config, beir=(tmp_path,)))
    (config.beir[0] / "qrels" / "test.tsv").rename(tmp_path / "moved.tsv")
    with pytest.raises(UnreadableSource, match=r"test\.tsv"):
        tune(config)
    (tmp_path / "moved.tsv").rename(config.beir[0] / "qrels" / "test.tsv")
    with pytest.raises(NoIndex):
        tune(replace(config, home=tmp_path / "elsewhere"))
    assert not list(config.out.glob("*"))


def test_pairs_of_nothing_but_evaluated_questions_are_refused(config):
    with pytest.raises(BadRequest, match="fewer than two questions"):
        tune(replace(config, pairs=(config.pairs[0],), beir=(_all_asked(config),)))


def _all_asked(config):
    folder = config.beir[0]
    lines = [json.dumps({"_id": f"q{n}", "text": question}) for n, question in enumerate(QUESTIONS)]
    (folder / "queries.jsonl").write_text("\n".join(lines))
    return folder


def test_the_command_asks_for_what_it_needs():
    shown = CliRunner().invoke(app, ["retriever"])
    assert shown.exit_code == 2
    assert "--pairs" in shown.output
