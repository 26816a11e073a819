"""Questions of a BEIR folder with what is known of their answers, as BioASQ gives it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.evaluation.measures import Entity
from ingest.errors import UnreadableSource
from retriever.evaluate import read_queries

TYPES = ("factoid", "list", "yesno", "summary")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its judgements.

    Attributes:
        question_id: its id in the folder.
        text: as asked.
        gold: the ids of the documents that answer it.
        kind: one of `TYPES`, or "unknown".
        ideal: answers in full sentences, any of which will do.
        entities: factoid: what answers it, any one; list: what the answer must name, all.
        yes_no: "yes", "no", or "" where that is not known or not asked.
    """

    question_id: str
    text: str
    gold: frozenset[str]
    kind: str = "unknown"
    ideal: tuple[str, ...] = ()
    entities: tuple[Entity, ...] = ()
    yes_no: str = ""


def read_questions(folder: Path) -> list[Question]:
    """The judged test questions of a BEIR folder, in file order.

    `metadata` of a question may hold `type`, `ideal_answer` (a text or several) and `exact_answer` ("yes" or "no"; the
    names of a factoid; for a list, one entry for each entity, a name or several). What is missing, empty or of another
    shape is left out, as is a document judged 0.

    Raises:
        UnreadableSource: if the folder cannot be read; see `read_queries`.
    """
    queries = read_queries(folder)
    known = _metadata(folder)
    return [_question(query.query_id, query.text, query.gains, known.get(query.query_id, {})) for query in queries]


def _metadata(folder: Path) -> dict[str, Mapping[str, Any]]:
    lines = (folder / "queries.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines if line.strip()]
    return {r["_id"]: r["metadata"] for r in records if isinstance(r.get("metadata"), dict)}


def _question(question_id: str, text: str, gains: Mapping[str, int], metadata: Mapping[str, Any]) -> Question:
    kind, exact = metadata.get("type"), metadata.get("exact_answer")
    if not isinstance(text, str):
        raise UnreadableSource(f"the question {question_id} of queries.jsonl is no text")
    return Question(
        question_id=question_id,
        text=text,
        gold=frozenset(doc_id for doc_id, gain in gains.items() if gain > 0),
        kind=kind if kind in TYPES else "unknown",
        ideal=_texts(metadata.get("ideal_answer")),
        entities=_entities(exact) if kind in ("factoid", "list") else (),
        yes_no=_yes_no(exact) if kind == "yesno" else "",
    )


def _texts(value: object) -> tuple[str, ...]:
    """The texts in a text or a list of texts."""
    values = value if isinstance(value, list) else [value]
    return tuple(text for text in values if isinstance(text, str) and text.strip())


def _entities(exact: object) -> tuple[Entity, ...]:
    """One entity for each entry of a list that has a name."""
    entries = exact if isinstance(exact, list) else [exact]
    return tuple(names for names in map(_texts, entries) if names)


def _yes_no(exact: object) -> str:
    first = next(iter(_texts(exact)), "").strip().lower()
    return first if first in ("yes", "no") else ""
