"""Merge a LoRA adapter into its base, as one folder of safetensors that every server of chat models opens."""

import json
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from finetune.errors import ExportFailed
from finetune.export.weights import (
    Agreement,
    agreement,
    load_causal,
    probe_logits,
    require_free,
    tensor_names,
    weight_bytes,
)
from generator.models import ModelConfig, find_weights
from ingest.console import print_line
from ingest.errors import reason_of

# The largest difference of a logit, in standard deviations of the logits, that is put down to rounding merged weights.
TOLERANCE = {"float32": 1e-3, "bfloat16": 0.5, "float16": 0.1}


@dataclass(frozen=True, slots=True)
class Merged:
    """What was merged: the folder, the base as the adapter names it, bytes and seconds, and the check of its words.

    `agreement` compares base and adapter, side by side, with the merged folder as it was read back from disk.
    """

    folder: Path
    base: str
    dtype: str
    size_bytes: int
    seconds: float
    agreement: Agreement


def merge(adapter: Path, out: Path, *, dtype: str = "bfloat16", base: str | None = None) -> Merged:
    """Merge an adapter into its base and write safetensors, tokenizer and generation config.

    The folder appears only once it is complete and says the same as base and adapter over a probe text.

    Args:
        adapter: a folder that peft saved.
        out: a new or empty folder.
        dtype: "float32", "bfloat16" or "float16": what the weights are merged and written in.
        base: the base, where it is another than the adapter names: "smollm2", a folder or a GGUF file.

    Raises:
        ExportFailed: if the adapter is damaged or of another base, the folder is taken, the disk full, or the merged
            model says something else.
        ConfigError: if the adapter's base is nowhere.
    """
    started = time.monotonic()
    named = read_adapter(adapter)
    path, _ = find_weights(ModelConfig(name=base, adapter=str(adapter)) if base else ModelConfig(name=str(adapter)))
    require_free(out, weight_bytes(path, dtype))
    print_line(f"Loading {base or named} in {dtype} …")
    network, tokenizer = load_causal(path, dtype)
    adapted = put_adapter(network, adapter)
    before = probe_logits(adapted, tokenizer)
    with finished_folder(out) as unfinished:
        print_line("Merging and writing …")
        whole = adapted.merge_and_unload()
        whole.save_pretrained(unfinished)
        tokenizer.save_pretrained(unfinished)
        del network, adapted, whole
        again, tokenizer = load_causal(unfinished, dtype)
        same = agreement(before, probe_logits(again, tokenizer))
        if not same.max_difference <= TOLERANCE[dtype]:
            raise ExportFailed(
                f"the merged model differs from base and adapter: by {same.max_difference:.2g} standard deviations",
                hint="Try --dtype float32; check that the adapter holds no numbers that are not finite.",
            )
        size = sum(file.stat().st_size for file in unfinished.iterdir())
    return Merged(out, base or named, dtype, size, round(time.monotonic() - started, 1), same)


def read_adapter(adapter: Path) -> str:
    """The base that a LoRA adapter names.

    Raises:
        ExportFailed: if the folder holds no adapter that can be merged.
    """
    file, hint = adapter / "adapter_config.json", "Name the folder adapter/ that `marrow finetune train` wrote."
    try:
        config = json.loads(file.read_text("utf-8"))
        kind, base = config["peft_type"], config["base_model_name_or_path"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ExportFailed(f"there is no LoRA adapter in {adapter}: {file.name} cannot be read", hint=hint) from error
    if kind != "LORA":
        raise ExportFailed(f"{adapter} is an adapter of the kind {kind}, not LORA", hint=hint)
    if not (adapter / "adapter_model.safetensors").is_file():
        raise ExportFailed(f"{adapter} has no adapter_model.safetensors", hint=hint)
    return str(base)


def put_adapter(network: Any, adapter: Path) -> Any:
    """The network as a peft model with the adapter on it, in evaluation mode.

    Raises:
        ExportFailed: if the adapter is of another base: a shape differs, or a tensor has no place or is missing.
    """
    # Imported here: it takes a second, and a folder that is no adapter is refused before.
    from peft import PeftModel, get_peft_model_state_dict

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="Found missing adapter keys")
            adapted = PeftModel.from_pretrained(network, str(adapter)).eval()
        there = tensor_names([adapter / "adapter_model.safetensors"])
    except (OSError, ValueError, RuntimeError, LookupError, SafetensorError, UserWarning, TypeError) as error:
        reason = next((line.strip() for line in str(error).splitlines() if "mismatch for" in line), str(error)[:300])
        raise ExportFailed(f"the adapter {adapter} does not fit its base: {reason}") from error
    # Else peft looks for the base on the hub, to learn whether its embedding was changed.
    if strange := there - set(get_peft_model_state_dict(adapted, save_embedding_layers=False)):
        raise ExportFailed(f"the adapter {adapter} does not fit its base: {len(strange)} tensors have no place in it")
    return adapted


@contextmanager
def finished_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` that becomes it at the end, and is removed if something fails.

    Raises:
        ExportFailed: if it cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as unfinished:
            inner = Path(unfinished) / out.name
            inner.mkdir()
            yield inner
            if out.exists():
                out.rmdir()
            shutil.move(inner, out)
    except OSError as error:
        raise ExportFailed(f"{out} cannot be written: {reason_of(error)}") from error
