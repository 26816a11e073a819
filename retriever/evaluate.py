"""BEIR folders in; nDCG, recall, MRR and latency out.

Source of the measures: trec_eval's definitions, as ir_measures computes them (tests compare the two). Ranks are those
that the user sees: for documents of equal score ir_measures has no order of its own (it takes falling ids for nDCG and
recall, rising ids for the reciprocal rank).
"""

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ingest.errors import BadRequest, UnreadableSource
from ingest.pipeline import Progress, no_progress
from retriever.runs import KEPT_RANKS, METRICS, QueryResult, Run, RunHeader
from retriever.search import Findings, Mode, Searcher
from retriever.store import PassageStore

# What the retrievers are asked for at the least: more would be fused and reranked in another way than users see.
PASSAGES = 100

Ranking = list[tuple[str, float]]
"""(document id of the folder, score) pairs, best first, no id twice."""
Ranker = Callable[[str], Ranking]
"""A question to a ranking of at least 100 documents, where the collection has them."""


class RetrievalScores(BaseModel):
    """Means over the judged questions, and milliseconds a query."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True, validate_by_name=True)

    ndcg_10: float = Field(alias="ndcg@10")
    recall_10: float = Field(alias="recall@10")
    recall_100: float = Field(alias="recall@100")
    mrr_10: float = Field(alias="mrr@10")
    ms_per_query: dict[str, float]
    documents: int
    queries: int


@dataclass(frozen=True, slots=True)
class Query:
    """A question with its judgements: document id of the folder to gain, above 0 when relevant."""

    query_id: str
    text: str
    gains: Mapping[str, int]


def read_queries(folder: Path) -> list[Query]:
    """The judged test questions of a BEIR folder, in file order; one without judgements is left out.

    Raises:
        UnreadableSource: if queries.jsonl or qrels/test.tsv are missing or malformed, or have no question in common.
    """
    gains: dict[str, dict[str, int]] = {}
    try:
        for number, line in enumerate((folder / "qrels" / "test.tsv").read_text("utf-8").splitlines()):
            query_id, doc_id, gain = line.split("\t")
            if number or gain != "score":
                gains.setdefault(query_id, {})[doc_id] = int(gain)
        records = [
            json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines() if line.strip()
        ]
        queries = [Query(r["_id"], r["text"], gains[r["_id"]]) for r in records if r["_id"] in gains]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableSource(
            f"{folder} is not a BEIR folder: {error}", hint="It needs corpus.jsonl, queries.jsonl and qrels/test.tsv."
        ) from error
    if not queries:
        raise UnreadableSource(f"{folder}: no question of queries.jsonl is judged in qrels/test.tsv")
    if len({query.query_id for query in queries}) != len(queries):
        raise UnreadableSource(f"{folder}: queries.jsonl holds a question id twice")
    return queries


def evaluate_retrieval(
    searcher: Searcher,
    queries: Sequence[Query],
    *,
    folder: Path,
    mode: Mode = "hybrid",
    progress: Progress = no_progress,
) -> Run:
    """Search every question once, one at a time, and score the ranking of documents.

    Args:
        searcher: has an index that holds the folder's corpus, alone or among other documents.
        queries: the folder's.
        folder: the BEIR folder, under the path it was ingested from: origins are "folder#id".
        mode: as in `Searcher.search`.
        progress: told of every question.

    Raises:
        BadRequest: if there is no question.
        RetrieverError: if no index can be opened.
    """

    def rank(question: str) -> Ranking:
        findings = searcher.search(question, k=PASSAGES, mode=mode)
        return ranked_documents(findings, folder, searcher.index().store)

    results = evaluate_ranker(rank, queries, progress=progress)
    manifest = searcher.index().manifest
    about_index = manifest.model_dump(exclude={"documents", "files"})
    config = {"mode": mode} | asdict(searcher.config) | about_index
    header = make_header(f"Marrow {mode}", queries, folder=folder, documents=manifest.documents, config=config)
    return Run(header, results)


def make_header(
    system: str, queries: Sequence[Query], *, folder: Path, documents: int, config: Mapping[str, Any]
) -> RunHeader:
    """The header of a run made now."""
    judged = [[query.query_id, query.text, sorted(query.gains.items())] for query in queries]
    return RunHeader(
        system=system,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        folder=folder.name,
        questions=hashlib.sha256(json.dumps(sorted(judged)).encode()).hexdigest()[:16],
        queries=len(queries),
        documents=documents,
        config=dict(config),
    )


def evaluate_ranker(
    rank: Ranker, queries: Sequence[Query], *, progress: Progress = no_progress
) -> tuple[QueryResult, ...]:
    """Ask any retriever every question once, one at a time, timed, after one question to warm it up.

    Raises:
        BadRequest: if there is no question.
    """
    if not queries:
        raise BadRequest("there is no question to evaluate with")
    results = []
    rank("warm up")
    for done, query in enumerate(queries):
        progress("Searching", done, len(queries))
        begin = time.perf_counter()
        ranking = rank(query.text)
        ms = (time.perf_counter() - begin) * 1000
        gains = [query.gains.get(doc_id, 0) for doc_id, _ in ranking]
        metrics = dict(zip(METRICS, _measures(gains, query.gains), strict=True))
        results.append(
            QueryResult(query=query.query_id, metrics=metrics, ranking=tuple(ranking[:KEPT_RANKS]), ms=round(ms, 3))
        )
    return tuple(results)


def _measures(ranking: Sequence[int], gains: Mapping[str, int]) -> tuple[float, ...]:
    """The metrics, in the order of `METRICS`."""
    return (
        ndcg(ranking, gains, 10),
        recall(ranking, gains, 10),
        recall(ranking, gains, 100),
        reciprocal_rank_at(ranking, 10),
    )


def summary(run: Run) -> RetrievalScores:
    """The means of a run."""
    means = {metric: round(run.mean(metric), 5) for metric in METRICS}
    times = {"p50": round(run.ms(50), 2), "p95": round(run.ms(95), 2)}
    header = run.header
    return RetrievalScores.model_validate(
        means | {"ms_per_query": times, "documents": header.documents, "queries": header.queries}
    )


def ranked_documents(findings: Findings, folder: Path, store: PassageStore) -> Ranking:
    """The documents found, in rank order, under their ids in a BEIR folder and with the score of their best passage.

    A passage that stands behind another that says the same (`Hit.also`) brings its document in right after that one's.
    A document that the catalog merged from several of the folder stands there once for each, by falling ids, as
    trec_eval orders equals; one that is not of the folder keeps its place under its own id.
    """
    prefix = f"{folder}#"
    ranking: dict[str, float] = {}
    for found in findings.found:
        for item in (found.stored, *map(store.passage, found.hit.also)):
            if item is not None:
                ids = {o.removeprefix(prefix) for o in item.document.origins if o.startswith(prefix)}
                for doc_id in sorted(ids, reverse=True) or [item.document.doc_id]:
                    ranking.setdefault(doc_id, found.hit.score)
    return list(ranking.items())


def ndcg(ranking: Sequence[int], gains: Mapping[str, int], k: int) -> float:
    """Normalised discounted cumulative gain at k, linear gains, log2 discount; 0 without relevant documents."""
    ideal = _dcg(sorted((g for g in gains.values() if g > 0), reverse=True)[:k])
    return _dcg(ranking[:k]) / ideal if ideal else 0.0


def _dcg(ranking: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(ranking, start=1) if gain > 0)


def recall(ranking: Sequence[int], gains: Mapping[str, int], k: int) -> float:
    """The share of relevant documents among the first k; 0 without relevant documents."""
    relevant = sum(gain > 0 for gain in gains.values())
    return sum(gain > 0 for gain in ranking[:k]) / relevant if relevant else 0.0


def reciprocal_rank_at(ranking: Sequence[int], k: int) -> float:
    """1 / rank of the first relevant document among the first k; 0 if there is none."""
    return next((1 / rank for rank, gain in enumerate(ranking[:k], start=1) if gain > 0), 0.0)
