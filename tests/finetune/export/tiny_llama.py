"""A Llama of two layers with SmolLM2's tokenizer, and adapters for it, saved as real ones are."""

from pathlib import Path
from typing import Any

from ingest.torchfix import torch  # before transformers

# isort: split
from peft import LoraConfig, get_peft_model
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from generator.models import ModelConfig, find_weights

MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def smollm2_file() -> Path:
    return find_weights(ModelConfig(name="smollm2"))[0]


def save_llama(folder: Path, *, hidden: int = 32, layers: int = 2, **changes: Any) -> Path:
    file = smollm2_file()
    tokenizer = AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=hidden,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        initializer_range=0.3,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
        **changes,
    )
    torch.manual_seed(3)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_adapter(base: Path, folder: Path, *, named: str | None = None, size: float = 0.1) -> Path:
    network = LlamaForCausalLM.from_pretrained(base)
    torch.manual_seed(4)
    adapted = get_peft_model(network, LoraConfig(r=4, lora_alpha=8, target_modules=MODULES, task_type="CAUSAL_LM"))
    for name, values in adapted.named_parameters():
        if "lora_B" in name:
            values.data.normal_(0.0, size)
    adapted.peft_config["default"].base_model_name_or_path = named or str(base)
    adapted.save_pretrained(folder, save_embedding_layers=False)
    return folder
