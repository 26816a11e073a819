"""The retrievers that Marrow is measured against, each as it comes, over the same documents.

A peer is a function from a question to (document id, score) pairs, best first.
"""

import gzip
import hashlib
import json
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import bm25s
import faiss
import numpy as np
import Stemmer
from rank_bm25 import BM25Okapi  # type: ignore[import-untyped]  # it has no types
from report import OUT

from retriever.embedder import Embedder, Vectors
from retriever.evaluate import Ranker, Ranking
from retriever.fusion import reciprocal_rank
from retriever.weights import STOCK_MODEL, find_model

DEPTH = 100
WORD = re.compile(r"\w+")


def read_corpus(folder: Path) -> dict[str, str]:
    """Document id to title and text of a BEIR folder, in file order."""
    packed, plain = folder / "corpus.jsonl.gz", folder / "corpus.jsonl"
    data = plain.read_bytes() if plain.is_file() else gzip.decompress(packed.read_bytes())
    rows = [json.loads(line) for line in data.splitlines() if line.strip()]
    return {row["_id"]: f"{row.get('title') or ''} {row['text']}".strip() for row in rows}


class Peers:
    """The peers over one corpus; each index is made at first use."""

    def __init__(self, corpus: Mapping[str, str]) -> None:
        """Keep the documents: id to title and text."""
        self._ids = list(corpus)
        self._texts = list(corpus.values())

    @property
    def makers(self) -> dict[str, Callable[[], Ranker]]:
        """The peers by name; calling one builds it."""
        return {
            "rank-bm25": self.rank_bm25,
            "bm25s": self.bm25s_stemmed,
            "MiniLM-flat": self.minilm_flat,
            "RRF": self.rrf,
            "LangChain-Ensemble": self.langchain_ensemble,
        }

    def rank_bm25(self) -> Ranker:
        """BM25Okapi with its defaults over lower-case words."""
        okapi = BM25Okapi([WORD.findall(text.lower()) for text in self._texts])

        def rank(question: str) -> Ranking:
            scores = okapi.get_scores(WORD.findall(question.lower()))
            best = np.argsort(-scores, kind="stable")[:DEPTH]
            return [(self._ids[row], float(scores[row])) for row in best]

        return rank

    def bm25s_stemmed(self) -> Ranker:
        """BM25S with its defaults, its English stop words and the Snowball stemmer, as its README has it."""
        return lambda question: self._named(self._bm25s(question))

    def minilm_flat(self) -> Ranker:
        """The embedding model as sentence-transformers loads it (float32), and exact search by inner product."""
        return lambda question: self._named(self._minilm(question))

    def rrf(self) -> Ranker:
        """Reciprocal rank fusion of the two above, k = 60."""
        return lambda question: self._named(
            reciprocal_rank([self._bm25s(question), self._minilm(question)], k=60)[:DEPTH]
        )

    def langchain_ensemble(self) -> Ranker:
        """LangChain's EnsembleRetriever with equal weights over its BM25Retriever and FAISS store, all defaults."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # langchain-community announces its end at import
            from langchain_classic.retrievers import EnsembleRetriever
            from langchain_community.retrievers import BM25Retriever
            from langchain_community.vectorstores import FAISS
        from langchain_huggingface import HuggingFaceEmbeddings

        metadatas = [{"id": doc_id} for doc_id in self._ids]
        embeddings = HuggingFaceEmbeddings(model_name=_model_folder(), model_kwargs={"device": "cpu"})
        pairs = zip(self._texts, self._vectors.tolist(), strict=True)
        store = FAISS.from_embeddings(pairs, embeddings, metadatas=metadatas)
        words = BM25Retriever.from_texts(self._texts, metadatas=metadatas, k=DEPTH)
        dense = store.as_retriever(search_kwargs={"k": DEPTH})
        ensemble = EnsembleRetriever(retrievers=[words, dense], weights=[0.5, 0.5], id_key="id")
        return lambda question: [
            (str(found.metadata["id"]), 1 / rank) for rank, found in enumerate(ensemble.invoke(question)[:DEPTH], 1)
        ]

    def _named(self, rows: Sequence[tuple[int, float]]) -> Ranking:
        return [(self._ids[row], score) for row, score in rows]

    @cached_property
    def _bm25s(self) -> Callable[[str], list[tuple[int, float]]]:
        stemmer = Stemmer.Stemmer("english")
        tokens = bm25s.tokenize(self._texts, stopwords="en", stemmer=stemmer, show_progress=False)
        index = bm25s.BM25()
        index.index(tokens, show_progress=False)
        depth = min(DEPTH, len(self._ids))

        def rank(question: str) -> list[tuple[int, float]]:
            asked = bm25s.tokenize([question], stopwords="en", stemmer=stemmer, show_progress=False)
            rows, scores = index.retrieve(asked, k=depth, show_progress=False)
            return list(zip(rows[0].tolist(), scores[0].tolist(), strict=True))

        return rank

    @cached_property
    def _minilm(self) -> Callable[[str], list[tuple[int, float]]]:
        index = faiss.IndexFlatIP(self._vectors.shape[1])
        index.add(self._vectors)

        def rank(question: str) -> list[tuple[int, float]]:
            scores, rows = index.search(self._model.encode([question], show_progress_bar=False), DEPTH)
            return [(row, score) for row, score in zip(rows[0].tolist(), scores[0].tolist(), strict=True) if row >= 0]

        return rank

    @cached_property
    def _model(self) -> Any:
        Embedder().encode(["warm up"])  # makes torchvision's import safe beside a CPU torch
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(_model_folder(), device="cpu")

    @cached_property
    def _vectors(self) -> Vectors:
        """The documents' vectors, kept in benchmarks/out: making them takes minutes."""
        digest = hashlib.sha256("\0".join([STOCK_MODEL, *self._texts]).encode()).hexdigest()[:16]
        file = OUT / "peer-vectors" / f"{digest}.npy"
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part.npy")
            np.save(part, self._model.encode(self._texts, show_progress_bar=False))
            part.replace(file)
        return np.asarray(np.load(file), np.float32)


def _model_folder() -> str:
    return str(find_model(STOCK_MODEL).folder)
