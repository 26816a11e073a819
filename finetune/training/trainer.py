"""TRL's SFTTrainer as Marrow uses it: only answers are scored, and the order of the data is a function of the seed."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from torch.utils.data import Sampler
from transformers import PrinterCallback
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from finetune.training.recipe import Recipe

IGNORED = -100


class ByLength(Sampler[int]):
    """Sequences in a random order in which those of a batch are about as long: little is padded.

    The order is a function of seed and epoch alone, so that a resumed run sees what an uninterrupted one does.
    Lengths are sorted within `_WINDOW` batches; `batch` 1 keeps the random order.
    """

    _WINDOW = 50

    def __init__(self, lengths: Sequence[int], *, batch: int, seed: int) -> None:
        """Keep the lengths in tokens of the sequences, and how many make a batch."""
        self._lengths, self._batch, self._seed, self._epoch = lengths, batch, seed, 0

    def __len__(self) -> int:
        """The number of sequences."""
        return len(self._lengths)

    def set_epoch(self, epoch: int) -> None:
        """Say which pass over the data comes next, from 0."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        """The places of the sequences, batch after batch; a batch that is not full is the last."""
        drawn = random.Random(f"{self._seed} {self._epoch}")
        order = list(range(len(self._lengths)))
        drawn.shuffle(order)
        if self._batch == 1:
            return iter(order)
        window = self._WINDOW * self._batch
        rows = [sorted(order[start : start + window], key=self._key) for start in range(0, len(order), window)]
        whole = [place for row in rows for place in row]
        batches = [whole[start : start + self._batch] for start in range(0, len(whole), self._batch)]
        rest = [batches.pop()] if len(batches[-1]) < self._batch else []
        drawn.shuffle(batches)
        return (place for batch in (*batches, *rest) for place in batch)

    def _key(self, place: int) -> tuple[int, int]:
        return -self._lengths[place], place


class AnswerTrainer(SFTTrainer):
    """SFTTrainer that projects onto the vocabulary only what is scored, on a processor too, and weighs tokens alike.

    TRL's fused head does so on a GPU; elsewhere it projects every position, a fifth of the work of a small model.
    `tokens_seen` counts what went through the model in training, without padding, since this object was made.
    """

    def __init__(self, *args: Any, by_length: bool, **options: Any) -> None:
        """Make the trainer; `by_length` batches sequences of like length."""
        self._by_length, self.tokens_seen, self._scored = by_length, 0, (0.0, 0)
        super().__init__(*args, **options)
        self.remove_callback(PrinterCallback)  # it prints on stdout

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The mean cross-entropy in nats of the tokens that have a label, over `num_items_in_batch` where given."""
        training = model.training
        if training:
            mask = inputs.get("attention_mask")
            self.tokens_seen += int(inputs["input_ids"].numel() if mask is None else mask.sum())
        count = int((inputs["labels"][:, 1:] != IGNORED).sum())
        if self.args.device.type == "cpu" and self.args.world_size == 1 and not return_outputs:
            loss = self._answer_loss(model, inputs) / (count if num_items_in_batch is None else num_items_in_batch)
        else:
            loss = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)  # type: ignore[no-untyped-call]
        if not training and not return_outputs:
            self._scored = (self._scored[0] + float(loss) * count, self._scored[1] + count)
        return loss

    def evaluation_loop(self, *args: Any, **options: Any) -> Any:
        """TRL's, with the loss over tokens: the mean of batches would weigh those of short answers more."""
        self._scored = (0.0, 0)
        output: Any = super().evaluation_loop(*args, **options)
        total = self.accelerator.reduce(torch.tensor(self._scored, dtype=torch.float64, device=self.args.device))
        output.metrics["eval_loss"] = float(total[0] / total[1])
        return output

    def _send_telemetry(self) -> None:
        """TRL's tells its makers of each run; what is trained here is nobody's business."""

    def _answer_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """The summed loss. Padding is on the right, where causal attention never looks: no mask, a faster kernel."""
        network = self.accelerator.unwrap_model(model).get_base_model()
        read = {key: value for key, value in inputs.items() if key not in ("labels", "attention_mask")}
        with self.accelerator.autocast():
            states = network.model(**{**read, "use_cache": False}).last_hidden_state[:, :-1]
            labels = inputs["labels"][:, 1:]
            scored = labels != IGNORED
            logits = network.lm_head(states[scored])
            return torch.nn.functional.cross_entropy(logits.float(), labels[scored], reduction="sum")

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        rows: Any = self.train_dataset if train_dataset is None else train_dataset
        lengths = [len(ids) for ids in rows["input_ids"]] if self._by_length else [0] * len(rows)
        batch = self.args.train_batch_size * self.args.world_size if self._by_length else 1
        return ByLength(lengths, batch=batch, seed=self.args.seed)


def config(recipe: Recipe, folder: Path, *, evaluates: bool, wrapped: bool) -> SFTConfig:
    """The recipe as TRL's configuration of a stage that keeps its checkpoints in `folder`.

    Args:
        recipe: of the stage.
        folder: for checkpoints; the last and the best are kept.
        evaluates: whether there is a dev split, which decides the best checkpoint.
        wrapped: raw text, cut into blocks of `max_tokens` wherever they end, instead of whole sequences.
    """
    rhythm = "steps" if recipe.eval_every else "epoch"
    return SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=recipe.batch,
        per_device_eval_batch_size=recipe.batch,
        gradient_accumulation_steps=recipe.accumulation,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=recipe.schedule,
        warmup_steps=recipe.warmup_steps,
        optim=recipe.optimizer,
        weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.max_grad_norm,
        num_train_epochs=recipe.epochs,
        max_steps=recipe.max_steps or -1,
        seed=recipe.seed,
        bf16=recipe.autocast,
        use_cpu=not torch.cuda.is_available(),
        activation_checkpointing=recipe.gradient_checkpointing,
        max_length=recipe.max_tokens if recipe.packing or wrapped else None,
        completion_only_loss=not wrapped,
        packing=recipe.packing or wrapped,
        packing_strategy="wrapped" if wrapped else "bfd",
        eval_packing=False,
        eval_strategy=rhythm if evaluates else "no",
        eval_steps=recipe.eval_every,
        save_strategy=rhythm,
        save_steps=recipe.eval_every or 500,
        save_total_limit=2,
        load_best_model_at_end=evaluates,
        metric_for_best_model="eval_loss" if evaluates else None,
        greater_is_better=False if evaluates else None,
        logging_steps=recipe.log_every,
        logging_first_step=True,
        report_to="none",
        disable_tqdm=True,
        log_level="error",
        dataloader_pin_memory=torch.cuda.is_available(),
    )
