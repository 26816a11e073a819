"""What the given files are, recognised by what is in them; everything is read and checked before any work starts."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from finetune.data.bioasq import cited_drafts, read_questions
from finetune.data.checking import Checker
from finetune.data.civic import KEYS as CIVIC
from finetune.data.civic import check_items, treatment_drafts
from finetune.data.drafts import Draft
from finetune.data.feedback import KEYS as FEEDBACK
from finetune.data.feedback import carried_feedback, feedback_drafts
from finetune.data.pairs import GENERAL, PAIR, general_drafts, pair_drafts
from finetune.data.pubmedqa import is_pubmedqa, pubmedqa_drafts
from finetune.data.reports import Report, is_report_table, read_reports, report_drafts
from finetune.data.rows import Row, has_keys, read_rows
from generator.records import AnswerAudience
from ingest.errors import UnreadableSource

Item = TypeVar("Item")
_KNOWN = (
    "Known are PubMedQA (JSON, JSON lines), question and answer (MedQuAD), prompt and answer, feedback with "
    "`approved`, CIViC's evidence items, a CSV of routine values with a diagnosis, and BEIR folders with ideal answers."
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder that was read. `drafts` checks and makes them one by one; `texts` are its questions and answers.

    `reports`, where it holds any, are what differentials are ranked by; their findings are not among the texts.
    """

    path: Path
    drafts: Callable[[Checker], Iterable[Draft]]
    texts: Sequence[str]
    reports: Sequence[Report] = field(default=())


def open_source(path: Path, *, audience: AnswerAudience, seed: int) -> Source:
    """Read a source whole.

    Args:
        path: a file, or a BEIR folder.
        audience: of answers whose source does not say whom it was written for.
        seed: of the order of its drafts.

    Raises:
        UnreadableSource: naming file, line and key of what is wrong, or that the source is of no known kind.
    """
    if path.is_dir():
        return _beir(path, audience=audience, seed=seed)
    rows = read_rows(path)
    first = rows[0]
    if is_pubmedqa(first):
        abstracts = [context for row in rows for context in _contexts(row)]
        return _ready(path, pubmedqa_drafts(rows), seed, more=abstracts)
    if has_keys(first, CIVIC):
        check_items(rows)
        statements = [row.text("evidence_statement") for row in rows]
        return Source(path, lambda checker: treatment_drafts(rows, checker), statements)
    if has_keys(first, FEEDBACK):
        given = _shuffled(feedback_drafts(rows, audience=audience), path, seed)
        return Source(path, lambda checker: carried_feedback(given, checker), _said(given))
    if path.name.removesuffix(".gz").endswith(".csv") and is_report_table(first):
        reports = read_reports(rows)
        drafts = report_drafts(_shuffled(reports, path, seed))
        return Source(path, lambda _: drafts, (), reports)
    if has_keys(first, PAIR):
        return _pairs(path, rows, seed)
    if has_keys(first, GENERAL):
        return _ready(path, general_drafts(rows), seed)
    raise UnreadableSource(
        f"{path}, {first.place}: no known kind of data: {', '.join(map(str, first.fields))}", hint=_KNOWN
    )


def _beir(folder: Path, *, audience: AnswerAudience, seed: int) -> Source:
    questions = _shuffled(read_questions(folder), folder, seed)
    texts = [text for question in questions for text in (question.text, question.ideal)]
    return Source(
        folder, lambda checker: cited_drafts(questions, checker, audience=audience, source=folder.name), texts
    )


def _pairs(path: Path, rows: Sequence[Row], seed: int) -> Source:
    texts = [text for row in rows for text in (row.text("question"), row.text("answer"))]
    order = _shuffled(rows, path, seed)
    return Source(path, lambda checker: pair_drafts(order, checker.rejected), texts)


def _ready(path: Path, drafts: Sequence[Draft], seed: int, *, more: Sequence[str] = ()) -> Source:
    order = _shuffled(drafts, path, seed)
    return Source(path, lambda _: order, [*_said(drafts), *more])


def _said(drafts: Iterable[Draft]) -> list[str]:
    return [text for draft in drafts for text in (draft.question, draft.answer)]


def _contexts(row: Row) -> Iterator[str]:
    yield from row.texts("CONTEXTS" if "CONTEXTS" in row.fields else "contexts")


def _shuffled(items: Sequence[Item], path: Path, seed: int) -> list[Item]:
    """Items in an order drawn from the seed and the file's name, so that a limit takes some from everywhere."""
    order = list(items)
    random.Random(f"{path.name} {seed}").shuffle(order)
    return order
