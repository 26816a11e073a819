"""A whole run on a tiny model: what it gives, how it stops, and how it goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from finetune.errors import TrainingError
from finetune.records import read_examples, write_lines
from finetune.training.mixing import mix
from finetune.training.recipe import General, Pretraining, find_recipe, read_recipe
from finetune.training.resume import RunFolder
from finetune.training.train import TrainResult, train
from generator.models import ModelConfig, find_weights

# The same kernels in the same order on the same threads: what differs is rounding in the checkpoint, which is none.
TOLERANCE = 1e-6


def losses(result: TrainResult) -> list[tuple[float, float]]:
    return [(row["step"], row.get("loss", row.get("eval_loss", 0.0))) for row in result.history]


def test_a_run_lowers_the_dev_loss_and_leaves_what_it_promises(prepared, tiny_recipe, tmp_path):
    said = []
    recipe = tiny_recipe.model_copy(update={"tracking": "local"})
    result = train(recipe, prepared, tmp_path / "run", report=lambda *what: said.append(what))
    assert result.base_loss and result.dev_loss and result.dev_loss < result.base_loss - 0.1
    assert result.steps == 10 and not result.pruned
    # Each step logs its loss, steps 5 and 10 the dev loss.
    assert [step for step, _ in losses(result)] == [1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10, 10]
    assert min(row["eval_loss"] for row in result.history if "eval_loss" in row) == result.dev_loss
    assert find_weights(ModelConfig(name=str(result.adapter))) == (Path(recipe.model), result.adapter)
    assert (result.adapter / "tokenizer.json").is_file()
    assert (tmp_path / "run" / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert read_recipe(tmp_path / "run" / "recipe.yaml") == recipe
    assert TrainResult.model_validate_json((tmp_path / "run" / "result.json").read_text("utf-8")) == result
    stage, done, total = said[-1]
    assert stage.startswith("Training loss ") and "tokens/s" in stage and (done, total) == (10, 10)


def test_a_run_is_tracked_with_recipe_data_and_losses(prepared, tiny_recipe, tmp_path):
    import mlflow

    result = train(tiny_recipe.model_copy(update={"tracking": "local"}), prepared, tmp_path / "run")
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'run' / 'mlruns' / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("marrow-finetune")
    assert experiment
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.params["data_hash"] == result.data_hash and run.data.params["lora.r"] == "4"
    assert run.data.metrics["dev_loss"] == pytest.approx(result.dev_loss)
    assert [point.step for point in client.get_metric_history(run.info.run_id, "eval_loss")] == [5, 10]
    assert {file.path for file in client.list_artifacts(run.info.run_id)} == {"recipe.yaml", "curves.png"}


@pytest.mark.slow
def test_a_killed_run_goes_on_with_the_losses_of_one_that_was_not(prepared, tiny_recipe, tmp_path):
    changes = {"max_steps": 30, "accumulation": 1, "lora": tiny_recipe.lora.model_copy(update={"dropout": 0.2})}
    recipe = tiny_recipe.model_copy(update=changes)
    whole = train(recipe, prepared, tmp_path / "whole")
    (tmp_path / "recipe.yaml").write_text(recipe.to_yaml(), "utf-8")
    killed = tmp_path / "killed"
    command = [sys.executable, "-m", "finetune.training", str(tmp_path / "recipe.yaml")]
    process = subprocess.Popen([*command, "--data", str(prepared), "--out", str(killed)], stderr=subprocess.DEVNULL)
    tuning, deadline = killed / "checkpoints" / "tuning", time.monotonic() + 120
    # 12 steps are a pass over the data: the kill falls into the second, at or after a checkpoint within it.
    while not (tuning / "checkpoint-15").is_dir() and time.monotonic() < deadline:
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (killed / "result.json").exists()
    resumed = train(recipe, prepared, killed)
    assert losses(resumed) == [(step, pytest.approx(loss, rel=TOLERANCE)) for step, loss in losses(whole)]
    assert resumed.base_loss == pytest.approx(whole.base_loss, rel=TOLERANCE)


@pytest.mark.slow
def test_smollm2_learns_by_the_recipe_that_is_shipped_for_it(prepared, tmp_path):
    changes = ["max_steps=4", "eval_every=4", "warmup_steps=0", "tracking=off", "threads=1"]
    result = train(read_recipe(find_recipe("smollm2-cpu"), changes), prepared, tmp_path / "run")
    assert result.base_loss and result.dev_loss and result.dev_loss < 0.8 * result.base_loss
    base, adapter = find_weights(ModelConfig(name=str(result.adapter)))
    assert base.suffix == ".gguf" and adapter == result.adapter


def test_a_half_written_checkpoint_is_passed_over(prepared, tiny_recipe, tmp_path):
    out = tmp_path / "run"
    train(tiny_recipe, prepared, out)
    folder = RunFolder(out)
    assert folder.last_checkpoint(folder.tuning) == folder.tuning / "checkpoint-10"
    state = folder.tuning / "checkpoint-10" / "trainer_state.json"
    state.write_text(state.read_text("utf-8")[:100], "utf-8")
    assert folder.last_checkpoint(folder.tuning) == folder.tuning / "checkpoint-5"
    (folder.tuning / "checkpoint-5" / "optimizer.pt").unlink()
    assert folder.last_checkpoint(folder.tuning) is None


def test_a_finished_run_is_read_and_another_recipe_or_other_data_refused(prepared, tiny_recipe, tmp_path):
    out = tmp_path / "run"
    first = train(tiny_recipe, prepared, out)
    assert train(tiny_recipe, prepared, out) == first
    with pytest.raises(TrainingError, match="holds a run with another recipe"):
        train(tiny_recipe.model_copy(update={"seed": 1}), prepared, out)
    write_lines(prepared / "test.jsonl", read_examples(prepared, "dev"))
    with pytest.raises(TrainingError, match="holds a run with another data"):
        train(tiny_recipe, prepared, out)
    assert train(tiny_recipe, prepared, out, resume=False).history == first.history


def test_training_ends_when_the_dev_loss_does_not_fall(prepared, tiny_recipe, tmp_path):
    changes = {"learning_rate": 1e-12, "patience": 2, "max_steps": 30, "eval_every": 3}
    result = train(tiny_recipe.model_copy(update=changes), prepared, tmp_path / "run")
    # Evaluations at 3 (the first, and the best), 6 and 9: two without a better one.
    assert result.steps < 30


def test_a_run_is_pruned_by_its_dev_loss(prepared, tiny_recipe, tmp_path):
    asked = []

    def prune(step: int, dev_loss: float) -> bool:
        asked.append((step, dev_loss))
        return True

    result = train(tiny_recipe, prepared, tmp_path / "run", prune=prune)
    assert result.pruned and result.steps == 5
    assert asked == [(5, pytest.approx(result.dev_loss))]


def test_pretraining_comes_first_on_the_same_adapter_and_is_not_done_twice(prepared, tiny_recipe, tmp_path):
    stage = Pretraining(epochs=4, learning_rate=5e-3, share=0.5)
    recipe = tiny_recipe.model_copy(update={"pretraining": stage, "max_tokens": 128, "batch": 1, "accumulation": 1})
    out = tmp_path / "run"
    result = train(recipe, prepared, out)
    assert len(result.pretraining) >= 4 and result.pretraining[-1]["loss"] < result.pretraining[0]["loss"]
    plain = train(recipe.model_copy(update={"pretraining": None}), prepared, tmp_path / "plain")
    assert result.base_loss != plain.base_loss
    (out / "result.json").unlink()
    for kept in (RunFolder(out).pretraining, RunFolder(out).tuning):
        shutil.rmtree(kept)
    again = train(recipe, prepared, out)
    assert not RunFolder(out).pretraining.exists() and again.pretraining == result.pretraining
    assert losses(again) == [(step, pytest.approx(loss, rel=TOLERANCE)) for step, loss in losses(result)]


def test_general_examples_are_mixed_in_by_their_share(prepared):
    examples = read_examples(prepared, "train")
    general = [one.model_copy(update={"id": f"g{one.id}", "kind": "general"}) for one in examples]
    # 24 own and 6 general: 6 / 30 = 20 %.
    mixed = mix([*examples, *general], General(share=0.2), seed=0)
    assert len(mixed) == 30 and sum(one.kind == "general" for one in mixed) == 6
    assert mix([*examples, *general], General(share=0.2), seed=0) == mixed
    assert mix(examples, General(data=prepared, share=0.5), seed=0)[24:] != examples
    with pytest.raises(TrainingError, match="a share of 90% needs 216 general examples, and there are 24"):
        mix([*examples, *general], General(share=0.9), seed=0)


def test_a_run_that_was_killed_before_its_first_checkpoint_starts_over(prepared, tiny_recipe, tmp_path):
    out = tmp_path / "run"
    whole = train(tiny_recipe, prepared, tmp_path / "whole")
    train(tiny_recipe, prepared, out)
    (out / "result.json").unlink()
    for checkpoint in (out / "checkpoints" / "tuning").glob("checkpoint-*"):
        (checkpoint / "trainer_state.json").unlink()
    assert losses(train(tiny_recipe, prepared, out)) == losses(whole)
    assert json.loads((out / "result.json").read_text("utf-8"))["steps"] == 10
