"""The quoting composer: it selects and orders sentences of the passages, so that nothing can be made up."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from generator.citations import Quote
from generator.records import AnswerAudience
from ingest.sentences import split_sentences
from retriever.embedder import Vectors
from retriever.search import Findings, Found
from retriever.terms import terms

Encode = Callable[[Sequence[str]], Vectors]


class Lexicon(Protocol):
    """The terms of an index."""

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term; large for one the index lacks."""

    def knows(self, term: str) -> bool:
        """Whether the index has a term."""


@dataclass(frozen=True, slots=True)
class ComposeConfig:
    """How sentences are chosen.

    The three shares sum to 1. The evidence is too thin when no sentence comes as near to the question as
    `min_cosine`, or none as near as `sure_cosine` and the chosen ones cover less of its terms than `min_coverage`.
    `keep` is the share of the best score below which a sentence is not worth showing; `novelty` is the cosine to a
    chosen sentence from which on one repeats it. Set on benchmarks/questions_dev.toml with benchmarks/questions.py.
    """

    passages: int = 8
    encoded: int = 32
    sentences: int = 5
    cosine_share: float = 0.5
    coverage_share: float = 0.3
    passage_share: float = 0.2
    min_cosine: float = 0.56
    sure_cosine: float = 0.64
    min_coverage: float = 0.4
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
    carried: int
    cosine: float = 0.0
    score: float = 0.0

    @property
    def text(self) -> str:
        return self.found.stored.passage.text[self.start : self.end]


# A sentence that opens with one of these leans on the one before it.
_LEANING = re.compile(
    r"(?:(?:in|of|for|among|with|by|during|after|at|on|to|from|under|like|unlike) )?"
    r"(?:it|its|they|their|them|this|these|those|that|such|he|she|his|her|both|another|other|contrast|addition|"
    r"the (?:latter|former|same|drug|medicine|medication|treatment|disease|condition|test))\b|"
    r"(?:however|also|moreover|furthermore|additionally|therefore|thus|hence|consequently|conversely|similarly|instead|"
    r"otherwise|but|so|yet)\b",
    re.IGNORECASE,
)
# A gene, variant or drug: letters, then digits (not "400mg" or "5th"), or an international name stem (after the
# term's own stemming).
# Source: WHO, INN stem book 2018, https://www.who.int/publications/m/item/inn-stem-book-2018
_UNKNOWN_NAME = re.compile(r"[a-z]+\d\w*|\w{3,}(?:nib|tinib|mab|clax|leucel|citidin|parib|zomib|sidenib|degib)")
_MIN_WORDS, _MAX_CHARS = 5, 500
_CARRIED_SHARE = 0.95
# Text that is about the page rather than the subject.
_BOILERPLATE = re.compile(
    r"\b(?:click here|go to (?:the )?|see (?:the )?(?:section|table|figure|appendix)|learn more about|visit our|"
    r"subscribe|cookie|all rights reserved|copyright|for more information|call 1-800)\b|"
    # Words to a machine: a source that gives orders to whatever reads it states nothing.
    r"\b(?:ignore|disregard|forget) (?:\w+ ){0,3}(?:instructions|prompts?|rules)\b|\bsystem prompt\b|"
    r"\byou are (?:now )?an? (?:\w+ )?(?:ai|assistant|chatbot|language model)\b",
    re.IGNORECASE,
)


