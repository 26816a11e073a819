"""Examples as tokens: the prompt in the model's chat format, as it will see it, and the answer that it is to learn."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from finetune.errors import TrainingError
from finetune.records import Example

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example as tokens; the first `prompt_tokens` of `input_ids` are read, the rest is learnt."""

    id: str
    input_ids: tuple[int, ...]
    prompt_tokens: int

    def row(self) -> dict[str, list[int]]:
        """The row that TRL's SFTTrainer takes as tokenised: it masks what `completion_mask` has 0 for."""
        learnt = len(self.input_ids) - self.prompt_tokens
        return {
            "input_ids": list(self.input_ids),
            "completion_mask": [0] * self.prompt_tokens + [1] * learnt,
        }


def encode(examples: Sequence[Example], tokenizer: Any) -> list[Encoded]:
    """Tokenise examples; nothing is cut.

    Raises:
        TrainingError: if the chat format writes the prompt alone otherwise than before its answer, or knows no system
            message.
    """
    return [_encode(example, tokenizer) for example in examples]


def draw(items: Sequence[Item], most: int | None, *, seed: int) -> list[Item]:
    """At most `most` of the items, drawn by the seed, in their order; all for None."""
    if most is None or most >= len(items):
        return list(items)
    return [items[place] for place in sorted(random.Random(seed).sample(range(len(items)), most))]


def _encode(example: Example, tokenizer: Any) -> Encoded:
    messages = [{"role": role, "content": text} for role, text in example.prompt]
    answered = [*messages, {"role": "assistant", "content": example.answer}]
    prompt = _tokens(tokenizer, messages, add_generation_prompt=True)
    whole = _tokens(tokenizer, answered, add_generation_prompt=False)
    if whole[: len(prompt)] != prompt:
        raise TrainingError(
            f"the chat format of the model writes the prompt of {example.id} otherwise once it is answered",
            hint="Take a model whose chat template keeps the prompt as it is.",
        )
    return Encoded(example.id, tuple(whole), len(prompt))


def _tokens(tokenizer: Any, messages: list[dict[str, str]], *, add_generation_prompt: bool) -> list[int]:
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=add_generation_prompt)
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])
