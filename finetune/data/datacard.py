"""The card of a prepared folder: what is in it, where it comes from, what was removed, what it is for."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from pydantic import BaseModel, ConfigDict

from finetune.data.augment import AugmentReport
from finetune.data.contamination import Contamination
from finetune.records import (
    CARD_FILE,
    CARD_TEXT,
    CORPUS_FILE,
    SPLITS,
    Example,
    RawText,
    Split,
    data_hash,
    read_corpus,
    read_examples,
)
from ingest.errors import UnreadableSource

CountTokens = Callable[[str], int]
_FROZEN = ConfigDict(frozen=True, extra="forbid")
INTENDED_USE = (
    "To adapt a chat model to answering questions on leukemia from numbered facts, with the number of the fact behind "
    "every sentence, and to refuse where the facts hold no answer."
)
LIMITS = (
    "Answers are only as good and as recent as their sources; none was checked by a physician unless its kind is "
    "feedback.",
    "De-identification removes names without a label in running text in most cases, not in all: look through texts of "
    "your own patients before you train on them, and do not publish what was trained on them.",
    "A model trained on this data can still be wrong. It informs; it does not diagnose or prescribe.",
)


class Lengths(BaseModel):
    """Lengths of texts in tokens."""

    model_config = _FROZEN
    total: int = 0
    median: float = 0.0
    p95: float = 0.0
    longest: int = 0


class SourceCount(BaseModel):
    """How many examples and raw texts a source gave, under which licence; of web pages, their site."""

    model_config = _FROZEN
    source: str
    licence: str
    examples: int = 0
    texts: int = 0


class Removed(BaseModel):
    """What did not get in: personal data by kind, near-duplicates, evaluation texts, and unusable items by reason."""

    model_config = _FROZEN
    personal: dict[str, int] = {}
    duplicates: int = 0
    contamination: Contamination | None = None
    unusable: dict[str, int] = {}


class Preparation(BaseModel):
    """How a folder was prepared.

    `made` is the day, ISO 8601; `versions` are those of the packages and the tokenizer; `options` as they were given.
    """

    model_config = _FROZEN
    made: str
    seed: int
    versions: dict[str, str]
    options: dict[str, str] = {}
    removed: Removed = Removed()
    augmentation: AugmentReport | None = None


class Card(BaseModel):
    """A card of a prepared folder.

    `kinds`, `documents`, `augmented` and `tokens` count by split: the examples of each kind, the documents, the
    examples made from others, and the tokens of prompt and answer together; `tokens` has raw texts under "corpus".
    """

    model_config = _FROZEN
    data_hash: str
    preparation: Preparation
    kinds: dict[Split, dict[str, int]]
    documents: dict[Split, int]
    augmented: dict[Split, dict[str, int]]
    sources: tuple[SourceCount, ...]
    tokens: dict[str, Lengths]
    intended_use: str = INTENDED_USE
    limits: tuple[str, ...] = LIMITS


def describe(folder: Path, preparation: Preparation, *, count_tokens: CountTokens) -> Card:
    """Make the card of a prepared folder from its files.

    Args:
        folder: with the splits written, and the corpus where there is one.
        preparation: what the files do not tell.
        count_tokens: the length of a text in tokens of the model to train.

    Raises:
        UnreadableSource: if a split is missing or damaged.
    """
    examples = {split: read_examples(folder, split) for split in SPLITS}
    corpus = read_corpus(folder) if (folder / CORPUS_FILE).is_file() else []
    tokens = {split: _lengths(map(_whole, found), count_tokens) for split, found in examples.items()}
    return Card(
        data_hash=data_hash(folder),
        preparation=preparation,
        kinds={split: _counted(one.kind for one in found) for split, found in examples.items()},
        documents={split: len({one.document for one in found}) for split, found in examples.items()},
        augmented={
            split: _counted(one.augmentation for one in found if one.augmentation) for split, found in examples.items()
        },
        sources=_sources(examples.values(), corpus),
        tokens=tokens | {"corpus": _lengths((one.text for one in corpus), count_tokens)},
    )


def write_card(folder: Path, card: Card) -> None:
    """Write the card into the folder, as card.json for programs and card.md for people."""
    (folder / CARD_FILE).write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (folder / CARD_TEXT).write_text(as_markdown(card), encoding="utf-8")


def read_card(folder: Path) -> Card:
    """The card of a prepared folder.

    Raises:
        UnreadableSource: if there is none, or it is damaged.
    """
    file = folder / CARD_FILE
    try:
        return Card.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableSource(
            f"{file} is no card: {error}", hint="Name a folder that `marrow finetune prepare` wrote."
        ) from error


def _whole(example: Example) -> str:
    return "\n".join([*(text for _, text in example.prompt), example.answer])


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _lengths(texts: Iterable[str], count_tokens: CountTokens) -> Lengths:
    counts = [count_tokens(text) for text in texts]
    if not counts:
        return Lengths()
    median, p95 = (float(one) for one in np.percentile(counts, [50, 95]))
    return Lengths(total=sum(counts), median=median, p95=round(p95, 1), longest=max(counts))


def _sources(splits: Iterable[Sequence[Example]], corpus: Sequence[RawText]) -> tuple[SourceCount, ...]:
    examples = Counter((_site(one.source), one.licence) for found in splits for one in found)
    texts = Counter((_site(one.source), one.licence) for one in corpus)
    return tuple(
        SourceCount(source=source, licence=licence, examples=examples[source, licence], texts=texts[source, licence])
        for source, licence in sorted(examples.keys() | texts.keys())
    )


def as_markdown(card: Card) -> str:
    """The card for people, in Markdown."""
    preparation = card.preparation
    sections = [
        f"# Data card\n\nPrepared {preparation.made}, seed {preparation.seed}, data hash `{card.data_hash}`.",
        f"## Intended use\n\n{card.intended_use}",
        "## Limits\n\n" + "\n".join(f"- {limit}" for limit in card.limits),
        "## Examples\n\n" + _kinds_table(card),
        "## Lengths in tokens\n\n" + _tokens_table(card),
        "## Sources\n\n" + _sources_table(card),
        "## Removed\n\n" + _removed_text(preparation.removed),
    ]
    if preparation.augmentation:
        sections.append("## Augmentation\n\n" + _augmentation_table(preparation.augmentation))
    made_with = preparation.versions | preparation.options
    sections.append("## Made with\n\n" + _table(("what", "value"), sorted(made_with.items())))
    return "\n\n".join(sections) + "\n"


def _site(source: str) -> str:
    """The site of a page's address; other sources have a name."""
    return urlsplit(source).netloc or source


