import pytest

from finetune.searching.space import DEFAULT_SPACE, Range, Space, read_space, with_params
from finetune.training.recipe import Recipe
from ingest.errors import ConfigError

RECIPE = Recipe(model="smollm2")


def test_the_default_space_holds_the_ranks_and_epochs_of_the_comparison():
    space = read_space(DEFAULT_SPACE)
    assert (space.rank, space.epochs) == ((16, 32, 64), (1, 2, 3))
    assert space.grid() is None and space.pruner == "median"


def test_a_space_of_lists_is_a_grid():
    space = Space(rank=(8, 16), epochs=(1, 2), learning_rate=(1e-3,))
    rows = [(row["rank"], row["epochs"], row["learning_rate"]) for row in space.grid() or []]
    assert rows == [(8, 1, 1e-3), (8, 2, 1e-3), (16, 1, 1e-3), (16, 2, 1e-3)]


def test_values_go_into_the_recipe_and_the_rest_stays():
    changed = with_params(RECIPE, {"rank": 64, "alpha": 32.0, "learning_rate": 1e-3, "epochs": 2})
    assert (changed.lora.r, changed.lora.alpha, changed.learning_rate, changed.epochs) == (64, 32, 1e-3, 2)
    assert changed.lora.modules == RECIPE.lora.modules and changed.model == "smollm2"
    assert with_params(RECIPE, {"rank": 8, "learning_rate": 1e-3, "epochs": 1}).lora.alpha == RECIPE.lora.alpha


def test_values_out_of_the_recipes_bounds_are_refused():
    with pytest.raises(ConfigError, match="does not fit the recipe"):
        with_params(RECIPE, {"rank": 8, "learning_rate": 1e-3, "epochs": 1000})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("rank: [16]\nepochs: [1]\nlearning_rate: [1.0e-3]\nranks: [1]\n", "ranks"),
        ("rank: []\nepochs: [1]\nlearning_rate: [1.0e-3]\n", "rank"),
        ("rank: [0]\nepochs: [1]\nlearning_rate: [1.0e-3]\n", "rank"),
        ("rank: [16]\nepochs: [-1]\nlearning_rate: [1.0e-3]\n", "epochs"),
        ("rank: [16]\nepochs: [1]\nlearning_rate: {low: 1.0e-3, high: 1.0e-4}\n", "low must be below high"),
        ("rank: [16]\nepochs: [1]\nlearning_rate: [1.0e-3]\npruner: best\n", "pruner"),
        ("rank: [16", "no search space"),
        ("", "the file"),
        ("\x00", "no search space"),
    ],
)
def test_a_bad_space_is_refused_by_name(tmp_path, text, named):
    file = tmp_path / "space.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=named):
        read_space(file)


def test_a_space_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no search space"):
        read_space(tmp_path / "no.yaml")


def test_a_range_is_ordered():
    assert Range(low=1e-4, high=1e-3).high == 1e-3
