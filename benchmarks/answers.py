"""Answers on BioASQ: right, cited, refused, readable and fast, for both audiences, beside what search alone would show.

Run: .venv/bin/python benchmarks/answers.py [--beir DIR] [--model NAME] [--limit N] [--no-baselines]
DIR is a BEIR folder whose questions have exact and ideal answers (`generator/evaluation/questions.py`), by default
bioasq-dev of the development data (MARROW_SHARED, or ../shared beside the checkout). The index holds nothing but the
folder's documents. Those of bioasq-dev are the gold snippets of abstracts, which is easier than whole abstracts; and
the shipped embedder was trained on its questions (MARROW_EMBEDDER=all-MiniLM-L6-v2 takes one that was not). The
results of every question and a page with plots are kept in benchmarks/out/answers.
"""

import argparse
import sys
from pathlib import Path

from report import OUT, print_json, print_table, shared_data

from generator.records import AnswerAudience
from retriever.runs import prepare_file
from ui.answer_evaluation import OURS, AnswerRun, AnswerTask, answers_json, run_answers, write_results
from ui.answer_report import COLUMNS, cell, figures_row, write_report
from ui.settings import Settings, bound_kernel_cache

AUDIENCES: tuple[AnswerAudience, ...] = ("clinician", "patient")


def main() -> None:
    """Answer for both audiences, print and compare; the baselines, which know no audience, run once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--beir", type=Path)
    parser.add_argument("--model", help="a chat model that rewords (MARROW_MODEL); by default the composer quotes")
    parser.add_argument("--limit", type=int, help="only so many questions, evenly spread")
    parser.add_argument("--no-baselines", action="store_true")
    options = parser.parse_args()
    folder = options.beir or default_folder()
    settings = Settings(home=OUT / "eval-home", **({"model": options.model} if options.model else {}))
    bound_kernel_cache()
    figures = {}
    rows = [("", "  ".join(f"{name:>10}" for name in COLUMNS))]
    for audience in AUDIENCES:
        baselines = audience == AUDIENCES[0] and not options.no_baselines
        task = AnswerTask(folder, audience=audience, limit=options.limit, baselines=baselines)
        run = run_answers(settings, task)
        keep(run)
        figures[audience] = answers_json(run)
        rows[len(figures) : len(figures)] = table_rows(run)[:1]
        rows += table_rows(run)[1:]
    header = run.header
    print_table(f"Answers, {header.folder}: {header.questions:,} questions, model {header.model}", rows)
    print_json(f"answers-{header.folder}", figures)


def default_folder() -> Path:
    """The development set; leaves where there is none."""
    data = shared_data()
    if data is None:
        sys.exit("The development data is not there; set MARROW_SHARED, or name a BEIR folder with --beir.")
    return data / "beir" / "bioasq-dev"


def keep(run: AnswerRun) -> None:
    """Write the results of a run and its page to their files."""
    name = "-".join([run.header.folder, run.header.model.replace("/", "_"), run.header.audience])
    for suffix, write in ((".jsonl", write_results), (".html", write_report)):
        file = OUT / "answers" / f"{name}{suffix}"
        prepare_file(file)
        write(run, file)


def table_rows(run: AnswerRun) -> list[tuple[str, str]]:
    """A line of the table for each system, Marrow's first."""
    return [
        (
            f"{name}, for a {run.header.audience}" if name == OURS else name,
            "  ".join(f"{cell(value):>10}" for value in figures_row(scores)),
        )
        for name, scores in run.scores().items()
    ]


if __name__ == "__main__":
    main()
