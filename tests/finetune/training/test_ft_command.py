"""`marrow finetune train` and the benchmarks, as a user starts them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.torchfix import torch

CHECKOUT = Path(__file__).parents[3]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_command_says_how_it_goes_and_puts_the_result_on_stdout(prepared, tiny_recipe, tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(tiny_recipe.to_yaml(), "utf-8")
    places = ["--data", str(prepared), "--out", str(tmp_path / "run")]
    done = run(
        "-m", "finetune.training", str(recipe), *places, "--set", "max_steps=2", "--set", "eval_every=2", "--json"
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["steps"] == 2 and Path(result["adapter"]).is_dir()
    assert "step 2 of 2" in done.stderr and "tokens/s" in done.stderr
    assert "Warning" not in done.stderr


def test_an_expected_error_is_one_line_and_what_to_do(tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("model: smollm2\nlearning_rat: 1.0e-4\n", "utf-8")
    done = run("-m", "finetune.training", str(recipe))
    assert done.returncode == 1 and "learning_rat: unknown; did you mean learning_rate?" in done.stderr
    assert "What to do:" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is there")
def test_the_gpu_benchmark_says_that_there_is_no_gpu():
    done = run(str(CHECKOUT / "benchmarks" / "finetune_gpu.py"))
    assert done.returncode == 2 and "There is no GPU here: nothing was measured" in done.stderr


def test_the_gpu_benchmark_works_on_a_small_shape():
    script = str(CHECKOUT / "benchmarks" / "finetune_gpu.py")
    done = run(script, "--shape", "tiny", "--device", "cpu", "--steps", "2")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["tokens_per_s"] > 0 and figures["generated_tokens_per_s"] > 0
    # 500 questions of 393 tokens.
    assert figures["pubmedqa_epoch_s"] == pytest.approx(500 * 393 / figures["tokens_per_s"], abs=0.1)
    assert 0 < figures["share_of_peak"] < 1
