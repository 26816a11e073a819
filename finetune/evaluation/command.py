"""`marrow finetune evaluate` and `marrow finetune review`: whether fine-tuning helped, by figures and by eye."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from finetune.errors import INSTALL
from ingest.console import print_line, progress_bar, put_json
from ingest.parts import require

if TYPE_CHECKING:
    from finetune.evaluation.records import Evaluation

_JSON = Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")]


def evaluate(  # noqa: PLR0913 - Typer makes one option of each parameter
    tuned: Annotated[str, typer.Option(help="The adapter, merged folder or GGUF file to judge.")],
    data: Annotated[Path, typer.Option(help="Folder that `marrow finetune prepare` wrote; its test split is asked.")],
    base: Annotated[str, typer.Option(help="What it is judged against.")] = "smollm2",
    out: Annotated[Path, typer.Option(help="Folder for the report, the figures and the sheet.")] = Path("evaluation"),
    questions: Annotated[int, typer.Option(min=1, help="Ask at most so many, the kinds alike.")] = 200,
    general: Annotated[bool, typer.Option(help="Measure what was forgotten of common knowledge.")] = True,
    text: Annotated[Path | None, typer.Option(help="Measure the perplexity of this general text.")] = None,
    beir: Annotated[Path | None, typer.Option(help="Ask questions of this BEIR folder through the pipeline.")] = None,
    beir_questions: Annotated[int, typer.Option(min=1, help="How many of those, evenly spread.")] = 20,
    max_tokens: Annotated[int, typer.Option(min=8, help="An answer ends after so many.")] = 128,
    batch: Annotated[int, typer.Option(min=1, help="How many answers are made at once.")] = 16,
    seed: Annotated[int, typer.Option(help="Of the intervals and of the sheet's order.")] = 0,
    as_json: _JSON = False,
) -> None:
    """Ask both models the same held-out questions, and report every figure with its interval."""
    require("an evaluation", "sacrebleu", "bert_score", "matplotlib", hint=INSTALL)
    from finetune.evaluation.report import write_evaluation
    from finetune.evaluation.run import (  # imported here: torch takes seconds, and other commands never need it
        EvaluationConfig,
        evaluate,
    )
    from generator.models import ModelConfig

    config = EvaluationConfig(
        questions=questions,
        max_tokens=max_tokens,
        batch=batch,
        general=general,
        text=text,
        beir=beir,
        beir_questions=beir_questions,
        seed=seed,
    )
    with progress_bar() as progress:
        models = (ModelConfig(name=base), ModelConfig(name=tuned))
        run = evaluate(models, data, out, config=config, progress=progress)
    write_evaluation(run, out)
    _show(run.evaluation)
    print_line(f"Written to {out}: report.html, evaluation.json, questions.jsonl, sheet.csv, sheet.html, key.json.")
    if as_json:
        put_json(run.evaluation)


def review(
    sheet: Annotated[Path, typer.Argument(help="The sheet.csv that was filled in.")],
    key: Annotated[Path, typer.Argument(help="The key.json that was written with it.")],
    second: Annotated[Path | None, typer.Option(help="The same sheet, filled in by another reviewer.")] = None,
    as_json: _JSON = False,
) -> None:
    """Score a blinded sheet: wins, ties and losses of the tuned model, and how well two reviewers agree."""
    from finetune.evaluation.review import score_review  # imported here: scipy takes a second

    found = score_review(sheet, key, second=second)
    for line in found.lines():
        print_line(line)
    if as_json:
        put_json(found)


def _show(evaluation: "Evaluation") -> None:
    from finetune.evaluation.wording import title_of, told

    for figure in evaluation.figures:
        found = figure.comparison
        print_line(
            f"{title_of(figure):48.48}  n {found.n:>5,}  base {told(found.base):24}  tuned {told(found.tuned):24}  "
            f"change {told(found.difference)}"
        )
