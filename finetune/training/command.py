"""`marrow finetune train`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from finetune.errors import INSTALL
from ingest.console import people, print_line, progress_bar, put_json
from ingest.parts import require
from ingest.pipeline import Progress

_EVERY_S = 30.0


def train(
    recipe: Annotated[str, typer.Argument(help="A recipe: a YAML file, or the name of one that comes with Marrow.")],
    data: Annotated[Path, typer.Option(help="The folder that `marrow finetune prepare` wrote.")] = Path("data"),
    out: Annotated[Path, typer.Option(help="The run's folder; an interrupted run in it goes on.")] = Path("run"),
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Change a value of the recipe: key=value, such as lora.r=32.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on where an interrupted run in --out stopped.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Put the result on stdout as JSON.")] = False,
) -> None:
    """Train a LoRA adapter by a recipe on prepared data; Ctrl-C or a crash loses nothing but the last steps."""
    require("training", "peft", "trl", "datasets", "matplotlib", hint=INSTALL)
    from finetune.training.recipe import find_recipe, read_recipe

    chosen = read_recipe(find_recipe(recipe), change or [])
    from finetune.training.train import train as run  # imported here: it takes seconds, and `marrow` loads this file

    with _progress() as report:
        result = run(chosen, data, out, resume=resume, report=report)
    losses = "" if result.dev_loss is None else f"dev loss {result.base_loss:.3f} → {result.dev_loss:.3f}, "
    print_line(
        f"{losses}{result.steps:,} steps, {result.tokens_per_s:,.0f} tokens/s, "
        f"{result.peak_memory_bytes / 1e9:.1f} GB, {result.seconds / 60:.1f} minutes: {result.adapter}"
    )
    if as_json:
        put_json(result)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on a terminal; else a line every half minute, with the time left, so that a log shows how a run goes."""
    if people.is_terminal:
        with progress_bar() as report:
            yield report
        return
    said_at = started = 0.0

    def report_lines(what: str, done: int, total: int) -> None:
        nonlocal said_at, started
        now = time.monotonic()
        if not done:
            started, said_at = now, 0.0
        if done != total and now - said_at < _EVERY_S:
            return
        said_at = now
        left = f", {(now - started) / done * (total - done) / 60:.0f} minutes left" if done else ""
        print_line(f"{what}, step {done:,} of {total:,}{left}" if total else f"{what} …")

    yield report_lines
