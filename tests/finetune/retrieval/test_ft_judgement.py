import json

import pytest

from finetune.retrieval.judgement import compare_over, evaluation_questions, judge
from finetune.retrieval.models import adopt, keep_trained, trained_before
from finetune.retrieval.pairs import fold_of
from finetune.retrieval.seen import read_seen, write_seen
from ingest.errors import BadRequest, UnreadableSource
from retriever.evaluate import Query, evaluate_ranker, make_header
from retriever.runs import Run


def run_with(folder, ranks):
    """A run in which the one relevant document of question n comes at `ranks[n]`, from 1."""
    queries = [Query(f"q{n}", f"question {n}", {"right": 1}) for n in range(len(ranks))]
    rank_of = {query.text: rank for query, rank in zip(queries, ranks, strict=True)}

    def rank(question):
        wrong = [(f"wrong{n}", 1.0) for n in range(rank_of.get(question, 1) - 1)]
        return [*wrong, ("right", 0.5)]

    header = make_header("x", queries, folder=folder, documents=9, config={})
    return Run(header, evaluate_ranker(rank, queries))


@pytest.fixture
def verdict(tmp_path):
    """The verdict over folders, each given the ranks before and after."""

    def of(**folders):
        before = {name: run_with(tmp_path, ranks) for name, (ranks, _) in folders.items()}
        after = {name: run_with(tmp_path, ranks) for name, (_, ranks) in folders.items()}
        return judge(compare_over(before, after))

    return of


def test_what_is_better_everywhere_is_adopted(verdict):
    found = verdict(a=([2] * 20, [1] * 20))
    assert found.adopted
    # By hand: one relevant document at rank 2 has nDCG 1 / log2(3) = 0.6309.
    assert found.reasons[0].startswith("better on a: ndcg@10 0.6309 to 1.0000")


def test_better_on_one_folder_does_not_outweigh_worse_on_another(verdict):
    found = verdict(a=([2] * 20, [1] * 20), b=([1] * 20, [2] * 20))
    assert not found.adopted
    assert [reason.split(" 1.0000")[0] for reason in found.reasons] == ["worse on b: ndcg@10", "worse on b: mrr@10"]


def test_a_loss_of_recall_forbids_it(verdict):
    # Eight documents are lost altogether, twenty rise from rank 2 to 1: nDCG@10 gains, recall@100 falls.
    found = verdict(a=([2] * 20 + [100] * 8, [1] * 20 + [101] * 8))
    assert not found.adopted
    assert found.reasons[0].startswith("worse on a: recall@100 1.0000 to 0.7143")


def test_no_difference_is_not_adopted(verdict):
    found = verdict(a=([1, 2] * 10, [1, 2] * 10))
    assert not found.adopted
    assert found.reasons == ("nDCG@10 is better beyond noise (p below 0.05) on no folder",)


def test_a_difference_must_stand_out_more_among_more_folders(verdict):
    # Six questions, all better: of 2^6 draws of signs two are as large, p = 0.031. Enough alone, not among three.
    gain, same = ([2] * 6, [1] * 6), ([1] * 6, [1] * 6)
    assert verdict(a=gain).adopted
    assert not verdict(a=gain, b=same, c=same).adopted


def test_the_questions_asked_are_of_the_fold_kept_back_and_not_seen(beir_folder, tmp_path):
    folds = fold_of(12, 3)
    write_seen(["DOES drug 3 what inhibit"], tmp_path / "seen.json")
    seen = read_seen(tmp_path)
    asked = evaluation_questions(beir_folder, trained_on=True, fold=folds[3], seen=seen, most=None, seed=0)
    assert [query.query_id for query in asked] == [f"q{n}" for n in range(12) if folds[n] == folds[3] and n != 3]
    everything = evaluation_questions(beir_folder, trained_on=False, fold=0, seen=frozenset(), most=5, seed=0)
    assert len(everything) == 5
    assert everything == evaluation_questions(beir_folder, trained_on=False, fold=0, seen=frozenset(), most=5, seed=0)


def test_a_folder_whose_questions_were_all_seen_measures_nothing(beir_folder, tmp_path):
    write_seen([f"What does drug {n} inhibit?" for n in range(12)], tmp_path / "seen.json")
    with pytest.raises(BadRequest, match="trained on all 12"):
        evaluation_questions(beir_folder, trained_on=False, fold=0, seen=read_seen(tmp_path), most=None, seed=0)


def test_a_damaged_record_of_questions_is_named(tmp_path):
    (tmp_path / "seen.json").write_text('{"digests": "?"}')
    with pytest.raises(UnreadableSource, match=r"seen\.json"):
        read_seen(tmp_path)


def test_a_model_is_whole_or_not_there(tmp_path):
    folder = tmp_path / "out" / "embedder"

    def killed(part):
        (part / "half.safetensors").write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_trained(folder, killed, losses=[1.0], fingerprint="a")
    assert trained_before(folder, "a") is None
    keep_trained(folder, lambda part: (part / "model.safetensors").write_bytes(b"x"), losses=[2.0], fingerprint="a")
    assert sorted(file.name for file in folder.iterdir()) == ["made_from.json", "model.safetensors"]
    before = trained_before(folder, "a")
    assert before is not None and before.losses == (2.0,)
    with pytest.raises(BadRequest, match="other data or options"):
        trained_before(folder, "b")


def test_adopting_copies_once_and_replaces_nothing(tmp_path):
    model, home = tmp_path / "reranker", tmp_path / "home"
    model.mkdir()
    (model / "model.safetensors").write_bytes(b"x")
    (model / "config.json").write_text("{}")
    first = adopt(model, home)
    assert first.parent == home / "models" and first.name.startswith("reranker-")
    assert adopt(model, home) == first
    (model / "model.safetensors").write_bytes(b"y")
    second = adopt(model, home)
    assert second != first
    assert (first / "model.safetensors").read_bytes() == b"x"
    assert sorted(path.name for path in (home / "models").iterdir()) == sorted([first.name, second.name])
    assert json.loads((second / "config.json").read_text()) == {}
