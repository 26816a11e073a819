"""How a local model chooses the next token: by score, by chance, and inside a bracket only what may be cited."""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transformers import LogitsProcessor, TemperatureLogitsWarper, TopPLogitsWarper


@dataclass(frozen=True, slots=True)
class Pieces:
    """The text of every token of a vocabulary, and which of them matter to brackets.

    `texts` need only be exact in ASCII: brackets and digits. `opening` are the tokens with "[" in them, `inside` those
    that begin with a digit or "]".
    """

    texts: tuple[str, ...]
    opening: tuple[int, ...]
    inside: tuple[int, ...]

    @classmethod
    def of(cls, tokenizer: Any) -> "Pieces":
        """Read the vocabulary of a tokenizer."""
        return cls.from_texts([_text(token) for token in tokenizer.convert_ids_to_tokens(range(len(tokenizer)))])

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> "Pieces":
        """Take the text of token 0, 1, …"""
        opening = tuple(i for i, text in enumerate(texts) if "[" in text)
        inside = tuple(i for i, text in enumerate(texts) if text and text[0] in "0123456789]")
        return cls(tuple(texts), opening, inside)


def _text(token: str | None) -> str:
    # SentencePiece writes a byte without a token of its own as <0x5B>.
    if token and len(token) == 6 and token.startswith("<0x") and token.endswith(">"):
        return chr(int(token[3:5], 16))
    return token or ""


def follow(opened: str | None, piece: str, marks: Sequence[str]) -> tuple[bool, str | None]:
    """Read on behind a text.

    Args:
        opened: what stands behind the text's last "[" that is not closed; None outside of brackets.
        piece: what comes next.
        marks: what may stand behind a "[": "1]", "2]".

    Returns:
        whether every bracket holds, or may still become, one of the marks; and `opened` after the piece.
    """
    for char in piece:
        if opened is None:
            opened = "" if char == "[" else None
            continue
        opened += char
        if opened in marks:
            opened = None
        elif not any(mark.startswith(opened) for mark in marks):
            return False, opened
    return True, opened


class CitationLogits(LogitsProcessor):
    """Behind a "[", leaves only tokens that go on to an offered number and its "]".

    So a model cannot cite what it was not offered. Text without brackets is left alone.
    """

    def __init__(self, pieces: Pieces, offered: Sequence[int], *, prompt_tokens: int) -> None:
        """Hold a model to `offered` numbers, from the token after the first `prompt_tokens` on."""
        self._pieces, self._start = pieces, prompt_tokens
        self._marks = tuple(f"{number}]" for number in offered)
        self._banned: dict[str | None, torch.Tensor] = {}

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """The scores, shape (batch, vocabulary), with -inf for tokens that would break a bracket."""
        scores = scores.clone()
        for row, ids in enumerate(input_ids[:, self._start :].tolist()):
            text = "".join(self._pieces.texts[i] for i in ids if i < len(self._pieces.texts))
            _, opened = follow(None, text, self._marks)
            if opened not in self._banned:
                self._banned[opened] = self._ban(opened, scores.shape[-1]).to(scores.device)
            scores[row, self._banned[opened]] = -torch.inf
        return scores

    def _ban(self, opened: str | None, size: int) -> torch.Tensor:
        """Which of `size` tokens may not come next, as booleans."""
        judged = self._pieces.opening if opened is None else self._pieces.inside
        banned = torch.full((size,), opened is not None, dtype=torch.bool)
        for token in judged:
            banned[token] = not follow(opened, self._pieces.texts[token], self._marks)[0]
        return banned


class Chance(LogitsProcessor):
    """Adds Gumbel noise, so that the highest sum is a draw from the softmax of the scores, of a generator of its own.

    Source: Gumbel 1954, Statistical Theory of Extreme Values; Maddison et al. 2014, arXiv:1411.0030.
    """

    def __init__(self, seed: int, *, device: torch.device) -> None:
        """Start the generator, so that the same scores give the same draws, whatever else runs."""
        self._generator = torch.Generator(device).manual_seed(seed)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """The scores with noise added, shape unchanged."""
        waiting = torch.empty(scores.shape, device=scores.device).exponential_(generator=self._generator)
        return scores - waiting.log()


def sampling(temperature: float, top_p: float, seed: int, *, device: torch.device) -> list[LogitsProcessor]:
    """What is done to the scores before the highest is taken; nothing at temperature 0."""
    if temperature <= 0:
        return []
    # The nucleus is cut from the softened scores, as servers do.
    return [TemperatureLogitsWarper(temperature), TopPLogitsWarper(top_p), Chance(seed, device=device)]
