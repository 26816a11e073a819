"""What an answer is measured beside: search results as they are, a model without sources, and what is possible."""

import logging
from collections.abc import Mapping
from pathlib import Path

from langchain_core.language_models import BaseChatModel

from generator.errors import GeneratorError
from generator.evaluate import Reply, System, folder_ids
from generator.evaluation.questions import Question
from generator.prompts import ALONE
from ingest.sentences import split_sentences
from retriever.search import Searcher
from retriever.store import PassageStore

logger = logging.getLogger(__name__)


def first_sentences(searcher: Searcher, *, folder: Path, passages: int = 3) -> System:
    """Answers with the first sentence of each of the best passages."""

    def reply(question: Question) -> Reply:
        found = [item.stored for item in searcher.search(question.text, k=passages).found]
        sentences = tuple(part for item in found for part in sentences_of(item.passage.text)[:1])
        cited = {item.document.doc_id: folder_ids(item, folder) for item in found}
        return Reply(sentences, cited=tuple(cited.values()))

    return reply


def top_passage(searcher: Searcher, *, folder: Path) -> System:
    """Answers with the best passage whole."""

    def reply(question: Question) -> Reply:
        found = [item.stored for item in searcher.search(question.text, k=1).found]
        sentences = tuple(part for item in found for part in sentences_of(item.passage.text))
        return Reply(sentences, cited=tuple(folder_ids(item, folder) for item in found))

    return reply


def ideal_answer(question: Question) -> Reply:
    """Answers with the first ideal answer: what an expert finds worth saying, in how many words and how plainly."""
    return Reply(sentences_of(next(iter(question.ideal), "")))


def gold_documents(store: PassageStore, *, folder: Path) -> System:
    """Answers with all gold documents whole: no answer from them can hold more of what was asked for."""
    texts = _texts_by_id(store, folder)

    def reply(question: Question) -> Reply:
        held = [doc_id for doc_id in sorted(question.gold) if doc_id in texts]
        sentences = tuple(part for doc_id in held for part in sentences_of(texts[doc_id]))
        return Reply(sentences, cited=tuple(frozenset([doc_id]) for doc_id in held))

    return reply


def model_alone(model: BaseChatModel) -> System:
    """Answers with what a chat model says from its own memory, without any passage, as far as it comes."""

    def reply(question: Question) -> Reply:
        said = ""
        try:
            for chunk in model.stream([("system", ALONE), ("user", question.text)]):
                said += str(chunk.text)
        except GeneratorError as error:
            logger.warning("the chat model broke off at question %s: %s", question.question_id, error)
        return Reply(sentences_of(said))

    return reply


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text, each on one line."""
    return tuple(" ".join(text[start:end].split()) for start, end in split_sentences(text))


def _texts_by_id(store: PassageStore, folder: Path) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for start in range(0, store.passages, 1_000):
        for item in store.rows(range(start, min(start + 1_000, store.passages))):
            for doc_id in folder_ids(item, folder):
                texts[doc_id] = f"{texts.get(doc_id, '')}\n\n{item.passage.text}".strip()
    return texts
