"""The shares of the hybrid search's score, chosen on two folds of the questions and measured on the third.

Run: .venv/bin/python benchmarks/weights.py FOLD0 FOLD1 FOLD2 [--beir DIR]
The folders are those of benchmarks/retrieval_folds.py: adapters that did not see the questions of their fold. Takes
about a minute for each setting of the grid.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from report import OUT, print_json, print_table
from retrieval import default_folder
from retrieval_folds import by_fold

from finetune.retrieval.pairs import FOLDS
from retriever.evaluate import evaluate_retrieval, read_queries
from retriever.search import SearchConfig, Searcher
from ui.aside import indexed_aside
from ui.settings import Settings, bound_kernel_cache

Gains = NDArray[np.float64]
GRID = tuple(
    SearchConfig(weights=weights, feedback_weight=feedback)
    for weights in ((0.25, 0.25, 0.5), (0.2, 0.2, 0.6), (0.2, 0.1, 0.7))
    for feedback in (0.0, 0.2, 0.3, 0.4)
)


def main() -> None:
    """Evaluate the grid on every fold, choose and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("adapters", type=Path, nargs=FOLDS, metavar="FOLD")
    parser.add_argument("--beir", type=Path)
    options = parser.parse_args()
    folder = (options.beir or default_folder()).absolute()
    bound_kernel_cache()
    folds = [gains(folder, str(adapter.absolute()), fold) for fold, adapter in enumerate(options.adapters)]
    rows = [(name(config), means([fold[place] for fold in folds])) for place, config in enumerate(GRID)]
    print_table(f"nDCG@10 over {FOLDS} folds, {folder.name}", [("weights, feedback", "folds; together"), *rows])
    chosen = [best_without(folds, fold) for fold in range(FOLDS)]
    nested = np.concatenate([folds[fold][place] for fold, place in enumerate(chosen)])
    print_table("Chosen on the other folds", [(f"fold {f}", name(GRID[place])) for f, place in enumerate(chosen)])
    grid = {name(config): [float(fold[place].mean()) for fold in folds] for place, config in enumerate(GRID)}
    print_json("weights", {"grid": grid, "chosen": [name(GRID[p]) for p in chosen], "nested": float(nested.mean())})


def gains(folder: Path, adapter: str, fold: int) -> list[Gains]:
    """The nDCG@10 of each question of a fold, for each setting of the grid."""
    queries = by_fold(read_queries(folder))[fold]
    with indexed_aside(Settings(home=OUT / "eval-home", embedder=adapter), folder) as service:
        searchers = [Searcher(service.home, service.embedder, config) for config in GRID]
        runs = [evaluate_retrieval(searcher, queries, folder=folder) for searcher in searchers]
    return [np.array([result.metrics["ndcg@10"] for result in run.results]) for run in runs]


def best_without(folds: list[list[Gains]], left_out: int) -> int:
    """The place in the grid of the best setting on all folds but one; of equals the first."""
    others = [fold for number, fold in enumerate(folds) if number != left_out]
    return int(np.argmax([np.concatenate([fold[place] for fold in others]).mean() for place in range(len(GRID))]))


def name(config: SearchConfig) -> str:
    """A setting in words."""
    return f"{config.weights}, {config.feedback_weight}"


def means(parts: list[Gains]) -> str:
    """The mean of each fold, and of all questions."""
    each = "  ".join(f"{part.mean():.4f}" for part in parts)
    return f"{each};  {np.concatenate(parts).mean():.4f}"


if __name__ == "__main__":
    main()
