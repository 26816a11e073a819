"""`marrow finetune retriever`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ingest.console import print_line, progress_bar, put_json

if TYPE_CHECKING:
    from finetune.retrieval.tuning import Stage, TuneResult

# What is set, by ui/settings.py, stands in for this.
HOME = Path(__file__).resolve().parents[2] / "indexes"


def retriever(  # noqa: PLR0913 - Typer makes one option of each parameter
    pairs: Annotated[
        list[Path], typer.Option(help="BEIR folder, or JSON lines with question and passage; repeatable.")
    ],
    beir: Annotated[list[Path], typer.Option(help="BEIR folder to measure on before and after; repeatable.")],
    out: Annotated[Path, typer.Option(help="Folder for the trained models, the runs and result.json.")],
    feedback: Annotated[
        Path | None, typer.Option(help="JSON lines of what users said: question, passages, approved.")
    ] = None,
    what: Annotated[
        Literal["embedder", "reranker", "both"], typer.Option(help="What is trained: embedder, reranker or both.")
    ] = "embedder",
    home: Annotated[Path, typer.Option(help="The data folder with the active index.")] = HOME,
    embedder: Annotated[str, typer.Option(help="The embedder in use, from which training starts.")] = "marrow-minilm",
    reranker: Annotated[
        str, typer.Option(help="The reranker in use, which a trained one must beat.")
    ] = "late-interaction",
    base: Annotated[
        str | None, typer.Option(help="The cross-encoder to start from, a folder or an id; else MiniLM.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="How many batches of 32 pairs.")] = 250,
    fold: Annotated[
        int, typer.Option(min=0, max=2, help="The third of the questions kept back where a folder is in both lists.")
    ] = 0,
    questions: Annotated[int | None, typer.Option(min=1, help="Ask at most this many of each BEIR folder.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of every draw.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")] = False,
) -> None:
    """Train the embedder or the reranker on pairs and feedback; adopt it only if it finds more than the one in use."""
    # Imported here: torch takes seconds, and `marrow` loads this file at each start.
    from finetune.retrieval.judgement import Models
    from finetune.retrieval.preparing import TuneConfig
    from finetune.retrieval.tuning import tune

    config = TuneConfig(
        home=home,
        pairs=tuple(pairs),
        beir=tuple(beir),
        out=out,
        serving=Models(embedder, reranker),
        feedback=feedback,
        kinds=("embedder", "reranker") if what == "both" else (what,),
        base=base,
        steps=steps,
        fold=fold,
        questions=questions,
        seed=seed,
    )
    with progress_bar() as progress:
        result = tune(config, progress=progress)
    _show(result)
    if as_json:
        put_json(result.model_dump(mode="json", by_alias=True))


def _show(result: "TuneResult") -> None:
    for name, count in result.pairs.items():
        print_line(f"{name}: {count} pairs; {result.dropped[name]} left out, as the evaluation asks their questions")
    print_line(
        f"{result.negatives} hits may be negatives; not those known to answer ({result.answers}) "
        f"or too near to be sure ({result.too_near})"
    )
    for stage in result.stages:
        _show_stage(stage, result.questions)


def _show_stage(stage: "Stage", questions: dict[str, int]) -> None:
    for folder, comparison in stage.comparisons.items():
        print_line(f"{stage.what}, {folder}: {questions[folder]} questions")
        for metric, m in comparison.metrics.items():
            print_line(
                f"  {metric:<11} {m.a:.4f} to {m.b:.4f}: {m.difference:+.4f} (95 % {m.low:+.4f} to {m.high:+.4f}), "
                f"p {m.p:.4f}"
            )
    print_line(f"{stage.what}: {'adopted' if stage.adopted else 'not adopted'}: {'; '.join(stage.reasons)}")
    if stage.setting:
        print_line(f"To use it, set {stage.setting}")
    if stage.next_step:
        print_line(stage.next_step)
