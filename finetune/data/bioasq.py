"""Cited answers from a BEIR folder whose questions hold ideal answers, as those made of BioASQ do.

Source: Krithara et al., BioASQ-QA, Scientific Data 2023, doi:10.1038/s41597-023-02068-4 (CC BY 2.5).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from finetune.data.checking import Checker, sentences_of, without_verdict
from finetune.data.drafts import UNKNOWN_LICENCE, Draft
from finetune.data.grouping import joined
from finetune.data.rows import HINT, Row, read_rows
from generator.records import AnswerAudience
from ingest.errors import UnreadableSource
from retriever.evaluate import read_queries
from retriever.terms import terms

# Of the words of an ideal answer that no passage carries as it is, the share that a quoted sentence must have.
_QUOTED_SHARE = 0.5
_MOST_FACTS = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A judged question with the texts that answer it, its ideal answer and the words it must hold, one of them.

    `group` is what its documents share.
    """

    text: str
    ideal: str
    exact: tuple[str, ...]
    passages: tuple[str, ...]
    group: str


def read_questions(folder: Path) -> list[Question]:
    """The questions of a BEIR folder that have an ideal answer, in file order.

    Questions that share a document, or are joined by others that do, have the same group.

    Raises:
        UnreadableSource: if it is no BEIR folder, a record is damaged, or no question has an ideal answer.
    """
    texts = {row.text("_id"): _text(row) for row in read_rows(_corpus(folder))}
    asked = {row.text("_id"): row for row in read_rows(folder / "queries.jsonl")}
    ideals = {name: _ideal(row) for name, row in asked.items()}
    queries = [query for query in read_queries(folder) if ideals.get(query.query_id)]
    if not queries:
        raise UnreadableSource(f"{folder}: no question has metadata.ideal_answer to learn from", hint=HINT)
    answering = {query.query_id: sorted(doc for doc, gain in query.gains.items() if gain > 0) for query in queries}
    for query_id, documents in answering.items():
        if missing := [doc for doc in documents if doc not in texts]:
            raise UnreadableSource(f"{folder}: question {query_id} names {missing[0]}, not in the corpus", hint=HINT)
    groups = joined([documents for documents in answering.values() if documents])
    return [
        Question(
            query.text,
            ideals[query.query_id],
            _exact(asked[query.query_id]),
            tuple(texts[doc] for doc in documents),
            f"{folder.name}:{groups[documents[0]]}",
        )
        for query in queries
        if (documents := answering[query.query_id])
    ]


def cited_drafts(
    questions: Sequence[Question], checker: Checker, *, audience: AnswerAudience, source: str
) -> Iterator[Draft]:
    """Answers from numbered sentences of the passages: the ideal answer where they carry it, else quotes of them."""
    licence = "CC BY 2.5" if source.startswith("bioasq") else UNKNOWN_LICENCE
    for question in questions:
        gold = list(dict.fromkeys(sentence for text in question.passages for sentence in sentences_of(text)))
        ideal = sentences_of(without_verdict(question.ideal))
        facts, answer = checker.cite(ideal[:_MOST_FACTS], gold)
        if not _answers(question, answer) or 2 * len(facts) < len(ideal[:_MOST_FACTS]):
            facts, answer = checker.cite(_quotable(question, gold), gold)
        if not facts:
            continue
        if not _answers(question, answer):
            checker.rejected["what is asked for is not among what is carried"] += 1
        else:
            yield Draft(
                "cited", "cited", question.group, question.text, answer, source, licence, facts, audience=audience
            )


def _answers(question: Question, answer: str) -> bool:
    """Whether an answer holds one of the words asked for, where these are known."""
    return not question.exact or any(word.casefold() in answer.casefold() for word in question.exact)


def _quotable(question: Question, gold: Sequence[str]) -> list[str]:
    """The sentence that says most of the ideal answer, if it says enough and can stand alone."""
    wanted = set(terms(question.ideal))
    fit = [sentence for sentence in gold if _answers(question, sentence)]
    shares = [(len(wanted & set(terms(sentence))) / max(len(wanted), 1), sentence) for sentence in fit]
    best = max(shares, key=lambda share: share[0], default=(0.0, ""))
    return [best[1]] if best[0] >= _QUOTED_SHARE else []


def _corpus(folder: Path) -> Path:
    zipped = folder / "corpus.jsonl.gz"
    return zipped if zipped.exists() else folder / "corpus.jsonl"


def _text(row: Row) -> str:
    return f"{row.optional('title')}\n{row.optional('text')}".strip()


def _exact(row: Row) -> tuple[str, ...]:
    """The names, numbers or words that answer, in all their forms; none for yes or no and for what needs prose."""
    given = row.fields["metadata"].get("exact_answer")
    forms = (
        [form for entry in given for form in (entry if isinstance(entry, list) else [entry])]
        if isinstance(given, list)
        else []
    )
    return tuple(form for form in forms if isinstance(form, str) and form.strip())


def _ideal(row: Row) -> str:
    """The first ideal answer; empty where there is none."""
    metadata = row.fields.get("metadata")
    if not isinstance(metadata, Mapping) or not metadata.get("ideal_answer"):
        return ""
    return Row(row.file, row.place, metadata).texts("ideal_answer")[0]
