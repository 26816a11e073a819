"""Examples that an evaluation set would know again: found by shared runs of words, and taken out."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from finetune.data.own_words import own_parts, words_of
from finetune.records import Example
from ingest.errors import BadRequest

Reason = Literal["question", "whole text", "run of words"]
# Words of a shorter evaluation text that is sought as a whole.
_LEAST_WORDS = 8
_LISTED_PER_SET = 10
_QUESTION = re.compile(r"^\s*question\s*:\s*", re.IGNORECASE)


class Overlap(BaseModel):
    """An example that was taken out: the evaluation set, why, and the words shared."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    example: str
    evaluation: str
    reason: Reason
    words: str


class Contamination(BaseModel):
    """What was compared and taken out.

    `texts` counts the texts of each evaluation set, `removed` the examples that each would know again (an example may
    count for several sets), `removed_examples` the examples; `overlaps` lists the first ten of each set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    n: int
    examples: int = 0
    texts: dict[str, int] = {}
    removed_examples: int = 0
    removed: dict[str, int] = {}
    reasons: dict[Reason, int] = {}
    overlaps: tuple[Overlap, ...] = ()


def decontaminate(
    examples: Sequence[Example], evaluation_texts: Mapping[str, Sequence[str]], *, n: int = 13
) -> tuple[list[Example], Contamination]:
    """Take out examples that share a run of words with an evaluation set.

    Compared are the example's question and answer, not its passages, system message or the refusal; case and
    punctuation do not count. An example goes where a line of its question is an evaluation text, of any length; where
    it shares `n` words in a row with one; or where it holds a shorter one of at least eight words whole.

    Args:
        examples: to be cleaned.
        evaluation_texts: of each evaluation set its questions and answers, and its contexts where they are part of it.
        n: words in a row.

    Returns:
        The examples kept, in the order given, and the report.

    Raises:
        BadRequest: if n is below eight, where everyday phrases would count as leaks.

    Source: Brown et al. 2020, appendix C, arXiv:2005.14165: runs of 13 words, 8 at the least.
    """
    if n < _LEAST_WORDS:
        raise BadRequest(f"runs of {n} words are shared by chance; name at least {_LEAST_WORDS}")
    known = _Known(evaluation_texts, n)
    kept: list[Example] = []
    found: list[Overlap] = []
    for example in examples:
        overlaps = known.overlaps(example)
        found += overlaps
        if not overlaps:
            kept.append(example)
    listed: Counter[str] = Counter()
    shown = []
    for overlap in found:
        listed[overlap.evaluation] += 1
        if listed[overlap.evaluation] <= _LISTED_PER_SET:
            shown.append(overlap)
    return kept, Contamination(
        n=n,
        examples=len(examples),
        texts={name: len(texts) for name, texts in evaluation_texts.items()},
        removed_examples=len(examples) - len(kept),
        removed={name: listed[name] for name in evaluation_texts},
        reasons=dict(Counter(overlap.reason for overlap in found)),
        overlaps=tuple(shown),
    )


class _Known:
    """The evaluation texts: whole ones, and their runs of words under the first eight."""

    def __init__(self, evaluation_texts: Mapping[str, Sequence[str]], n: int) -> None:
        self._whole: dict[str, set[str]] = defaultdict(set)
        self._runs: dict[tuple[str, ...], dict[tuple[str, ...], set[str]]] = {}
        self._n = n
        for name, texts in evaluation_texts.items():
            for text in texts:
                words = tuple(words_of(text))
                if words:
                    self._whole[" ".join(words)].add(name)
                if len(words) >= _LEAST_WORDS:
                    for run in _runs(words, n):
                        self._runs.setdefault(run[:_LEAST_WORDS], {}).setdefault(run, set()).add(name)

    def overlaps(self, example: Example) -> list[Overlap]:
        """One overlap for each evaluation set that the example shares words with, by the name of the set."""
        found: dict[str, Overlap] = {}
        parts = own_parts(example)
        for line in (line for part in parts[:-1] for line in part.splitlines()):
            asked = " ".join(words_of(_QUESTION.sub("", line)))
            for name in self._whole.get(asked, ()):
                found.setdefault(name, Overlap(example=example.id, evaluation=name, reason="question", words=asked))
        for run, names in (shared for part in parts for shared in self._shared(tuple(words_of(part)))):
            reason: Reason = "run of words" if len(run) == self._n else "whole text"
            for name in names:
                found.setdefault(name, Overlap(example=example.id, evaluation=name, reason=reason, words=" ".join(run)))
        return [found[name] for name in sorted(found)]

    def _shared(self, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], set[str]]]:
        for start in range(len(words) - _LEAST_WORDS + 1):
            for run, names in self._runs.get(words[start : start + _LEAST_WORDS], {}).items():
                if words[start : start + len(run)] == run:
                    yield run, names


def _runs(words: tuple[str, ...], n: int) -> Iterator[tuple[str, ...]]:
    """Every n words in a row; of a shorter text all its words."""
    for start in range(max(len(words) - n, 0) + 1):
        yield words[start : start + n]