def _kinds_table(card: Card) -> str:
    kinds = sorted({kind for counts in card.kinds.values() for kind in counts})
    rows: list[tuple[object, ...]] = [(kind, *(card.kinds[split].get(kind, 0) for split in SPLITS)) for kind in kinds]
    rows.append(("all", *(sum(card.kinds[split].values()) for split in SPLITS)))
    rows.append(("of these augmented", *(sum(card.augmented[split].values()) for split in SPLITS)))
    rows.append(("documents", *(card.documents[split] for split in SPLITS)))
    return _table(("kind", *SPLITS), rows)


def _tokens_table(card: Card) -> str:
    rows = [(name, one.total, one.median, one.p95, one.longest) for name, one in card.tokens.items()]
    return _table(("", "total", "median", "95th percentile", "longest"), rows)


def _sources_table(card: Card) -> str:
    rows = [(one.source, one.licence, one.examples, one.texts) for one in card.sources]
    return _table(("source", "licence", "examples", "raw texts"), rows)


def _removed_text(removed: Removed) -> str:
    rows: list[tuple[object, ...]] = [(f"personal data: {kind}", count) for kind, count in removed.personal.items()]
    rows.append(("near-duplicates", removed.duplicates))
    rows += [(f"unusable: {reason}", count) for reason, count in removed.unusable.items()]
    found = removed.contamination
    if found is None:
        return _table(("what", "count"), rows) + "\n\nNot compared with evaluation sets."
    rows.append(("examples that an evaluation set would know again", found.removed_examples))
    rows += [(f"of these in {name} ({found.texts[name]:,} texts)", count) for name, count in found.removed.items()]
    return _table(("what", "count"), rows) + f"\n\nCompared by runs of {found.n} words and by whole questions."


def _augmentation_table(report: AugmentReport) -> str:
    rows = [
        (method, one.made, one.kept, "; ".join(f"{reason}: {count}" for reason, count in one.rejected.items()))
        for method, one in report.methods.items()
    ]
    return _table(("method", "made", "kept", "rejected because"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int | float) else str(value)
    return " ".join(text.split()).replace("|", "\\|")
