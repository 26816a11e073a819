"""Answers to questions whose answers are known: what is right, what is cited, what is refused, how long it took.

A system under test is any function from a question to a `Reply`.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from generator.evaluation.measures import (
    citation_precision,
    citation_recall,
    entity_recall,
    exact_hit,
    implied_answer,
    stated_answer,
)
from generator.evaluation.questions import Question
from generator.evaluation.readability import reading_grade
from generator.evaluation.rouge import rouge_2, rouge_su4
from generator.evaluation.scores import Result
from generator.records import Answer, AnswerAudience, Verdict
from ingest.errors import BadRequest
from ingest.pipeline import Progress, no_progress
from retriever.store import PassageStore, StoredPassage


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system answers: sentences with their verdicts, and the documents it cites, each as its ids in the folder.

    `verdicts` are empty where a system checks nothing; without a sentence the question is refused. `false_quotes`
    counts the citations whose words do not stand where they say.
    """

    sentences: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    cited: tuple[frozenset[str], ...] = ()
    false_quotes: int = 0

    @property
    def text(self) -> str:
        """The sentences as one text."""
        return " ".join(self.sentences)


logger = logging.getLogger(__name__)

System = Callable[[Question], Reply]


class Asks(Protocol):
    """What answers questions; `Answerer` and the service's are such."""

    def ask(self, question: str, *, audience: AnswerAudience) -> Answer:
        """Answer a question."""


def answering(asks: Asks, store: PassageStore, *, folder: Path, audience: AnswerAudience) -> System:
    """The system under test that asks an answerer over an index of a BEIR folder; see `folder_ids` for the folder."""

    def reply(question: Question) -> Reply:
        answer = asks.ask(question.text, audience=audience)
        places = [(c, store.passage(c.passage_id)) for c in answer.citations]
        cited = {c.doc_id: item for c, item in places}
        sentences = () if answer.abstained else answer.sentences
        return Reply(
            sentences=tuple(sentence.text for sentence in sentences),
            verdicts=tuple(sentence.verdict for sentence in sentences),
            cited=tuple(folder_ids(item, folder) if item else frozenset() for item in cited.values()),
            false_quotes=sum(item is None or item.passage.text[c.start : c.end] != c.quote for c, item in places),
        )

    return reply


def folder_ids(item: StoredPassage, folder: Path) -> frozenset[str]:
    """All ids that a passage's document has in a BEIR folder; `folder` as it was ingested: origins are "folder#id"."""
    prefix = f"{folder}#"
    return frozenset(o.removeprefix(prefix) for o in item.document.origins if o.startswith(prefix))


def spread(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """At most `limit` of the questions, evenly spread over their order; None for all."""
    if limit is None or limit >= len(questions):
        return list(questions)
    return [questions[number * len(questions) // limit] for number in range(limit)]


def evaluate_answers(
    system: System, questions: Sequence[Question], *, progress: Progress = no_progress
) -> list[Result]:
    """Ask every question once, one at a time, timed, after the first was asked once to warm up.

    One that a system does not take (empty, too long) counts as refused.

    Raises:
        BadRequest: if there is no question.
        MarrowError: if the system cannot answer.
    """
    if not questions:
        raise BadRequest("there is no question to evaluate with")
    _ask(system, questions[0])
    results = []
    for done, question in enumerate(questions):
        progress("Answering", done, len(questions))
        begin = time.perf_counter()
        reply = _ask(system, question)
        ms = (time.perf_counter() - begin) * 1000
        results.append(score(question, reply, ms=round(ms, 3)))
    return results


def _ask(system: System, question: Question) -> Reply:
    try:
        return system(question)
    except BadRequest as error:
        logger.warning("question %s was not taken: %s", question.question_id, error)
        return Reply()


def score(question: Question, reply: Reply, *, ms: float = 0.0) -> Result:
    """The figures of one reply that took `ms` milliseconds."""
    return Result(
        question=question.question_id,
        text=question.text,
        kind=question.kind,
        expected=tuple(map(" / ".join, question.entities)) or tuple(filter(None, [question.yes_no])),
        abstained=not reply.sentences,
        sentences=reply.sentences,
        verdicts=reply.verdicts,
        cited=tuple(sorted(frozenset().union(*reply.cited))),
        gold=tuple(sorted(question.gold)),
        false_quotes=reply.false_quotes,
        figures=_figures(question, reply),
        stated=(stated_answer(reply.text) or "") if question.kind == "yesno" else "",
        words=len(reply.text.split()),
        grade=reading_grade(reply.text),
        ms=ms,
    )


def _figures(question: Question, reply: Reply) -> dict[str, float]:
    text = reply.text
    figures: dict[str, float] = {}
    if reply.cited or not reply.sentences:
        figures["citation_precision"] = citation_precision(reply.cited, question.gold) if reply.cited else 0.0
    if question.gold:
        figures["citation_recall"] = citation_recall(reply.cited, question.gold)
    if question.entities and question.kind == "factoid":
        figures["factoid_hit"] = exact_hit(question.entities, text)
    if question.entities and question.kind == "list":
        figures["list_recall"] = entity_recall(question.entities, text)
    if question.yes_no:
        figures["yesno_accuracy"] = float(stated_answer(text) == question.yes_no)
        first = next(iter(reply.sentences), None)
        figures["yesno_implied"] = float(first is not None and implied_answer(first) == question.yes_no)
    if question.ideal:
        two, su4 = rouge_2(text, question.ideal), rouge_su4(text, question.ideal)
        figures |= {"rouge2": two.f1, "rouge2_recall": two.recall}
        figures |= {"rougeSU4": su4.f1, "rougeSU4_recall": su4.recall}
    return {name: round(value, 5) for name, value in figures.items()}
