"""Does a passage carry a sentence? Strict checks on what must never change, then a trained score of the meaning.

A check that errs makes a faithful sentence give way to the quote, which costs only style.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from generator.records import Verdict
from generator.verification.align import Alignment, align
from generator.verification.compare import (
    added_judgements,
    exchanged,
    lost_condition,
    lost_denials,
    lost_hedges,
    lost_names,
    lost_numbers,
    moved,
    turned,
)
from generator.verification.facts import Facts, read_facts
from generator.verification.letters import with_greek_names
from generator.verification.support import features, support_model
from retriever.embedder import Vectors

Encode = Callable[[Sequence[str]], Vectors]
# Of a passage, the sentences compared in meaning are those that most words of the sentence come from.
_HOME_SENTENCES = 3
_MARKUP = re.compile(r"<[a-z!/]|[\[\]{}|]|://|\bwww\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VerifyConfig:
    """The least support, 0..1, of a sentence that its passage carries, and the longest sentence that is judged.

    `min_support` was set on the build half of the data of `finetune.classifiers.support`, where 9.2 % of the
    paraphrases and 90.5 % of the citations of another passage fail with it.
    """

    min_support: float = 0.06
    max_sentence_chars: int = 1_500


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on a sentence; `reason` names the check that failed; `support` is 0..1, 0 where facts differ."""

    verdict: Verdict
    support: float
    reason: str = ""


def verify(sentence: str, quote: str, *, encode: Encode, config: VerifyConfig) -> Check:
    """Judge a sentence against the words it cites: its quote, or the whole passage.

    "quoted" where whole sentences of the quote are the same but for white space. "supported" where every number stands
    there with its unit, its bound and what it measures, and every name in its role; where denials, directions, who is
    meant and hedges agree; and where the trained score is at least `config.min_support`. Else "unsupported".

    Args:
        sentence: one statement.
        quote: the words it cites, of any length.
        encode: texts to unit vectors, shape (n, dimension); called only where every check of facts passed.
        config: the thresholds.
    """
    words, source = " ".join(sentence.split()), " ".join(quote.split())
    if len(words) > config.max_sentence_chars:
        return Check("unsupported", 0.0, "it is too long to be one statement")
    if _MARKUP.search(words) and not _MARKUP.search(source):
        return Check("unsupported", 0.0, "it adds a link or other markup")
    if not any(map(str.isalnum, words)):
        return Check("unsupported", 0.0, "it has no words")
    there = read_facts(source)
    if _quotes(words, source, there):
        return Check("quoted", 1.0)
    words = with_greek_names(words, source)
    said = read_facts(words)
    alignment = align(said, there, support_model().weigh)
    reason = mismatch(said, there, alignment)
    if reason:
        return Check("unsupported", 0.0, reason)
    support = _support(words, source, said, there, alignment=alignment, encode=encode)
    if support < config.min_support:
        return Check("unsupported", support, "the meaning differs")
    return Check("supported", support)


def mismatch(sentence: Facts, passage: Facts, alignment: Alignment) -> str:
    """What the sentence says that the passage does not: the first check of facts that fails, "" where none does."""
    failures: tuple[tuple[str, Callable[[], object]], ...] = (
        ("it has no words", lambda: all(token.kind == "stop" for token in sentence.tokens)),
        ("a number is not in the source", lambda: lost_numbers(sentence, passage)),
        ("a name is not in the source", lambda: lost_names(sentence, alignment)),
        ("negation differs", lambda: lost_denials(sentence, passage, alignment)),
        ("a number measures something else", lambda: any(moved(sentence, passage, alignment, kind="number"))),
        ("a name has another role", lambda: any(moved(sentence, passage, alignment, kind="name"))),
        ("words have changed places", lambda: exchanged(sentence, passage, alignment)),
        ("a word became its opposite", lambda: any(turned(sentence, passage, alignment))),
        ("a judgement is not in the source", lambda: added_judgements(sentence, passage, alignment)),
        ("a condition is lost", lambda: lost_condition(sentence, passage, alignment)),
        ("a hedge is lost", lambda: lost_hedges(sentence, passage, alignment)),
    )
    return next((name for name, failed in failures if failed()), "")


def _quotes(words: str, source: str, passage: Facts) -> bool:
    """Whether the words are whole sentences of the source: none of it is cut off, not the "not" and not a condition."""
    if words == source:
        return True
    starts = {start for start, _ in passage.sentences}
    ends = {end for _, end in passage.sentences}
    return any(m.start() in starts and m.end() in ends for m in re.finditer(re.escape(words), source))


def _support(words: str, source: str, said: Facts, there: Facts, *, alignment: Alignment, encode: Encode) -> float:
    if not alignment.home:
        return 0.0
    vectors = encode([words, home_text(source, there, alignment)])
    cosine = float(np.clip(vectors[0] @ vectors[1], 0.0, 1.0))
    model = support_model()
    return round(model.score(features(said, there, alignment, model=model, cosine=cosine)), 4)


def home_text(source: str, passage: Facts, alignment: Alignment) -> str:
    """The sentences of the source that most words of the sentence come from, in their order."""
    spans = [passage.sentences[home] for home in sorted(alignment.home[:_HOME_SENTENCES])]
    return " ".join(source[start:end] for start, end in spans)
