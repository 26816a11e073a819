"""Answers that users approved.

JSON lines, one answer a line: `question`, `answer` with the number of its passage behind every sentence, `passages`
(the texts it cites, from 1), `approved` (true or false); and, where known, `document` (what its passages come from),
`audience` ("patient" or "clinician"), `source` and `licence`.
"""

from collections.abc import Iterator, Sequence

from finetune.data.checking import Checker
from finetune.data.drafts import Draft
from finetune.data.pairs import licence_of
from finetune.data.rows import Row
from generator.records import AnswerAudience

KEYS = ("question", "answer", "approved")
_AUDIENCES: dict[str, AnswerAudience] = {"patient": "patient", "clinician": "clinician"}


def feedback_drafts(rows: Sequence[Row], *, audience: AnswerAudience) -> list[Draft]:
    """The approved answers, not yet checked against their passages.

    Raises:
        UnreadableSource: if a record lacks its question, answer or approval.
    """
    drafts = []
    for row in rows:
        if not isinstance(row.fields.get("approved"), bool):
            row.refuse("approved", "it has to be true or false")
        given = row.optional("audience") or audience
        if given not in _AUDIENCES:
            row.refuse("audience", f'it has to be "patient" or "clinician", not {given!r}')
        draft = Draft(
            kind="feedback",
            form="cited",
            document=row.optional("document") or f"{row.file.name}, {row.place}",
            question=row.text("question"),
            answer=" ".join(row.text("answer").split()),
            source=row.optional("source") or "feedback of a user",
            licence=licence_of(row),
            facts=tuple(" ".join(text.split()) for text in row.texts("passages")) if row.fields.get("passages") else (),
            audience=_AUDIENCES[given],
            published=False,
        )
        if row.fields["approved"]:
            drafts.append(draft)
    return drafts


def carried_feedback(drafts: Sequence[Draft], checker: Checker) -> Iterator[Draft]:
    """The answers whose every sentence is carried by the passage it cites; the others are counted."""
    for draft in drafts:
        if not draft.facts:
            checker.rejected["feedback without passages cannot be checked"] += 1
        elif checker.holds(draft):
            yield draft
