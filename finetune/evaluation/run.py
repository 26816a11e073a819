"""Base and tuned model on the same held-out questions, from the prepared folder to the figures.

Importing this takes seconds (torch, transformers): import it where an evaluation runs.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from finetune.errors import EvaluationError
from finetune.evaluation.figures import all_figures, majority
from finetune.evaluation.measure import Measured, Task, measure
from finetune.evaluation.rag import Library
from finetune.evaluation.records import Evaluation, EvaluationRun, Pair
from finetune.records import Example, data_hash, read_examples
from generator.language_models.local_model import LocalModel
from generator.models import ModelConfig, answering_name, find_weights, open_chat_model
from ingest.errors import UnreadableSource, reason_of
from ingest.pipeline import Progress, no_progress
from retriever.embedder import Embedder


@dataclass(frozen=True, slots=True)
class EvaluationConfig:
    """What is asked and how.

    `questions` of the test split are asked, the kinds alike as far as they go, None for all; `beir_questions` of the
    BEIR folder `beir`, through the pipeline and without it. An answer ends after `max_tokens`; `batch` are generated at
    once. `general` is the general benchmark, `text` a file whose perplexity is measured. `resamples` drawn by `seed`
    give the intervals.
    """

    questions: int | None = 200
    max_tokens: int = 128
    batch: int = 16
    general: bool = True
    text: Path | None = None
    beir: Path | None = None
    beir_questions: int = 20
    resamples: int = 2_000
    seed: int = 0


def evaluate(
    models: tuple[ModelConfig, ModelConfig],
    data: Path,
    out: Path,
    *,
    config: EvaluationConfig,
    progress: Progress = no_progress,
) -> EvaluationRun:
    """Measure two models, base and tuned, on the test split of a prepared folder.

    What a model made of the questions is kept in `out`/cache by its weights, the questions and the settings, so that a
    run that was broken off goes on where it stopped, and a base is measured only once.

    Raises:
        UnreadableSource: if the folder or a file cannot be read, or the split is empty.
        MissingPart: if a model, or a package it needs, is not there.
        EvaluationError: if a prompt does not fit a model, or a model is none on this machine.
        MarrowError: if a model cannot be loaded, or `out` not be written.
    """
    for model in models:
        find_weights(model)  # a missing one is told before the other is measured
    known = read_examples(data, "test")
    examples = chosen(known, config.questions)
    if not examples:
        raise UnreadableSource(f"{data} holds no test question", hint="Prepare more data, or a larger test share.")
    text, embedder, cache = _read(config.text), Embedder(), out / "cache"
    with ExitStack() as opened:
        library = None
        if config.beir:
            most = config.beir_questions
            asked = Library(config.beir, questions=most, embedder=embedder, cache=cache / "vectors", progress=progress)
            library = opened.enter_context(asked)
        task = Task(examples, text, config.general, library, embedder, cache, config.max_tokens, config.batch)
        base, tuned = (_measured(model, task, side, progress) for side, model in zip(SIDES, models, strict=True))
    evaluation = Evaluation(
        base=answering_name(models[0]),
        tuned=answering_name(models[1]),
        folder=data.name,
        data=data_hash(data),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        kinds=_counts(examples, known),
        majority=majority(examples),
        settings={name: str(value) if isinstance(value, Path) else value for name, value in asdict(config).items()},
        figures=tuple(all_figures(examples, base, tuned, resamples=config.resamples, seed=config.seed)),
        seconds={
            f"{side}, {stage}": seconds
            for side, measured in zip(SIDES, (base, tuned), strict=True)
            for stage, seconds in measured.seconds.items()
        },
    )
    return EvaluationRun(evaluation=evaluation, pairs=_pairs(examples, base, tuned))


SIDES = ("base", "tuned")


def chosen(examples: Sequence[Example], limit: int | None) -> list[Example]:
    """At most `limit` examples: of each kind alike as far as it goes, evenly spread over its order; None for all.

    In the order of the examples.
    """
    if limit is None or limit >= len(examples):
        return list(examples)
    by_kind: dict[str, list[int]] = {}
    for place, example in enumerate(examples):
        by_kind.setdefault(example.kind, []).append(place)
    kept: list[int] = []
    # The smallest kinds first: what they do not use goes to the others.
    for rest, places in zip(range(len(by_kind), 0, -1), sorted(by_kind.values(), key=len), strict=True):
        share = min(len(places), (limit - len(kept)) // rest)
        kept += [places[number * len(places) // share] for number in range(share)]
    return [examples[place] for place in sorted(kept)]


def question_of(example: Example) -> str:
    """What is asked: the line that opens with "Question:" where there is one, else the last message."""
    message = next((text for role, text in reversed(example.prompt) if role == "user"), "")
    lines = [line.removeprefix("Question:").strip() for line in message.splitlines() if line.startswith("Question:")]
    return lines[-1] if lines else message


def _measured(config: ModelConfig, task: Task, side: str, progress: Progress) -> Measured:
    model = open_chat_model(config)
    if not isinstance(model, LocalModel):
        raise EvaluationError(
            f"{config.name} is no model on this machine", hint="Name a folder, a GGUF file or smollm2."
        )
    return measure(model, task, progress=lambda what, done, total: progress(f"{what} ({side})", done, total))


def _read(file: Path | None) -> str:
    try:
        return file.read_text("utf-8") if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableSource(
            f"{file} cannot be read: {reason_of(error)}", hint="Name a text file in UTF-8 by --text."
        ) from error


def _counts(asked: Sequence[Example], known: Sequence[Example]) -> dict[str, tuple[int, int]]:
    there = Counter(example.kind for example in known)
    here = Counter(example.kind for example in asked)
    return {kind: (here[kind], count) for kind, count in sorted(there.items())}


def _pairs(examples: Sequence[Example], base: Measured, tuned: Measured) -> tuple[Pair, ...]:
    return tuple(
        Pair(
            id=example.id,
            kind=example.kind,
            question=question_of(example),
            passages=example.passages,
            reference=example.answer,
            base=one,
            tuned=other,
        )
        for example, one, other in zip(examples, base.outcomes, tuned.outcomes, strict=True)
    )
