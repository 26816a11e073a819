"""Whether a tuned model may replace the one that serves: both searched with, on the same questions, and compared."""

import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from finetune.retrieval.pairs import FOLDS, fold_of
from finetune.retrieval.seen import was_seen
from ingest.errors import BadRequest
from ingest.pipeline import Progress, no_progress
from retriever.aside import index_beir
from retriever.compare import Comparison, compare_runs
from retriever.embedder import Embedder
from retriever.evaluate import Query, evaluate_retrieval, read_queries
from retriever.rerank import open_reranker
from retriever.runs import Run
from retriever.search import Searcher

# Beyond this two-sided p a difference is noise.
NOISE_P = 0.05
DECIDING = ("ndcg@10", "recall@100", "mrr@10")


@dataclass(frozen=True, slots=True)
class Models:
    """The two models of a search: names or folders, as MARROW_EMBEDDER and MARROW_RERANKER take them."""

    embedder: str
    reranker: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether to adopt, and why or why not."""

    adopted: bool
    reasons: tuple[str, ...]


def evaluation_questions(
    folder: Path, *, trained_on: bool, fold: int, seen: frozenset[int], most: int | None, seed: int
) -> list[Query]:
    """The questions of a BEIR folder that no model concerned was or will be trained on, in file order.

    Args:
        folder: with corpus, queries and qrels.
        trained_on: whether pairs are made of the folder too; then only the questions of `fold` are asked.
        fold: which of `FOLDS`.
        seen: digests of the questions that the models at hand were trained on.
        most: how many at most, drawn with `seed`; None for all.
        seed: of the draw.

    Raises:
        UnreadableSource: if it is not a BEIR folder.
        BadRequest: if no question is left.
    """
    queries = read_queries(folder)
    folds = fold_of(len(queries), FOLDS)
    kept = [query for query, own in zip(queries, folds, strict=True) if not trained_on or own == fold]
    unseen = [query for query in kept if not was_seen(query.text, seen)]
    if not unseen:
        raise BadRequest(
            f"{folder}: the models at hand were trained on all {len(kept)} of its questions",
            hint="Name a folder of other questions by --beir, or another model by --embedder: all-MiniLM-L6-v2.",
        )
    if most is None or most >= len(unseen):
        return unseen
    chosen = set(random.Random(seed).sample(range(len(unseen)), most))
    return [query for place, query in enumerate(unseen) if place in chosen]


def run_over(
    folder: Path, queries: Sequence[Query], models: Models, *, cache: Path, progress: Progress = no_progress
) -> Run:
    """Search the questions over an index of the folder made aside with these models, as they would serve.

    Raises:
        MarrowError: if the folder cannot be indexed, or a model cannot be loaded.
    """
    with tempfile.TemporaryDirectory(prefix="marrow-eval-") as made:
        home, embedder = Path(made), Embedder(models.embedder)
        index_beir(folder, home, embedder, cache=cache, progress=progress)
        searcher = Searcher(home, embedder, reranker=open_reranker(models.reranker))
        return evaluate_retrieval(searcher, queries, folder=folder, progress=progress)


def compare_over(before: Mapping[str, Run], after: Mapping[str, Run]) -> dict[str, Comparison]:
    """Both runs of each folder, question by question."""
    return {name: compare_runs(before[name], after[name]) for name in before}


def judge(comparisons: Mapping[str, Comparison]) -> Verdict:
    """Adopt only what is better somewhere and worse nowhere.

    Better: nDCG@10 rises on a folder with p below `NOISE_P` divided by the number of folders (Bonferroni). Worse:
    nDCG@10, recall@100 or MRR@10 falls on a folder with p below `NOISE_P`; no correction makes it easier to pass here.
    """
    better, worse, level = [], [], NOISE_P / len(comparisons)
    for name, comparison in comparisons.items():
        for metric in DECIDING:
            found = comparison.metrics[metric]
            told = f"{name}: {metric} {found.a:.4f} to {found.b:.4f} (p {found.p:.4f})"
            if found.difference < 0 and found.p < NOISE_P:
                worse.append(f"worse on {told}")
            elif metric == DECIDING[0] and found.difference > 0 and found.p < level:
                better.append(f"better on {told}")
    if better and not worse:
        return Verdict(True, tuple(better))
    unproven = () if better else (f"nDCG@10 is better beyond noise (p below {level:.3g}) on no folder",)
    return Verdict(False, (*worse, *unproven))
