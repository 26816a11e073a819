"""PubMedQA: a question, the abstract without its conclusion, the conclusion, and yes, no or maybe.

Source: Jin et al. 2019, doi:10.18653/v1/D19-1259; data and licence: https://github.com/pubmedqa/pubmedqa (MIT).
"""

from collections.abc import Sequence

from finetune.data.drafts import Draft
from finetune.data.rows import Row, has_keys

OFFICIAL = ("QUESTION", "CONTEXTS", "LONG_ANSWER")
LINES = ("question", "contexts", "long_answer")
_VERDICTS = {"yes": "Yes", "no": "No", "maybe": "Maybe"}
_SOURCE, _LICENCE = "PubMedQA", "MIT; the abstracts may belong to their publishers"


def is_pubmedqa(row: Row) -> bool:
    """Whether a record is PubMedQA's, in the official form or as JSON lines."""
    return has_keys(row, OFFICIAL) or has_keys(row, LINES)


def pubmedqa_drafts(rows: Sequence[Row]) -> list[Draft]:
    """Questions with an abstract; "Yes. " and the reason where the set is labelled, else (PQA-U) the conclusion alone.

    Raises:
        UnreadableSource: if a record lacks a text, or its label in a labelled file.
    """
    question, contexts, long_answer = OFFICIAL if has_keys(rows[0], OFFICIAL) else LINES
    decision = "final_decision" if question == "QUESTION" else "answer"
    labelled = any(decision in row.fields for row in rows)
    drafts = []
    for row in rows:
        label = _label(row, decision) if labelled else ""
        reason = " ".join(row.text(long_answer).split())
        drafts.append(
            Draft(
                kind="pubmedqa",
                form="decide" if labelled else "conclude",
                document=f"PMID:{_pmid(row)}",
                question=row.text(question),
                answer=f"{_VERDICTS[label]}. {reason}" if labelled else reason,
                source=_SOURCE,
                licence=_LICENCE,
                facts=row.texts(contexts),
                label=label,
            )
        )
    return drafts


def _label(row: Row, key: str) -> str:
    label = row.text(key).lower()
    if label not in _VERDICTS:
        row.refuse(key, f"it has to be yes, no or maybe, not {label!r}")
    return label


def _pmid(row: Row) -> str:
    """The key of the record in the official form, else its field."""
    pmid = row.place.split('"')[1] if row.place.startswith('entry "') else str(row.fields.get("pmid") or "")
    if not pmid.isdigit():
        row.refuse("pmid", "it is missing or no number")
    return pmid
