"""Models that turn token ids into states: MiniLM in plain torch, and anything that sentence-transformers loads.

MiniLM, which every start needs, is read by our own lines: importing transformers and sentence-transformers takes five
seconds, this a tenth of one.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ingest.torchfix import torch

functional = torch.nn.functional


class TextModel(Protocol):
    """What the embedder asks of a model. Tensors are those of torch."""

    dimension: int
    device: Any
    vocabulary: Mapping[str, int]
    special: frozenset[str]

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text's tokens, with the model's own marks, cut at its limit."""

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of a text stands in it, (0, 0) for marks."""

    def states(self, ids: Any, attention: Any) -> tuple[Any, Any]:
        """The states of tokens, shape (n, length, dimension), and of texts, (n, dimension), for ids (n, length)."""


class MiniLM:
    """The BERT encoder of all-MiniLM-L6-v2, mean-pooled; a LoRA adapter is merged into its weights.

    Source: Devlin et al. 2019, doi:10.18653/v1/N19-1423; Wang et al. 2020, arXiv:2002.10957.
    """

    def __init__(self, folder: Path, adapter: Path | None, *, dtype: Any) -> None:
        """Load weights and tokenizer from a folder, merge the adapter in float32, then convert to `dtype`.

        Raises:
            OSError, ValueError, LookupError: if a file is missing or malformed.
        """
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        config = json.loads((folder / "config.json").read_text("utf-8"))
        limit = json.loads((folder / "sentence_bert_config.json").read_text("utf-8"))["max_seq_length"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(limit)
        self.vocabulary: Mapping[str, int] = self._tokenizer.get_vocab()
        added = self._tokenizer.get_added_tokens_decoder().values()
        self.special = frozenset(token.content for token in added if token.special)
        self.dimension: int = config["hidden_size"]
        self._heads: int = config["num_attention_heads"]
        self._layers: int = config["num_hidden_layers"]
        self._epsilon: float = config["layer_norm_eps"]
        weights = load_file(folder / "model.safetensors")
        if adapter:
            merge(weights, adapter)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._weights = {name: tensor.to(self.device, dtype) for name, tensor in weights.items() if _used(name)}

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text's tokens, with [CLS] and [SEP], cut at the model's limit."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of a text stands in it, (0, 0) for marks."""
        return list(self._tokenizer.encode(text).offsets)

    def states(self, ids: Any, attention: Any) -> tuple[Any, Any]:
        """The states of tokens, shape (n, length, dimension), and their mean over each text, (n, dimension)."""
        hidden = self._embedded(ids)
        # Added to the scores of what is only padding.
        mask = (1 - attention[:, None, None, :].to(hidden.dtype)) * torch.finfo(hidden.dtype).min
        for number in range(self._layers):
            layer = f"encoder.layer.{number}."
            attended = self._linear(self._attended(hidden, mask, layer), f"{layer}attention.output.dense")
            hidden = self._normed(hidden + attended, f"{layer}attention.output.LayerNorm")
            wide = functional.gelu(self._linear(hidden, f"{layer}intermediate.dense"))
            hidden = self._normed(hidden + self._linear(wide, f"{layer}output.dense"), f"{layer}output.LayerNorm")
        shown = attention.unsqueeze(-1).float()
        return hidden, (hidden.float() * shown).sum(1) / shown.sum(1)

    def _embedded(self, ids: Any) -> Any:
        weights = self._weights
        words = functional.embedding(ids, weights["embeddings.word_embeddings.weight"])
        places = weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kinds = weights["embeddings.token_type_embeddings.weight"][0]
        return self._normed(words + places + kinds, "embeddings.LayerNorm")

    def _attended(self, hidden: Any, mask: Any, layer: str) -> Any:
        n, length, width = hidden.shape

        def heads(name: str) -> Any:
            made = self._linear(hidden, f"{layer}attention.self.{name}")
            return made.view(n, length, self._heads, width // self._heads).transpose(1, 2)

        scores = heads("query") @ heads("key").transpose(2, 3) * (width // self._heads) ** -0.5
        mixed = torch.softmax(scores + mask, dim=-1) @ heads("value")
        return mixed.transpose(1, 2).reshape(n, length, width)

    def _linear(self, values: Any, name: str) -> Any:
        return functional.linear(values, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _normed(self, values: Any, name: str) -> Any:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return functional.layer_norm(values, (self.dimension,), weight, bias, self._epsilon)


def _used(name: str) -> bool:
    return not name.startswith("pooler.") and name != "embeddings.position_ids"


def merge(weights: dict[str, Any], adapter: Path) -> None:
    """Add a LoRA adapter to weights by name, in float32: nothing is left to compute at search time.

    Source: Hu et al. 2021, arXiv:2106.09685.
    """
    from safetensors.torch import load_file

    config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    parts = load_file(adapter / "adapter_model.safetensors")
    names = {name.removesuffix(".lora_A.weight") for name in parts if name.endswith(".lora_A.weight")}
    for name in sorted(names):
        down, up = parts[f"{name}.lora_A.weight"].float(), parts[f"{name}.lora_B.weight"].float()
        weights[f"{name.removeprefix('base_model.model.')}.weight"] += up @ down * (config["lora_alpha"] / config["r"])


class SentenceModel:
    """Any model that sentence-transformers loads, from a folder or by a Hugging Face id."""

    def __init__(self, name: str, *, dtype: Any) -> None:
        """Load it.

        Raises:
            OSError, ValueError, LookupError, AttributeError: if it cannot be.
        """
        # Imported here: it takes five seconds, and the bundled model does without.
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        options = {"dtype": torch.float32, "attn_implementation": "eager"}
        self._model: Any = SentenceTransformer(name, device=None, model_kwargs=options).to(dtype).eval()
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.device = self._model.device
        self.vocabulary: Mapping[str, int] = self._model.tokenizer.get_vocab()
        self.special = frozenset(self._model.tokenizer.all_special_tokens)

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text's tokens, with the model's own marks, cut at its limit."""
        found: list[list[int]] = self._tokenized(list(texts))["input_ids"]
        return found

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of a text stands in it, (0, 0) for marks."""
        return [tuple(span) for span in self._tokenized(text, return_offsets_mapping=True)["offset_mapping"]]

    def _tokenized(self, texts: str | list[str], **options: bool) -> Any:
        return self._model.tokenizer(texts, truncation=True, max_length=self._model.max_seq_length, **options)

    def states(self, ids: Any, attention: Any) -> tuple[Any, Any]:
        """The states of tokens, shape (n, length, dimension), and of texts, (n, dimension)."""
        made = self._model({"input_ids": ids, "attention_mask": attention})
        return made["token_embeddings"], made["sentence_embedding"]
