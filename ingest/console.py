"""Progress and errors on stderr, JSON on stdout."""

import ctypes
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ingest.errors import MarrowError
from ingest.pipeline import Progress as Report

people = Console(stderr=True, highlight=False)


def put_json(value: BaseModel | dict[str, Any]) -> None:
    """Write one JSON object as the last line on stdout."""
    line = value.model_dump_json() if isinstance(value, BaseModel) else json.dumps(value, ensure_ascii=False)
    # HiGHS may have printed through C's own buffer, which would else be written out after the JSON.
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)
    # A lone surrogate from a damaged source must not break the line.
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stdout.flush()


def print_line(text: str) -> None:
    """Write a line for people on stderr, as it stands."""
    people.print(text, markup=False, soft_wrap=True)


def put_error(error: MarrowError) -> None:
    """Show an expected error: one line what, one line what to do."""
    people.print(f"[red]Error:[/red] {error}", markup=True, soft_wrap=True)
    people.print(f"What to do: {error.hint}", markup=False, soft_wrap=True)


@contextmanager
def progress_bar() -> Iterator[Report]:
    """A progress callback that draws a bar with times; off a terminal it prints each new stage once."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=people, transient=True) as bar:
        task = bar.add_task("Starting", total=None)
        stage = ""

        def report(what: str, done: int, total: int) -> None:
            nonlocal stage
            kind = what.split(" ", 1)[0]
            if kind != stage and not people.is_terminal:
                people.print(f"{what} …", markup=False)
            if kind != stage:
                bar.reset(task, total=total or None)
            stage = kind
            bar.update(task, description=what[:60], completed=done, total=total or None)

        yield report
