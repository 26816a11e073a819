"""Search over up to a million passages: build, recall, cold start, memory and latency, beside rank-bm25 + FAISS flat.

Run: .venv/bin/python benchmarks/scale.py [--home benchmarks/out/home] [--sizes 58565 200000 1000000] [--out DIR]
Build the home first with benchmarks/corpus.py; its embedder is used throughout. A million passages take 10 GB of disk,
8 GB of memory for the peers, and about half an hour. `--eight-bit` measures an inverted file of 8-bit vectors too,
which ours was preferred to.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from report import CHECKOUT, OUT, print_json, print_table, shared_data
from scale_corpus import documents, varied_codes, write_vectors
from server import questions

from retriever.build import FORMAT, write_durably
from retriever.codes import write_codes
from retriever.dense import DenseIndex
from retriever.embedder import Embedder, Vectors
from retriever.errors import NoIndex
from retriever.fusion import min_max_sum
from retriever.index import IndexFolder, demand_fitting
from retriever.lexical import PassageFields, build_lexical
from retriever.records import Manifest
from retriever.rules import rules_checksum
from retriever.search import Searcher
from retriever.store import write_store

DEPTH = 100
VERSION = "scale"


def asked(count: int) -> list[str]:
    """Questions of BioASQ where the development data is there, else of the development set of this project."""
    data = shared_data()
    if data is None:
        return questions(count)
    lines = (data / "beir" / "bioasq-dev" / "queries.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    return texts[:: max(len(texts) // count, 1)][:count]


def embedder_of(home: Path) -> Embedder:
    """The embedder that the active index of a home was built with, whose vectors are multiplied here.

    Raises:
        RetrieverError: if there is no index, or it was built with other weights than this embedder now has.
    """
    manifest = IndexFolder(home).active()
    if manifest is None:
        raise NoIndex(f"{home} has no index", hint="Build one with: python benchmarks/corpus.py")
    embedder = Embedder(manifest.embedder)
    demand_fitting(manifest, embedder)
    return embedder


def fields(home: Path, n_passages: int) -> Iterator[PassageFields]:
    """What the lexical index takes."""
    for document, passages, _ in documents(home, n_passages):
        for passage in passages:
            yield PassageFields(document.meta.title, (*passage.section[-1:], *document.meta.mesh), passage.text)


def build(home: Path, n_passages: int, target: Path) -> dict[str, float]:
    """Write a version folder; seconds of each stage, peak memory in MB, and recall@10 as the build measures it."""
    embedder, folder = embedder_of(home), target / "versions" / VERSION
    shutil.rmtree(target, ignore_errors=True)
    folder.mkdir(parents=True)
    figures: dict[str, float] = {}
    begin = time.perf_counter()
    vectors = write_vectors(home, n_passages, target / "vectors.npy")
    figures["made_s"] = time.perf_counter() - begin
    begin = time.perf_counter()
    dense = DenseIndex.build(vectors)
    dense.write(folder / "dense.faiss")
    figures["dense_s"], figures["build_recall@10"] = time.perf_counter() - begin, dense.recall_at_10 or 0.0
    begin = time.perf_counter()
    build_lexical(fields(home, n_passages), folder / "lexical")
    figures["lexical_s"] = time.perf_counter() - begin
    begin = time.perf_counter()
    write_codes(varied_codes(home, n_passages), folder / "tokens")
    write_store(documents(home, n_passages), folder / "passages.db")
    figures["store_and_codes_s"] = time.perf_counter() - begin
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    manifest = Manifest(
        version=VERSION, format=FORMAT, built="2026-01-01T00:00:00+00:00", embedder=embedder.name,
        embedder_checksum=embedder.checksum, dimension=dense.dimension, rules_checksum=rules_checksum(),
        recall_at_10=dense.recall_at_10 or 0.0, catalog_hash="", documents=0, passages=n_passages, files={},
    )  # fmt: skip
    write_durably(folder / "manifest.json", manifest.model_dump_json())
    write_durably(target / "ACTIVE", VERSION)
    figures["disk_mb"] = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    return figures


def resident_mb() -> float:
    """Resident memory of this process, mapped files included."""
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def process_age_s() -> float:
    """Seconds since this process was started, Python's own start included."""
    started = int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def timed(search: Callable[[str], object], texts: list[str]) -> dict[str, float]:
    """Milliseconds a question, one at a time, after a few to warm up."""
    for text in texts[:5]:
        search(text)
    times = []
    for text in texts:
        begin = time.perf_counter()
        search(text)
        times.append((time.perf_counter() - begin) * 1000)
    return dict(zip(("p50", "p95"), np.percentile(times, [50, 95]).tolist(), strict=True))


def ours(target: Path, count: int) -> dict[str, object]:
    """Open the folder, answer one question, then many, everything included; each stage's p50, memory, and recall@10."""
    texts, embedder = asked(count), embedder_of(target)
    searcher = Searcher(target, embedder)
    searcher.search(texts[0])
    first_s = process_age_s()
    figures: dict[str, object] = {
        "cold_start_s": first_s,
        "search_ms": timed(searcher.search, texts),
        "resident_mb": resident_mb(),
    }
    stages = [searcher.search(text).timings_ms for text in texts]
    figures["stages_ms"] = {name: float(np.median([times[name] for times in stages])) for name in stages[0]}
    vectors, dense = embedder.encode(texts), searcher.index().dense
    tenth = tenth_best(np.load(target / "vectors.npy", mmap_mode="r"), vectors)
    found = [[score for _, score in dense.search(vector, 10)] for vector in vectors]
    figures["recall@10"] = float(np.mean([np.asarray(f) >= t - 1e-4 for f, t in zip(found, tenth, strict=True)]))
    return figures


