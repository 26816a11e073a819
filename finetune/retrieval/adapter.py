"""Train the adapter of the embedder: python -m finetune.retrieval.adapter DATA OUT [--fold 0]

DATA is a folder with `beir/bioasq-dev`, `qa/medquad.jsonl.gz`, `qa/pdq_sentence_citations.jsonl.gz` and
`qa/pdq_references.jsonl.gz`; OUT gets a peft adapter and the projection of the token codes. With --fold, one of three
folds of the BioASQ questions is held out, for cross-validation.
"""

import argparse
import json
import logging
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from finetune.retrieval.contrast import TextStates, contrastive_loss, unit
from finetune.retrieval.pairs import BeirData, Pair, guideline_pairs, held_out_pages, medquad_pairs, read_beir_folds
from ingest.torchfix import torch
from retriever.codes import CODE_DIMENSION
from retriever.dense import DenseIndex
from retriever.embedder import Embedder
from retriever.fusion import min_max_sum
from retriever.lexical import LexicalIndex, PassageFields, build_lexical
from retriever.weights import PROJECTION_FILE, STOCK_MODEL, find_model
from retriever.words import STOP_WORDS

logger = logging.getLogger(__name__)
FOLDS = 3


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
    threads: int = 2


class Trainee:
    """The stock model with a LoRA adapter and a projection of its token vectors, both to be trained."""

    def __init__(self, texts: Sequence[str], config: TrainingConfig) -> None:
        """Start from the stock model; the projection from the principal directions of the texts' tokens."""
        # After ingest.torchfix, which makes torchvision's import safe beside a CPU torch.
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModel, AutoTokenizer

        folder = str(find_model(STOCK_MODEL).folder)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        stock = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
        layers = r"encoder\..*\.(query|key|value|dense)"
        lora = LoraConfig(r=config.rank, lora_alpha=config.alpha, target_modules=layers, lora_dropout=0.0)
        self.model = get_peft_model(stock, lora)
        self.projection = torch.nn.Linear(stock.config.hidden_size, CODE_DIMENSION, bias=False)
        self.projection.weight.data = self._principal(random.Random(config.seed).sample(texts, min(1_500, len(texts))))
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
        self.model.half().save_pretrained(str(folder))
        (folder / "README.md").unlink(missing_ok=True)  # peft's form, empty
        # By its public name, not by where it lies on this machine.
        config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        config["base_model_name_or_path"] = f"sentence-transformers/{STOCK_MODEL}"
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True), "utf-8")
        projection = self.projection.weight.detach().numpy().T.astype(np.float16)
        save_file({"projection": np.ascontiguousarray(projection)}, folder / PROJECTION_FILE)


def _repeats(batch: Sequence[Pair], passages: Sequence[str], one: int, other: int) -> bool:
    same_question = other < len(batch) and batch[other].question == batch[one].question
    return other != one and (same_question or passages[other] == batch[one].passage)


def mine(data: BeirData, *, rng: random.Random, per_question: int = 6, depth: int = 40) -> list[Pair]:
    """Pairs of a BEIR folder; negatives are what BM25 and the stock model rank high and nobody judged relevant."""
    ids, texts = list(data.texts), list(data.texts.values())
    embedder = Embedder(STOCK_MODEL)
    dense = DenseIndex.build(embedder.encode(texts))
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        build_lexical((PassageFields("", (), text) for text in texts), Path(folder))
        lexical = LexicalIndex(Path(folder))
        for (question, gains), vector in zip(
            data.questions, embedder.encode([q for q, _ in data.questions]), strict=True
        ):
            ranked = min_max_sum([lexical.search(question, 100), dense.search(vector, 100)], weights=[0.5, 0.5])
            negatives = tuple(texts[row] for row, _ in ranked[:depth] if gains.get(ids[row], 0) <= 0)
            relevant = sorted(doc_id for doc_id, gain in gains.items() if gain > 0 and doc_id in data.texts)
            chosen = rng.sample(relevant, min(per_question, len(relevant)))
            pairs += [Pair(question, data.texts[doc_id], negatives) for doc_id in chosen]
    return pairs


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


def train(data: Path, out: Path, *, fold: int | None, config: TrainingConfig) -> None:
    """Train on the folder's data and write the adapter.

    Raises:
        UnreadableSource: if a part of the data is missing.
    """
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    rng = random.Random(config.seed)
    beir = read_beir_folds(data / "beir" / "bioasq-dev", folds=FOLDS, held_out=fold)
    sentences = data / "qa" / "pdq_sentence_citations.jsonl.gz"
    sets = {
        "medquad": medquad_pairs(data / "qa" / "medquad.jsonl.gz", rng=rng),
        "guidelines": guideline_pairs(
            sentences, data / "qa" / "pdq_references.jsonl.gz", without=held_out_pages(sentences)
        ),
        "bioasq": mine(beir, rng=rng),
    }
    logger.info("pairs: %s", {name: len(pairs) for name, pairs in sets.items()})
    trainee = Trainee(list(beir.texts.values()), config)
    parameters = [p for p in trainee.model.parameters() if p.requires_grad] + list(trainee.projection.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=config.rate, weight_decay=0.01)
    begin = time.monotonic()
    stream = batches(sets, {"medquad": 1, "guidelines": 1, "bioasq": 1.5}, config.batch, rng)
    for step, batch in zip(range(config.steps), stream, strict=False):
        optimizer.param_groups[0]["lr"] = config.rate * _rate(step, config)
        loss = trainee.loss(batch, rng, config)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        if step % 20 == 19:
            logger.info(
                "step %d loss %.3f, %.2f s a step", step + 1, loss.item(), (time.monotonic() - begin) / (step + 1)
            )
    trainee.save(out)


def _rate(step: int, config: TrainingConfig) -> float:
    return min(1.0, (step + 1) / config.warm_up) * max(0.05, 1 - step / config.steps)


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fold", type=int, choices=range(FOLDS))
    parser.add_argument("--steps", type=int, default=TrainingConfig().steps)
    parser.add_argument("--threads", type=int, default=TrainingConfig().threads)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    config = TrainingConfig(steps=arguments.steps, threads=arguments.threads)
    train(arguments.data, arguments.out, fold=arguments.fold, config=config)


if __name__ == "__main__":
    main()
