"""What is refused before a run starts."""

from types import SimpleNamespace

import pytest

from finetune.errors import TrainingError
from finetune.records import read_examples, write_lines
from finetune.training import checks
from finetune.training.memory import Shape, estimate
from finetune.training.recipe import Recipe, find_recipe, read_recipe
from finetune.training.train import train
from ingest.errors import ConfigError, MissingPart, UnreadableSource
from ingest.torchfix import torch

# Source: the published configuration of Llama 3.1 8B.
LLAMA_8B = Shape(
    hidden=4096,
    feed_forward=14336,
    layers=32,
    heads=32,
    key_heads=8,
    head_size=128,
    vocabulary=128256,
    tied=False,
)
no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is there")


def test_the_sizes_of_a_model_give_its_weights_and_those_of_its_adapter():
    # A layer: q and o 4096 x 4096, k and v 4096 x 1024, three of 4096 x 14336: 218,103,808; times 32.
    assert LLAMA_8B.projected == 6_979_321_856
    # 2 x 4096 x 128256.
    assert LLAMA_8B.embedded == 1_050_673_152
    # r 16 on all seven: 16 x 32 x (2 x 8192 + 2 x 5120 + 3 x 18432) = 41,943,040, as peft reports.
    assert LLAMA_8B.adapted(read_recipe(find_recipe("llama31-8b-qlora"))) == 41_943_040


def test_the_memory_of_qlora_fits_a_card_of_16_gb_and_full_weights_do_not():
    recipe = read_recipe(find_recipe("llama31-8b-qlora"))
    # 6.98e9 x 0.516 + 1.05e9 x 2 = 5.7 GB of weights.
    assert estimate(recipe, LLAMA_8B).weights == pytest.approx(5.7e9, rel=0.01)
    checks.check_gpu(recipe, LLAMA_8B, free_bytes=16 * 10**9)
    with pytest.raises(
        TrainingError, match=r"has 16\.0 GB free, and the run needs about .* GB \(weights 16\.1"
    ) as error:
        checks.check_gpu(recipe.model_copy(update={"bits": None}), LLAMA_8B, free_bytes=16 * 10**9)
    assert "set bits: 4" in error.value.hint


def test_a_gpu_too_small_even_for_qlora_is_refused():
    recipe = read_recipe(find_recipe("llama31-8b-qlora"))
    with pytest.raises(TrainingError, match="the GPU has 6.0 GB free") as error:
        checks.check_gpu(recipe, LLAMA_8B, free_bytes=6 * 10**9)
    assert error.value.hint == "In the recipe: lower max_tokens."


def test_an_empty_answer_is_refused(prepared, tiny_recipe, tmp_path):
    first, *rest = read_examples(prepared, "train")
    write_lines(prepared / "train.jsonl", [first.model_copy(update={"answer": "  "}), *rest])
    with pytest.raises(TrainingError, match="an empty answer or prompt in 1 example of the train split: e0"):
        train(tiny_recipe, prepared, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_data_without_training_examples_is_refused(prepared, tiny_recipe, tmp_path):
    write_lines(prepared / "train.jsonl", [])
    with pytest.raises(TrainingError, match="no training examples"):
        train(tiny_recipe, prepared, tmp_path / "run")


def test_a_folder_that_holds_no_data_is_refused(tiny_recipe, tmp_path):
    with pytest.raises(UnreadableSource):
        train(tiny_recipe, tmp_path, tmp_path / "run")


def test_a_context_longer_than_the_window_is_refused_with_the_longest(prepared, tiny_recipe, tmp_path):
    examples = read_examples(prepared, "train")
    long = examples[3].model_copy(update={"prompt": (("system", "Answer."), ("user", "word " * 300))})
    write_lines(prepared / "train.jsonl", [*examples, long])
    with pytest.raises(
        TrainingError, match=r"1 example longer than max_tokens \(256\); the longest, e3, has 3\d\d tokens"
    ):
        train(tiny_recipe, prepared, tmp_path / "run")


def test_more_tokens_than_the_model_reads_are_refused(prepared, tiny_recipe, tmp_path):
    with pytest.raises(TrainingError, match="max_tokens is 4,096, and the model reads at most 512 tokens"):
        train(tiny_recipe.model_copy(update={"max_tokens": 4096}), prepared, tmp_path / "run")


def test_a_full_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda folder: SimpleNamespace(free=150_000_000))
    # 3 checkpoints of 12 bytes a weight, and 0.2 GB: 0.56 GB.
    with pytest.raises(TrainingError, match=r"has 0\.15 GB free, and checkpoints need 0\.56 GB"):
        checks.check_disk(tmp_path, trainable=10_000_000)
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda folder: SimpleNamespace(free=600_000_000))
    checks.check_disk(tmp_path, trainable=10_000_000)


@no_gpu
@pytest.mark.parametrize(("key", "value"), [("bits", 4), ("bits", 8), ("optimizer", "paged_adamw_8bit")])
def test_bits_without_a_gpu_are_refused(tiny_recipe, key, value):
    with pytest.raises(MissingPart, match=f"{key}: {value} needs a GPU, and there is none"):
        checks.check_machine(tiny_recipe.model_copy(update={key: value}))


def test_a_model_that_is_not_there_is_refused(prepared, tmp_path):
    with pytest.raises(ConfigError, match="there is no chat model"):
        train(Recipe(model=str(tmp_path / "nothing")), prepared, tmp_path / "run")


def test_modules_that_the_model_lacks_are_refused(prepared, tiny_recipe, tmp_path):
    lora = tiny_recipe.lora.model_copy(update={"modules": ("query_key_value",)})
    with pytest.raises(TrainingError, match=r"lora\.modules does not fit the model"):
        train(tiny_recipe.model_copy(update={"lora": lora}), prepared, tmp_path / "run")
