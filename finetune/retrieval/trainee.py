"""The embedder in training: MiniLM with LoRA and a projection of its tokens, its batches and its loop."""

import json
import logging
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from safetensors.torch import load_file

from finetune.errors import TrainingError
from finetune.retrieval.contrast import TextStates, contrastive_loss, unit
from finetune.retrieval.pairs import Pair
from ingest.pipeline import Progress, no_progress
from ingest.torchfix import torch
from retriever.codes import CODE_DIMENSION
from retriever.weights import PROJECTION_FILE, STOCK_MODEL, find_model
from retriever.words import STOP_WORDS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How the adapter is trained: `steps` batches, the rate rising over `warm_up` of them, then falling."""

    rank: int = 8
    alpha: int = 16
    steps: int = 250
    warm_up: int = 20
    batch: int = 32
    rate: float = 5e-4
    question_tokens: int = 48
    passage_tokens: int = 96
    seed: int = 0


class Trainee:
    """MiniLM with a LoRA adapter and a projection of its token vectors, both to be trained."""

    def __init__(self, texts: Sequence[str], config: TrainingConfig, *, base: Path | None = None) -> None:
        """Start from the folder of an adapter, or from the stock model.

        Args:
            texts: what words are weighted by; without `base`, the projection starts from the principal directions of
                their tokens.
            config: rank and alpha of a new adapter, and the seed.
            base: the adapter to train on.
        """
        # After ingest.torchfix, which makes torchvision's import safe beside a CPU torch.
        from peft import LoraConfig, PeftModel, get_peft_model
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        folder = str(find_model(STOCK_MODEL).folder)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        stock = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
        if base:
            self.model: Any = PeftModel.from_pretrained(stock, str(base), is_trainable=True).float()
        else:
            layers = r"encoder\..*\.(query|key|value|dense)"
            lora = LoraConfig(r=config.rank, lora_alpha=config.alpha, target_modules=layers, lora_dropout=0.0)
            self.model = get_peft_model(stock, lora)
        self.projection = torch.nn.Linear(stock.config.hidden_size, CODE_DIMENSION, bias=False)
        few = random.Random(config.seed).sample(texts, min(1_500, len(texts)))
        self.projection.weight.data = _projection_of(base) if base else self._principal(few)
        self.idf = self._idf(texts)

    def _principal(self, texts: Sequence[str]) -> Any:
        states = []
        for start in range(0, len(texts), 32):
            with torch.inference_mode():
                hidden, encoded = self._hidden(texts[start : start + 32], 256)
            states.append(unit(hidden)[encoded["attention_mask"] == 1])
        return torch.linalg.svd(torch.cat(states), full_matrices=False).Vh[:CODE_DIMENSION].clone()

    def _idf(self, texts: Sequence[str]) -> Any:
        """The inverse document frequency of every token of the vocabulary, a tenth of it for stop words."""
        frequency = np.zeros(len(self.tokenizer))
        for start in range(0, len(texts), 1_000):
            for ids in self.tokenizer(list(texts[start : start + 1_000]), truncation=True, max_length=256)["input_ids"]:
                frequency[list(set(ids))] += 1
        idf = np.log1p((len(texts) - frequency + 0.5) / (frequency + 0.5))
        signs = [n for token, n in self.tokenizer.get_vocab().items() if token in STOP_WORDS or token in "?.,:;()-/"]
        idf[signs] *= 0.1
        idf[self.tokenizer.all_special_ids] = 0
        return torch.tensor(idf, dtype=torch.float32)

    def _hidden(self, texts: Sequence[str], max_tokens: int) -> tuple[Any, Any]:
        encoded = self.tokenizer(list(texts), padding=True, truncation=True, max_length=max_tokens, return_tensors="pt")
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = self.model(**encoded).last_hidden_state
        return hidden.float(), encoded

    def states(self, texts: Sequence[str], max_tokens: int) -> TextStates:
        """Sentence and token vectors of texts."""
        hidden, encoded = self._hidden(texts, max_tokens)
        attention = encoded["attention_mask"]
        shown = attention.unsqueeze(-1).float()
        vectors = unit((hidden * shown).sum(1) / shown.sum(1))
        return TextStates(encoded["input_ids"], attention, vectors, unit(self.projection(hidden)))

    def loss(self, batch: Sequence[Pair], rng: random.Random, config: TrainingConfig) -> Any:
        """The loss of a batch; each pair brings one of its negatives, if it has any."""
        passages = [pair.passage for pair in batch] + [rng.choice(pair.negatives) for pair in batch if pair.negatives]
        questions = self.states([pair.question for pair in batch], config.question_tokens)
        answers = self.states(passages, config.passage_tokens)
        weights = self.idf[questions.ids] * questions.attention
        weights = weights / weights.sum(1, keepdim=True).clamp_min(1e-9)
        repeats = torch.tensor([[_repeats(batch, passages, one, other) for other in range(len(passages))]
                                for one in range(len(batch))])  # fmt: skip
        return contrastive_loss(questions, answers, weights, repeats=repeats)

    def save(self, folder: Path) -> None:
        """Write the adapter and the projection in half precision: under a megabyte."""
        # No layer of embeddings is trained; told so, peft does not look for the base model to find out.
        self.model.half().save_pretrained(str(folder), save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)  # peft's form, empty
        # By its public name, not by where it lies on this machine.
        config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        config["base_model_name_or_path"] = f"sentence-transformers/{STOCK_MODEL}"
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True), "utf-8")
        projection = self.projection.weight.detach().numpy().T.astype(np.float16)
        save_file({"projection": np.ascontiguousarray(projection)}, folder / PROJECTION_FILE)


def _projection_of(adapter: Path) -> Any:
    return load_file(adapter / PROJECTION_FILE)["projection"].float().T.contiguous()


def _repeats(batch: Sequence[Pair], passages: Sequence[str], one: int, other: int) -> bool:
    same_question = other < len(batch) and batch[other].question == batch[one].question
    return other != one and (same_question or passages[other] == batch[one].passage)


def batches(
    sets: Mapping[str, Sequence[Pair]], shares: Mapping[str, float], size: int, rng: random.Random
) -> Iterator[list[Pair]]:
    """Batches without end, each from one set, drawn by its share; grouped pairs from two groups, half each."""
    names = list(sets)
    left: dict[str, list[Pair]] = {name: [] for name in names}
    groups = {name: _large_groups(pairs, size // 2) for name, pairs in sets.items()}
    while True:
        (name,) = rng.choices(names, [shares[name] for name in names])
        if groups[name]:
            two = rng.choices(groups[name], [len(group) for group in groups[name]], k=2)
            yield [pair for group in two for pair in rng.sample(group, size // 2)]
            continue
        if len(left[name]) < size:
            left[name] = rng.sample(sets[name], len(sets[name]))
        yield [left[name].pop() for _ in range(size)]


def _large_groups(pairs: Sequence[Pair], least: int) -> list[list[Pair]]:
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        if pair.group:
            groups.setdefault(pair.group, []).append(pair)
    return [group for group in groups.values() if len(group) >= least]


def fit(
    trainee: Trainee,
    stream: Iterator[Sequence[Pair]],
    config: TrainingConfig,
    *,
    rng: random.Random,
    progress: Progress = no_progress,
) -> list[float]:
    """Train on `config.steps` batches; the loss of each.

    Raises:
        TrainingError: if a loss is no number.
    """
    parameters = [p for p in trainee.model.parameters() if p.requires_grad] + list(trainee.projection.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=config.rate, weight_decay=0.01)
    losses = []
    begin = time.monotonic()
    for step, batch in zip(range(config.steps), stream, strict=False):
        progress("Training the embedder", step, config.steps)
        optimizer.param_groups[0]["lr"] = config.rate * _rate(step, config)
        loss = trainee.loss(batch, rng, config)
        if not torch.isfinite(loss):
            raise TrainingError(f"the loss at step {step + 1} is no number")
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        losses.append(loss.item())
        if step % 20 == 19:
            seconds = (time.monotonic() - begin) / (step + 1)
            logger.info("step %d loss %.3f, %.2f s a step", step + 1, losses[-1], seconds)
    return losses


def _rate(step: int, config: TrainingConfig) -> float:
    return min(1.0, (step + 1) / config.warm_up) * max(0.05, 1 - step / config.steps)
