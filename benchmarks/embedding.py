"""Passages embedded a second: ours beside SentenceTransformer.encode with its defaults, in one run.

Run: .venv/bin/python benchmarks/embedding.py [--passages 400]
"""

import argparse
import time
from collections.abc import Callable
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from report import print_json, print_table

from ingest.chunk import chunk
from ingest.files import read_path
from ingest.records import Document
from retriever.build import passage_context
from retriever.dense import BUNDLED_MODEL, Embedder, has_bfloat16, model_path


def handbook_texts(count: int) -> list[str]:
    """The first passages of the starter handbook, as they are indexed."""
    folder = files("ingest") / "handbook"
    texts = []
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        for document in read_path(file, fetched="2026-01-01"):
            if isinstance(document, Document):
                texts += [passage_context(document.meta.title, p.section, p.text) for p in chunk(document)]
    return texts[:count]


def timed(encode: Callable[[list[str]], object], texts: list[str]) -> tuple[float, NDArray[np.float32]]:
    """(texts a second, vectors) of the better of two runs."""
    encode(texts[:8])
    best, vectors = 0.0, np.zeros((0, 0), np.float32)
    for _ in range(2):
        begin = time.perf_counter()
        vectors = np.asarray(encode(texts), np.float32)
        best = max(best, len(texts) / (time.perf_counter() - begin))
    return best, vectors


def main() -> None:
    """Measure both and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--passages", type=int, default=400)
    # Imported by way of ours, which makes torchvision's import safe beside a CPU torch.
    Embedder().encode(["warm up"])
    from sentence_transformers import SentenceTransformer

    texts = handbook_texts(parser.parse_args().passages)
    stock_rate, stock = timed(SentenceTransformer(str(model_path(BUNDLED_MODEL)), device="cpu").encode, texts)
    our_rate, ours = timed(Embedder().encode, texts)
    cosine = float((stock / np.linalg.norm(stock, axis=1, keepdims=True) * ours).sum(axis=1).min())
    rows = [
        ("passages", f"{len(texts)} of {np.mean([len(t) for t in texts]):.0f} characters on average"),
        ("bfloat16 on this processor", str(has_bfloat16())),
        ("SentenceTransformer.encode, defaults", f"{stock_rate:.1f} passages/s"),
        ("ours", f"{our_rate:.1f} passages/s, {our_rate / stock_rate:.1f} times as fast"),
        ("least cosine between the two", f"{cosine:.4f}"),
    ]
    print_table("Embedding", rows)
    figures = {"ours_per_s": our_rate, "stock_per_s": stock_rate, "ratio": our_rate / stock_rate, "cosine": cosine}
    print_json("embedding", figures)


if __name__ == "__main__":
    main()
