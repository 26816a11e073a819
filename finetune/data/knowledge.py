"""What the catalog teaches: questions made from its passages, cited and from memory, and its raw text."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from finetune.data.asking import Asked, Asker, asked_by_rules
from finetune.data.checking import Checker, sentences_of
from finetune.data.drafts import UNKNOWN_LICENCE, Draft
from finetune.records import RawText
from generator.language_models.chat import ChatModel
from generator.records import AnswerAudience
from ingest.catalog import Catalog
from ingest.errors import UnreadableSource
from ingest.records import Document, Passage

_ENGLISH = (None, "en", "eng", "en-US", "en-GB")
_MOST_OF_A_DOCUMENT = 6
Page = tuple[Document, list[Passage]]


def read_pages(home: Path) -> list[Page]:
    """The English documents of the catalog in a data folder that were not withdrawn, with their passages.

    Raises:
        UnreadableSource: if there is no catalog, or it is empty.
        CatalogError: if it cannot be read.
    """
    hint = "Fill it with `marrow ingest`, name its folder by --home, or leave it out by --no-catalog."
    if not (home / "catalog.db").is_file():
        raise UnreadableSource(f"there is no catalog in {home}", hint=hint)
    catalog = Catalog.at(home)
    try:
        pages = [
            (document, passages)
            for document, passages, _ in catalog.documents()
            if not document.meta.retracted and document.meta.language in _ENGLISH and passages
        ]
    finally:
        catalog.close()
    if not pages:
        raise UnreadableSource(f"the catalog in {home} holds no English documents", hint=hint)
    return pages


def catalog_drafts(
    pages: Sequence[Page], checker: Checker, *, model: ChatModel | None, audience: AnswerAudience, seed: int
) -> Iterator[Draft]:
    """For every question made from a passage the answer from memory ("made"), then the cited one ("cited").

    Documents come in an order drawn from the seed; each gives at most six questions.
    """
    asker = Asker(model, checker) if model else None
    order = list(pages)
    random.Random(f"catalog {seed}").shuffle(order)
    for document, passages in order:
        found = list(asked_by_rules(passages))
        random.Random(f"{document.doc_id} {seed}").shuffle(found)
        if asker:
            found = [*asker.asked(_some(passages, document, seed)), *found]
        for one in _distinct(found)[:_MOST_OF_A_DOCUMENT]:
            yield from _drafts(one, document, checker, audience=_audience(document, audience))


def corpus_of(pages: Sequence[Page]) -> Iterator[RawText]:
    """The passages as raw text, in order of their documents' ids."""
    for document, passages in pages:
        for passage in passages:
            yield RawText(
                id=passage.passage_id,
                document=document.doc_id,
                text=passage.text,
                source=_source(document),
                licence=document.meta.licence or UNKNOWN_LICENCE,
            )


def _drafts(asked: Asked, document: Document, checker: Checker, *, audience: AnswerAudience) -> Iterator[Draft]:
    reasons = [checker.reason(sentence, asked.passage) for sentence in asked.sentences]
    if any(reasons):
        checker.rejected[next(filter(None, reasons))] += 1
        return

    def draft(kind: Literal["made", "cited"], answer: str, facts: tuple[str, ...]) -> Draft:
        return Draft(
            kind=kind,
            form="cited" if facts else "alone",
            document=document.doc_id,
            question=asked.question,
            answer=answer,
            source=_source(document),
            licence=document.meta.licence or UNKNOWN_LICENCE,
            facts=facts,
            audience=audience,
        )

    facts, answer = checker.cite(asked.sentences, sentences_of(asked.passage))
    if facts:
        yield draft("made", " ".join(asked.sentences), ())
        yield draft("cited", answer, facts)


def _some(passages: Sequence[Passage], document: Document, seed: int) -> list[Passage]:
    """As many passages of a document as it may give questions: a model takes seconds for each."""
    some = min(len(passages), _MOST_OF_A_DOCUMENT)
    return random.Random(f"{document.doc_id} passages {seed}").sample(list(passages), some)


def _distinct(found: Sequence[Asked]) -> list[Asked]:
    """Each question once, and each sentence for one question."""
    questions: set[str] = set()
    sentences: set[str] = set()
    kept = []
    for asked in found:
        if asked.question.casefold() not in questions and sentences.isdisjoint(asked.sentences):
            questions.add(asked.question.casefold())
            sentences.update(asked.sentences)
            kept.append(asked)
    return kept


def _audience(document: Document, default: AnswerAudience) -> AnswerAudience:
    written_for = document.meta.audience
    return written_for if written_for in ("patient", "clinician") else default


def _source(document: Document) -> str:
    return document.meta.url or document.meta.title
