"""The second stage: the best candidates, compared with the question word by word or by a cross-encoder."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from ingest.errors import MissingPart
from retriever.embedder import EncodedQuestion, Vectors
from retriever.index import OpenIndex
from retriever.terms import surface_terms

LATE_INTERACTION = "late-interaction"
_HINT = f"Set MARROW_RERANKER to a local folder or a model that can be reached, or to {LATE_INTERACTION}."


class Reranker(Protocol):
    """Scores candidates of the first stage."""

    def scores(self, index: OpenIndex, question: str, encoded: EncodedQuestion, rows: Sequence[int]) -> Vectors:
        """How well each row answers the question, shape (n_rows,), float32; only their order and distances count."""


class LateInteraction:
    """Every word of the question finds its best match among the tokens of the passage.

    A passage scores the mean of these matches, each weighted by the inverse document frequency of the word's rarest
    term, so that "of" counts nothing and a drug's name much. The tokens' vectors are those of the embedder, kept as the
    signs of 128 projections: 16 bytes a token, and no pass through a model at search time.

    Source: Khattab and Zaharia 2020, doi:10.1145/3397271.3401075 (ColBERT).
    """

    def scores(self, index: OpenIndex, question: str, encoded: EncodedQuestion, rows: Sequence[int]) -> Vectors:
        """The weighted mean of the best matches, in -1..1."""
        weights = token_weights(question, encoded.spans, idf=index.lexical.idf)
        matches = index.codes.best_matches(encoded.tokens, rows)
        return np.asarray(matches @ weights, np.float32)


def token_weights(question: str, spans: Sequence[tuple[int, int]], *, idf: Callable[[str], float]) -> Vectors:
    """How much each token of a question counts, shape (n_tokens,), summing to 1; alike where it has no term."""
    weights = np.zeros(len(spans), np.float32)
    starts = np.array([start for start, _ in spans], np.int64)
    ends = np.array([end for _, end in spans], np.int64)
    for term, start, end in surface_terms(question):
        inside = (starts >= start) & (ends <= end)
        weights[inside] = np.maximum(weights[inside], idf(term))
    total = float(weights.sum())
    return weights / total if total else np.full(len(spans), 1 / max(1, len(spans)), np.float32)


class CrossEncoderReranker:
    """Any sentence-transformers CrossEncoder, a local folder or a Hugging Face id; loaded at first use."""

    def __init__(self, name: str) -> None:
        """Name the model."""
        self._name = name
        self._loading = threading.Lock()
        self._loaded: Any = None

    def scores(self, index: OpenIndex, question: str, encoded: EncodedQuestion, rows: Sequence[int]) -> Vectors:
        """The model's score of each (question, passage) pair.

        A pair that the model gives no number scores as its worst.

        Raises:
            MissingPart: if the model cannot be loaded, or gives no pair a number.
        """
        pairs = [(question, f"{item.document.meta.title}\n{item.passage.text}") for item in index.store.rows(rows)]
        scores = np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float32).reshape(len(rows))
        numbers = scores[np.isfinite(scores)]
        if len(rows) and not len(numbers):
            raise MissingPart(f"the reranker {self._name} gives no scores that are numbers", hint=_HINT)
        return np.where(np.isfinite(scores), scores, numbers.min(initial=np.inf))

    @property
    def _model(self) -> Any:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Any:
        # By way of the embedder's loader, which makes torchvision's import safe beside a CPU torch.
        from sentence_transformers import CrossEncoder

        import ingest.torchfix  # noqa: F401

        try:
            return CrossEncoder(self._name)
        except (OSError, ValueError) as error:
            raise MissingPart(
                f"the reranker {self._name} could not be loaded: {str(error).splitlines()[0]}",
                hint=_HINT,
            ) from error


def open_reranker(name: str) -> Reranker:
    """The second stage of that name: late interaction, or a CrossEncoder's folder or id, loaded at first use."""
    return LateInteraction() if name == LATE_INTERACTION else CrossEncoderReranker(name)
