"""A chat model rewords the chosen quotes; a sentence that its quote does not carry gives way to the quote."""

import logging
import re
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from generator.citations import Quote
from generator.compose import Encode
from generator.errors import CutShort, GeneratorError
from generator.language_models.chat import ChatModel, Message
from generator.prompts import reword_one, reword_system, reword_user
from generator.records import AnswerAudience
from generator.verify import Check, VerifyConfig, verify
from ingest.sentences import split_sentences

logger = logging.getLogger(__name__)
_MARK = re.compile(r"\s*\[(\d{1,2})\]")
# What a model may put before a sentence it was asked for: "- ", "* ", "1. ".
_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")
_RESOLVED = re.compile(r"^\[([^\]]+)\]")
# A first word and the space behind it; a bracket may still belong to the sentence before.
_BEGUN = re.compile(r"[^\s\[]\S*\s")
# No sentence of an answer, and no answer, is as long; a model that goes on has lost its way.
_MAX_SENTENCE_CHARS, _MAX_CHARS = 2_000, 8_000
_TIMEOUT_S = 60.0

Reworded = tuple[Quote, str, Check]


def reword(
    question: str,
    quotes: Sequence[Quote],
    *,
    model: BaseChatModel,
    audience: AnswerAudience,
    encode: Encode,
    config: VerifyConfig,
) -> Iterator[Reworded]:
    """Reword quotes, each as one sentence, in their order, each as soon as the model has said it.

    As many quotes go into one call as the model takes (`ChatModel.facts_per_call`) and as leave room for its answer in
    its window; a quote is never cut, and one too long for the window is shown as it stands. Of several, the model cites
    by the numbers it was offered; other numbers, sentences without one, and sentences that fail verification are
    dropped, and a quote that no sentence carries is shown as it stands. A model that cannot be reached, fails, or takes
    longer than its `timeout_s`, costs nothing but the rest of its rewording.

    Returns:
        (quote, text to show, check) for every quote, in the order of the quotes.
    """
    timeout_s = model.timeout_s if isinstance(model, ChatModel) else _TIMEOUT_S
    talk = _Talk(_writable(question), model, audience, encode, config, deadline=time.monotonic() + timeout_s)
    rest = quotes
    while rest:
        size = 0 if talk.over else talk.fitting(rest)
        if size:
            yield from talk.settle(rest[:size])
        else:
            yield _as_it_stands(rest[0])
        rest = rest[max(size, 1) :]


@dataclass(slots=True)
class _Talk:
    """What is said about one question; `over` once the model has failed."""

    question: str
    model: BaseChatModel
    audience: AnswerAudience
    encode: Encode
    config: VerifyConfig
    deadline: float
    over: bool = False

    def fitting(self, quotes: Sequence[Quote]) -> int:
        """How many of the first quotes go into one call; a list stays as it is, a quote of two sentences goes alone."""
        if quotes[0].items:
            return 0
        most = 1 if _sentences_of(quotes[0]) > 1 else _first_of_its_own(quotes)
        if not isinstance(self.model, ChatModel):
            return most
        most = min(most, self.model.facts_per_call)
        return next((n for n in range(most, 0, -1) if self.model.fits(self.prompt(quotes[:n]))), 0)

    def prompt(self, quotes: Sequence[Quote]) -> list[Message]:
        facts = [_fact(quote) for quote in quotes]
        if len(facts) == 1:
            return reword_one(facts[0], self.audience)
        return [("system", reword_system(self.audience)), ("user", reword_user(self.question, facts))]

    def settle(self, quotes: Sequence[Quote]) -> Iterator[Reworded]:
        """Reword quotes in one call; each is settled once its sentence, and those before it, have come."""
        passed: dict[int, Reworded] = {}
        shown = 0
        with closing(self.sentences(quotes)) as sentences:
            for number, sentence in sentences:
                fresh = 0 < number <= len(quotes) and number not in passed
                if fresh and (worded := self.passes(sentence, quotes[number - 1])):
                    passed[number] = worded
                while shown + 1 in passed:
                    shown += 1
                    yield passed[shown]
                if shown == len(quotes):
                    return
        for number, quote in enumerate(quotes[shown:], start=shown + 1):
            yield passed.get(number) or _as_it_stands(quote)

    def passes(self, sentence: str, quote: Quote) -> Reworded | None:
        check = verify(sentence, _fact(quote), encode=self.encode, config=self.config)
        if check.verdict == "unsupported":
            logger.info("a reworded sentence was replaced by its quote: %s", check.reason)
            return None
        return (quote, sentence, check) if check.verdict == "supported" else _as_it_stands(quote)

    def sentences(self, quotes: Sequence[Quote]) -> Generator[tuple[int, str], None, None]:
        """(number, sentence) as the model says them; ends, and sets `over`, where it fails."""
        try:
            with closing(self.words(quotes)) as words:
                yield from cited_sentences(words) if len(quotes) > 1 else _about_one(words, quotes[0])
        except CutShort:
            logger.info("the chat model stopped for length; the sentence it broke off is not shown")
        except GeneratorError as error:
            self.over = True
            # Without what caused it: a server may repeat the question in its message.
            logger.warning("%s; quoting instead", error)
        except Exception:
            self.over = True
            logger.exception("the chat model failed; quoting instead")

    def words(self, quotes: Sequence[Quote]) -> Generator[str, None, None]:
        messages, chars = self.prompt(quotes), 0
        for text in self.said(messages, range(1, len(quotes) + 1) if len(quotes) > 1 else ()):
            yield text
            chars += len(text)
            if chars > _MAX_CHARS:
                raise CutShort("the chat model went on and on")
            if time.monotonic() > self.deadline:
                raise TimeoutError("the chat model took too long")

    def said(self, messages: Sequence[Message], offered: Sequence[int]) -> Iterator[str]:
        if isinstance(self.model, ChatModel):
            return self.model.say(messages, offered=offered, timeout_s=self.deadline - time.monotonic())
        return (str(chunk.text) for chunk in self.model.stream(list(messages)))


