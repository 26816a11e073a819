"""Questions made from the passages that answer them: by rules from a sentence or a heading, or by a chat model."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from finetune import prompts
from finetune.data.checking import Checker, sentences_of
from generator.composing.referents import leans
from generator.errors import CutShort, GeneratorError
from generator.language_models.chat import ChatModel
from ingest.records import Passage

_MOST_SENTENCES = 2
_MOST_FAILURES = 3
_MOST_PASSAGE_CHARS, _MOST_TOPIC_WORDS = 1_500, 5
_SAID = re.compile(r"(?:Question:\s*)?(?P<question>[^\n]+?\?)\s*Answer:\s*(?P<answer>.+)", re.DOTALL | re.IGNORECASE)
_ABOUT_TEXT = re.compile(r"\b(?:text|passage|authors?|article|study|studies|we|our)\b", re.IGNORECASE)
_HEADING = re.compile(r"(?:What|How|Who|When|Why|Which|Can|Is|Are|Do|Does|Should|Will)\b[^|]{6,120}\?")
_UNNAMED = re.compile(r"\b(?:it|its|they|them|their|this|these|that|those|you|i|my)\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:An?|The)(?= )")


class Rule(BaseModel):
    """A sentence like `pattern` answers `question`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    pattern: re.Pattern[str]
    question: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the sentences of a passage that answer it, each able to stand alone or behind the one before."""

    question: str
    sentences: tuple[str, ...]
    passage: str


def asked_by_rules(passages: Sequence[Passage]) -> Iterator[Asked]:
    """The questions of a document's passages: its headings that are questions, and sentences that a rule knows.

    Args:
        passages: of one document, in order.
    """
    headings: set[str] = set()
    for passage in passages:
        sentences = sentences_of(passage.text)
        heading = " ".join(passage.section[-1].split()) if passage.section else ""
        if heading not in headings and _HEADING.fullmatch(heading) and not _UNNAMED.search(heading):
            headings.add(heading)
            if sentences and not leans(sentences[0]):
                yield Asked(heading, tuple(sentences[:_MOST_SENTENCES]), passage.text)
        for sentence in sentences:
            if question := asked_of(sentence, passage.text):
                yield Asked(question, (sentence,), passage.text)


def asked_of(sentence: str, text: str = "") -> str:
    """The question that a sentence answers by itself, by the first rule that matches it; "" where none does.

    A topic that `text` also has in small letters is asked for in small letters.
    """
    if leans(sentence) or sentence.split()[0].casefold().strip(",") in _leaning():
        return ""
    for rule in _rules():
        if match := rule.pattern.fullmatch(sentence):
            named = match.groupdict()
            topic = named["topic"]
            if _UNNAMED.search(topic) or _ABOUT_TEXT.search(topic) or len(topic.split()) > _MOST_TOPIC_WORDS:
                return ""
            return rule.question.format(**named | {"topic": _inside(topic, text)})
    return ""


@dataclass(slots=True)
class Asker:
    """A chat model that asks questions; `failed` counts its failures in a row."""

    model: ChatModel
    checker: Checker
    failed: int = 0

    def asked(self, passages: Sequence[Passage]) -> Iterator[Asked]:
        """A question of each passage, with an answer that the passage carries; others are counted.

        Raises:
            GeneratorError: if the model fails three times in a row.
        """
        for passage in passages:
            text = passage.text[:_MOST_PASSAGE_CHARS]
            said = _SAID.search(self._say(text))
            if said is None:
                self.checker.rejected["the model gave no question with an answer"] += 1
                continue
            question = " ".join(said["question"].split())
            sentences = sentences_of(said["answer"])[:_MOST_SENTENCES]
            reason = _unusable(question, sentences, text, self.checker)
            if reason:
                self.checker.rejected[f"made by the model: {reason}"] += 1
            else:
                yield Asked(question, tuple(sentences), passage.text)

    def _say(self, text: str) -> str:
        words: list[str] = []
        try:
            for word in self.model.say(prompts.ask(text), offered=(), timeout_s=self.model.timeout_s):
                words.append(word)
        except CutShort:
            return ""
        except GeneratorError as error:
            self.failed += 1
            if self.failed == _MOST_FAILURES:
                raise GeneratorError(
                    f"no questions could be made: {error}", hint="Name another model by --model, or leave it out."
                ) from error
            return ""
        self.failed = 0
        return "".join(words)


def _unusable(question: str, sentences: Sequence[str], text: str, checker: Checker) -> str:
    if _ABOUT_TEXT.search(question) or _UNNAMED.search(question):
        return "the question cannot stand alone"
    if not sentences:
        return "no whole sentence answers"
    return next((reason for sentence in sentences if (reason := checker.reason(sentence, text))), "")


def _inside(topic: str, text: str) -> str:
    """A topic as it stands inside a question: "A stem cell" is "a stem cell", "Imatinib" stays."""
    small = topic[:1].lower() + topic[1:]
    return small if f" {small}" in text else _ARTICLE.sub(lambda article: article[0].lower(), topic)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    leaning: str
    rule: tuple[Rule, ...]


@cache
def _table() -> _Table:
    return _Table.model_validate(tomllib.loads((files("finetune.data") / "asking.toml").read_text("utf-8")))


def _rules() -> tuple[Rule, ...]:
    return _table().rule


@cache
def _leaning() -> frozenset[str]:
    return frozenset(_table().leaning.split())
