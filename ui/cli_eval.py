"""`marrow eval …`: measurements on question sets."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from ingest.catalog import Catalog
from ingest.errors import BadRequest
from ingest.pipeline import IngestConfig, Report, ingest_documents, today
from ingest.tables import read_beir
from retriever.evaluate import RetrievalScores, evaluate_retrieval, read_queries
from retriever.index import IndexFolder
from retriever.search import Mode, Searcher
from ui.console import people, progress_bar, put_json
from ui.service import Service
from ui.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Measure retrieval on a BEIR folder.")


@app.callback()
def _group() -> None:
    """Measure retrieval on a BEIR folder."""


@app.command()
def retrieval(
    beir: Annotated[Path, typer.Option(help="Folder with corpus.jsonl[.gz], queries.jsonl and qrels/test.tsv.")],
    mode: Annotated[str, typer.Option(help="hybrid, bm25 or dense.")] = "hybrid",
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")] = False,
) -> None:
    """Index the folder's corpus aside and score the ranking of its test questions."""
    modes: dict[str, Mode] = {"hybrid": "hybrid", "bm25": "bm25", "dense": "dense"}
    if mode not in modes:
        raise BadRequest(f"there is no search mode {mode}", hint="Use hybrid, bm25 or dense.")
    scores = evaluate_folder(Service(load_settings()), beir, modes[mode])
    people.print(
        f"{mode}: nDCG@10 {scores.ndcg_10:.4f}, recall@10 {scores.recall_10:.4f}, recall@100 {scores.recall_100:.4f}, "
        f"MRR@10 {scores.mrr_10:.4f}; {scores.ms_per_query['p50']:.1f} ms a query (p50)"
    )
    if as_json:
        put_json(scores.model_dump(by_alias=True))


def evaluate_folder(service: Service, beir: Path, mode: Mode) -> RetrievalScores:
    """Index a BEIR folder's corpus in a temporary home, then score its test questions.

    Near duplicates are kept apart by their ids where the folder judges them apart: a document that the catalog merged
    is judged by the best label of its copies.
    """
    queries = read_queries(beir)
    with tempfile.TemporaryDirectory(prefix="marrow-eval-") as folder, progress_bar() as progress:
        home = Path(folder)
        catalog = Catalog.at(home)
        ingest_documents(read_beir(beir, fetched=today()), catalog, IngestConfig(), report=Report(), run="eval")
        indexes = IndexFolder(home)
        indexes.activate(indexes.build(catalog, service.embedder, progress=progress).version)
        catalog.close()
        return evaluate_retrieval(Searcher(home, service.embedder), queries, mode=mode, progress=progress)
