"""A tiny Llama with SmolLM2's tokenizer, and prepared data: the code path of the real models, in milliseconds."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from finetune.records import Example, RawText, write_lines
from finetune.training.recipe import Recipe
from generator.models import ModelConfig, find_weights

DRUGS = ("dasatinib", "imatinib", "nilotinib", "ponatinib", "asciminib", "bosutinib", "venetoclax", "midostaurin")
SIGNS = ("rash", "nausea", "oedema", "fatigue", "headache", "cough")


@pytest.fixture(scope="session")
def smollm2_tokenizer() -> Any:
    file, _ = find_weights(ModelConfig(name="smollm2"))
    return AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory, smollm2_tokenizer: Any) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(smollm2_tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=smollm2_tokenizer.bos_token_id,
        eos_token_id=smollm2_tokenizer.eos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    smollm2_tokenizer.save_pretrained(folder)
    return folder


def example(number: int, *, answer: str | None = None, words: int = 3) -> Example:
    drug, sign = DRUGS[number % len(DRUGS)], SIGNS[number % len(SIGNS)]
    question = " ".join([f"Does {drug} cause {sign}?"] * (words + number % 5))
    return Example(
        id=f"e{number}",
        kind="pairs",
        document=f"d{number}",
        prompt=(("system", "Answer."), ("user", question)),
        answer=f"Yes: {drug} causes {sign}." if answer is None else answer,
        source="made",
        licence="CC0",
    )


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write_lines(folder / "train.jsonl", [example(number) for number in range(24)])
    write_lines(folder / "dev.jsonl", [example(number) for number in range(24, 30)])
    write_lines(folder / "test.jsonl", [])
    texts = [f"{drug} is given for leukemia and may cause {SIGNS[0]}." for drug in DRUGS]
    raw = [RawText(id=str(n), document=str(n), text=text, source="made", licence="CC0") for n, text in enumerate(texts)]
    write_lines(folder / "corpus.jsonl", raw)
    return folder


@pytest.fixture
def tiny_recipe(tiny_model: Path) -> Recipe:
    return Recipe.model_validate(
        {
            "model": str(tiny_model),
            "weights": "float32",
            "autocast": False,
            "lora": {"r": 4, "alpha": 4},
            "learning_rate": 5e-3,
            "warmup_steps": 0,
            "batch": 2,
            "accumulation": 2,
            "max_tokens": 256,
            "eval_every": 5,
            "max_steps": 10,
            "epochs": 3,
            "threads": 1,
            "tracking": "off",
        }
    )