def _fact(quote: Quote) -> str:
    """What a model is told: the quote without the brackets around a resolved opening, which would pass for a mark."""
    return _writable(_RESOLVED.sub(r"\1", quote.shown))


def _writable(text: str) -> str:
    """The text with "?" for halves of characters, which neither a tokenizer nor a server takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _sentences_of(quote: Quote) -> int:
    return len(list(split_sentences(_fact(quote))))


def _first_of_its_own(quotes: Sequence[Quote]) -> int:
    return next((n for n, quote in enumerate(quotes) if quote.items or _sentences_of(quote) > 1), len(quotes))


def _as_it_stands(quote: Quote) -> Reworded:
    return quote, quote.shown, Check("quoted", 1.0)


def cited_sentences(words: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(number, sentence without its mark) of every sentence of a model's text that cites exactly one number.

    A sentence is given as soon as the first word behind it is complete. One with any other bracketed number ("[123]",
    "[1, 2]") is left out.

    Args:
        words: the text in pieces of any size.
    """
    for sentence in _sentences(words):
        numbers = {int(number) for number in _MARK.findall(sentence)}
        plain = _unmarked(sentence)
        if len(numbers) == 1 and plain:
            yield numbers.pop(), plain


def _about_one(words: Iterable[str], quote: Quote) -> Iterator[tuple[int, str]]:
    """(1, the rewording) of a model that was given one fact; as many sentences as the fact has, lest one be lost."""
    wanted = _sentences_of(quote)
    said: list[str] = []
    for sentence in _sentences(words):
        said.append(_unmarked(sentence))
        if len(said) == wanted:
            break
    if len(said) == wanted and all(said):
        yield 1, " ".join(said)


def _unmarked(sentence: str) -> str:
    """The sentence without marks and bullet, on one line; empty if a bracketed number is left in it."""
    plain = " ".join(_BULLET.sub("", _MARK.sub("", sentence).strip()).split())
    return "" if re.search(r"\[\s*\d", plain) else plain


def _sentences(words: Iterable[str]) -> Iterator[str]:
    text = ""
    for piece in words:
        text += piece
        if len(text) > _MAX_SENTENCE_CHARS:
            raise CutShort("the chat model said a sentence without end")
        if not any(char.isspace() for char in piece):
            continue
        *whole, rest = split_marked(text)
        if whole and _BEGUN.match(rest):
            yield from whole
            text = rest
    yield from (sentence for sentence in split_marked(text) if sentence)


def split_marked(text: str) -> list[str]:
    """The sentences of a text, the last with all that follows it."""
    # "[1]." and ".[1]" both end a sentence; the mark is moved before the stop so that the splitter keeps it.
    joined = re.sub(r"([.!?])((?:\s*\[\d{1,2}\])+)", r"\2\1", text)
    spans = list(split_sentences(joined))
    return [joined[start:end] for start, end in spans[:-1]] + [joined[spans[-1][0] :] if spans else joined]
