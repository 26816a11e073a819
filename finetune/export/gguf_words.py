"""A tokenizer as GGUF metadata: taken over from a GGUF file, or made of a byte-level BPE tokenizer.json."""

import json
from pathlib import Path
from typing import Any

from gguf import GGUFReader, GGUFValueType, GGUFWriter, SpecialVocab, TokenType

from finetune.errors import ExportFailed

_HINT = "Name llama.cpp's convert_hf_to_gguf.py by --converter: it knows more tokenizers."
# What llama.cpp calls a way to cut text into words before BPE. Source: llama.cpp, src/llama-vocab.cpp.
_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def add_words(writer: GGUFWriter, source: GGUFReader | Path, vocabulary: int) -> None:
    """Write the tokenizer's metadata.

    Args:
        writer: with its tensors not yet written.
        source: a GGUF file whose tokenizer the model has, or a folder with tokenizer.json.
        vocabulary: rows of the embedding; tokens up to it that the tokenizer lacks are marked unused.

    Raises:
        ExportFailed: if the tokenizer is of a kind that Marrow does not write.
    """
    if isinstance(source, GGUFReader):
        _take_over(writer, source)
    else:
        _make(writer, source, vocabulary)


def _take_over(writer: GGUFWriter, reader: GGUFReader) -> None:
    for key, field in reader.fields.items():
        if key.startswith("tokenizer."):
            inner = field.types[1] if field.types[0] == GGUFValueType.ARRAY else None
            writer.add_key_value(key, field.contents(), field.types[0], sub_type=inner)


def _make(writer: GGUFWriter, folder: Path, vocabulary: int) -> None:
    try:
        tokenizer = json.loads((folder / "tokenizer.json").read_text("utf-8"))
        known, added = tokenizer["model"]["vocab"], tokenizer["added_tokens"]
        cut = _cutting(tokenizer["pre_tokenizer"])
        bpe = tokenizer["model"]["type"] == "BPE"
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ExportFailed(f"{folder} has no tokenizer.json of the known form", hint=_HINT) from error
    if cut is None or not bpe:
        raise ExportFailed("the tokenizer is of a kind that Marrow does not write to GGUF", hint=_HINT)
    words = {place: (word, TokenType.NORMAL) for word, place in known.items()}
    for token in added:
        kind = TokenType.CONTROL if token["special"] else TokenType.USER_DEFINED
        words[token["id"]] = (token["content"], kind)
    rows = [words.get(place, (f"[PAD{place}]", TokenType.UNUSED)) for place in range(vocabulary)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(cut)
    writer.add_token_list([word for word, _ in rows])
    writer.add_token_types([kind for _, kind in rows])
    SpecialVocab(folder, load_merges=True, n_vocab=vocabulary).add_to_gguf(writer, quiet=True)


def _cutting(steps: dict[str, Any]) -> str | None:
    """llama.cpp's name for the way of a tokenizer.json to cut text before BPE, or None."""
    parts = steps["pretokenizers"] if steps["type"] == "Sequence" else [steps]
    kinds = [part["type"] for part in parts]
    if kinds == ["ByteLevel"] and parts[0]["use_regex"]:
        return "gpt-2"
    if kinds == ["Digits", "ByteLevel"] and parts[0]["individual_digits"] and parts[1]["use_regex"]:
        return "smollm"
    if kinds == ["Split", "ByteLevel"] and parts[0]["pattern"].get("Regex") == _LLAMA3 and not parts[1]["use_regex"]:
        return "llama-bpe"
    return None
