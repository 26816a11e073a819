"""Two tiny Llamas with SmolLM2's tokenizer and a prepared folder: the code path of real models, in milliseconds."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
from pathlib import Path

import pytest
from made_examples import FACTS, made
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from finetune import prompts
from finetune.records import Example, write_lines
from generator.language_models.local_model import LocalModel
from generator.models import ModelConfig, find_weights, open_chat_model
from generator.prompts import REFUSAL


@pytest.fixture(scope="session")
def tiny_pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of a base and a tuned model with other random weights."""
    file, _ = find_weights(ModelConfig(name="smollm2"))
    tokenizer = AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
    folders = []
    for seed, name in ((1, "tiny-base"), (2, "tiny-tuned")):
        torch.manual_seed(seed)
        config = LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=1024,
            initializer_range=0.3,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
        folders.append(tmp_path_factory.mktemp("models") / name)
        LlamaForCausalLM(config).save_pretrained(folders[-1])
        tokenizer.save_pretrained(folders[-1])
    return folders[0], folders[1]


@pytest.fixture(scope="session")
def tiny(tiny_pair: tuple[Path, Path]) -> LocalModel:
    model = open_chat_model(ModelConfig(name=str(tiny_pair[0]), device="cpu"))
    assert isinstance(model, LocalModel)
    # The exact sums of the tests need more digits than bfloat16 has.
    model.network.float()
    return model


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    cited = prompts.cited("How is imatinib given?", FACTS, "clinician")
    asks = prompts.decide("Does imatinib work?", ["It worked in 9 of 10."])
    ranked = prompts.ranked_differential("WBC 90 G/L")
    return [
        made(0),
        made(1, kind="cited", prompt=cited, answer="Imatinib is given once a day with food [1].", passages=FACTS),
        made(2, kind="cited", prompt=cited, answer=REFUSAL, passages=FACTS),
        made(3, kind="pubmedqa", prompt=asks, answer="Yes. It worked in most.", label="yes"),
        made(4, kind="pubmedqa", prompt=asks, answer="No. It did not work.", label="no"),
        made(5, kind="report", prompt=ranked, answer="1. AML\n2. ALL", label="AML", ranking=("AML", "ALL")),
        made(6, kind="report", prompt=ranked, answer="Most consistent with ALL.", label="ALL"),
    ]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, examples: list[Example]) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "data"
    folder.mkdir()
    write_lines(folder / "test.jsonl", examples)
    return folder
