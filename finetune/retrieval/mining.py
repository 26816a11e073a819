"""Passages that look as if they answered a question: from a BEIR folder for the shipped recipe, or from an index."""

import random
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from finetune.retrieval.pairs import BeirData, Pair
from finetune.retrieval.seen import question_key
from ingest.pipeline import Progress, no_progress
from retriever.collapse import plain_words
from retriever.dense import DenseIndex
from retriever.embedder import Embedder, Vectors
from retriever.fusion import min_max_sum
from retriever.lexical import LexicalIndex, PassageFields, build_lexical
from retriever.search import Searcher
from retriever.weights import STOCK_MODEL


@dataclass(frozen=True, slots=True)
class MiningConfig:
    """`depth` hits of each search are looked at, and `kept` of them at most become negatives.

    A hit is none if its cosine to the question is above `nearest` of the pair's own passage's: nobody judged it, and it
    may answer too.
    Source: Moreira et al. 2024, arXiv:2407.15831 (TopK-PercPos, 95 %).
    """

    depth: int = 30
    kept: int = 8
    nearest: float = 0.95


@dataclass(frozen=True, slots=True)
class Mined:
    """Pairs with their negatives, and what became of the hits: negatives, known answers, and those too near."""

    pairs: tuple[Pair, ...]
    negatives: int = 0
    answers: int = 0
    too_near: int = 0


def mine_index(
    pairs: Sequence[Pair],
    searcher: Searcher,
    embedder: Embedder,
    *,
    answers: Mapping[str, Sequence[str]],
    config: MiningConfig = MiningConfig(),
    progress: Progress = no_progress,
) -> Mined:
    """Add to each pair what the search finds for its question and is not known to answer it.

    A text is never a negative if it says what a passage known to answer the question says, in the same words
    (`retriever.collapse.plain_words`), all of it or a part; nor is a hit that is nearer to the question than
    `MiningConfig.nearest` allows.

    Args:
        pairs: their own negatives stay first, but for those that say what an answer says.
        searcher: over the active index.
        embedder: the model of that index.
        answers: by `question_key`, all texts known to answer the question.
        config: how many, and how near.
        progress: told of every pair.

    Raises:
        RetrieverError: if no index can be opened.
    """
    passages = embedder.encode([pair.passage for pair in pairs])
    made, counts = [], Counter[str]()
    asked, hits, vector = "", list[_Text](), passages[:0]
    for done, (pair, passage) in enumerate(zip(pairs, passages, strict=True)):
        progress("Mining negatives", done, len(pairs))
        if pair.question != asked:
            asked, (hits, vector) = pair.question, _hits(pair.question, searcher, config.depth)
        known = [_plain(text) for text in {*answers.get(question_key(pair.question), ()), pair.passage}]
        limit = config.nearest * float(vector @ passage)
        kinds = [_kind(hit, known, limit) for hit in hits]
        counts.update(kinds)
        found = [hit.text for hit, kind in zip(hits, kinds, strict=True) if kind == "negative"][: config.kept]
        own = [text for text in pair.negatives if not _says_any(_plain(text), known)]
        made.append(replace(pair, negatives=tuple(dict.fromkeys((*own, *found)))))
    return Mined(tuple(made), counts["negative"], counts["answer"], counts["near"])


@dataclass(frozen=True, slots=True)
class _Text:
    """A hit: its text, the words compared of it, and its cosine to the question."""

    text: str
    plain: str
    cosine: float


def _hits(question: str, searcher: Searcher, depth: int) -> tuple[list[_Text], Vectors]:
    """What a search finds, and the vector of the question."""
    findings = searcher.search(question[: searcher.config.max_question_chars], k=depth)
    vectors = searcher.index().dense.vectors([found.stored.row for found in findings.found])
    texts = [found.hit.text for found in findings.found]
    cosines = (vectors @ findings.vector).tolist()
    hits = [_Text(text, _plain(text), cosine) for text, cosine in zip(texts, cosines, strict=True)]
    return hits, findings.vector


def _kind(hit: _Text, known: Sequence[str], limit: float) -> str:
    if _says_any(hit.plain, known):
        return "answer"
    return "negative" if hit.cosine <= limit else "near"


def _plain(text: str) -> str:
    return f" {plain_words(text)} "


def _says_any(plain: str, known: Sequence[str]) -> bool:
    """Whether one of two texts holds the words of the other, or they are the same but for spaces."""
    joined = plain.replace(" ", "")
    return any(plain in other or other in plain or joined == other.replace(" ", "") for other in known)


def mine(data: BeirData, *, rng: random.Random, per_question: int = 6, depth: int = 40) -> list[Pair]:
    """Pairs of a BEIR folder; negatives are what BM25 and the stock model rank high and nobody judged relevant."""
    ids, texts = list(data.texts), list(data.texts.values())
    embedder = Embedder(STOCK_MODEL)
    dense = DenseIndex.build(embedder.encode(texts))
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        build_lexical((PassageFields("", (), text) for text in texts), Path(folder))
        lexical = LexicalIndex(Path(folder))
        for (question, gains), vector in zip(
            data.questions, embedder.encode([q for q, _ in data.questions]), strict=True
        ):
            ranked = min_max_sum([lexical.search(question, 100), dense.search(vector, 100)], weights=[0.5, 0.5])
            negatives = tuple(texts[row] for row, _ in ranked[:depth] if gains.get(ids[row], 0) <= 0)
            relevant = sorted(doc_id for doc_id, gain in gains.items() if gain > 0 and doc_id in data.texts)
            chosen = rng.sample(relevant, min(per_question, len(relevant)))
            pairs += [Pair(question, data.texts[doc_id], negatives) for doc_id in chosen]
    return pairs
