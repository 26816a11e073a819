"""Passages embedded a second: ours beside SentenceTransformer.encode with its defaults, in one run.

Run: .venv/bin/python benchmarks/embedding.py [--passages 400]
"""

import argparse
import time
from collections.abc import Callable
from importlib.resources import files
from itertools import islice

import numpy as np
from report import print_json, print_table, shared_data

from ingest.chunk import chunk
from ingest.files import read_path
from ingest.records import Document
from retriever.build import passage_context
from retriever.embedder import Embedder
from retriever.weights import STOCK_MODEL, find_model, has_bfloat16

Encode = Callable[[list[str]], object]


def handbook_texts(count: int) -> list[str]:
    """The first passages of the starter handbook, as they are indexed."""
    folder = files("ingest") / "handbook"
    texts = []
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        for document in read_path(file, fetched="2026-01-01"):
            if isinstance(document, Document):
                texts += [passage_context(document.meta.title, p.section, p.text) for p in chunk(document)]
    return texts[:count]


def abstract_texts(count: int) -> list[str]:
    """Passages of the development data's leukemia abstracts, as they are indexed; none where it is not there."""
    data = shared_data()
    if data is None:
        return []
    read = islice(read_path(data / "pubmed" / "leukemia.jsonl.gz", fetched="2026-01-01"), count)
    documents = [item for item in read if isinstance(item, Document)]
    return [passage_context(d.meta.title, p.section, p.text) for d in documents for p in chunk(d)][:count]


def timed(encode: Encode, texts: list[str]) -> float:
    """Seconds of one run."""
    begin = time.perf_counter()
    encode(texts)
    return time.perf_counter() - begin


def compare(name: str, texts: list[str], stock: Encode, ours: Encode) -> dict[str, float]:
    """Run both in turn, three times each, and print the medians."""
    one, other = np.asarray(stock(texts), np.float32), np.asarray(ours(texts), np.float32)
    cosine = float((one / np.linalg.norm(one, axis=1, keepdims=True) * other).sum(axis=1).min())
    seconds = [(timed(stock, texts), timed(ours, texts)) for _ in range(3)]
    stock_s, ours_s = np.median(seconds, axis=0)
    rows = [
        ("passages", f"{len(texts)} of {np.mean([len(t) for t in texts]):.0f} characters on average"),
        ("SentenceTransformer.encode, defaults", f"{len(texts) / stock_s:.1f} passages/s"),
        ("ours", f"{len(texts) / ours_s:.1f} passages/s, {stock_s / ours_s:.1f} times as fast"),
        ("least cosine between the two", f"{cosine:.4f}"),
    ]
    print_table(f"Embedding, {name}", rows)
    return {"ours_per_s": len(texts) / ours_s, "stock_per_s": len(texts) / stock_s, "ratio": stock_s / ours_s}


def main() -> None:
    """Measure both and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--passages", type=int, default=400)
    count = parser.parse_args().passages
    embedder = Embedder(STOCK_MODEL)
    # Imported by way of ours, which makes torchvision's import safe beside a CPU torch.
    embedder.encode(["warm up"])
    from sentence_transformers import SentenceTransformer

    stock = SentenceTransformer(str(find_model(STOCK_MODEL).folder), device="cpu")
    sets = {"handbook": handbook_texts(count), "abstracts": abstract_texts(count)}
    figures = {name: compare(name, texts, stock.encode, embedder.encode) for name, texts in sets.items() if texts}
    print_json("embedding", {"bfloat16": has_bfloat16(), **figures})


if __name__ == "__main__":
    main()
