"""`marrow eval answers`: how good the answers are, on questions whose answers are known."""

from pathlib import Path
from typing import Annotated

import typer

from ingest.console import print_line, progress_bar, put_json
from retriever.runs import prepare_file
from ui.answer_evaluation import OURS, AnswerRun, AnswerTask, answers_json, run_answers, write_results
from ui.answer_report import COLUMNS, cell, figures_row, require_matplotlib, write_report
from ui.cli_search import parse_audience
from ui.settings import load_settings


def answers(  # noqa: PLR0913 - Typer makes one option of each parameter
    beir: Annotated[Path, typer.Option(help="Folder with corpus.jsonl[.gz], queries.jsonl and qrels/test.tsv.")],
    model: Annotated[str | None, typer.Option(help="Chat model; by default the one that is set.")] = None,
    audience: Annotated[str, typer.Option(help="clinician or patient.")] = "clinician",
    limit: Annotated[int | None, typer.Option(min=1, help="Ask only so many questions, evenly spread.")] = None,
    out: Annotated[Path | None, typer.Option(help="Keep the result of every question in this file (JSONL).")] = None,
    report: Annotated[Path | None, typer.Option(help="Write figures, plots and misses to this HTML file.")] = None,
    home: Annotated[
        Path | None, typer.Option(help="Search the index of this data folder, into which DIR was ingested.")
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Measure search results and a bare model beside it.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")] = False,
) -> None:
    """Index the folder's corpus aside, answer its test questions, and score the answers and their citations."""
    task = AnswerTask(beir, audience=parse_audience(audience), limit=limit, home=home, baselines=baselines)
    settings = load_settings()
    if model is not None:
        settings = settings.model_copy(update={"model": model})
    for file in filter(None, (out, report)):
        prepare_file(file)
    if report is not None:
        require_matplotlib()
    with progress_bar() as progress:
        run = run_answers(settings, task, progress=progress)
    if out is not None:
        write_results(run, out)
    if report is not None:
        write_report(run, report)
    _show(run)
    if as_json:
        put_json(answers_json(run))


def _show(run: AnswerRun) -> None:
    scores = run.scores()
    width = max(map(len, scores))
    print_line(f"{'':{width}}  " + "  ".join(f"{name:>10}" for name in COLUMNS))
    for name, figures in scores.items():
        print_line(f"{name:{width}}  " + "  ".join(f"{cell(value):>10}" for value in figures_row(figures)))
    ours = scores[OURS]
    shares = ", ".join(f"{verdict} {share:.3f}" for verdict, share in ours.verdicts.items())
    print_line(
        f"{ours.questions:,} of {run.header.judged:,} questions; sentences shown: {shares or 'none'}; "
        f"{ours.false_quotes:,} false quotes"
    )
    if ours.unmeasured:
        lacks = ", ".join(f"{count:,} {lack}" for lack, count in ours.unmeasured.items())
        print_line(f"What could not be measured: {lacks}.")
