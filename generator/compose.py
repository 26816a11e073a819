"""The quoting composer: it selects and orders sentences of the passages, so that nothing can be made up."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from generator.citations import Quote
from generator.records import AnswerAudience
from ingest.sentences import split_sentences
from retriever.dense import Vectors
from retriever.search import Findings, Found
from retriever.terms import terms

Encode = Callable[[Sequence[str]], Vectors]
Idf = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class ComposeConfig:
    """How sentences are chosen.

    The three shares sum to 1. `min_relevance` and `min_coverage` are the least that the best sentence needs, or the
    evidence is too thin; `keep` is the share of the best score below which a sentence is not worth showing;
    `novelty` is the cosine to a chosen sentence from which on one repeats it. Chosen on the questions of
    benchmarks/answers_dev.toml.
    """

    passages: int = 8
    encoded: int = 32
    sentences: int = 5
    cosine_share: float = 0.5
    coverage_share: float = 0.3
    passage_share: float = 0.2
    min_relevance: float = 0.45
    min_coverage: float = 0.5
    keep: float = 0.75
    novelty: float = 0.85


@dataclass(frozen=True, slots=True)
class Selection:
    """The sentences chosen, in the order they are shown; empty when the evidence is thin."""

    quotes: tuple[Quote, ...]


@dataclass(slots=True)
class _Candidate:
    found: Found
    start: int
    end: int
    coverage: float
    order: int
    cosine: float = 0.0
    score: float = 0.0

    @property
    def text(self) -> str:
        return self.found.stored.passage.text[self.start : self.end]


# A sentence that opens with one of these leans on the one before it.
_LEANING = re.compile(
    r"(?:it|its|they|their|them|this|these|those|that|such|he|she|his|her|however|also|moreover|furthermore|"
    r"in addition|additionally|therefore|thus|hence|consequently|conversely|similarly|instead|otherwise|both|the latter|"
    r"the former|the same|another|other)\b",
    re.IGNORECASE,
)
_MIN_WORDS, _MAX_CHARS = 5, 500
# Text that is about the page rather than the subject.
_BOILERPLATE = re.compile(
    r"\b(?:click here|go to (?:the )?|see (?:the )?(?:section|table|figure|appendix)|learn more about|visit our|"
    r"subscribe|cookie|all rights reserved|copyright|for more information|call 1-800)\b",
    re.IGNORECASE,
)


def select_quotes(
    question: str, findings: Findings, *, encode: Encode, idf: Idf, audience: AnswerAudience, config: ComposeConfig
) -> Selection:
    """Choose the sentences that answer a question.

    A sentence's score is a weighted sum of its cosine to the question, the share of the question's terms it covers
    (by inverse document frequency, its title counted half) and its passage's score. Sentences are taken greedily, best
    first, unless they repeat one taken or fall under `keep` times the best. One that leans on the sentence before it
    is quoted together with it.

    Args:
        question: as asked.
        findings: passages, best first.
        encode: texts to unit vectors, shape (n, dimension).
        idf: the inverse document frequency of a term; large for one the index lacks.
        audience: sources written for it are preferred.
        config: the shares and thresholds.

    Returns:
        The sentences in reading order: the best first, then by document and place. None when the evidence is thin.
    """
    weights = {term: idf(term) for term in terms(question)}
    candidates = _candidates(findings.found[: config.passages], weights)
    candidates.sort(key=lambda c: (-(c.coverage + c.found.hit.score), c.order))
    candidates = candidates[: config.encoded]
    if not candidates:
        return Selection(())
    vectors = encode([c.text for c in candidates])
    for candidate, cosine in zip(candidates, vectors @ findings.vector, strict=True):
        candidate.cosine = float(cosine)
        candidate.score = _score(candidate, audience, config)
    ranked = sorted(range(len(candidates)), key=lambda i: (-candidates[i].score, candidates[i].order))
    best = candidates[ranked[0]]
    if max(c.cosine for c in candidates) < config.min_relevance or best.coverage < config.min_coverage:
        return Selection(())
    chosen = _greedy(ranked, candidates, vectors, config)
    rest = sorted(chosen[1:], key=lambda i: (candidates[i].found.hit.rank, candidates[i].start))
    return Selection(tuple(_quote(candidates[i]) for i in [chosen[0], *rest]))


def _greedy(
    ranked: Sequence[int], candidates: Sequence[_Candidate], vectors: Vectors, config: ComposeConfig
) -> list[int]:
    chosen: list[int] = []
    floor = config.keep * candidates[ranked[0]].score
    for place in ranked:
        if len(chosen) == config.sentences or candidates[place].score < floor:
            break
        if all(float(np.dot(vectors[place], vectors[other])) < config.novelty for other in chosen) and not any(
            _overlap(candidates[place], candidates[other]) for other in chosen
        ):
            chosen.append(place)
    return chosen


def _overlap(one: _Candidate, other: _Candidate) -> bool:
    """Whether two candidates quote some of the same words (one leaning on the other)."""
    same = one.found.hit.passage_id == other.found.hit.passage_id
    return same and one.start < other.end and other.start < one.end


def _score(candidate: _Candidate, audience: AnswerAudience, config: ComposeConfig) -> float:
    score = (
        config.cosine_share * max(candidate.cosine, 0.0)
        + config.coverage_share * candidate.coverage
        + config.passage_share * candidate.found.hit.score
    )
    return score * (0.9 if candidate.found.hit.audience not in (None, "both", audience) else 1.0)


def _candidates(found: Sequence[Found], weights: dict[str, float]) -> list[_Candidate]:
    total = sum(weights.values()) or 1.0
    candidates: list[_Candidate] = []
    for item in found:
        passage = item.stored.passage
        heading = set(terms(f"{item.hit.title} {' '.join(passage.section)}"))
        previous: tuple[int, int] | None = None
        for start, end in split_sentences(passage.text):
            text = passage.text[start:end]
            if _LEANING.match(text):
                span = (previous[0], end) if previous else None
            else:
                span = (start, end)
            previous = (start, end)
            if span is None or not _worth_quoting(passage.text[span[0] : span[1]]):
                continue
            own = set(terms(passage.text[span[0] : span[1]]))
            covered = sum(w * (1.0 if t in own else 0.5 if t in heading else 0.0) for t, w in weights.items())
            candidates.append(_Candidate(item, *span, covered / total, len(candidates)))
    return candidates


def _worth_quoting(text: str) -> bool:
    complete = text.rstrip("\"')]”’ ").endswith((".", "!", ";")) or "|" in text
    return complete and len(text.split()) >= _MIN_WORDS and len(text) <= _MAX_CHARS and not _BOILERPLATE.search(text)


def _quote(candidate: _Candidate) -> Quote:
    return Quote(candidate.found.stored, candidate.start, candidate.end, round(min(max(candidate.score, 0.0), 1.0), 4))
