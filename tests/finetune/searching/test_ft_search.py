"""Searches with real training runs of a tiny model."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from finetune.errors import StudyUnusable
from finetune.records import write_lines
from finetune.searching.search import BEST_FILE, Budget, search
from finetune.searching.space import Space
from finetune.searching.study import STUDY_FILE
from finetune.training.recipe import read_recipe
from ingest.errors import UnreadableSource

GRID = Space(rank=(2, 4), epochs=(1, 2), learning_rate=(1e-2,))
PROGRAM = """
import sys, time
from pathlib import Path
from finetune.searching.search import Budget, search
from finetune.searching.space import Space
from finetune.training.recipe import read_recipe
file, data, out = map(Path, sys.argv[1:4])
slow = lambda what, done, total: time.sleep(0.2 if "Training" in what else 0)
space = Space(rank=(2, 4), epochs=(1, 2), learning_rate=(1e-2,))
search(read_recipe(file), data, out, space=space, report=slow)
"""


@pytest.mark.slow
def test_a_grid_is_searched_through_a_kill_and_the_best_recipe_written(tmp_path, prepared, recipe):
    file, out = tmp_path / "recipe.yaml", tmp_path / "search"
    file.write_text(recipe.to_yaml())
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(file), str(prepared), str(out)]
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})
    checkpoints = out / "trials" / "trial-001" / "checkpoints"
    deadline = time.monotonic() + 300
    while not list(checkpoints.rglob("trainer_state.json")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL

    result = search(recipe, prepared, out, space=GRID)
    states = [(row.number, row.state) for row in result.trials]
    assert states == [(0, "complete"), (1, "fail"), (2, "complete"), (3, "complete"), (4, "complete")]
    tried = {(row.params["rank"], row.params["epochs"]) for row in result.trials if row.state == "complete"}
    assert tried == {(2, 1), (2, 2), (4, 1), (4, 2)}
    losses = {row.number: row.dev_loss for row in result.trials if row.state == "complete"}
    assert losses[result.best.number] == min(losses.values())
    assert result.base_loss and result.best.dev_loss and result.best.dev_loss < result.base_loss
    best = read_recipe(out / BEST_FILE)
    assert (best.lora.r, best.epochs) == (result.best.params["rank"], result.best.params["epochs"])
    head = (out / BEST_FILE).read_text().splitlines()[0]
    assert head == "# marrow finetune train best.yaml --data DATA --out OUT"
    assert {plot.name for plot in result.plots} >= {"history.png", "ranks-epochs.png", "parallel.png"}
    assert json.loads(result.model_dump_json())["trials"]


def test_trials_over_the_budget_are_left_for_the_next_start(tmp_path, prepared, recipe):
    space = Space(rank=(2, 4), epochs=(1,), learning_rate=(1e-2,))
    first = search(recipe, prepared, tmp_path, space=space, budget=Budget(trials=1))
    assert [row.state for row in first.trials] == ["complete"]
    second = search(recipe, prepared, tmp_path, space=space, budget=Budget(trials=5))
    assert [row.params["rank"] for row in second.trials] == [2, 4]


def test_a_trial_that_the_minutes_cut_goes_on_at_the_next_start(tmp_path, prepared, recipe):
    space = Space(rank=(2,), epochs=(1,), learning_rate=(1e-2,))
    with pytest.raises(StudyUnusable, match="no trial"):
        search(recipe, prepared, tmp_path, space=space, budget=Budget(minutes=0.005))
    result = search(recipe, prepared, tmp_path, space=space)
    assert [row.state for row in result.trials] == ["fail", "complete"]
    assert [folder.name for folder in (tmp_path / "trials").iterdir()] == ["trial-000"]


def test_what_would_fail_every_trial_ends_the_search(tmp_path, prepared, recipe):
    with pytest.raises(UnreadableSource):
        search(recipe, tmp_path / "no-data", tmp_path / "a", space=GRID)
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("train", "dev", "test"):
        examples = (prepared / "train.jsonl").read_text() if name == "train" else ""
        (bare / f"{name}.jsonl").write_text(examples)
    write_lines(bare / "corpus.jsonl", [])
    with pytest.raises(StudyUnusable, match="no dev split"):
        search(recipe, bare, tmp_path / "b", space=GRID)
    assert (tmp_path / "b" / STUDY_FILE).is_file()
