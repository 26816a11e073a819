"""Questions with passages that answer them, from public data, to train the embedder with."""

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ingest.errors import UnreadableSource, reason_of
from retriever.evaluate import read_queries

FOLDS = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, a passage that answers it, and passages that look as if they did.

    Pairs of one `group` make the hardest batches: the passages of the others are near, and yet not the answer.
    """

    question: str
    passage: str
    negatives: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class BeirData:
    """A BEIR folder read for training: document ids with their texts, and judged questions outside the test fold."""

    texts: Mapping[str, str]
    questions: Sequence[tuple[str, Mapping[str, int]]]


def read_beir_folds(folder: Path, *, folds: int, held_out: int | None) -> BeirData:
    """Read a BEIR folder; the questions of one fold of `folds` (see `fold_of`) are held out, or none.

    Raises:
        UnreadableSource: if it is not a BEIR folder.
    """
    queries = read_queries(folder)
    kept = [
        (q.text, q.gains) for q, fold in zip(queries, fold_of(len(queries), folds), strict=True) if fold != held_out
    ]
    texts = {r["_id"]: f"{r.get('title', '')}\n{r['text']}".strip() for r in _records(folder, "corpus")}
    return BeirData(texts, kept)


def fold_of(count: int, folds: int) -> list[int]:
    """The fold of each of `count` questions in file order, drawn with seed 0."""
    return [int(fold) for fold in np.random.default_rng(0).integers(0, folds, count)]


def medquad_pairs(file: Path, *, passage_chars: int = 700, rng: random.Random) -> list[Pair]:
    """Question and a stretch of its answer: half of them its beginning, half from anywhere.

    Source: Ben Abacha and Demner-Fushman 2019, doi:10.1186/s12859-019-3119-4 (CC BY 4.0).
    """
    pairs = []
    for record in read_lines(file):
        answer = record.get("answer") or ""
        if len(answer) >= 80:
            start = rng.randrange(max(1, len(answer) - 500)) if rng.random() < 0.5 else 0
            pairs.append(Pair(record["question"], answer[start : start + passage_chars]))
    return pairs


def guideline_pairs(sentences: Path, references: Path, *, without: frozenset[str] = frozenset()) -> list[Pair]:
    """A sentence of a guideline with the citation of a paper it rests on, at most two for each; grouped by page.

    Args:
        sentences: records with `sentence`, `pmids` and the page `doc`.
        references: records with `pmid` and `citation`.
        without: pages that are kept for evaluation.
    """
    citations = {record["pmid"]: record["citation"] for record in read_lines(references)}
    return [
        Pair(record["sentence"], citations[pmid], group=record["doc"])
        for record in read_lines(sentences)
        if record["doc"] not in without
        for pmid in record["pmids"][:2]
        if pmid in citations
    ]


def held_out_pages(sentences: Path) -> frozenset[str]:
    """A fifth of the guideline pages, drawn with seed 1: no sentence of theirs is ever trained on."""
    pages = sorted({record["doc"] for record in read_lines(sentences)})
    random.Random(1).shuffle(pages)
    return frozenset(pages[: len(pages) // 5])


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The records of a JSON-lines file, gzipped or not.

    Raises:
        UnreadableSource: if it is missing or malformed.
    """
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise UnreadableSource(
            f"{file} cannot be read: {reason_of(error)}", hint="Name the folder of the training data."
        ) from error


def _records(folder: Path, stem: str) -> Iterator[dict[str, Any]]:
    zipped = folder / f"{stem}.jsonl.gz"
    return read_lines(zipped if zipped.exists() else folder / f"{stem}.jsonl")
