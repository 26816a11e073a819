"""Open the weights behind a model's name for export, and compare what two of them say."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
from transformers.utils.logging import disable_progress_bar

from finetune.errors import ExportFailed
from generator.prompts import REFUSAL, reword_system, reword_user

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# What a model answers from here is made up; the words only have to be of the kind that Marrow asks and answers.
_FACTS = ("Imatinib inhibits the tyrosine kinase BCR::ABL1.", "Chronic myeloid leukemia is treated with imatinib.")
_ANSWER = "Imatinib, which inhibits BCR::ABL1 [1], is used in chronic myeloid leukemia [2]."
PROBE = "\n".join((reword_system("clinician"), reword_user("What does imatinib do?", _FACTS), _ANSWER, REFUSAL))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How close the next-token logits of two models are over the probe text.

    `max_difference` is the largest difference of a logit, as a share of the standard deviation of the first model's
    logits; `same_first` the share of positions, 0..1, where both hold the same token most likely.
    """

    tokens: int
    max_difference: float
    same_first: float


def load_causal(path: Path, dtype: str) -> tuple[Any, Any]:
    """The network and tokenizer of a folder, a GGUF file (its weights unpacked) or a Hugging Face id, on the processor.

    Args:
        path: as `generator.models.find_weights` gives it.
        dtype: a key of `DTYPES`.

    Raises:
        ExportFailed: if the weights cannot be loaded, or are held in few bits already, which merging would spoil.
    """
    disable_progress_bar()
    packed = path.suffix == ".gguf"
    source, options = (str(path.parent), {"gguf_file": path.name}) if packed else (str(path), {})
    unpack = GgufConfig(dequantize=True) if packed else None
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        network = AutoModelForCausalLM.from_pretrained(
            source, dtype=DTYPES[dtype], quantization_config=unpack, **options
        )
    except (OSError, ValueError, ImportError, RuntimeError, LookupError, SafetensorError) as error:
        raise ExportFailed(f"the model {path} could not be loaded: {str(error).splitlines()[0]}") from error
    if not packed and getattr(network.config, "quantization_config", None):
        raise ExportFailed(f"the weights of {path} are quantised", hint="Name the base in full precision by --base.")
    return network.eval(), tokenizer


def probe_logits(network: Any, tokenizer: Any) -> torch.Tensor:
    """The logits over `PROBE`, shape (tokens, vocabulary), float32."""
    ids = tokenizer(PROBE, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        logits: torch.Tensor = network(input_ids=ids.to(network.device)).logits[0].float().cpu()
    return logits


def agreement(first: torch.Tensor, second: torch.Tensor) -> Agreement:
    """Compare two results of `probe_logits` of the same shape."""
    return Agreement(
        tokens=first.shape[0],
        max_difference=float((first - second).abs().max() / first.std()),
        same_first=float((first.argmax(-1) == second.argmax(-1)).float().mean()),
    )


def require_free(out: Path, needed: int) -> None:
    """Refuse a target that is taken, or on a disk with less than `needed` bytes free.

    Raises:
        ExportFailed: if so, before anything is computed.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ExportFailed(f"{out} exists already", hint="Name a new folder, or remove this one first.")
    existing = next(folder for folder in out.absolute().parents if folder.exists())
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise ExportFailed(
            f"{needed / 1e9:.1f} GB are needed in {existing}, {free / 1e9:.1f} GB are free",
            hint="Free some space, or name a folder on another disk.",
        )


def tensor_names(files: Sequence[Path]) -> set[str]:
    """The names of the tensors in safetensors files."""
    names: set[str] = set()
    for file in files:
        with safe_open(file, "pt") as tensors:
            names.update(tensors.keys())
    return names


def weight_bytes(base: Path, dtype: str) -> int:
    """About as many bytes as the weights take in a dtype; 0 for a hub's model, which tells only when it is loaded.

    A folder's weights are taken to be in 16 bits, as models are published.
    """
    bytes_each = DTYPES[dtype].itemsize
    if base.suffix == ".gguf":
        from gguf import GGUFReader  # imported here: only GGUF bases need it

        return sum(int(tensor.n_elements) for tensor in GGUFReader(base).tensors) * bytes_each
    files = list(base.glob("*.safetensors")) if base.is_dir() else []
    return sum(file.stat().st_size for file in files) * bytes_each // 2
