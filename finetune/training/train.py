"""A training run: checks, continued pretraining where the recipe asks for it, instruction tuning, and what is kept."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from pydantic import BaseModel, ConfigDict
from transformers import EarlyStoppingCallback, TrainerCallback, set_seed

from finetune.errors import TrainingError
from finetune.records import Example, data_hash, read_corpus, read_examples
from finetune.training.base import load_base
from finetune.training.callbacks import Prune, Pruned, Watch, peak_memory_bytes
from finetune.training.checks import check_disk, check_examples, check_lengths, check_machine, window_of
from finetune.training.encode import Encoded, draw, encode
from finetune.training.mixing import mix
from finetune.training.recipe import Recipe
from finetune.training.resume import RunFolder
from finetune.training.tracking import device_name, draw_curves, track
from finetune.training.trainer import AnswerTrainer, config
from ingest.pipeline import Progress

_LOGGED = ("step", "epoch", "loss", "eval_loss", "learning_rate", "grad_norm")


class TrainResult(BaseModel):
    """What a run gave. Losses are mean cross-entropies in nats of the answers' tokens.

    `base_loss` is the dev loss before training, `dev_loss` the best one, whose checkpoint `adapter` holds; None without
    a dev split. `tokens_per_s` counts prompt and answer, without padding and without the time of evaluations, since
    the last start; `seconds` is all of that start. `history` is of instruction tuning, `pretraining` of the stage
    before it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    adapter: Path
    base_loss: float | None
    dev_loss: float | None
    train_examples: int
    dev_examples: int
    train_tokens: int
    steps: int
    pruned: bool
    tokens_per_s: float
    peak_memory_bytes: int
    seconds: float
    device: str
    data_hash: str
    history: list[dict[str, float]]
    pretraining: list[dict[str, float]] = []


@dataclass(frozen=True, slots=True)
class _Run:
    """What the stages of a run share."""

    recipe: Recipe
    folder: RunFolder
    model: Any
    tokenizer: Any
    report: Progress


def train(
    recipe: Recipe,
    data: Path,
    out: Path,
    *,
    resume: bool = True,
    report: Progress | None = None,
    prune: Prune | None = None,
) -> TrainResult:
    """Train an adapter and keep it in `out`, with recipe, result, curves, checkpoints and the MLflow store.

    Args:
        recipe: what to train and how.
        data: a folder that `marrow finetune prepare` wrote.
        out: the run's folder. One that was interrupted goes on from its last whole checkpoint, with the losses that an
            uninterrupted run has; one that is finished is read.
        resume: whether to; False starts over.
        report: called with what goes on, the step and how many there are.
        prune: asked with step and dev loss after each evaluation of instruction tuning; True ends the run.

    Raises:
        ConfigError, MissingPart: as for `load_base`.
        UnreadableSource: if the data cannot be read.
        TrainingError: if the data, the model and the machine do not go together, or `out` holds another run.
    """
    started = time.monotonic()
    tell = report or _silent
    tell("Checking", 0, 0)
    train_split, dev_split = _read(recipe, data)
    check_machine(recipe)
    digest, folder = data_hash(data), RunFolder(out)
    folder.open(recipe, digest, resume=resume)
    if folder.result.is_file():
        return TrainResult.model_validate_json(folder.result.read_text("utf-8"))
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    tell("Loading the model", 0, 0)
    with _quiet():
        base, tokenizer = load_base(recipe)
        rows, dev_rows = encode(train_split, tokenizer), encode(dev_split, tokenizer)
        check_lengths([*rows, *dev_rows], recipe, window=window_of(base, tokenizer))
        run = _Run(recipe, folder, _adapted(base, recipe), tokenizer, tell)
        check_disk(out, trainable=run.model.num_parameters(only_trainable=True))
        pretraining = _pretrain(run, data)
        tuned = _tune(run, rows, dev_rows, prune=prune)
        result = TrainResult(
            adapter=folder.adapter,
            base_loss=folder.base_loss(),
            train_examples=len(rows),
            dev_examples=len(dev_rows),
            train_tokens=sum(len(row.input_ids) for row in rows),
            seconds=round(time.monotonic() - started, 1),
            data_hash=digest,
            pretraining=pretraining,
            **tuned.figures(),
        )
        if tuned.trainer.is_world_process_zero():
            _keep(result, run)
    return result


@dataclass(frozen=True, slots=True)
class _Tuned:
    trainer: AnswerTrainer
    watch: Watch
    pruned: Pruned

    def figures(self) -> dict[str, Any]:
        state = self.trainer.state
        return {
            "dev_loss": state.best_metric,
            "steps": state.global_step,
            "pruned": self.pruned.happened,
            "tokens_per_s": round(self.watch.tokens_per_s, 1),
            "peak_memory_bytes": peak_memory_bytes(),
            "device": device_name(),
            "history": _history(state.log_history),
        }


def _read(recipe: Recipe, data: Path) -> tuple[list[Example], list[Example]]:
    """The training examples, mixed, and the dev examples, as many as the recipe takes."""
    train_split, dev_split = read_examples(data, "train"), read_examples(data, "dev")
    check_examples(train_split, split="train")
    check_examples(dev_split, split="dev")
    drawn = draw(train_split, recipe.train_examples, seed=recipe.seed)
    return mix(drawn, recipe.general, seed=recipe.seed), draw(dev_split, recipe.dev_examples, seed=recipe.seed)


