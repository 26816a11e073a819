"""BM25 over the fields of passages: scores computed at build time, memory-mapped at search time."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retriever.postings import Posting, Postings, PostingsWriter, damage_named
from retriever.terms import terms

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PassageFields:
    """What is indexed of a passage: its document's title, its headings and its document's MeSH terms, its text."""

    title: str
    headings: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class FieldConfig:
    """How much a term in a field counts, above 0, and how much the field's length is held against it, 0..1."""

    weight: float = 1.0
    b: float = 0.75


@dataclass(frozen=True, slots=True)
class LexicalConfig:
    """How passages are scored; `k1` above 0 says how soon repeats of a term stop to count.

    The defaults are round numbers near the best by cross-validation on BioASQ, whose documents are short, and in the
    search of leukemia abstracts by their last sentence. Neither has headings, which count as a title does.
    """

    k1: float = 0.9
    title: FieldConfig = FieldConfig(1.0, 0.3)
    headings: FieldConfig = FieldConfig(1.0, 0.3)
    body: FieldConfig = FieldConfig(1.0, 0.6)


DEFAULT = LexicalConfig()


def build_lexical(passages: Iterable[PassageFields], folder: Path, *, config: LexicalConfig = DEFAULT) -> None:
    """Index passages, numbered from 0 in their order, into a folder; they are read once, and not held.

    A term's frequencies in the fields are divided by how long each field is, weighted and added up, and the sum is
    saturated. With one field this is Lucene's BM25.
    Source: Robertson, Zaragoza and Taylor 2004, doi:10.1145/1031171.1031181; Kamphuis et al. 2020,
    doi:10.1007/978-3-030-45442-5_4; scores at build time: Lù 2024, arXiv:2407.03618.
    """
    writer = PostingsWriter(folder, n_fields=3)
    # The passages of a document share their title, and most of their headings.
    repeated = lru_cache(1_000)(lambda text: writer.numbered(terms(text)))
    for passage in passages:
        body = writer.numbered(terms(passage.body))
        writer.add([repeated(passage.title), repeated("\n".join(passage.headings)), body])
    fields = (config.title, config.headings, config.body)
    weights, b = np.array([field.weight for field in fields]), np.array([field.b for field in fields])
    means = _mean_lengths(writer.lengths())

    def impact(df: NDArray[np.int64], counts: NDArray[np.float64], lengths: NDArray[np.float64]) -> NDArray[np.float64]:
        frequency = (weights * counts / (1 - b + b * lengths / means)).sum(axis=1)
        return np.asarray(_idf(writer.n_rows, df) * frequency / (frequency + config.k1), np.float64)

    writer.finish(impact)


