"""Runs: what a retriever answered to each question of a set, kept in a file so that runs can be compared later.

A file holds JSON lines: a header, then a line for each question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from ingest.errors import BadRequest, UnreadableSource
from retriever.build import write_durably
from retriever.records import Record

METRICS = ("ndcg@10", "recall@10", "recall@100", "mrr@10")
KEPT_RANKS = 10


class RunHeader(Record):
    """What was run on what.

    `system` names the retriever, `config` holds its settings, index version and model; `folder` is the name of the BEIR
    folder, and `questions` a digest of its questions with their judgements; `date` is ISO 8601 in UTC.
    """

    format: Literal[1] = 1
    system: str
    date: str
    folder: str
    questions: str
    queries: int = Field(ge=1)
    documents: int
    config: dict[str, Any] = {}


class QueryResult(Record):
    """One question: its metrics in 0..1 by name, its first ten (document id, score) pairs, its milliseconds."""

    query: str
    metrics: dict[str, float]
    ranking: tuple[tuple[str, float], ...]
    ms: float


@dataclass(frozen=True, slots=True)
class Run:
    """A header with the results of all its questions, in the order they were asked."""

    header: RunHeader
    results: tuple[QueryResult, ...]

    def mean(self, metric: str) -> float:
        """The mean of a metric over the questions."""
        return float(np.mean([result.metrics[metric] for result in self.results]))

    def ms(self, percentile: float) -> float:
        """A percentile, 0 to 100, of the milliseconds a question took."""
        return float(np.percentile([result.ms for result in self.results], percentile))


def write_run(run: Run, file: Path) -> None:
    """Write a run, replacing the file in one step that survives a power cut.

    Raises:
        BadRequest: if the file cannot be written.
    """
    lines = [line.model_dump_json() for line in (run.header, *run.results)]
    try:
        write_durably(file, "\n".join(lines) + "\n")
    except OSError as error:
        raise _unwritable(file, error) from error


def prepare_file(file: Path) -> None:
    """Make the folder of a file to be written after long work, and find out before it whether that can be.

    Raises:
        BadRequest: if it cannot.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        trial = file.with_name(f"{file.name}.part")
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise _unwritable(file, error) from error


def _unwritable(file: Path, error: OSError) -> BadRequest:
    return BadRequest(f"{file} cannot be written: {error.strerror}", hint="Choose another file with --out.")


def read_run(file: Path) -> Run:
    """Read a run that `write_run` wrote.

    Raises:
        UnreadableSource: if the file is missing, cut, or of another kind.
    """
    hint = "Write it again with: marrow eval retrieval --beir DIR --out FILE"
    try:
        first, *rest = file.read_text("utf-8").splitlines() or [""]
        header = RunHeader.model_validate_json(first)
        results = tuple(map(QueryResult.model_validate_json, rest))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not the file of a run, or it is damaged"
        raise UnreadableSource(f"{file} cannot be read: {reason}", hint=hint) from error
    _check(file, header, results, hint)
    return Run(header, results)


def _check(file: Path, header: RunHeader, results: Sequence[QueryResult], hint: str) -> None:
    if len(results) != header.queries:
        raise UnreadableSource(f"{file} holds {len(results)} of {header.queries} questions", hint=hint)
    if len({result.query for result in results}) != len(results):
        raise UnreadableSource(f"{file} holds a question twice", hint=hint)
    if any(set(result.metrics) != set(METRICS) for result in results):
        raise UnreadableSource(f"{file} holds other metrics than {', '.join(METRICS)}", hint=hint)
