"""`marrow eval …`: measurements on question sets."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ingest.console import print_line, progress_bar, put_json
from ingest.pipeline import Progress, no_progress
from retriever.compare import Comparison, compare_runs
from retriever.evaluate import evaluate_retrieval, read_queries, summary
from retriever.runs import Run, prepare_file, read_run, write_run
from retriever.search import Mode
from ui.aside import check_holds, service_over
from ui.cli_answers import answers
from ui.cli_eval_labs import labs
from ui.cli_search import ModeOption, parse_mode
from ui.plot import plot_runs
from ui.settings import Settings, load_settings

app = typer.Typer(
    no_args_is_help=True, help="Measure retrieval, answers and the reading of lab reports; compare and plot runs."
)
app.command()(answers)
app.command()(labs)
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")]


@app.command()
def retrieval(
    beir: Annotated[Path, typer.Option(help="Folder with corpus.jsonl[.gz], queries.jsonl and qrels/test.tsv.")],
    mode: ModeOption = "hybrid",
    out: Annotated[Path | None, typer.Option(help="Keep the result of every question in this file (JSONL).")] = None,
    home: Annotated[
        Path | None, typer.Option(help="Search the index of this data folder, into which DIR was ingested.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Index the folder's corpus aside and score the ranking of its test questions."""
    ranking = parse_mode(mode)
    if out is not None:
        prepare_file(out)
    with progress_bar() as progress:
        run = evaluate_folder(load_settings(), beir, ranking, home=home, progress=progress)
    if out is not None:
        write_run(run, out)
    scores = summary(run)
    print_line(
        f"{mode}: nDCG@10 {scores.ndcg_10:.4f}, recall@10 {scores.recall_10:.4f}, recall@100 {scores.recall_100:.4f}, "
        f"MRR@10 {scores.mrr_10:.4f}; {scores.ms_per_query['p50']:.1f} ms a query (p50)"
    )
    if as_json:
        put_json(scores.model_dump(by_alias=True))


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(help="A run, from: marrow eval retrieval --out")],
    b: Annotated[Path, typer.Argument(help="Another run over the same questions.")],
    as_json: JsonOption = False,
) -> None:
    """Compare two runs question by question: what changed from A to B, and whether it could be chance."""
    comparison = compare_runs(read_run(a), read_run(b))
    _show_comparison(comparison)
    if as_json:
        put_json(comparison)


def _show_comparison(comparison: Comparison) -> None:
    print_line(f"A: {comparison.a.system}, {comparison.a.date}; B: {comparison.b.system}, {comparison.b.date}")
    for name, m in comparison.metrics.items():
        print_line(
            f"{name:<11} {m.a:.4f} to {m.b:.4f}: {m.difference:+.4f} (95 % {m.low:+.4f} to {m.high:+.4f}), "
            f"p {m.p:.4f}; {m.better} better, {m.equal} equal, {m.worse} worse of {comparison.queries}"
        )
    for change in comparison.changed_most:
        print_line(f"  {change.query}: nDCG@10 {change.a:.3f} to {change.b:.3f}")


@app.command()
def plot(
    runs: Annotated[list[Path], typer.Argument(help="Runs, from: marrow eval retrieval --out")],
    out: Annotated[Path, typer.Option(help="The picture to write: a .png or .svg file.")] = Path("quality-latency.svg"),
    as_json: JsonOption = False,
) -> None:
    """Draw quality (nDCG@10) against latency (median milliseconds a query), a point for each run."""
    prepare_file(out)
    points = plot_runs([read_run(file) for file in runs], out)
    print_line(f"{out}: {len(points)} runs")
    if as_json:
        put_json({"file": str(out), "points": [point.model_dump() for point in points]})


def evaluate_folder(
    settings: Settings, beir: Path, mode: Mode, *, home: Path | None = None, progress: Progress = no_progress
) -> Run:
    """Score the test questions of a BEIR folder.

    Args:
        settings: name the models; their home keeps the vectors of the corpus for the next time.
        beir: the folder.
        mode: as in `Searcher.search`.
        home: a data folder whose active index holds the corpus; None to index the corpus aside.
        progress: told of every stage.

    Raises:
        BadRequest: if the index of `home` holds no document of the folder.
        MarrowError: if the folder or the index cannot serve.
    """
    beir = Path(os.path.abspath(beir))  # as `ingest_paths` names it in the origins
    queries = read_queries(beir)
    with service_over(settings, beir, home=home, progress=progress) as service:
        run = evaluate_retrieval(service.searcher, queries, folder=beir, mode=mode, progress=progress)
        # Looked for only where the ranking leaves it open: it reads the whole store.
        if not run.mean("recall@100"):
            check_holds(service, beir)
    return run
