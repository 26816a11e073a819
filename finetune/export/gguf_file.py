"""Write a merged folder as one GGUF file for llama.cpp and Ollama, by llama.cpp's own converter or for Llama here."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, LlamaFileType
from numpy.typing import NDArray
from safetensors import safe_open
from transformers import AutoConfig, PretrainedConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from finetune.errors import ExportFailed
from finetune.export.gguf_words import add_words
from ingest.errors import reason_of
from ingest.torchfix import torch

# The file type of each kind, and the tensor type of its matrices; vectors stay in float32 as llama.cpp expects.
KINDS = {
    "f32": (LlamaFileType.ALL_F32, GGMLQuantizationType.F32),
    "f16": (LlamaFileType.MOSTLY_F16, GGMLQuantizationType.F16),
    "bf16": (LlamaFileType.MOSTLY_BF16, GGMLQuantizationType.BF16),
    "q8_0": (LlamaFileType.MOSTLY_Q8_0, GGMLQuantizationType.Q8_0),
}
_CONVERTER = "convert_hf_to_gguf.py"


def write_gguf(folder: Path, file: Path, *, kind: str, base: Path, converter: Path | None = None) -> str:
    """Write a merged folder as a GGUF file.

    A base that is a GGUF file gives its tokenizer's metadata as they stand, which a converter could only guess; else
    llama.cpp's converter does the work where there is one, and this module for Llama otherwise.

    Args:
        folder: a merged folder.
        file: to write; it appears only once it is complete.
        kind: a key of `KINDS`.
        base: the GGUF file or folder of the base model.
        converter: llama.cpp's convert_hf_to_gguf.py; None looks for it on the PATH.

    Returns:
        who wrote it: "llama.cpp" or "marrow".

    Raises:
        ExportFailed: if the architecture or the tokenizer is not known here and no converter is there, the converter
            fails, or the file cannot be written.
    """
    found = converter or shutil.which(_CONVERTER)
    unfinished = file.with_name(f".{file.name}")
    try:
        if found and base.suffix != ".gguf":
            _convert(Path(found), folder, unfinished, kind)
        else:
            _write(folder, unfinished, kind, base)
        os.replace(unfinished, file)
    except OSError as error:
        raise ExportFailed(f"{file} cannot be written: {reason_of(error)}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return "llama.cpp" if found and base.suffix != ".gguf" else "marrow"


def _convert(converter: Path, folder: Path, file: Path, kind: str) -> None:
    if not converter.is_file():
        raise ExportFailed(f"there is no {converter}", hint=f"Name llama.cpp's {_CONVERTER} by --converter.")
    command = [sys.executable, str(converter), str(folder), "--outfile", str(file), "--outtype", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not file.is_file():
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ExportFailed(
            f"{converter.name} failed: {said[-1] if said else done.returncode}",
            hint="Use the converter of a newer llama.cpp, with its requirements installed.",
        )


def _write(folder: Path, file: Path, kind: str, base: Path) -> None:
    config = AutoConfig.from_pretrained(folder)
    if config.model_type != "llama":
        raise ExportFailed(
            f"Marrow itself writes GGUF of Llama models only, not of {config.model_type}",
            hint=f"Name llama.cpp's {_CONVERTER} by --converter.",
        )
    file_type, matrices = KINDS[kind]
    writer = GGUFWriter(file, "llama")
    _describe(writer, config, folder.name, file_type)
    add_words(writer, GGUFReader(base) if base.suffix == ".gguf" else folder, config.vocab_size)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    planned = [(names.get_name(name, (".weight",)) or "", name, shape) for name, shape in _tensors(folder)]
    if strange := [name for new, name, _ in planned if not new]:
        raise ExportFailed(f"{folder} holds tensors that no Llama has: {', '.join(strange[:3])}")
    stretched = _rope_factors(config)
    if stretched is not None:
        _plan(writer, "rope_freqs.weight", stretched.shape, GGMLQuantizationType.F32)
    for new, _, shape in planned:
        _plan(writer, new, shape, _held(shape, matrices))
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        if stretched is not None:
            writer.write_tensor_data(stretched)
        for _, name, shape in planned:
            values = np.ascontiguousarray(_permuted(name, _read(folder, name), config))
            writer.write_tensor_data(gguf.quants.quantize(values, _held(shape, matrices)))
    finally:
        writer.close()


def _held(shape: tuple[int, ...], matrices: GGMLQuantizationType) -> GGMLQuantizationType:
    """How a tensor is held: rows that do not fill whole blocks as float16, as llama.cpp's converter does."""
    if len(shape) < 2:
        return GGMLQuantizationType.F32
    block, _ = gguf.GGML_QUANT_SIZES[matrices]
    return matrices if shape[-1] % block == 0 else GGMLQuantizationType.F16


def _plan(writer: GGUFWriter, name: str, shape: tuple[int, ...], held: GGMLQuantizationType) -> None:
    """Announce a tensor, so that the tensors need not be in memory together."""
    inner = gguf.quants.quant_shape_to_byte_shape(shape, held)
    size = int(np.prod(inner))
    plain = {GGMLQuantizationType.F32: np.float32, GGMLQuantizationType.F16: np.float16}.get(held)
    if plain is None:
        writer.add_tensor_info(name, inner, np.dtype(np.uint8), size, raw_dtype=held)
    else:
        writer.add_tensor_info(name, shape, np.dtype(plain), int(np.prod(shape)) * np.dtype(plain).itemsize)


def _describe(writer: GGUFWriter, config: PretrainedConfig, name: str, file_type: LlamaFileType) -> None:
    """The metadata of a Llama model. Source: ggml's docs/gguf.md, "LLM" and "Llama"."""
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_type("model")
    writer.add_name(name)
    writer.add_file_type(file_type)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(head)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])


def _rope_factors(config: PretrainedConfig) -> NDArray[np.float32] | None:
    """By how much Llama 3.1 slows each rotary frequency, shape (head_dim / 2,); None for unstretched rotation."""
    kind = config.rope_parameters.get("rope_type", "default")
    if kind == "default":
        return None
    if kind != "llama3":
        raise ExportFailed(
            f"Marrow writes no GGUF of the rotary scaling {kind!r}", hint=f"Use --converter {_CONVERTER}."
        )
    slowed, _ = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    plain = 1.0 / config.rope_parameters["rope_theta"] ** (np.arange(0, head, 2, dtype=np.float64) / head)
    return np.asarray(plain / slowed.double().numpy(), dtype=np.float32)


def _permuted(name: str, values: NDArray[np.float32], config: PretrainedConfig) -> NDArray[np.float32]:
    """Rows of query and key in llama.cpp's order: it rotates neighbours, transformers halves of a head."""
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(name.split(".")[-2])
    if heads is None:
        return values
    inner = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
    return inner.swapaxes(1, 2).reshape(values.shape)


def _tensors(folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and shape of each tensor, those of a file in order of their names."""
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as tensors:
            yield from ((name, tuple(tensors.get_slice(name).get_shape())) for name in sorted(tensors.keys()))


def _read(folder: Path, name: str) -> NDArray[np.float32]:
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as tensors:
            if name in tensors.keys():  # noqa: SIM118 - no dict
                values: Any = tensors.get_tensor(name).float().numpy()
                return np.asarray(values, dtype=np.float32)
    raise ExportFailed(f"{folder} has lost the tensor {name}")
