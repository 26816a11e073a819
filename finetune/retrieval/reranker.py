"""Training of a cross-encoder by LoRA, with sentence-transformers' own trainer and loss."""

import logging
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.errors import TrainingError
from finetune.retrieval.pairs import Pair
from ingest.errors import MissingPart
from ingest.pipeline import Progress, no_progress
from ingest.torchfix import torch
from retriever.weights import STOCK_MODEL, find_model, has_bfloat16

MAX_TOKENS = 256


@dataclass(frozen=True, slots=True)
class RerankerConfig:
    """How a cross-encoder is trained: `steps` batches of `batch` pairs of texts, cut at `MAX_TOKENS` together.

    Each question comes with one passage that answers it and up to `negatives` that do not.
    """

    rank: int = 16
    alpha: int = 32
    steps: int = 250
    warm_up: int = 20
    batch: int = 32
    rate: float = 5e-4
    negatives: int = 4
    seed: int = 0


def open_base(name: str | None) -> Any:
    """A CrossEncoder with one score, from a folder or an id; MiniLM with a new head where none is named.

    Raises:
        MissingPart: if it cannot be loaded.
    """
    # After ingest.torchfix, which makes torchvision's import safe beside a CPU torch.
    from sentence_transformers import CrossEncoder
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    for library in () if name else ("sentence_transformers", "transformers"):
        logging.getLogger(library).setLevel(logging.ERROR)  # they warn of the head being new
    found = name or str(find_model(STOCK_MODEL).folder)
    try:
        model = CrossEncoder(found, num_labels=1, max_length=MAX_TOKENS)
    except (OSError, ValueError, RuntimeError) as error:
        raise MissingPart(
            f"the cross-encoder {found} could not be loaded: {str(error).splitlines()[0]}",
            hint="Name another by --base: a local folder, or an id that can be reached.",
        ) from error
    return model


def rows_of(pairs: Sequence[Pair], config: RerankerConfig) -> dict[str, list[Any]]:
    """Columns of question, passage and label (1.0 answers, 0.0 does not), enough for all steps, in a drawn order.

    A pair without negatives is set against the passage of another question.
    """
    rng = random.Random(config.seed)
    columns: dict[str, list[Any]] = {"question": [], "passage": [], "label": []}
    needed, order = config.steps * config.batch, list[Pair]()
    while len(columns["label"]) < needed:
        order = order or rng.sample(pairs, len(pairs))
        pair = order.pop()
        negatives = pair.negatives or [other.passage for other in rng.sample(pairs, min(2, len(pairs)))
                                       if other.question != pair.question]  # fmt: skip
        chosen = rng.sample(list(negatives), min(config.negatives, len(negatives)))
        for passage, label in ((pair.passage, 1.0), *((text, 0.0) for text in chosen)):
            columns["question"].append(pair.question)
            columns["passage"].append(passage)
            columns["label"].append(label)
    return {name: values[:needed] for name, values in columns.items()}


def train_reranker(
    model: Any,
    pairs: Sequence[Pair],
    config: RerankerConfig,
    *,
    work: Path,
    progress: Progress = no_progress,
) -> list[float]:
    """Train LoRA on all linear layers, and the head whole, and merge it into the model; the losses that were logged.

    Binary cross-entropy over single pairs, the answers weighted by how many negatives stand against each.

    Args:
        model: what `open_base` gave.
        pairs: with their negatives.
        config: how.
        work: a folder for what the trainer writes.
        progress: told of every step.

    Raises:
        TrainingError: if a loss is no number.

    Source: Nogueira and Cho 2019, arXiv:1901.04085; Hu et al. 2021, arXiv:2106.09685.
    """
    from datasets import Dataset
    from peft import LoraConfig, get_peft_model
    from sentence_transformers.cross_encoder import CrossEncoderTrainer
    from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss
    from transformers import PrinterCallback

    lora = LoraConfig(
        task_type="SEQ_CLS", r=config.rank, lora_alpha=config.alpha, lora_dropout=0.0, target_modules="all-linear"
    )
    model[0].model = get_peft_model(model[0].model, lora)
    rows = rows_of(pairs, config)
    answers = sum(rows["label"])
    weight = torch.tensor((len(rows["label"]) - answers) / max(1.0, answers), device=model.device)
    trainer = CrossEncoderTrainer(
        model=model,
        args=_arguments(config, work),
        train_dataset=Dataset.from_dict(rows),
        loss=BinaryCrossEntropyLoss(model, pos_weight=weight),
        callbacks=[_reporting(progress)],
    )
    trainer.remove_callback(PrinterCallback)  # it prints losses on stdout, which is for JSON
    trainer.train()
    losses = [float(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]
    if not all(map(math.isfinite, losses)):
        raise TrainingError("the loss of the cross-encoder is no number", hint="Name another model by --base.")
    model[0].model = model[0].model.merge_and_unload()
    return losses


def _arguments(config: RerankerConfig, work: Path) -> Any:
    from sentence_transformers.cross_encoder import CrossEncoderTrainingArguments

    return CrossEncoderTrainingArguments(
        output_dir=str(work),
        max_steps=config.steps,
        per_device_train_batch_size=config.batch,
        learning_rate=config.rate,
        warmup_steps=config.warm_up,
        lr_scheduler_type="linear",
        weight_decay=0.01,
        seed=config.seed,
        use_cpu=not torch.cuda.is_available(),
        bf16=torch.cuda.is_available() or has_bfloat16(),
        save_strategy="no",
        logging_steps=max(1, config.steps // 20),
        logging_nan_inf_filter=False,
        report_to=[],
        disable_tqdm=True,
    )


def _reporting(progress: Progress) -> Any:
    from transformers import TrainerCallback

    class Reporting(TrainerCallback):
        """Tells of every step."""

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress("Training the reranker", state.global_step, state.max_steps)

    return Reporting()
