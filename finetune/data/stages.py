"""The stages between reading and writing: collect, clean, mix, and hold out what is evaluated on."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from finetune.data.abbreviations import standardise
from finetune.data.checking import Checker
from finetune.data.contamination import Contamination, decontaminate
from finetune.data.deidentify import deidentify
from finetune.data.distractors import with_distractors
from finetune.data.drafts import Draft, example_of, rewritten
from finetune.data.reports import Report, ranked
from finetune.data.splits import split_by_document
from finetune.records import SPLITS, Example, RawText, Split
from generator.prompts import REFUSAL
from ingest.pipeline import Progress

Splits = dict[Split, list[Example]]
_FINDINGS = ("single", "ranked")
_PLACEHOLDER = re.compile(r"\[(?:NAME|BIRTH DATE|NUMBER|ADDRESS|PHONE|EMAIL|URL|AGE|DATE)[^\]]*\]")


@dataclass(slots=True)
class Cleaner:
    """Standardises abbreviations and, if wanted, removes personal data; `removed` counts it over different texts."""

    removes: bool
    removed: Counter[str] = field(default_factory=Counter)
    _done: dict[tuple[str, bool], str] = field(default_factory=dict)

    def clean(self, text: str, *, published: bool) -> str:
        """The text as it may be learnt; `published` literature may name days and addresses."""
        key = text, published
        if key not in self._done:
            clean = standardise(text)
            if self.removes:
                clean, removed = deidentify(clean, published=published)
                self.removed += removed
            self._done[key] = clean
        return self._done[key]


def collect(makers: Sequence[Callable[[], Iterable[Draft]]], *, limit: int | None, progress: Progress) -> list[Draft]:
    """The drafts of all sources, each once, at most `limit` of a kind; of several sources as many of each as can be."""
    by_kind: dict[str, list[list[Draft]]] = defaultdict(list)
    seen: set[str] = set()
    for make in makers:
        taken: dict[str, list[Draft]] = defaultdict(list)
        for draft in make():
            if draft.id not in seen and (limit is None or len(taken[draft.kind]) < limit):
                seen.add(draft.id)
                taken[draft.kind].append(draft)
                progress("Making examples", len(seen), 0)
            elif limit is not None and all(len(found) >= limit for found in taken.values()):
                break
        for kind, found in taken.items():
            by_kind[kind].append(found)
    return [draft for kind in sorted(by_kind) for draft in _in_turn(by_kind[kind], limit)]


def clean_drafts(drafts: Sequence[Draft], cleaner: Cleaner, checker: Checker, progress: Progress) -> list[Draft]:
    """The drafts cleaned, each once.

    A cited answer that was changed and does not hold any more is left out; so is published text that lost a name: its
    names are of authors and brands, and a gap in their place must not be learnt.
    """
    kept: dict[str, Draft] = {}
    for number, draft in enumerate(drafts):
        progress("Cleaning", number, len(drafts))
        published = draft.published
        new = rewritten(draft, lambda text, published=published: cleaner.clean(text, published=published))  # type: ignore[misc]
        if published and _placeholders(new) > _placeholders(draft):
            checker.rejected["a name was removed from it"] += 1
        elif new == draft or new.form != "cited" or checker.holds(new):
            kept.setdefault(new.id, new)
    return list(kept.values())


def split_and_mix(
    kept: Sequence[Example],
    drafts: Mapping[str, Draft],
    reports: Sequence[Report],
    *,
    shares: tuple[float, float],
    seed: int,
) -> Splits:
    """Split by document, then rank differentials by the training split and mix facts within each split.

    Args:
        kept: the examples of drafts that stay.
        drafts: by the id of their example.
        reports: of the differentials.
        shares: of dev and test, 0..1.
        seed: of the split and of the facts.
    """
    dev, test = shares
    divided = split_by_document(kept, dev=dev, test=test, seed=seed)
    learnt_from = frozenset(example.document for example in divided["train"])
    splits: Splits = {}
    for split in SPLITS:
        names = [example.id for example in divided[split]]
        mixed = with_distractors(ranked([drafts[name] for name in names], reports, learnt_from=learnt_from), seed=seed)
        splits[split] = [example_of(draft, name=name) for draft, name in zip(mixed, names, strict=True)]
    return splits


def hold_out(
    splits: Splits, evaluation: Mapping[str, Sequence[str]], drafts: Mapping[str, Draft], *, findings: Collection[str]
) -> tuple[list[Example], Contamination]:
    """The training examples that neither an evaluation set nor dev or test would know again, and the report.

    Findings differ in numbers only, so runs of words say nothing there: those go that are among `findings` as a whole.
    """
    told = _standardised(evaluation)
    for split in ("dev", "test"):
        rest = [drafts[example.id] for example in splits[split] if drafts[example.id].form not in _FINDINGS]
        told[split] = [text for draft in rest for text in (draft.question, draft.answer) if text != REFUSAL]
    of_people = {e.id for e in splits["train"] if drafts[e.id].form in _FINDINGS}
    kept, report = decontaminate([e for e in splits["train"] if e.id not in of_people], told)
    clean = {example.id for example in kept} | {name for name in of_people if drafts[name].question not in findings}
    return [example for example in splits["train"] if example.id in clean], report


def raw_texts(
    texts: Iterable[RawText], evaluation: Mapping[str, Sequence[str]], cleaner: Cleaner, *, limit: int | None, seed: int
) -> list[RawText]:
    """Raw texts, cleaned, without those that share words with an evaluation set; which `limit` stay, the seed draws."""
    order = sorted(texts, key=lambda text: _drawn(text.id, seed))[:limit]
    cleaned = [text.model_copy(update={"text": cleaner.clean(text.text, published=True)}) for text in order]
    as_examples = [
        Example(id=text.id, kind="general", document=text.document, prompt=(), answer=text.text, source="", licence="")
        for text in cleaned
    ]
    kept = {example.id for example in decontaminate(as_examples, _standardised(evaluation))[0]}
    return [text for text in cleaned if text.id in kept]


def _standardised(evaluation: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The evaluation texts as those to learn from are written."""
    return {name: [standardise(text) for text in texts] for name, texts in evaluation.items()}


def _placeholders(draft: Draft) -> int:
    return sum(len(_PLACEHOLDER.findall(text)) for text in (draft.question, *draft.facts, draft.answer))


def _in_turn(found: Sequence[Sequence[Draft]], limit: int | None) -> list[Draft]:
    """One draft of each source in turn, until there are `limit`."""
    longest = max(map(len, found))
    return [drafts[place] for place in range(longest) for drafts in found if place < len(drafts)][:limit]


def _drawn(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\0{name}".encode()).digest()
