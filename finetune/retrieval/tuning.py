"""The whole of `marrow finetune retriever`: read, mine, train, measure before and after, adopt only if better."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from finetune.retrieval.judgement import Models, compare_over, judge, run_over
from finetune.retrieval.models import Trained, adopt, keep_trained, trained_before
from finetune.retrieval.pairs import Pair
from finetune.retrieval.preparing import BATCH, Kind, Prepared, TuneConfig, mine_sets, prepare
from finetune.retrieval.reranker import RerankerConfig, open_base, train_reranker
from finetune.retrieval.seen import SEEN_FILE, write_seen
from finetune.retrieval.trainee import Trainee, TrainingConfig, batches, fit
from ingest.pipeline import Progress, no_progress
from ingest.torchfix import torch
from retriever.build import write_durably
from retriever.compare import Comparison
from retriever.evaluate import RetrievalScores, summary
from retriever.runs import Run, write_run
from retriever.weights import find_model

RESULT_FILE = "result.json"


class Stage(BaseModel):
    """One model: trained, measured, adopted or not.

    `comparisons` have a BEIR folder each. `setting` lets an adopted model serve, `next_step` is what else it takes.
    """

    model_config = ConfigDict(frozen=True)
    what: Kind
    model: str
    losses: tuple[float, ...]
    before: dict[str, RetrievalScores]
    after: dict[str, RetrievalScores]
    comparisons: dict[str, Comparison]
    adopted: bool
    reasons: tuple[str, ...]
    setting: str | None = None
    next_step: str | None = None


class TuneResult(BaseModel):
    """What was trained on and asked, and what came of it.

    `dropped` counts the pairs left out because their question is asked in the evaluation; `answers` the hits that are
    known to answer, `too_near` those that may: neither became a negative.
    """

    model_config = ConfigDict(frozen=True)
    index_version: str
    pairs: dict[str, int]
    dropped: dict[str, int]
    negatives: int
    answers: int
    too_near: int
    questions: dict[str, int]
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    """What every stage is given."""

    config: TuneConfig
    prepared: Prepared
    sets: Mapping[str, Sequence[Pair]]
    progress: Progress


def tune(config: TuneConfig, *, progress: Progress = no_progress) -> TuneResult:
    """Train, measure and adopt what is better; write `result.json` into `config.out`.

    A call that was killed goes on after the last model whose training had ended.

    Raises:
        MarrowError: for anything that cannot be used, before training.
    """
    prepared = prepare(config)
    sets, mined = mine_sets(prepared, steps=config.steps, seed=config.seed, progress=progress)
    work, serving, stages = _Work(config, prepared, sets, progress), config.serving, []
    for kind in config.kinds:
        trained = _trained(kind, work)
        stage = _measured(kind, trained, serving, work)
        if stage.adopted:
            serving = replace(serving, **{kind: str(trained.folder)})
        stages.append(stage)
    result = TuneResult(
        index_version=prepared.searcher.index().manifest.version,
        pairs={name: len(pairs) for name, pairs in prepared.sources.sets.items()},
        dropped=dict(prepared.dropped),
        negatives=mined.negatives,
        answers=mined.answers,
        too_near=mined.too_near,
        questions={str(folder): len(queries) for folder, queries in prepared.queries.items()},
        stages=tuple(stages),
    )
    write_durably(config.out / RESULT_FILE, result.model_dump_json(indent=2, by_alias=True) + "\n")
    return result


def _trained(kind: Kind, work: _Work) -> Trained:
    folder, fingerprint = work.config.out.absolute() / kind, work.prepared.fingerprint
    before = trained_before(folder, fingerprint)
    if before:
        return before
    torch.manual_seed(work.config.seed)
    return (_train_embedder if kind == "embedder" else _train_reranker)(folder, work)


def _train_embedder(folder: Path, work: _Work) -> Trained:
    sets, size = _large_sets(work.sets, BATCH)
    config = TrainingConfig(
        steps=work.config.steps, warm_up=_warm_up(work.config.steps), batch=size, seed=work.config.seed
    )
    base = find_model(work.config.serving.embedder).adapter
    texts = [text for pairs in sets.values() for pair in pairs for text in (pair.passage, *pair.negatives)]
    trainee, rng = Trainee(sorted(set(texts)), config, base=base), random.Random(config.seed)
    stream = batches(sets, dict.fromkeys(sets, 1.0), size, rng)
    losses = fit(trainee, stream, config, rng=rng, progress=work.progress)

    def write(part: Path) -> None:
        trainee.save(part)
        _write_seen(part, work)

    return keep_trained(folder, write, losses=losses, fingerprint=work.prepared.fingerprint)


def _train_reranker(folder: Path, work: _Work) -> Trained:
    config = RerankerConfig(
        steps=work.config.steps, warm_up=_warm_up(work.config.steps), batch=BATCH, seed=work.config.seed
    )
    model = open_base(work.config.base)
    pairs = [pair for found in work.sets.values() for pair in found]
    losses = train_reranker(model, pairs, config, work=folder.with_name(".trainer"), progress=work.progress)

    def write(part: Path) -> None:
        model.save_pretrained(str(part), create_model_card=False)
        _write_seen(part, work)

    return keep_trained(folder, write, losses=losses, fingerprint=work.prepared.fingerprint)


def _warm_up(steps: int) -> int:
    return min(20, math.ceil(steps / 10))


def _write_seen(folder: Path, work: _Work) -> None:
    questions = (pair.question for pairs in work.prepared.sources.sets.values() for pair in pairs)
    write_seen(questions, folder / SEEN_FILE, base=work.prepared.seen)


def _large_sets(sets: Mapping[str, Sequence[Pair]], size: int) -> tuple[dict[str, list[Pair]], int]:
    """The sets that fill a batch, the others added to the largest; and the size of a batch, smaller where none does."""
    found = {name: list(pairs) for name, pairs in sets.items()}
    largest = max(found, key=lambda name: len(found[name]))
    for name in [name for name, pairs in found.items() if len(pairs) < size and name != largest]:
        found[largest] += found.pop(name)
    return found, min(size, len(found[largest]))


def _measured(kind: Kind, trained: Trained, serving: Models, work: _Work) -> Stage:
    """The trained model beside the one that serves, on every folder; copied into the data folder if it is better."""
    before = _runs(serving, work, name=f"{kind}-before")
    after = _runs(replace(serving, **{kind: str(trained.folder)}), work, name=f"{kind}-after")
    comparisons = compare_over(before, after)
    verdict = judge(comparisons)
    setting = step = None
    if verdict.adopted:
        setting = f"MARROW_{kind.upper()}={adopt(trained.folder, work.config.home)}"
        step = "With it set, build the index again: marrow index build" if kind == "embedder" else None
    return Stage(
        what=kind,
        model=str(trained.folder),
        losses=trained.losses,
        before={name: summary(run) for name, run in before.items()},
        after={name: summary(run) for name, run in after.items()},
        comparisons=comparisons,
        adopted=verdict.adopted,
        reasons=verdict.reasons,
        setting=setting,
        next_step=step,
    )


def _runs(models: Models, work: _Work, *, name: str) -> dict[str, Run]:
    """A run over each folder, kept in OUT/runs for `marrow eval compare`."""
    runs = {}
    cache = work.config.home.absolute() / "eval" / "cache"
    for number, (folder, queries) in enumerate(work.prepared.queries.items()):
        run = run_over(folder, queries, models, cache=cache, progress=work.progress)
        file = work.config.out / "runs" / f"{name}-{number}-{folder.name}.jsonl"
        file.parent.mkdir(exist_ok=True)
        write_run(run, file)
        runs[str(folder)] = run
    return runs
