"""Marrow's hybrid search on the BioASQ questions with embedders that did not see them, beside the stock embedder.

Run: .venv/bin/python benchmarks/retrieval_folds.py FOLD0 FOLD1 FOLD2 [--beir DIR] [--queries N]
FOLD0 is what `python -m finetune.retrieval.adapter DATA FOLD0 --fold 0` wrote, and so on: an adapter trained as the
shipped one, but for the questions of its fold. Each fold's questions are asked with its own adapter, over an index of
the whole corpus that it made; their results together are one run. DIR is bioasq-dev of the development data unless
another is named; it must be the folder that was trained on.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from report import OUT, print_json, print_table
from retrieval import HEADINGS, default_folder, keep, print_comparison, row

from finetune.retrieval.pairs import FOLDS, fold_of
from retriever.compare import compare_runs
from retriever.embedder import Embedder
from retriever.evaluate import Query, evaluate_retrieval, make_header, read_queries, summary
from retriever.runs import Run
from retriever.weights import STOCK_MODEL
from ui.aside import indexed_aside
from ui.settings import Settings, bound_kernel_cache

NAME, STOCK = "Marrow-hybrid-folds", "Marrow-hybrid-stock"


def main() -> None:
    """Evaluate both, print and compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("adapters", type=Path, nargs=FOLDS, metavar="FOLD")
    parser.add_argument("--beir", type=Path)
    parser.add_argument("--queries", type=int, help="only the first N questions")
    options = parser.parse_args()
    folder = (options.beir or default_folder()).absolute()
    adapters = [str(adapter.absolute()) for adapter in options.adapters]
    if len({Embedder(name).checksum for name in adapters} | {Embedder().checksum}) <= FOLDS:
        sys.exit("Two of these adapters are the same, or one is the shipped one, which saw all questions.")
    bound_kernel_cache()
    set_name = f"{folder.name}-first-{options.queries}" if options.queries else folder.name
    runs = {
        NAME: cross_validated(folder, adapters, count=options.queries),
        STOCK: evaluated(folder, STOCK_MODEL, read_queries(folder)[: options.queries]),
    }
    for name, run in runs.items():
        keep(name, run, set_name)
    comparison = compare_runs(runs[STOCK], runs[NAME])
    print_table(f"Retrieval across {FOLDS} folds, {set_name}", [HEADINGS, *((name, row(runs[name])) for name in runs)])
    print_comparison(f"{NAME} beside {STOCK}", comparison)
    figures = {
        "folder": set_name,
        "systems": {name: summary(run).model_dump(by_alias=True) for name, run in runs.items()},
        "against_stock": {name: metric.model_dump() for name, metric in comparison.metrics.items()},
    }
    print_json(f"retrieval-folds-{set_name}", figures)


def cross_validated(folder: Path, adapters: Sequence[str], *, count: int | None = None) -> Run:
    """The first `count` questions, or all, each asked with the adapter that was trained without its fold."""
    queries = read_queries(folder)
    parts = by_fold(queries, count=count)
    runs = [evaluated(folder, name, part) for name, part in zip(adapters, parts, strict=True) if part]
    return joined(runs, queries[:count], folder=folder)


def by_fold(queries: Sequence[Query], *, count: int | None = None) -> list[list[Query]]:
    """Those of the first `count` questions that are in each fold; the folds are drawn over all, as for training."""
    folds = fold_of(len(queries), FOLDS)[:count]
    return [[query for query, own in zip(queries, folds, strict=False) if own == fold] for fold in range(FOLDS)]


def evaluated(folder: Path, embedder: str, queries: Sequence[Query]) -> Run:
    """The hybrid search of some questions over an index of the folder that this embedder made."""
    with indexed_aside(Settings(home=OUT / "eval-home", embedder=embedder), folder) as service:
        return evaluate_retrieval(service.searcher, queries, folder=folder)


def joined(runs: Sequence[Run], queries: Sequence[Query], *, folder: Path) -> Run:
    """Runs over parts of the questions as one run over all, in the order of the questions."""
    results = {result.query: result for run in runs for result in run.results}
    config = {f"part {number}": run.header.config for number, run in enumerate(runs)}
    header = make_header(NAME, queries, folder=folder, documents=runs[0].header.documents, config=config)
    return Run(header, tuple(results[query.query_id] for query in queries))


if __name__ == "__main__":
    main()
