"""BEIR folders in; nDCG, recall, MRR and latency out.

Source of the measures: trec_eval's definitions, as ir_measures computes them (tests compare the two).
"""

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ingest.errors import BadRequest, UnreadableSource
from ingest.pipeline import Progress, no_progress
from retriever.search import Findings, Mode, Searcher


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
    """The judged test questions of a BEIR folder, in file order.

    Raises:
        UnreadableSource: if queries.jsonl or qrels/test.tsv are missing or malformed, or have no question in common.
    """
    gains: dict[str, dict[str, int]] = {}
    try:
        for line in (folder / "qrels" / "test.tsv").read_text("utf-8").splitlines():
            query_id, doc_id, gain = line.split("\t")
            if gain.lstrip("-").isdigit():
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
    return queries


def evaluate_retrieval(
    searcher: Searcher, queries: Sequence[Query], *, mode: Mode = "hybrid", progress: Progress = no_progress
) -> RetrievalScores:
    """Search every question once, one at a time, and score the ranking of documents.

    A document's rank is that of its best passage; its ids in the folder are read from the ends of its origins.

    Raises:
        BadRequest: if there is no question.
        RetrieverError: if no index can be opened.
    """
    if not queries:
        raise BadRequest("there is no question to evaluate with")
    rows, times = [], []
    searcher.search("warm up", mode=mode)
    for done, query in enumerate(queries):
        progress("Searching", done, len(queries))
        begin = time.perf_counter()
        findings = searcher.search(query.text, k=300, mode=mode)
        times.append((time.perf_counter() - begin) * 1000)
        ranking = ranked_gains(findings, query.gains)
        rows.append(
            (
                ndcg(ranking, query.gains, 10),
                recall(ranking, query.gains, 10),
                recall(ranking, query.gains, 100),
                reciprocal_rank_at(ranking, 10),
            )
        )
    means = np.mean(rows, axis=0)
    p50, p95 = np.percentile(times, [50, 95])
    scores = dict(zip(("ndcg@10", "recall@10", "recall@100", "mrr@10"), means.round(5).tolist(), strict=True))
    return RetrievalScores.model_validate(
        scores
        | {
            "ms_per_query": {"p50": round(float(p50), 2), "p95": round(float(p95), 2)},
            "documents": searcher.index().manifest.documents,
            "queries": len(queries),
        }
    )


def ranked_gains(findings: Findings, gains: Mapping[str, int]) -> list[int]:
    """The gain of each document found, in rank order; a document merged from several copies counts each copy."""
    seen: set[str] = set()
    ranking: list[int] = []
    for found in findings.found:
        document = found.stored.document
        if document.doc_id not in seen:
            seen.add(document.doc_id)
            ids = sorted({origin.rsplit("#", 1)[-1] for origin in document.origins})
            ranking += [gains.get(i, 0) for i in sorted(ids, key=lambda i: -gains.get(i, 0))]
    return ranking


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
