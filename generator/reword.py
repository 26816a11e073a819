"""A chat model rewords the chosen quotes; a sentence that its quote does not carry gives way to the quote."""

import logging
import re
from collections.abc import Iterator, Sequence

from langchain_core.language_models import BaseChatModel

from generator.citations import Quote
from generator.compose import Encode
from generator.prompts import reword_system, reword_user
from generator.records import AnswerAudience
from generator.verify import Check, VerifyConfig, verify
from ingest.sentences import split_sentences

logger = logging.getLogger(__name__)
_MARK = re.compile(r"\s*\[(\d{1,2})\]")
# What a model may put before a sentence it was asked for: "- ", "* ", "1. ".
_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")


def reword(
    question: str,
    quotes: Sequence[Quote],
    *,
    model: BaseChatModel,
    audience: AnswerAudience,
    encode: Encode,
    config: VerifyConfig,
) -> Iterator[tuple[Quote, str, Check]]:
    """Reword quotes, each as one sentence, in their order.

    The model cites by the numbers it was offered; other numbers, sentences without one, and sentences that fail
    verification are dropped, and a quote that no sentence carries is shown as it stands. A model that cannot be
    reached, or fails, costs nothing but its rewording.

    Returns:
        (quote, text to show, check) for every quote, in the order of the quotes.
    """
    try:
        text = _generate(model, question, quotes, audience)
    except Exception:
        logger.exception("the chat model failed; quoting instead")
        text = ""
    offered = dict(cited_sentences(text))
    for number, quote in enumerate(quotes, start=1):
        sentence = offered.get(number)
        check = verify(sentence, quote.shown, encode=encode, config=config) if sentence else None
        if sentence and check and check.verdict != "unsupported":
            yield quote, sentence, check
        else:
            if check:
                logger.info("a reworded sentence was replaced by its quote: %s", check.reason)
            yield quote, quote.shown, Check("quoted", 1.0)


def _generate(model: BaseChatModel, question: str, quotes: Sequence[Quote], audience: AnswerAudience) -> str:
    messages = [("system", reword_system(audience)), ("user", reword_user(question, [q.shown for q in quotes]))]
    return str(model.invoke(messages).text)


def cited_sentences(text: str) -> Iterator[tuple[int, str]]:
    """(number, sentence without its mark) of every sentence of a model's text that cites exactly one number.

    Where two sentences cite one number, the later pair wins when put in a dict. A sentence with any other bracketed
    number ("[123]", "[1, 2]") is left out.
    """
    # "[1]." and ".[1]" both end a sentence; the mark is moved before the stop so that the splitter keeps it.
    joined = re.sub(r"([.!?])((?:\s*\[\d{1,2}\])+)", r"\2\1", text)
    for start, end in split_sentences(joined):
        sentence = joined[start:end]
        numbers = {int(number) for number in _MARK.findall(sentence)}
        words = _BULLET.sub("", _MARK.sub("", sentence).strip())
        if len(numbers) == 1 and not re.search(r"\[\s*\d", words):
            yield numbers.pop(), " ".join(words.split())
