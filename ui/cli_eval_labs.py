"""`marrow eval labs`: how well lab reports are read, on pages whose values are known."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from generator.labs.evaluate import LabScores, PageScore, Read, by_group, evaluate_labs, total
from generator.labs.read import read_report
from generator.labs.records import LabReading
from generator.labs.truths import read_truths
from ingest.console import print_line, progress_bar, put_json
from ingest.ocr import PageEngine, open_engine
from ingest.pages import open_upload
from retriever.runs import prepare_file
from ui.settings import load_settings

_COLUMNS = ("f1", "precision", "recall", "silent_errors", "review_rate", "flag_accuracy")
_HEADINGS = ("F1", "precision", "recall", "silent", "review", "flags")


def labs(
    folder: Annotated[
        Path, typer.Argument(help="Folder of pages (PNG, JPG, PDF), each with its truth as JSON beside it.")
    ],
    out: Annotated[Path | None, typer.Option(help="Keep every miss in this file (JSONL).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")] = False,
) -> None:
    """Read the pages of a folder as an upload is read, and score every value against what the page says."""
    pages = read_truths(folder)
    if out is not None:
        prepare_file(out)
    reader = reading_with(open_engine(load_settings().ocr))
    with progress_bar() as progress:
        scored = evaluate_labs(pages, reader, progress=progress)
    scores, groups = total(score for _, score in scored), by_group(scored)
    if out is not None:
        _write_misses([score for _, score in scored], out)
    _show(scores, groups)
    if as_json:
        put_json(
            scores.model_dump()
            | {
                f"by_{group}": {name: part.model_dump() for name, part in parts.items()}
                for group, parts in groups.items()
            }
        )


def reading_with(engine: PageEngine) -> Read:
    """The reader under test: an upload opened and read with an engine."""

    def read(data: bytes, name: str) -> LabReading:
        return read_report(open_upload(data, name=name, engine=engine))

    return read


def _write_misses(scores: list[PageScore], out: Path) -> None:
    lines = (json.dumps(asdict(miss), ensure_ascii=False) for score in scores for miss in score.misses)
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _show(scores: LabScores, groups: dict[str, dict[str, LabScores]]) -> None:
    rows = {"all": scores} | {
        f"{group} {name}": part for group, parts in groups.items() for name, part in parts.items()
    }
    width = max(map(len, rows))
    print_line(f"{'':{width}}  pages  values  " + "  ".join(f"{name:>9}" for name in _HEADINGS))
    for name, row in rows.items():
        cells = (getattr(row, column) for column in _COLUMNS)
        shown = "  ".join(f"{'-' if cell is None else f'{cell:.4f}':>9}" for cell in cells)
        print_line(f"{name:{width}}  {row.pages:>5}  {row.values:>6}  {shown}")
    print_line(
        f"{scores.criticals_missed} of {scores.criticals} critical values missed, {scores.criticals_silent} of them "
        f"without a sign; {scores.lost} values of which nothing tells; {scores.refused} pages of which nothing was "
        f"read; {scores.seconds['p50']} s a page (p50), {scores.seconds['p95']} s (p95)"
    )
