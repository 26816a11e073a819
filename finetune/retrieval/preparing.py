"""What a training of the retriever needs, read and looked at before hours are spent."""

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from finetune.errors import INSTALL
from finetune.retrieval.judgement import Models, evaluation_questions
from finetune.retrieval.mining import Mined, mine_index
from finetune.retrieval.pairs import FOLDS, Pair
from finetune.retrieval.reranker import open_base
from finetune.retrieval.seen import question_key, read_seen
from finetune.retrieval.sources import Sources, read_sources, without_questions
from ingest.errors import BadRequest
from ingest.parts import require
from ingest.pipeline import Progress
from retriever.embedder import Embedder
from retriever.evaluate import Query
from retriever.index import OpenIndex
from retriever.runs import prepare_file
from retriever.search import Searcher
from retriever.weights import STOCK_MODEL, find_model

Kind = Literal["embedder", "reranker"]
# How many pairs a step takes, of either model.
BATCH = 32


@dataclass(frozen=True, slots=True)
class TuneConfig:
    """What is trained from what, and measured on what.

    `pairs`, `feedback` and `beir` are as in `read_sources`; `home` is the data folder whose active index gives the
    negatives; `serving` are the models in use, which `kinds` are trained to replace; the embedder starts from the one
    in use, the reranker from the cross-encoder `base`, or from MiniLM with a new head. `questions` is how many of each
    BEIR folder are asked at most.
    """

    home: Path
    pairs: tuple[Path, ...]
    beir: tuple[Path, ...]
    out: Path
    serving: Models
    feedback: Path | None = None
    kinds: tuple[Kind, ...] = ("embedder",)
    base: str | None = None
    steps: int = 250
    fold: int = 0
    questions: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that could be wrong has been looked at.

    `dropped` counts the pairs of each source whose question is asked in the evaluation; `seen` are digests of what the
    models at hand were trained on; `fingerprint` is of all that decides what a trained model will be.
    """

    sources: Sources
    dropped: Mapping[str, int]
    queries: Mapping[Path, Sequence[Query]]
    seen: frozenset[int]
    searcher: Searcher
    embedder: Embedder
    fingerprint: str


def prepare(config: TuneConfig) -> Prepared:
    """Read everything, and open the index and the models to start from.

    Raises:
        MarrowError: for what is missing, malformed, empty or of another model.
    """
    _check(config)
    prepare_file(config.out / "result.json")
    seen = frozenset[int]().union(*map(read_seen, _folders(config)))
    trained_on = {path.resolve() for path in config.pairs}
    queries = {
        folder: evaluation_questions(
            folder,
            trained_on=folder in trained_on,
            fold=config.fold,
            seen=seen,
            most=config.questions,
            seed=config.seed,
        )
        for folder in (path.resolve() for path in config.beir)
    }
    rng = random.Random(config.seed)
    read = read_sources(config.pairs, feedback=config.feedback, evaluated=config.beir, fold=config.fold, rng=rng)
    asked = frozenset(question_key(query.text) for found in queries.values() for query in found)
    sources, dropped = without_questions(read, asked)
    if len({pair.question for pairs in sources.sets.values() for pair in pairs}) < 2:
        raise BadRequest(
            "fewer than two questions are left to train on", hint="Name pairs of other questions than those of --beir."
        )
    embedder = Embedder(config.serving.embedder)
    searcher = Searcher(config.home, embedder)
    index = searcher.index()
    if "reranker" in config.kinds:
        open_base(config.base)
    return Prepared(sources, dropped, queries, seen, searcher, embedder, _fingerprint(config, sources, embedder, index))


def _check(config: TuneConfig) -> None:
    require("training the retriever", "peft", "datasets", hint=INSTALL)
    if not 0 <= config.fold < FOLDS:
        raise BadRequest(f"there is no fold {config.fold}; they are 0 to {FOLDS - 1}")
    if "embedder" in config.kinds and not find_model(config.serving.embedder).bundled:
        raise BadRequest(
            f"{config.serving.embedder} cannot be trained: only {STOCK_MODEL} and adapters of it can",
            hint="Name one by --embedder, or train the reranker: --what reranker.",
        )
    for folder in config.beir:
        if not any((folder / name).is_file() for name in ("corpus.jsonl", "corpus.jsonl.gz")):
            raise BadRequest(
                f"{folder} is not a BEIR folder: it has no corpus.jsonl",
                hint="It needs corpus.jsonl, queries.jsonl and qrels/test.tsv.",
            )


def _folders(config: TuneConfig) -> list[Path | None]:
    """The folders of the models concerned, those that have one."""
    embedder = find_model(config.serving.embedder)
    return [embedder.adapter or embedder.folder, Path(config.serving.reranker), Path(config.base or STOCK_MODEL)]


def _fingerprint(config: TuneConfig, sources: Sources, embedder: Embedder, index: OpenIndex) -> str:
    parts: list[Any] = [
        embedder.checksum,
        index.manifest.version,
        index.manifest.catalog_hash,
        config.base,
        config.steps,
        config.seed,
    ]
    parts += [(pair.question, pair.passage, pair.negatives) for pairs in sources.sets.values() for pair in pairs]
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def mine_sets(prepared: Prepared, *, steps: int, seed: int, progress: Progress) -> tuple[dict[str, list[Pair]], Mined]:
    """The pairs with negatives of the active index, by source; of a large source its share of what the steps take."""
    rng = random.Random(seed)
    share = math.ceil(steps * BATCH / len(prepared.sources.sets))
    chosen: list[tuple[str, Pair]] = []
    for name, pairs in prepared.sources.sets.items():
        places = sorted(rng.sample(range(len(pairs)), min(len(pairs), share)))
        chosen += [(name, pairs[place]) for place in places]
    mined = mine_index(
        [pair for _, pair in chosen],
        prepared.searcher,
        prepared.embedder,
        answers=prepared.sources.answers,
        progress=progress,
    )
    sets: dict[str, list[Pair]] = {}
    for (name, _), pair in zip(chosen, mined.pairs, strict=True):
        sets.setdefault(name, []).append(pair)
    return sets, mined
