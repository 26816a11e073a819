"""`marrow finetune search`."""

from pathlib import Path
from typing import Annotated

import typer

from finetune.errors import INSTALL
from ingest.console import print_line, progress_bar, put_json
from ingest.parts import require


def search(  # noqa: PLR0913 - Typer makes one option of each parameter
    recipe: Annotated[
        str, typer.Argument(help="The recipe to start from: a YAML file, or one that Marrow comes with.")
    ],
    data: Annotated[Path, typer.Option(help="The folder that `marrow finetune prepare` wrote.")] = Path("data"),
    out: Annotated[Path, typer.Option(help="The search's folder; an interrupted search in it goes on.")] = Path(
        "search"
    ),
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Change a value of the recipe: key=value, such as max_steps=200.")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="How many trials in all, over every start.")] = 20,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="How long this start may take.")] = None,
    space: Annotated[Path | None, typer.Option(help="What to vary (YAML); else ranks, alphas, rates, epochs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Put the result on stdout as JSON.")] = False,
) -> None:
    """Search ranks, alphas, learning rates and epochs for the lowest dev loss, and write the best recipe out."""
    require("searching", "optuna", "peft", "trl", "datasets", "matplotlib", hint=INSTALL)
    # Imported here: it takes seconds, and `marrow` loads this file at each start.
    from finetune.searching.search import Budget
    from finetune.searching.search import search as run
    from finetune.searching.space import DEFAULT_SPACE, read_space
    from finetune.training.recipe import find_recipe, read_recipe

    chosen, tried = read_recipe(find_recipe(recipe), change or []), read_space(space or DEFAULT_SPACE)
    with progress_bar() as report:
        result = run(chosen, data, out, space=tried, budget=Budget(trials, minutes), report=report)
    values = ", ".join(f"{key} {value:g}" for key, value in result.best.params.items())
    print_line(f"Best of {len(result.trials)} trials: {values}: dev loss {result.best.dev_loss:.4f}: {result.recipe}")
    if as_json:
        put_json(result)
