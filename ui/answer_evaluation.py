"""Answers and their baselines over a BEIR folder, wired together; the results in a file."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from generator.evaluate import System, answering, evaluate_answers, spread
from generator.evaluation.baselines import first_sentences, gold_documents, ideal_answer, model_alone, top_passage
from generator.evaluation.questions import read_questions
from generator.evaluation.scores import AnswerScores, Result, summarise
from generator.records import AnswerAudience
from ingest.errors import BadRequest
from ingest.pipeline import Progress, no_progress
from retriever.build import write_durably
from retriever.records import Record
from ui.aside import check_holds, service_over
from ui.service import Service
from ui.settings import Settings

OURS = "Marrow"
FIRST_SENTENCES = "first sentences of the top 3 passages"
TOP_PASSAGE = "top passage whole"
MODEL_ALONE = "chat model without passages"
EXPERT = "expert's ideal answer"
POSSIBLE = "all gold documents whole"


@dataclass(frozen=True, slots=True)
class AnswerTask:
    """What to ask and how.

    `limit` is how many questions, evenly spread, None for all; `home` a data folder whose index holds the BEIR folder,
    None to index its corpus aside; `baselines` whether to measure the other systems beside Marrow.
    """

    beir: Path
    audience: AnswerAudience = "clinician"
    limit: int | None = None
    home: Path | None = None
    baselines: bool = True


class AnswerRunHeader(Record):
    """What was asked of what; `questions` of the `judged` ones of the folder were asked; `date` is ISO 8601 in UTC."""

    format: Literal[1] = 1
    system: str = OURS
    model: str
    audience: AnswerAudience
    folder: str
    questions: int
    judged: int
    documents: int
    index_version: str
    date: str


@dataclass(frozen=True, slots=True)
class AnswerRun:
    """The results of all systems by name, Marrow's first, all over the same questions in the same order."""

    header: AnswerRunHeader
    results: Mapping[str, Sequence[Result]]

    def scores(self) -> dict[str, AnswerScores]:
        """The means of every system."""
        return {name: summarise(results) for name, results in self.results.items()}


def run_answers(settings: Settings, task: AnswerTask, *, progress: Progress = no_progress) -> AnswerRun:
    """Answer the test questions of a BEIR folder, and have the baselines answer them.

    Raises:
        BadRequest: if the index of `task.home` holds no document of the folder.
        MarrowError: if the folder, the index or the chat model cannot serve.
    """
    beir = Path(os.path.abspath(task.beir))  # as `ingest_paths` names it in the origins
    judged = read_questions(beir)
    questions = spread(judged, task.limit)
    with service_over(settings, beir, home=task.home, progress=progress) as service:
        if task.home is not None:
            check_holds(service, beir)
        results = {
            name: evaluate_answers(system, questions, progress=progress)
            for name, system in _systems(service, task, beir)
        }
        manifest = service.searcher.index().manifest
    header = AnswerRunHeader(
        model=settings.model,
        audience=task.audience,
        folder=beir.name,
        questions=len(questions),
        judged=len(judged),
        documents=manifest.documents,
        index_version=manifest.version,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return AnswerRun(header, results)


def _systems(service: Service, task: AnswerTask, beir: Path) -> Iterator[tuple[str, System]]:
    """Marrow, then the baselines, each made when its turn comes."""
    store = service.searcher.index().store
    yield OURS, answering(service.answerer(), store, folder=beir, audience=task.audience)
    if not task.baselines:
        return
    yield FIRST_SENTENCES, first_sentences(service.searcher, folder=beir)
    yield TOP_PASSAGE, top_passage(service.searcher, folder=beir)
    if service.chat_model is not None:
        yield MODEL_ALONE, model_alone(service.chat_model)
    yield EXPERT, ideal_answer
    yield POSSIBLE, gold_documents(store, folder=beir)


def answers_json(run: AnswerRun) -> dict[str, Any]:
    """Marrow's scores, the header, and the scores of the baselines by name."""
    ours, *others = run.scores().items()
    header = run.header.model_dump(exclude={"format", "system", "questions"})
    return ours[1].model_dump() | header | {"baselines": {name: scores.model_dump() for name, scores in others}}


def write_results(run: AnswerRun, file: Path) -> None:
    """Write a header and a line of JSON for each question with Marrow's result, replacing the file in one step.

    Raises:
        BadRequest: if the file cannot be written.
    """
    lines = [line.model_dump_json() for line in (run.header, *run.results[OURS])]
    try:
        write_durably(file, "\n".join(lines) + "\n")
    except OSError as error:
        raise BadRequest(f"{file} cannot be written: {error.strerror}", hint="Choose another --out.") from error
