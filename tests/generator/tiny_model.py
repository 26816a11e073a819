"""A Llama of two layers with random weights and a tokenizer of letters and brackets, saved as real models are."""

from pathlib import Path
from typing import Any

from ingest.torchfix import torch  # before transformers

# isort: split
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from generator.errors import CutShort
from generator.language_models.local_model import LocalModel
from generator.models import ModelConfig, open_chat_model

ASKED = [("system", "be brief"), ("user", "what is it")]
# Tokens with brackets in every position, so that a model of random weights writes them all the time.
PIECES = [
    *"abcdefghijklmnopqrstuvwxyz .?0123456789[]",
    " [",
    "[1",
    "[2]",
    "][",
    "] [3",
    "].",
    "[]",
    "12",
    "1]",
    "[ 1]",
    "[a",
]
TEMPLATE = (
    "{% for message in messages %}<s>{{ message['role'] }} {{ message['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>{% endif %}"
)


def make_tokenizer(**options: Any) -> PreTrainedTokenizerFast:
    """Reads a text letter by letter; the longer tokens are only ever written."""
    vocabulary = {piece: i for i, piece in enumerate(["<s>", "</s>", *PIECES])}
    bare = Tokenizer(models.WordLevel(vocabulary, unk_token="?"))
    bare.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    bare.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=bare, bos_token="<s>", eos_token="</s>", model_max_length=512, **options
    )


def save_tiny(folder: Path) -> Path:
    """Save the model and return its folder."""
    tokenizer = make_tokenizer(chat_template=TEMPLATE)
    config = LlamaConfig(
        vocab_size=64,  # a few more than there are tokens, as many models have
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        initializer_range=0.3,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    torch.manual_seed(7)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def opened(name: Path | str, **settings: Any) -> LocalModel:
    model = open_chat_model(ModelConfig(name=str(name), **{"max_tokens": 40, "device": "cpu", **settings}))
    assert isinstance(model, LocalModel)
    return model


def said(model: LocalModel, offered: tuple[int, ...] = (), messages: list[tuple[str, str]] = ASKED) -> str:
    words: list[str] = []
    try:
        words.extend(model.say(messages, offered=offered, timeout_s=60))
    except CutShort:
        words.append(" CUT")
    return "".join(words)
