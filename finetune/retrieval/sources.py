"""Training pairs from whatever is named: BEIR folders, JSON lines, public data sets, and what users said of answers."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from finetune.retrieval.pairs import FOLDS, Pair, guideline_pairs, medquad_pairs, read_beir_folds, read_lines
from finetune.retrieval.seen import question_key
from ingest.errors import UnreadableSource

PER_QUESTION = 6
_SENTENCES, _REFERENCES = "pdq_sentence_citations.jsonl.gz", "pdq_references.jsonl.gz"
_MARK = re.compile(r"\[(\d{1,3})\]")
_HINT = "A line is a JSON object with `question` and `passage`, and perhaps `negatives`, a list of passages."


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)
    hint: ClassVar[str] = _HINT
    question: str = Field(min_length=1)


class PairRecord(_Line):
    """A line of a file of pairs."""

    passage: str = Field(min_length=1)
    negatives: tuple[str, ...] = ()


class FeedbackRecord(_Line):
    """What a user said of an answer: whether they approved it, and the texts of its `passages`, numbered from 1.

    Where the answer is there and cites some of them by [n], only these count.
    """

    hint: ClassVar[str] = "A line is a JSON object with `question`, `approved`, `passages` (texts), perhaps `answer`."
    approved: bool
    passages: tuple[str, ...] = ()
    answer: str = ""

    @property
    def cited(self) -> tuple[str, ...]:
        """The passages that the answer rests on, without empty ones."""
        numbers = {int(number) for number in _MARK.findall(self.answer)}
        kept = (text for n, text in enumerate(self.passages, start=1) if not numbers or n in numbers)
        return tuple(text for text in kept if text)


Line = TypeVar("Line", bound=_Line)


@dataclass(frozen=True, slots=True)
class Sources:
    """Pairs by the name of their source; `answers` are all texts known to answer a question, by `question_key`."""

    sets: Mapping[str, Sequence[Pair]]
    answers: Mapping[str, Sequence[str]]


@dataclass(slots=True)
class _Reading:
    sets: dict[str, list[Pair]] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, pairs: Iterable[Pair]) -> None:
        found = self.sets.setdefault(name, [])
        for pair in pairs:
            found.append(pair)
            self.know(pair.question, [pair.passage])

    def know(self, question: str, texts: Iterable[str]) -> None:
        self.answers.setdefault(question_key(question), []).extend(texts)


def read_sources(
    paths: Sequence[Path],
    *,
    feedback: Path | None = None,
    evaluated: Sequence[Path] = (),
    fold: int = 0,
    rng: random.Random,
) -> Sources:
    """Read all pairs that are named.

    Args:
        paths: BEIR folders; folders with the guideline sentences and references; files of JSON lines, gzipped or not,
            with `passage` or, as MedQuAD has it, `answer`.
        feedback: JSON lines of `FeedbackRecord`.
        evaluated: BEIR folders of the evaluation; of one that is also among `paths`, the questions of `fold` are left.
        fold: which of `FOLDS`, from 0.
        rng: draws passages of long answers, and of many relevant documents.

    Raises:
        UnreadableSource: if one cannot be read, or has an empty text.
    """
    reading = _Reading()
    kept_back = {path.resolve() for path in evaluated}
    for path in paths:
        if (path / "qrels").is_dir():
            _add_beir(reading, path, held_out=fold if path.resolve() in kept_back else None, rng=rng)
        elif (path / _SENTENCES).is_file():
            reading.add(str(path), guideline_pairs(path / _SENTENCES, path / _REFERENCES))
        elif path.is_file():
            reading.add(str(path), _file_pairs(path, rng=rng))
        else:
            raise UnreadableSource(
                f"{path} holds no pairs", hint="Name a BEIR folder, or a file of JSON lines (question, passage)."
            )
    if feedback:
        _add_feedback(reading, feedback)
    empty = [name for name, pairs in reading.sets.items() if not pairs]
    if empty:
        raise UnreadableSource(f"{empty[0]}: no pair in it", hint=_HINT)
    return Sources(reading.sets, reading.answers)


def _add_beir(reading: _Reading, folder: Path, *, held_out: int | None, rng: random.Random) -> None:
    data = read_beir_folds(folder, folds=FOLDS, held_out=held_out)
    for question, gains in data.questions:
        relevant = sorted(doc_id for doc_id, gain in gains.items() if gain > 0 and data.texts.get(doc_id))
        chosen = rng.sample(relevant, min(PER_QUESTION, len(relevant)))
        reading.add(str(folder), [Pair(question, data.texts[doc_id]) for doc_id in chosen])
        reading.know(question, [data.texts[doc_id] for doc_id in relevant])


def _file_pairs(file: Path, *, rng: random.Random) -> list[Pair]:
    first = next(iter(read_lines(file)), {})
    if not isinstance(first, dict) or ("passage" not in first and "answer" not in first):
        raise UnreadableSource(f"{file}, line 1: it has neither `passage` nor `answer`", hint=_HINT)
    if "passage" not in first:
        return medquad_pairs(file, rng=rng)
    records = _records(file, PairRecord)
    return [Pair(r.question, r.passage, tuple(text for text in map(str.strip, r.negatives) if text)) for r in records]


def _add_feedback(reading: _Reading, file: Path) -> None:
    """Passages of approved answers as pairs, with those of disapproved answers to the question as their negatives.

    A question without an approved answer makes no pair. What an approved answer cites too is left out by `mine_index`.
    """
    records = _records(file, FeedbackRecord)
    refused: dict[str, list[str]] = {}
    for record in records:
        if not record.approved:
            refused.setdefault(question_key(record.question), []).extend(record.cited)
    pairs = []
    for record in records:
        negatives = tuple(dict.fromkeys(refused.get(question_key(record.question), ())))
        pairs += [Pair(record.question, text, negatives) for text in record.cited if record.approved]
    reading.add(str(file), pairs)


def _records(file: Path, record: type[Line]) -> list[Line]:
    found = []
    for number, values in enumerate(read_lines(file), start=1):
        try:
            found.append(record.model_validate(values))
        except ValidationError as error:
            what = error.errors()[0]
            place = ".".join(str(part) for part in what["loc"]) or "the line"
            raise UnreadableSource(f"{file}, line {number}: {place}: {what['msg']}", hint=record.hint) from error
    return found


def without_questions(sources: Sources, keys: frozenset[str]) -> tuple[Sources, Counter[str]]:
    """The sources without the questions that share a `question_key` with the evaluated ones; how many pairs went."""
    sets, dropped = {}, Counter[str]()
    for name, pairs in sources.sets.items():
        sets[name] = [pair for pair in pairs if question_key(pair.question) not in keys]
        dropped[name] = len(pairs) - len(sets[name])
    return Sources({name: pairs for name, pairs in sets.items() if pairs}, sources.answers), dropped