def _adapted(base: Any, recipe: Recipe) -> Any:
    set_seed(recipe.seed)  # the adapter's first values are drawn
    lora = LoraConfig(
        r=recipe.lora.r,
        lora_alpha=recipe.lora.alpha,
        lora_dropout=recipe.lora.dropout,
        use_rslora=recipe.lora.rslora,
        target_modules=list(recipe.lora.modules),
        task_type="CAUSAL_LM",
    )
    try:
        return get_peft_model(base, lora)
    except ValueError as error:
        raise TrainingError(
            f"lora.modules does not fit the model: {str(error).splitlines()[0]}", hint="Name modules the model has."
        ) from error


def _pretrain(run: _Run, data: Path) -> list[dict[str, float]]:
    """Continued pretraining on raw text in blocks of `max_tokens`, where the recipe asks for it; what it logged."""
    wanted = run.recipe.pretraining
    if wanted is None:
        return []
    if run.folder.load_pretrained(run.model):
        return run.folder.pretraining_history()
    texts = read_corpus(data)
    if not texts:
        raise TrainingError(f"{data} holds no raw text to pretrain on", hint="Leave `pretraining` out of the recipe.")
    drawn = draw(texts, max(1, round(wanted.share * len(texts))), seed=run.recipe.seed)
    end = run.tokenizer.eos_token_id
    rows = Dataset.from_list([{"input_ids": [*run.tokenizer(one.text)["input_ids"], end]} for one in drawn])
    stage = {"epochs": wanted.epochs, "learning_rate": wanted.learning_rate, "max_steps": None}
    trainer = AnswerTrainer(
        run.model,
        config(run.recipe.model_copy(update=stage), run.folder.pretraining, evaluates=False, wrapped=True),
        train_dataset=rows,
        processing_class=run.tokenizer,
        by_length=False,
    )
    _go(trainer, Watch("Pretraining", run.report), run.folder.last_checkpoint(run.folder.pretraining))
    history = _history(trainer.state.log_history)
    if trainer.is_world_process_zero():
        run.folder.keep_pretrained(trainer.model, history)
    trainer.accelerator.wait_for_everyone()
    return history


def _tune(run: _Run, rows: Sequence[Encoded], dev_rows: Sequence[Encoded], *, prune: Prune | None) -> _Tuned:
    """Instruction tuning; the model ends as its best checkpoint."""
    recipe = run.recipe
    pruned, callbacks = Pruned(prune or _never), list[TrainerCallback]()
    if recipe.patience and dev_rows:
        callbacks.append(EarlyStoppingCallback(recipe.patience))
    trainer = AnswerTrainer(
        run.model,
        config(recipe, run.folder.tuning, evaluates=bool(dev_rows), wrapped=False),
        train_dataset=_dataset(rows),
        eval_dataset=_dataset(dev_rows) if dev_rows else None,
        processing_class=run.tokenizer,
        callbacks=[pruned, *callbacks],
        by_length=recipe.group_by_length and not recipe.packing,
    )
    checkpoint = run.folder.last_checkpoint(run.folder.tuning)
    if checkpoint is None and dev_rows:
        run.report("Evaluating before training", 0, 0)
        run.folder.keep_base_loss(trainer.evaluate()["eval_loss"])
    watch = Watch("Training", run.report)
    _go(trainer, watch, checkpoint)
    return _Tuned(trainer, watch, pruned)


def _go(trainer: AnswerTrainer, watch: Watch, checkpoint: Path | None) -> None:
    """Train a stage, from a checkpoint where there is one."""
    watch.trainer = trainer
    trainer.add_callback(watch)
    set_seed(trainer.args.seed)  # what came before must not change what is drawn
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except torch.OutOfMemoryError as error:
        raise TrainingError(
            "the GPU has too little memory for this recipe",
            hint="Lower batch or max_tokens, set gradient_checkpointing: true, or bits: 4.",
        ) from error


def _keep(result: TrainResult, run: _Run) -> None:
    """Write adapter, curves, tracking; the result last, which says that the run is finished."""
    run.model.save_pretrained(run.folder.adapter)
    run.tokenizer.save_pretrained(run.folder.adapter)
    draw_curves(result.history, run.folder.out / "curves.png", base_loss=result.base_loss)
    figures = result.model_dump(exclude={"history", "pretraining"})
    metrics = {key: float(value) for key, value in figures.items() if isinstance(value, int | float)}
    track(run.recipe, run.folder.out, data_hash=result.data_hash, metrics=metrics, history=result.history)
    run.folder.result.write_text(result.model_dump_json(indent=1), "utf-8")


def _dataset(rows: Sequence[Encoded]) -> Dataset:
    return Dataset.from_list([row.row() for row in rows])


def _history(log: Sequence[dict[str, Any]]) -> list[dict[str, float]]:
    rows = [{key: float(row[key]) for key in _LOGGED if key in row} for row in log]
    return [row for row in rows if "loss" in row or "eval_loss" in row]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' bars and their notes to each other off the screen."""
    datasets.disable_progress_bars()
    with warnings.catch_warnings():
        # peft asks the hub for the configuration of a base that is a file.
        warnings.filterwarnings("ignore", message="Could not find a config file in")
        warnings.filterwarnings("ignore", message="The ``noload`` loader strategy is deprecated")  # mlflow's tables
        yield


def _silent(what: str, done: int, total: int) -> None:
    pass


def _never(step: int, dev_loss: float) -> bool:
    return False
