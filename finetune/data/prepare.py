"""From the catalog and files to a prepared folder: read, clean, drop repeats, split, mix, decontaminate, augment."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from finetune.data.augment import AugmentReport, augment
from finetune.data.checking import Checker
from finetune.data.contamination import Contamination
from finetune.data.datacard import Card, CountTokens, Preparation, Removed, describe, write_card
from finetune.data.drafts import Draft, example_of
from finetune.data.duplicates import drop_near_duplicates
from finetune.data.folder import check_target, written_whole
from finetune.data.knowledge import Page, catalog_drafts, corpus_of, read_pages
from finetune.data.sources import Source, open_source
from finetune.data.stages import Cleaner, Splits, clean_drafts, collect, hold_out, raw_texts, split_and_mix
from finetune.errors import NothingLeft
from finetune.records import CORPUS_FILE, SPLITS, Augmentation, Example, RawText, write_lines
from generator.language_models.chat import ChatModel
from generator.records import AnswerAudience
from generator.verify import Encode
from ingest.pipeline import Progress, no_progress, today

_PACKAGES = ("marrow-rag", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class PrepareConfig:
    """What goes in, and how.

    `home` is the data folder whose catalog is read, None for none. At most `limit` examples of each kind, and raw
    texts, are taken; those longer than `max_tokens`, prompt and answer together, are left out. `dev` and `test` are
    shares, 0..1. `evaluation` are sources that nothing may be learnt from.
    """

    sources: tuple[Path, ...] = ()
    home: Path | None = None
    evaluation: tuple[Path, ...] = ()
    audience: AnswerAudience = "clinician"
    deidentify: bool = True
    augment: tuple[Augmentation, ...] = ()
    limit: int | None = None
    max_tokens: int = 1_024
    dev: float = 0.05
    test: float = 0.05
    seed: int = 0
    force: bool = False

    def options(self) -> dict[str, str]:
        """The options for the card: names of files, not where they lie."""
        return {
            "sources": ", ".join(path.name for path in self.sources),
            "catalog": "yes" if self.home else "no",
            "evaluation": ", ".join(path.name for path in self.evaluation),
            "audience": self.audience,
            "de-identification": "on" if self.deidentify else "off",
            "augmentation": ", ".join(self.augment),
            "limit": str(self.limit or "none"),
            "max tokens": str(self.max_tokens),
            "shares": f"dev {self.dev:g}, test {self.test:g}",
        }


@dataclass(frozen=True, slots=True)
class Tools:
    """What preparing works with: the embedder of the verifier, a tokenizer's count, and a chat model or none.

    `tokenizer` names whose tokens `count_tokens` counts.
    """

    encode: Encode
    count_tokens: CountTokens
    tokenizer: str
    model: ChatModel | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """All that was read, before any work: the sources, the catalog and the evaluation sets."""

    sources: Sequence[Source]
    pages: Sequence[Page]
    held_out: Sequence[Source]

    @property
    def evaluation(self) -> dict[str, Sequence[str]]:
        """The texts of the evaluation sets by name."""
        return {source.path.name: source.texts for source in self.held_out}


def prepare(out: Path, config: PrepareConfig, tools: Tools, *, progress: Progress = no_progress) -> Card:
    """Write a prepared folder; the same inputs, options and seed give the same examples, byte for byte.

    Raises:
        UnreadableSource: if a source cannot be read, is of no known kind or holds a damaged record, before any work.
        BadRequest: if the folder is taken or cannot be written, or the shares leave nothing to train on.
        NothingLeft: if no example and no raw text is left.
        MissingPart: if a model or package that the options need is not there.
    """
    check_target(out, force=config.force)
    read = _read(config)
    checker, cleaner = Checker(tools.encode), Cleaner(config.deidentify)
    splits, removed = _examples(read, config, tools, checker, cleaner, progress)
    progress("Reading raw texts", 0, 0)
    corpus = raw_texts(corpus_of(read.pages), read.evaluation, cleaner, limit=config.limit, seed=config.seed)
    report: AugmentReport | None = None
    if config.augment:
        progress("Augmenting", 0, 0)
        made, report = augment(
            splits["train"], kinds=config.augment, model=tools.model, encode=tools.encode, seed=config.seed
        )
        splits["train"] += made
    if not splits["train"] and not corpus:
        raise NothingLeft("nothing is left to train on" + _reasons(checker.rejected))
    preparation = Preparation(
        made=today(),
        seed=config.seed,
        versions={name: version(name) for name in _PACKAGES} | {"tokenizer": tools.tokenizer},
        options=config.options(),
        removed=removed.model_copy(
            update={"personal": _sorted(cleaner.removed), "unusable": _sorted(checker.rejected)}
        ),
        augmentation=report,
    )
    return _write(out, splits, corpus, preparation, tools.count_tokens)


def _read(config: PrepareConfig) -> _Read:
    opened = partial(open_source, audience=config.audience, seed=config.seed)
    sources = [opened(path) for path in config.sources]
    held_out = [opened(path) for path in config.evaluation]
    pages = read_pages(config.home) if config.home else []
    return _Read(sources, pages, held_out)


def _examples(
    read: _Read, config: PrepareConfig, tools: Tools, checker: Checker, cleaner: Cleaner, progress: Progress
) -> tuple[Splits, Removed]:
    makers: list[Callable[[], Iterable[Draft]]] = [partial(source.drafts, checker) for source in read.sources]
    if read.pages:
        makers.append(
            partial(catalog_drafts, read.pages, checker, model=tools.model, audience=config.audience, seed=config.seed)
        )
    found = collect(makers, limit=config.limit, progress=progress)
    drafts = {draft.id: draft for draft in clean_drafts(found, cleaner, checker, progress)}
    kept, dropped = drop_near_duplicates([example_of(draft) for draft in drafts.values()])
    reports = [report for source in read.sources for report in source.reports]
    splits = split_and_mix(kept, drafts, reports, shares=(config.dev, config.test), seed=config.seed)
    splits = {split: _short(examples, config, tools, checker) for split, examples in splits.items()}
    findings = {cleaner.clean(r.findings, published=False) for source in read.held_out for r in source.reports}
    splits["train"], contamination = hold_out(splits, read.evaluation, drafts, findings=findings)
    return splits, Removed(duplicates=len(dropped), contamination=_or_none(contamination))


def _short(examples: Sequence[Example], config: PrepareConfig, tools: Tools, checker: Checker) -> list[Example]:
    """The examples that are not too long; the others are counted."""
    kept = []
    for example in examples:
        texts = (*(text for _, text in example.prompt), example.answer)
        if sum(map(tools.count_tokens, texts)) <= config.max_tokens:
            kept.append(example)
        else:
            checker.rejected[f"longer than {config.max_tokens} tokens"] += 1
    return kept


def _write(
    out: Path, splits: Splits, corpus: Sequence[RawText], preparation: Preparation, count_tokens: CountTokens
) -> Card:
    with written_whole(out) as folder:
        for split in SPLITS:
            write_lines(folder / f"{split}.jsonl", splits[split])
        write_lines(folder / CORPUS_FILE, corpus)
        card = describe(folder, preparation, count_tokens=count_tokens)
        write_card(folder, card)
    return card


def _or_none(report: Contamination) -> Contamination | None:
    return report if any(report.texts.values()) else None


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _reasons(rejected: Counter[str]) -> str:
    return "".join(f"; {reason}: {count}" for reason, count in rejected.most_common(3))