def tenth_best(vectors: NDArray[np.float16], queries: Vectors) -> Vectors:
    """The exact tenth best cosine of each query."""
    best = np.full((len(queries), 10), -1.0, np.float32)
    for start in range(0, len(vectors), 50_000):
        scores = queries @ vectors[start : start + 50_000].astype(np.float32).T
        best = np.partition(np.concatenate([best, scores], axis=1), -10, axis=1)[:, -10:]
    return np.asarray(best.min(axis=1), np.float32)


def peer(target: Path, home: Path, n_passages: int, count: int) -> dict[str, object]:
    """rank-bm25 over lower-case words and a flat FAISS index of float32 vectors, fused as ours are."""
    from rank_bm25 import BM25Okapi  # type: ignore[import-untyped]  # it has no types

    texts, words = asked(count), dict[str, str]()
    # One object for each word: as rank-bm25's own examples write it, a million passages would not fit into memory.
    tokens = (
        [words.setdefault(word, word) for word in f"{part.title} {part.body}".lower().split()]
        for part in fields(home, n_passages)
    )
    begin = time.perf_counter()
    okapi = BM25Okapi(tokens)
    flat = faiss.IndexFlatIP(np.load(target / "vectors.npy", mmap_mode="r").shape[1])
    for start in range(0, n_passages, 50_000):
        flat.add(np.load(target / "vectors.npy", mmap_mode="r")[start : start + 50_000].astype(np.float32))
    embedder, build_s = embedder_of(target), time.perf_counter() - begin

    def hybrid(text: str) -> list[tuple[int, float]]:
        scores = okapi.get_scores(text.lower().split())
        best = np.argpartition(-scores, DEPTH)[:DEPTH]
        cosines, rows = flat.search(embedder.encode([text]), DEPTH)
        lexical = [(int(row), float(scores[row])) for row in best]
        dense = list(zip(rows[0].tolist(), cosines[0].tolist(), strict=True))
        return min_max_sum([lexical, dense], weights=[0.5, 0.5])

    return {"search_ms": timed(hybrid, texts), "resident_mb": resident_mb(), "build_s": build_s}


def eight_bit(target: Path, count: int) -> dict[str, object]:
    """The alternative: the same inverted file with 8-bit vectors, as many lists searched as a recall of 0.98 takes."""
    vectors, queries = np.load(target / "vectors.npy", mmap_mode="r"), embedder_of(target).encode(asked(count))
    dimension, tenth = vectors.shape[1], tenth_best(vectors, queries)
    index = faiss.index_factory(dimension, f"IVF{len(vectors) // 4_096},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(np.ascontiguousarray(vectors[:: len(vectors) // 60_000], np.float32))
    for start in range(0, len(vectors), 50_000):
        index.add(vectors[start : start + 50_000].astype(np.float32))
    faiss.omp_set_num_threads(1)
    figures: dict[str, object] = {}
    for share in (8, 4, 2, 1):
        index.nprobe = index.nlist // share
        begin = time.perf_counter()
        rows = [index.search(query[None], DEPTH)[1][0][:10] for query in queries]
        spent_ms = (time.perf_counter() - begin) * 1000 / len(queries)
        exact = [vectors[found].astype(np.float32) @ query for found, query in zip(rows, queries, strict=True)]
        recall = float(np.mean([scores >= t - 1e-4 for scores, t in zip(exact, tenth, strict=True)]))
        figures[f"{index.nprobe} of {index.nlist} lists"] = {"ms": spent_ms, "recall@10": recall}
    return figures


def in_process(part: str, options: argparse.Namespace, size: int, count: int) -> dict[str, object]:
    """Run a part in a process of its own, so that memory and cold start are its own; its figures."""
    command = [sys.executable, __file__, "--part", part, "--sizes", str(size), "--questions", str(count)]
    command += ["--home", str(options.home), "--out", str(options.out)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_part(options: argparse.Namespace) -> dict[str, object]:
    """The figures of one part at one size."""
    size, target = options.sizes[0], options.out / str(options.sizes[0])
    if options.part == "build":
        return dict(build(options.home, size, target))
    if options.part == "ours":
        return ours(target, options.questions)
    if options.part == "eight_bit":
        return eight_bit(target, options.questions)
    return peer(target, options.home, size, options.questions)


def main() -> None:
    """Measure every size and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, default=OUT / "home")
    parser.add_argument("--out", type=Path, default=OUT / "scale")
    parser.add_argument("--sizes", type=int, nargs="+", default=[58_565, 200_000, 1_000_000])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--peer-questions", type=int, default=10)
    parser.add_argument("--eight-bit", action="store_true")
    parser.add_argument("--part", choices=("build", "ours", "peer", "eight_bit"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        sys.stdout.write(json.dumps(run_part(options)) + "\n")
        return
    figures: dict[str, object] = {}
    for size in options.sizes:
        names = ["build", "ours", *(["eight_bit"] if options.eight_bit else [])]
        parts = {name: in_process(name, options, size, options.questions) for name in names}
        parts["peer"] = in_process("peer", options, size, options.peer_questions)
        one, other = parts["ours"]["search_ms"], parts["peer"]["search_ms"]
        assert isinstance(one, dict) and isinstance(other, dict)
        figures[str(size)] = {**parts, "times_as_fast": other["p50"] / one["p50"]}
        rows = [(f"{part}: {name}", json.dumps(value)) for part in parts for name, value in parts[part].items()]
        print_table(f"{size:,} passages", [*rows, ("times as fast", f"{other['p50'] / one['p50']:.0f}")])
    print_json("scale", figures)


if __name__ == "__main__":
    main()
