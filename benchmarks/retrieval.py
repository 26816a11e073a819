"""Marrow's retrieval beside its peers, on the same questions in the same run: quality, latency and a paired test.

Run: .venv/bin/python benchmarks/retrieval.py [--beir DIR] [--systems NAME …] [--queries N]
DIR is a BEIR folder; by default bioasq-dev of the development data (MARROW_SHARED, or ../shared beside the checkout).
benchmarks/retrieval_sets.py writes two more. Milliseconds are for one query at a time, from the text of the question
to 100 documents, everything included. Every system's run is kept in benchmarks/out/retrieval/DIR, for
`marrow eval compare` and `marrow eval plot`; document vectors are kept too, so that the next run is quick.
The shipped embedder was trained on the questions of bioasq-dev: benchmarks/retrieval_folds.py leaves them out in turn.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from report import OUT, print_json, print_table, shared_data
from retrieval_peers import Peers, read_corpus

from retriever.compare import Comparison, compare_runs
from retriever.evaluate import Query, evaluate_ranker, evaluate_retrieval, make_header, read_queries, summary
from retriever.runs import METRICS, Run, prepare_file, write_run
from retriever.search import Mode
from retriever.weights import BUNDLED_MODEL, STOCK_MODEL
from ui.aside import indexed_aside
from ui.settings import Settings, bound_kernel_cache

# Mode and embedder; one index is made for the systems of an embedder.
SYSTEMS: Mapping[str, tuple[Mode, str]] = {
    "Marrow-bm25": ("bm25", BUNDLED_MODEL),
    "Marrow-dense": ("dense", BUNDLED_MODEL),
    "Marrow-fusion": ("fusion", BUNDLED_MODEL),
    "Marrow-hybrid": ("hybrid", BUNDLED_MODEL),
    "Marrow-hybrid-stock": ("hybrid", STOCK_MODEL),
}
OURS = "Marrow-hybrid"
NAMES = (*SYSTEMS, *Peers({}).makers)
TRAINED_ON = "bioasq-dev"
HEADINGS = ("", "nDCG@10  recall@10  recall@100  MRR@10   p50 ms   p95 ms")


def main() -> None:
    """Run the systems, print and compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--beir", type=Path)
    parser.add_argument("--systems", nargs="+", choices=NAMES, default=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--queries", type=int, help="only the first N questions")
    options = parser.parse_args()
    folder = (options.beir or default_folder()).absolute()
    queries = read_queries(folder)[: options.queries]
    set_name = f"{folder.name}-first-{options.queries}" if options.queries else folder.name
    bound_kernel_cache()
    runs = {}
    for name, run in chain(ours(queries, folder, options.systems), peers(queries, folder, options.systems)):
        runs[name] = run
        keep(name, run, set_name)
    rows = [HEADINGS, *((name, row(run) + remark(name, folder)) for name, run in runs.items())]
    print_table(f"Retrieval, {set_name}: {len(queries):,} questions", rows)
    figures: dict[str, object] = {
        "folder": set_name,
        "systems": {name: summary(run).model_dump(by_alias=True) for name, run in runs.items()},
        "trained_on_these_questions": [name for name in runs if remark(name, folder)],
    }
    print_json(f"retrieval-{set_name}", figures | beside_best_peer(runs, folder))


def beside_best_peer(runs: Mapping[str, Run], folder: Path) -> dict[str, object]:
    """The hybrid search beside the peer with the highest nDCG@10, printed and as figures; nothing without either."""
    others = [name for name in runs if name not in SYSTEMS]
    if OURS not in runs or not others:
        return {}
    best = max(others, key=lambda name: runs[name].mean("ndcg@10"))
    comparison = compare_runs(runs[best], runs[OURS])
    print_comparison(f"{OURS} beside the best peer, {best}{remark(OURS, folder)}", comparison)
    return {
        "best_peer": best,
        "against_best_peer": {name: metric.model_dump() for name, metric in comparison.metrics.items()},
        "times_as_fast_as_best_peer": comparison.ms_p50[0] / comparison.ms_p50[1],
    }


def default_folder() -> Path:
    """The development set; leaves where there is none."""
    data = shared_data()
    if data is None:
        sys.exit("The development data is not there; set MARROW_SHARED, or name a BEIR folder with --beir.")
    return data / "beir" / "bioasq-dev"


def ours(queries: Sequence[Query], folder: Path, names: Sequence[str]) -> Iterator[tuple[str, Run]]:
    """The runs of Marrow's systems that are named, through the searcher that serves, over indexes of the folder."""
    for embedder in (BUNDLED_MODEL, STOCK_MODEL):
        modes = {name: mode for name, (mode, used) in SYSTEMS.items() if name in names and used == embedder}
        if modes:
            with indexed_aside(Settings(home=OUT / "eval-home", embedder=embedder), folder) as service:
                for name, mode in modes.items():
                    yield name, evaluate_retrieval(service.searcher, queries, folder=folder, mode=mode)


def peers(queries: Sequence[Query], folder: Path, names: Sequence[str]) -> Iterator[tuple[str, Run]]:
    """The runs of the peers that are named, each built when its turn comes."""
    corpus = read_corpus(folder)
    for name, make in Peers(corpus).makers.items():
        if name in names:
            header = make_header(name, queries, folder=folder, documents=len(corpus), config={})
            yield name, Run(header, evaluate_ranker(make(), queries))


def keep(name: str, run: Run, set_name: str) -> None:
    """Write a run to its file, and say that it is done."""
    file = OUT / "retrieval" / set_name / f"{name}.jsonl"
    prepare_file(file)
    write_run(run, file)
    print(f"{name}: nDCG@10 {run.mean('ndcg@10'):.4f}, p50 {run.ms(50):.2f} ms", flush=True)


def row(run: Run) -> str:
    """The figures of a run as a line of the table."""
    means = [run.mean(metric) for metric in METRICS]
    return "{:7.4f}  {:9.4f}  {:10.4f}  {:6.4f}  {:7.2f}  {:7.2f}".format(*means, run.ms(50), run.ms(95))


def remark(name: str, folder: Path) -> str:
    """What must be said beside the figures of a system: that its embedder saw the questions; else nothing."""
    mode, embedder = SYSTEMS.get(name, ("bm25", ""))
    seen = folder.name == TRAINED_ON and mode != "bm25" and embedder == BUNDLED_MODEL
    return "  embedder trained on these questions" if seen else ""


def print_comparison(title: str, comparison: Comparison) -> None:
    """Print the paired test as a table."""
    rows = [
        (
            name,
            f"{m.difference:+.4f} (95 % {m.low:+.4f} to {m.high:+.4f}), p {m.p:.4f}; "
            f"{m.better} better, {m.equal} equal, {m.worse} worse",
        )
        for name, m in comparison.metrics.items()
    ]
    print_table(title, rows)


if __name__ == "__main__":
    main()
