"""One model on all that an evaluation asks, each stage kept in a file.

Importing this takes seconds (torch, transformers): import it where an evaluation runs.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finetune.evaluation.general import choose, read_items
from finetune.evaluation.kept import Kept, kept, key_of
from finetune.evaluation.measures import LABELS
from finetune.evaluation.predict import Asked, answers, fingerprint, likelihoods, text_likelihoods
from finetune.evaluation.rag import Library
from finetune.evaluation.records import Choice, Likelihood, Outcome, Reading, Said
from finetune.evaluation.scoring import outcomes
from finetune.records import Example
from generator.evaluation.scores import Result
from generator.language_models.local_model import LocalModel
from ingest.pipeline import Progress
from retriever.embedder import Embedder


@dataclass(frozen=True, slots=True)
class Task:
    """What a model is asked: examples, a general text, the general benchmark, and the questions of a library.

    `max_tokens` bounds an answer, `batch` are generated at once; `embedder` checks what answers claim. What a model
    made of it is kept in the folder `cache`.
    """

    examples: Sequence[Example]
    text: str
    general: bool
    library: Library | None
    embedder: Embedder
    cache: Path
    max_tokens: int
    batch: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model made of a task; empty where the task did not ask. `seconds` by stage, 0 where it was kept."""

    outcomes: Sequence[Outcome]
    choices: Sequence[Choice] = ()
    windows: Sequence[Likelihood] = ()
    retrieved: Sequence[Result] = ()
    alone: Sequence[Result] = ()
    seconds: dict[str, float] = field(default_factory=dict)


def measure(model: LocalModel, task: Task, *, progress: Progress) -> Measured:
    """Ask a model all of a task.

    Raises:
        EvaluationError: if a prompt does not fit the model's window.
        MarrowError: if the library cannot be indexed, or a file not be written.
    """
    stages = _Stages(task.cache, fingerprint(model))
    asked = [example.model_dump(mode="json", include={"prompt", "answer", "label"}) for example in task.examples]
    readings = stages.run("likelihoods", [asked], Reading, lambda: _read(model, task.examples, task.batch, progress))
    prompts = [example.prompt for example in task.examples]
    said = stages.run(
        "answers",
        [asked, task.max_tokens, task.batch],
        Said,
        lambda: answers(model, prompts, max_tokens=task.max_tokens, batch=task.batch, progress=progress),
    )
    choices: Sequence[Choice] = ()
    if task.general:
        items = [[item.question, item.choices] for item in read_items()]
        choices = stages.run("general", [items], Choice, lambda: choose(model, batch=task.batch, progress=progress))
    windows: Sequence[Likelihood] = ()
    if task.text:
        windows = stages.run("text", [task.text], Likelihood, lambda: text_likelihoods(model, task.text))
    retrieved, alone = _ask_library(model, task.library, stages)
    progress("Scoring", 0, 1)
    found = outcomes(task.examples, readings, said, encode=task.embedder.encode)
    return Measured(found, choices, windows, retrieved, alone, stages.seconds)


def _ask_library(
    model: LocalModel, library: Library | None, stages: "_Stages"
) -> tuple[Sequence[Result], Sequence[Result]]:
    if library is None:
        return (), ()
    parts = [library.checksum, len(library.questions), model.max_tokens]
    retrieved = stages.run("retrieved", parts, Result, lambda: library.with_retrieval(model))
    return retrieved, stages.run("alone", parts, Result, lambda: library.without_retrieval(model))


def _read(model: LocalModel, examples: Sequence[Example], batch: int, progress: Progress) -> list[Reading]:
    texts = [Asked(example.prompt, (example.answer.strip(),)) for example in examples]
    answers = likelihoods(model, texts, batch=batch, progress=progress)
    labelled = [place for place, example in enumerate(examples) if example.label in LABELS]
    # As training data begins: "Yes. …".
    starts = [Asked(examples[place].prompt, tuple(map(str.capitalize, LABELS))) for place in labelled]
    likely = likelihoods(model, starts, closed=False, batch=batch, progress=progress)
    labels: dict[int, dict[str, float]] = {
        place: {label: one.nats for label, one in zip(LABELS, own, strict=True)}
        for place, own in zip(labelled, likely, strict=True)
    }
    return [Reading(answer=answer, labels=labels.get(place, {})) for place, (answer,) in enumerate(answers)]


@dataclass(slots=True)
class _Stages:
    """The stages of one model's measurement, each with a file."""

    cache: Path
    model: str
    seconds: dict[str, float] = field(default_factory=dict)

    def run(
        self, stage: str, parts: Sequence[object], record: type[Kept], make: Callable[[], Sequence[Kept]]
    ) -> list[Kept]:
        begin = time.perf_counter()
        made = False

        def timed() -> Sequence[Kept]:
            nonlocal made
            made = True
            return make()

        found = kept(self.cache / f"{stage}-{key_of(self.model, *parts)}.jsonl", record, timed)
        self.seconds[stage] = round(time.perf_counter() - begin, 1) if made else 0.0
        return found
