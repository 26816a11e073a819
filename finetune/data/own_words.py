"""What an example says of its own: its question and answer, without instructions, passages and the refusal."""

import re

from finetune.records import Example
from generator.prompts import REFUSAL

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text for comparison: letters and digits of any script in small letters, no punctuation."""
    return _WORD.findall(text.casefold())


def own_parts(example: Example) -> tuple[str, ...]:
    """The messages and the answer of an example, without the system message, the numbered facts and the refusal."""
    said = [text for role, text in example.prompt if role != "system"]
    return tuple(_without_passages(text, example).replace(REFUSAL, " ") for text in (*said, example.answer))


def _without_passages(text: str, example: Example) -> str:
    # The longest first: one passage may stand within another.
    for passage in sorted(set(example.passages) - {""}, key=lambda one: (-len(one), one)):
        text = text.replace(passage, " ")
    return text