def select_quotes(
    question: str,
    findings: Findings,
    *,
    encode: Encode,
    lexicon: Lexicon,
    audience: AnswerAudience,
    config: ComposeConfig,
) -> Selection:
    """Choose the sentences that answer a question.

    A score weighs cosine to the question, share of its terms covered (by inverse document frequency, the title counted
    half) and the passage's score. Sentences are taken best first, unless they repeat one taken or fall under `keep`
    times the best. One that leans on the sentence before it is quoted together with it.

    Args:
        question: as asked.
        findings: passages, best first.
        encode: texts to unit vectors, shape (n, dimension).
        lexicon: the terms of the index; a question that names a gene or drug it lacks has no evidence.
        audience: sources written for it are preferred.
        config: the shares and thresholds.

    Returns:
        The sentences in reading order: the best first, then by document and place. None when the evidence is thin.
    """
    weights = {term: lexicon.idf(term) for term in terms(question)}
    candidates = _candidates(findings.found[: config.passages], weights)[: config.encoded]
    if not candidates or _names_unknown(question, lexicon):
        return Selection(())
    vectors = encode([c.text for c in candidates])
    for candidate, cosine in zip(candidates, vectors @ findings.vector, strict=True):
        candidate.cosine = float(cosine)
        candidate.score = _score(candidate, audience, config)
    chosen = _greedy(candidates, vectors, config)
    if _too_thin(candidates, chosen, weights, config):
        return Selection(())
    rest = sorted(chosen[1:], key=lambda i: (candidates[i].found.hit.rank, candidates[i].start))
    return Selection(tuple(_quote(candidates[i]) for i in [chosen[0], *rest]))


def _names_unknown(question: str, lexicon: Lexicon) -> bool:
    # Word by word: of "phase-2" or "azacitidine-venetoclax" only the parts are names. A name may be known by another
    # of its forms.
    words = [terms(word) for word in re.findall(r"[^\W_]+", question)]
    return any(
        any(_UNKNOWN_NAME.fullmatch(term) for term in found) and not any(lexicon.knows(term) for term in found)
        for found in words
    )


def _too_thin(
    candidates: Sequence[_Candidate], chosen: Sequence[int], weights: dict[str, float], config: ComposeConfig
) -> bool:
    nearest = max(c.cosine for c in candidates)
    words = " ".join(f"{candidates[i].text} {candidates[i].found.hit.title}" for i in chosen)
    covered = set(terms(words))
    share = sum(weight for term, weight in weights.items() if term in covered) / (sum(weights.values()) or 1.0)
    return nearest < config.min_cosine or (nearest < config.sure_cosine and share < config.min_coverage)


def _greedy(candidates: Sequence[_Candidate], vectors: Vectors, config: ComposeConfig) -> list[int]:
    ranked = sorted(range(len(candidates)), key=lambda i: (-candidates[i].score, candidates[i].order))
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
    # Each sentence carried along has to earn its place: most of what a pair says is said by its first alone.
    score *= _CARRIED_SHARE**candidate.carried
    return score * (0.9 if candidate.found.hit.audience not in (None, "both", audience) else 1.0)


def _candidates(found: Sequence[Found], weights: dict[str, float]) -> list[_Candidate]:
    """The sentences worth quoting, the likeliest first, judged by terms and passage alone."""
    total = sum(weights.values()) or 1.0
    candidates: list[_Candidate] = []
    for item in found:
        passage = item.stored.passage
        heading = set(terms(f"{item.hit.title} {' '.join(passage.section)}"))
        previous: tuple[int, int] | None = None
        carried = 0
        for start, end in split_sentences(passage.text):
            leans = _LEANING.match(passage.text[start:end])
            # A chain of leaning sentences is quoted from its first; without one that stands alone, not at all.
            span = ((previous[0], end) if previous else None) if leans else (start, end)
            previous, carried = span, carried + 1 if leans else 0
            if span is None or not _worth_quoting(passage.text[span[0] : span[1]]):
                continue
            own = set(terms(passage.text[span[0] : span[1]]))
            covered = sum(w * (1.0 if t in own else 0.5 if t in heading else 0.0) for t, w in weights.items())
            candidates.append(_Candidate(item, *span, covered / total, len(candidates), carried))
    return sorted(candidates, key=lambda c: (-(c.coverage + c.found.hit.score), c.order))


def _worth_quoting(text: str) -> bool:
    complete = text.rstrip("\"')]”’ ").endswith((".", "!", ";")) or "|" in text
    return complete and len(text.split()) >= _MIN_WORDS and len(text) <= _MAX_CHARS and not _BOILERPLATE.search(text)


def _quote(candidate: _Candidate) -> Quote:
    return Quote(candidate.found.stored, candidate.start, candidate.end, round(min(max(candidate.score, 0.0), 1.0), 4))
