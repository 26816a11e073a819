import re
from pathlib import Path

import pytest
import yaml

from finetune.training.recipe import PROJECTIONS, SHIPPED, Pretraining, find_recipe, read_recipe, shipped_recipes
from ingest.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    file = folder / "recipe.yaml"
    file.write_text(text, "utf-8")
    return file


def test_the_qlora_recipe_holds_the_values_it_is_named_for():
    recipe = read_recipe(find_recipe("llama31-8b-qlora"))
    assert (recipe.bits, recipe.lora.r, recipe.lora.alpha, recipe.lora.rslora) == (4, 16, 16, True)
    assert set(recipe.lora.modules) == set(PROJECTIONS)
    assert (recipe.learning_rate, recipe.schedule, recipe.warmup_steps) == (3e-4, "linear", 10)
    assert (recipe.batch, recipe.accumulation, recipe.optimizer) == (1, 8, "paged_adamw_8bit")
    assert (recipe.weight_decay, recipe.max_tokens, recipe.packing) == (0.01, 2048, True)
    assert (recipe.gradient_checkpointing, recipe.seed, recipe.epochs) == (True, 0, 1)


@pytest.mark.parametrize("name", shipped_recipes())
def test_a_shipped_recipe_opens_with_the_command_that_runs_it(name):
    first = (SHIPPED / f"{name}.yaml").read_text("utf-8").splitlines()[0]
    assert re.fullmatch(rf"# marrow finetune train {name} --data \S+ --out \S+", first)
    assert read_recipe(find_recipe(name)).model


def test_all_recipes_of_the_issue_are_shipped():
    assert {"llama31-8b-qlora", "llama31-8b-lora-8bit", "llama31-8b-cpt", "smollm2-cpu"} <= set(shipped_recipes())


def test_an_unknown_key_is_named_with_a_near_one(tmp_path):
    file = write(tmp_path, "model: smollm2\nlearning_rat: 1.0e-4\n")
    with pytest.raises(ConfigError, match=r"^learning_rat: unknown; did you mean learning_rate\?$"):
        read_recipe(file)


def test_an_unknown_key_of_a_part_is_named_by_its_path(tmp_path):
    file = write(tmp_path, "model: smollm2\nlora:\n  aplha: 3\n")
    with pytest.raises(ConfigError, match=r"^lora\.aplha: unknown; did you mean lora\.alpha\?$"):
        read_recipe(file)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("learning_rate: -1", "learning_rate: input should be greater than 0, not -1"),
        ("bits: 3", "bits: input should be 4 or 8, not 3"),
        ("epochs: many", "epochs: input should be a valid number.*, not 'many'"),
        ("lora: {r: 0}", "lora.r: input should be greater than or equal to 1, not 0"),
        ("lora: {dropout: 1}", "lora.dropout: input should be less than 1, not 1"),
        ("general: {share: 1}", "general.share: input should be less than or equal to 0.9, not 1"),
    ],
)
def test_a_value_out_of_range_is_named(tmp_path, line, named):
    with pytest.raises(ConfigError, match=named):
        read_recipe(write(tmp_path, f"model: smollm2\n{line}\n"))


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "model: [unclosed\n"])
def test_a_file_without_keys_is_no_recipe(tmp_path, text):
    with pytest.raises(ConfigError, match="is no recipe"):
        read_recipe(write(tmp_path, text))


def test_the_model_must_be_named(tmp_path):
    with pytest.raises(ConfigError, match=r"^model: field required"):
        read_recipe(write(tmp_path, "seed: 1\n"))


def test_values_are_changed_from_the_command_line(tmp_path):
    file = write(tmp_path, "model: smollm2\nlora:\n  r: 16\n")
    recipe = read_recipe(file, ["lora.r=32", "learning_rate=1e-4", "patience=3", "tracking=off"])
    assert (recipe.lora.r, recipe.learning_rate, recipe.patience, recipe.tracking) == (32, 1e-4, 3, "off")
    assert read_recipe(file, ["pretraining.epochs=2"]).pretraining == Pretraining(epochs=2)


@pytest.mark.parametrize("change", ["lora.r", "=3", "lora.r=[", "model.r=3=4"])
def test_a_change_that_changes_nothing_is_refused(tmp_path, change):
    with pytest.raises(ConfigError):
        read_recipe(write(tmp_path, "model: smollm2\n"), [change])


def test_a_recipe_that_is_not_there_is_named_with_a_near_one():
    with pytest.raises(ConfigError, match="there is no recipe 'smolm2-cpu'; did you mean smollm2-cpu"):
        find_recipe("smolm2-cpu")


def test_a_recipe_is_read_back_as_it_was_written(tmp_path):
    recipe = read_recipe(find_recipe("llama31-8b-cpt"))
    assert read_recipe(write(tmp_path, recipe.to_yaml())) == recipe


def test_accelerate_reads_the_configuration_for_several_gpus():
    config = pytest.importorskip("accelerate.commands.config.config_args")
    file = SHIPPED / "accelerate-multi-gpu.yaml"
    read = config.load_config_from_file(str(file))
    assert (read.num_processes, str(read.mixed_precision)) == (4, "bf16")
    # accelerate refuses unknown keys itself; it must have understood all of them.
    assert set(yaml.safe_load(file.read_text("utf-8"))) <= set(vars(read))
