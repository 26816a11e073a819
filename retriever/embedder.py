"""Texts to sentence vectors, and to the token codes of late interaction, in one pass through the model."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from retriever.codes import Codes, pack_signs, random_projection
from retriever.weights import BUNDLED_MODEL, PROJECTION_FILE, checksum, find_model, load_model
from retriever.words import STOP_WORDS

if TYPE_CHECKING:
    from retriever.text_model import TextModel

Vectors = NDArray[np.float32]
_Made = TypeVar("_Made")
# Batches of like length waste no padding; of 512 to 4,096 tokens this size was the fastest (benchmarks/embedding.py).
BATCH_TOKENS = 768


@dataclass(frozen=True, slots=True)
class EncodedPassages:
    """Passages for the index: unit vectors (n_passages, dimension), and of each passage the codes of its tokens."""

    vectors: Vectors
    codes: list[Codes]


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """A question for a search.

    `vector` is a unit vector, shape (dimension,); `tokens` are unit vectors of its tokens, shape (n_tokens,
    CODE_DIMENSION), float32; `spans` say where in the text each token stands.
    """

    vector: Vectors
    tokens: Vectors
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _States:
    """What the model makes of one text: its sentence vector, and its tokens, projected, (n_tokens, CODE_DIMENSION)."""

    ids: list[int]
    vector: Vectors
    tokens: Vectors


class Embedder:
    """A sentence-transformers model; texts go in, unit vectors come out.

    bfloat16 is used where the CPU computes in it: four times the speed, cosine to the float32 vectors above 0.998.
    """

    def __init__(self, name: str = BUNDLED_MODEL) -> None:
        """Name a model: a bundled one, a local folder, or a Hugging Face id. It is loaded at first use."""
        self.name = name
        self._loading = threading.Lock()
        self._loaded: TextModel | None = None
        # A thread a core, for all who ask: each with a batch of its own leaves no core waiting for the other at every
        # layer, and 32 questions at once are no 32 times the memory.
        self._workers = ThreadPoolExecutor(os.cpu_count(), "embedder", initializer=_one_core)

    @property
    def _model(self) -> "TextModel":
        # Not a cached property: from Python 3.12 on, threads that ask at once would each load the model.
        with self._loading:
            if self._loaded is None:
                self._loaded = load_model(find_model(self.name))
            return self._loaded

    @cached_property
    def checksum(self) -> str:
        """16 hex digits that change when the model's weights do; for a model id that is not local, of its name."""
        return checksum(find_model(self.name))

    @cached_property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._model.dimension

    @cached_property
    def _projection(self) -> Any:
        """The directions whose signs are a token's code: a tensor, shape (dimension, CODE_DIMENSION)."""
        from ingest.torchfix import torch

        adapter = find_model(self.name).adapter
        if adapter is None:
            directions = torch.from_numpy(random_projection(self.dimension))
        else:
            from safetensors.torch import load_file

            directions = load_file(adapter / PROJECTION_FILE)["projection"].float()
        return directions.to(self._model.device)

    @cached_property
    def _coded(self) -> NDArray[np.bool_]:
        """Which tokens of the vocabulary get a code, shape (n_vocabulary,): stop words, signs and marks do not."""
        model = self._model
        coded = np.zeros(max(model.vocabulary.values()) + 1, np.bool_)
        for token, number in model.vocabulary.items():
            bare = token.removeprefix("##").lstrip("▁Ġ").casefold()
            coded[number] = token not in model.special and any(map(str.isalnum, bare)) and bare not in STOP_WORDS
        return coded

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed texts.

        Returns:
            Unit vectors, shape (n_texts, dimension), float32, in the order of the texts.
        """
        return self._stacked(self._each(texts, lambda states: states.vector))

    def encode_passages(self, texts: Sequence[str]) -> EncodedPassages:
        """Embed texts with the codes of their tokens, stop words and punctuation left out."""

        def codes(states: _States) -> tuple[Vectors, Codes]:
            return states.vector, pack_signs(states.tokens[self._coded[states.ids]])

        pairs = self._each(texts, codes, projection=self._projection)
        return EncodedPassages(self._stacked([vector for vector, _ in pairs]), [found for _, found in pairs])

    def encode_question(self, text: str) -> EncodedQuestion:
        """Embed a question with its tokens."""
        (states,) = self._each([text], lambda states: states, projection=self._projection)
        spans = self._model.spans(text)
        # Marks such as [CLS] stand nowhere in the text.
        places = [place for place, (start, end) in enumerate(spans) if end > start]
        tokens = states.tokens[places]
        tokens = tokens / np.maximum(np.linalg.norm(tokens, axis=1, keepdims=True), 1e-9)
        vector = self._stacked([states.vector])[0]
        return EncodedQuestion(vector, np.asarray(tokens, np.float32), tuple(spans[place] for place in places))

    def _stacked(self, vectors: Sequence[Vectors]) -> Vectors:
        stacked = np.stack(vectors) if len(vectors) else np.zeros((0, self.dimension), np.float32)
        # Here and not by the model, whose bfloat16 leaves lengths 0.5 % off.
        return np.asarray(stacked / np.linalg.norm(stacked, axis=1, keepdims=True), np.float32)

    def _each(self, texts: Sequence[str], finish: Callable[[_States], _Made], *, projection: Any = None) -> list[_Made]:
        """What `finish` makes of the states of each text, in their order; without a projection there are no tokens."""
        if not texts:
            return []
        model = self._model
        ids = model.token_ids(texts)
        found: dict[int, _Made] = {}

        def run(batch: list[int]) -> None:
            for place, states in zip(batch, _states(model, [ids[place] for place in batch], projection), strict=True):
                found[place] = finish(states)

        batches = _batches([len(text_ids) for text_ids in ids])
        list(self._workers.map(run, batches) if model.device.type == "cpu" else map(run, batches))
        return [found[place] for place in range(len(texts))]


def _states(model: "TextModel", ids: list[list[int]], projection: Any) -> list[_States]:
    """What the model makes of texts given as token ids, the longest first."""
    from ingest.torchfix import torch

    tokens = torch.zeros(len(ids), len(ids[0]), dtype=torch.long)
    attention = torch.zeros_like(tokens)
    for row, text_ids in enumerate(ids):
        tokens[row, : len(text_ids)] = torch.tensor(text_ids)
        attention[row, : len(text_ids)] = 1
    with torch.inference_mode():
        of_tokens, of_texts = model.states(tokens.to(model.device), attention.to(model.device))
        vectors = of_texts.float().cpu().numpy()
        states = vectors[:, None]
        if projection is not None:
            # In float32: rounded once more, one sign in fifty would turn.
            states = (of_tokens.float() @ projection).cpu().numpy()
    return [
        _States(text_ids, vector, state[: len(text_ids)])
        for text_ids, vector, state in zip(ids, vectors, states, strict=True)
    ]


def _one_core() -> None:
    from ingest.torchfix import torch

    torch.set_num_threads(1)  # holds for the thread that calls it


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of the texts, longest first, in batches of about `BATCH_TOKENS` tokens with their padding."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if batch and lengths[batch[0]] * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