class LexicalIndex:
    """A BM25 index opened for search; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the index in a folder, its arrays memory-mapped.

        Raises:
            OSError, ValueError: if a file is missing or damaged.
        """
        self._folder = folder
        self._postings = Postings(folder)
        self._idle: list[NDArray[np.float32]] = []

    def __len__(self) -> int:
        """The number of rows."""
        return self._postings.n_rows

    def search(self, query: str, k: int, *, allowed: Mask | None = None) -> list[tuple[int, float]]:
        """The best k (row, score) pairs with a score above 0, best first; equal scores by row.

        Terms are scored from the rarest on. Once rows without any of these cannot reach the best k, the common terms
        are looked up only for rows that can; the result is that of scoring them all.

        Args:
            query: text; terms the index lacks are ignored, and repeats of a term.
            k: how many at most.
            allowed: shape (n_rows,); rows that are False are never returned.

        Raises:
            IndexBroken: if the postings are damaged.

        Source: Turtle and Flood 1995, doi:10.1016/0306-4573(95)00020-H.
        """
        with damage_named(self._folder):
            postings = self._query_postings(query)
            return self._best(postings, k, allowed) if postings and k > 0 else []

    def _best(self, postings: Sequence[Posting], k: int, allowed: Mask | None) -> list[tuple[int, float]]:
        # What the terms from each place on can add; a little more, for what adding up in float32 may round away.
        rest = np.cumsum([0.0, *(posting.peak for posting in reversed(postings))])[::-1] * (1 + 1e-5)
        with self._scores(allowed) as scores:
            least, place = 0.0, 0
            while place < len(postings) and rest[place] >= least:
                posting = postings[place]
                scores[posting.rows] += posting.impacts
                place += 1
                if place < len(postings) and len(postings[place].rows) > _LOOK_AGAIN:
                    least = _kth(scores[scores > least], k, least)
            rows = np.flatnonzero((scores > 0) & (scores >= least - rest[place]))
            found = scores[rows]
            for posting, left in zip(postings[place:], rest[place + 1 :], strict=True):
                found += _impacts(posting, rows)
                least = _kth(found, k, least)
                rows, found = rows[found >= least - left], found[found >= least - left]
        return top_rows(rows, found, k)

    def _query_postings(self, query: str) -> list[Posting]:
        found = [self._postings.posting(term) for term in sorted(set(terms(query)))]
        # This order decides how the float32 scores round: the same for every row.
        return sorted((posting for posting in found if posting), key=lambda posting: -posting.peak)

    @contextmanager
    def _scores(self, allowed: Mask | None) -> Iterator[NDArray[np.float32]]:
        """A zero for every row, -inf where a row is not allowed; kept for the next search."""
        # Asked for, not looked for first: another thread may take the last one in between.
        try:
            scores = self._idle.pop()
        except IndexError:
            scores = np.empty(len(self), np.float32)
        scores.fill(0)
        if allowed is not None:
            scores[~allowed] = -np.inf
        yield scores
        self._idle.append(scores)

    def matches(self, query: str, rows: Sequence[int]) -> list[list[tuple[str, float]]]:
        """Which terms of the query each row has, with their share of its score, largest first; equal shares by term.

        Raises:
            IndexBroken: if the postings are damaged.
        """
        with damage_named(self._folder):
            return self._matches(query, rows)

    def _matches(self, query: str, rows: Sequence[int]) -> list[list[tuple[str, float]]]:
        wanted = np.asarray(rows, np.uint32)
        postings = self._query_postings(query)
        if not postings:
            return [[] for _ in rows]
        parts = np.stack([_impacts(posting, wanted) for posting in postings], axis=1)
        shares = parts / np.maximum(parts.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
        found = []
        for row in shares:
            pairs = [(posting.term, float(share)) for posting, share in zip(postings, row, strict=True) if share > 0]
            found.append(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
        return found

    def knows(self, term: str) -> bool:
        """Whether any text has a term."""
        return self._postings.frequency(term) > 0

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term, ln(1 + (N - df + 0.5) / (df + 0.5)); largest for an unknown one."""
        return float(_idf(len(self), self._postings.frequency(term)))


# To find the k-th best score so far costs as much as scoring a term of this many rows.
_LOOK_AGAIN = 20_000


def _mean_lengths(lengths: NDArray[np.uint32]) -> NDArray[np.float64]:
    """The mean length of each field, of title and headings over the rows that have one: weights hold for any corpus."""
    rows = np.maximum(np.count_nonzero(lengths, axis=0), 1)
    rows[-1] = max(len(lengths), 1)
    return np.asarray(np.maximum(lengths.sum(axis=0) / rows, 1e-9), np.float64)


def _idf(n_rows: int, frequency: NDArray[np.int64] | int) -> NDArray[np.float64]:
    return np.log1p((n_rows - np.asarray(frequency) + 0.5) / (np.asarray(frequency) + 0.5))


def _kth(scores: NDArray[np.float32], k: int, least: float) -> float:
    """The k-th largest score, or `least` if there are fewer."""
    return float(np.partition(scores, scores.size - k)[scores.size - k]) if scores.size >= k else least


def _impacts(posting: Posting, rows: NDArray[np.integer]) -> NDArray[np.float32]:
    """What each of these rows scores for a term."""
    wanted = rows.astype(np.uint32)
    places = np.minimum(np.searchsorted(posting.rows, wanted), len(posting.rows) - 1)
    return np.where(posting.rows[places] == wanted, posting.impacts[places], np.float32(0))


def top_rows(rows: NDArray[np.integer], scores: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    """The k best of rows with scores above 0, shapes (n,), best first; equal scores by row, also at the cut."""
    least = max(_kth(scores, k, 0.0), float(np.finfo(np.float32).tiny))
    rows, scores = rows[scores >= least], scores[scores >= least]
    order = np.lexsort((rows, -scores))[:k]
    return [(int(row), float(score)) for row, score in zip(rows[order], scores[order], strict=True)]
