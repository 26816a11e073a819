from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import pytest
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from finetune.records import Example, write_lines
from finetune.training.recipe import Recipe
from generator.models import ModelConfig, find_weights

DRUGS = ("dasatinib", "imatinib", "nilotinib", "ponatinib", "asciminib", "bosutinib")


def made(number):
    drug = DRUGS[number % len(DRUGS)]
    return Example(
        id=f"e{number}",
        kind="pairs",
        document=f"d{number}",
        prompt=(("user", f"Is {drug} given at stage {number}?"),),
        answer=f"Yes: {drug} is given.",
        source="made",
        licence="CC0",
    )


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for split, numbers in (("train", range(16)), ("dev", range(16, 20)), ("test", ())):
        write_lines(folder / f"{split}.jsonl", [made(number) for number in numbers])
    write_lines(folder / "corpus.jsonl", [])
    return folder


@pytest.fixture(scope="session")
def recipe(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    file = find_weights(ModelConfig(name="smollm2"))[0]
    AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name).save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    content = {"model": str(folder), "weights": "float32", "autocast": False, "lora": {"r": 4, "alpha": 4}}
    return Recipe.model_validate(
        {**content, "batch": 4, "accumulation": 1, "warmup_steps": 0, "max_tokens": 128, "eval_every": 2, "threads": 1}
        | {"tracking": "off"}
    )
