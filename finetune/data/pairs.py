"""Questions with answers, in the form of MedQuAD; and general prompts with answers, against forgetting.

Source: Ben Abacha and Demner-Fushman 2019, doi:10.1186/s12859-019-3119-4 (MedQuAD, CC BY 4.0).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

from finetune.data.checking import sentences_of
from finetune.data.drafts import UNKNOWN_LICENCE, Draft
from finetune.data.rows import Row, has_keys
from retriever.terms import terms

PAIR, GENERAL, MEDQUAD = ("question", "answer"), ("prompt", "answer"), ("question", "answer", "focus", "qtype", "url")
# As many as the prompt asks for.
_SENTENCES, _MAX_CHARS = 3, 600
_LABEL = re.compile(r"^(?:Summary\s*:|Key Points)\s*", re.IGNORECASE)
# Pages that list links or tables instead of answering.
_NO_ANSWER = re.compile(
    r"these resources|human phenotype ontology|click (?:here|on)|see (?:the|our) (?:page|section|video|figure)|"
    r"for more information|^(?:yes|no)[.,]|^(?:these|this|it|they|he|she|such|other|in addition|also)\b",
    re.IGNORECASE,
)
_OPTIONAL_PLURAL = re.compile(r"\s*\((?:are|s)\)")
_TITLE = re.compile(r"\bWhat I need to know about ", re.IGNORECASE)
_DEFINED = re.compile(r"^What (?:is|are) (.+?)\?$")
_OPENING_WORDS = 5
_INFORMATION = re.compile(r"^do you have information about (.+?)\s*\?$", re.IGNORECASE)


def pair_drafts(rows: Sequence[Row], rejected: Counter[str]) -> list[Draft]:
    """Questions answered from memory, by the first sentences of their answers.

    Raises:
        UnreadableSource: if a record lacks its question or answer.
    """
    drafts = []
    for row in rows:
        question, answer = _asked(row.text("question")), _opening(row.text("answer"))
        if not answer or not _on_topic(row, question, answer):
            rejected["the answer opens with no plain statement on the topic"] += 1
            continue
        drafts.append(
            Draft(
                kind="pairs",
                form="alone",
                document=_document(row, "question"),
                question=question,
                answer=answer,
                source=row.optional("source") or row.optional("url") or row.file.name,
                licence=licence_of(row, "CC BY 4.0" if has_keys(row, MEDQUAD) else UNKNOWN_LICENCE),
                audience="patient",
            )
        )
    return drafts


def general_drafts(rows: Sequence[Row]) -> list[Draft]:
    """Prompts of any kind with their answers, as they stand.

    Raises:
        UnreadableSource: if a record lacks its prompt or answer.
    """
    return [
        Draft(
            kind="general",
            form="plain",
            document=_document(row, "prompt"),
            question=row.text("prompt"),
            answer=row.text("answer"),
            source=row.optional("source") or row.file.name,
            licence=licence_of(row),
            published=False,
        )
        for row in rows
    ]


def licence_of(row: Row, default: str = UNKNOWN_LICENCE) -> str:
    """The licence that a record names."""
    return row.optional("licence") or row.optional("license") or default


def _document(row: Row, key: str) -> str:
    """The page a record comes from; one that names none is its own document, by its question."""
    named = row.optional("url") or row.optional("document")
    return named or f"sha256:{hashlib.sha256(row.text(key).encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"


def _asked(question: str) -> str:
    """ "What is (are) Anemia ?" as people write it."""
    question = _TITLE.sub("", question)
    plain = re.sub(r"(?:\s*\?)+$", "?", _OPTIONAL_PLURAL.sub("", " ".join(question.split())))
    return _INFORMATION.sub(r"What is \1?", plain)


def _on_topic(row: Row, question: str, answer: str) -> bool:
    """Whether the answer names its focus, where the record tells it, and opens with what has to be defined."""
    focus = set(terms(row.optional("focus")))
    if focus and focus.isdisjoint(terms(answer)):
        return False
    defined = _DEFINED.match(question)
    opening = " ".join(answer.split()[:_OPENING_WORDS])
    return not defined or not set(terms(defined[1])).isdisjoint(terms(opening))


def _opening(answer: str) -> str:
    """The first sentences of an answer up to what is none, a list or a link; empty where it opens so."""
    taken: list[str] = []
    for line in _LABEL.sub("", answer.replace("\r", "")).split("\n"):
        for sentence in sentences_of(line, least_words=1, most_chars=_MAX_CHARS):
            whole = len(sentence.split()) >= 4 and sentence[-1] in ".!" and sentence[0].isupper()
            opens = not taken and _NO_ANSWER.search(sentence)
            if not whole or opens or sum(map(len, taken)) + len(sentence) > _MAX_CHARS:
                return " ".join(taken)
            taken.append(sentence)
            if len(taken) == _SENTENCES:
                return " ".join(taken)
    return " ".join(taken)
