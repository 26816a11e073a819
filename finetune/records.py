"""What a prepared folder holds: examples, raw text and a card. `prepare` writes it, the other commands read it."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from generator.language_models.chat import Message
from ingest.errors import UnreadableSource, reason_of

Split = Literal["train", "dev", "test"]
# pubmedqa: question, abstract, yes/no/maybe with a reason. pairs: question and answer (MedQuAD-style). cited: numbered
# facts, answer with [n], or the refusal. made: question made from a passage. report: findings to diagnosis, ranked
# differential or treatment. feedback: an answer that a user approved. general: against forgetting.
Kind = Literal["pubmedqa", "pairs", "cited", "made", "report", "feedback", "general"]
Augmentation = Literal["", "synonyms", "back-translation", "paraphrase"]
SPLITS: tuple[Split, ...] = ("train", "dev", "test")
CORPUS_FILE, CARD_FILE, CARD_TEXT = "corpus.jsonl", "card.json", "card.md"
Record = TypeVar("Record", bound=BaseModel)
_FROZEN = ConfigDict(frozen=True, extra="forbid")


class Example(BaseModel):
    """A prompt and the answer to learn.

    `document` is what examples share that must stay in one split: a PMID, a page, a report. `passages` are the numbered
    facts of the prompt, from 1. `label` is the one right answer where there is one (yes, no, maybe; a diagnosis),
    `ranking` a ranked list of them. `augmentation` says how it was made from the example `original`.
    """

    model_config = _FROZEN
    id: str
    kind: Kind
    document: str
    prompt: tuple[Message, ...]
    answer: str
    source: str
    licence: str
    passages: tuple[str, ...] = ()
    label: str = ""
    ranking: tuple[str, ...] = ()
    augmentation: Augmentation = ""
    original: str = ""


class RawText(BaseModel):
    """A text for continued pretraining."""

    model_config = _FROZEN
    id: str
    document: str
    text: str
    source: str
    licence: str


def read_examples(folder: Path, split: Split) -> list[Example]:
    """The examples of a split of a prepared folder, in file order.

    Raises:
        UnreadableSource: if the folder is none that `marrow finetune prepare` wrote, or a line is damaged.
    """
    return list(_lines(folder / f"{split}.jsonl", Example))


def read_corpus(folder: Path) -> list[RawText]:
    """The raw texts of a prepared folder, in file order.

    Raises:
        UnreadableSource: as for `read_examples`.
    """
    return list(_lines(folder / CORPUS_FILE, RawText))


def write_lines(file: Path, records: Iterable[BaseModel]) -> int:
    """Write records as JSON lines; returns how many."""
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for record in records:
            out.write(record.model_dump_json() + "\n")
            count += 1
    return count


def data_hash(folder: Path) -> str:
    """SHA-256 over the splits and the corpus of a prepared folder, hex: the same data, the same hash."""
    digest = hashlib.sha256()
    for name in (*(f"{split}.jsonl" for split in SPLITS), CORPUS_FILE):
        file = folder / name
        digest.update(name.encode() + b"\0" + (file.read_bytes() if file.is_file() else b"") + b"\0")
    return digest.hexdigest()


def _lines(file: Path, record: type[Record]) -> Iterator[Record]:
    hint = "Name a folder that `marrow finetune prepare` wrote."
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield record.model_validate_json(line)
                except ValidationError as error:
                    what = error.errors()[0]
                    place = ".".join(str(part) for part in what["loc"]) or "the line"
                    raise UnreadableSource(f"{file}, line {number}: {place}: {what['msg']}", hint=hint) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableSource(f"{file} cannot be read: {reason_of(error)}", hint=hint) from error
