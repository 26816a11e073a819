"""What is known of base models: licences with their rules, and chat formats as Ollama writes them."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).parent / "bases.toml"
_STRICT = ConfigDict(frozen=True, extra="forbid")


class Base(BaseModel):
    """A family of base models: its licence, and what the licence asks of models made from it."""

    model_config = _STRICT
    match: tuple[str, ...]
    name: str
    licence: str
    licence_name: str
    licence_link: str
    prefix: str
    display: str
    notice: str
    rules: tuple[str, ...]
    source: str


class Chat(BaseModel):
    """A chat format: the `marker` that a tokenizer's template holds, Ollama's template and where answers stop."""

    model_config = _STRICT
    marker: str
    template: str
    stop: tuple[str, ...]
    source: str


class _Table(BaseModel):
    model_config = _STRICT
    base: tuple[Base, ...]
    chat: tuple[Chat, ...]


UNKNOWN = Base(
    match=(),
    name="",
    licence="other",
    licence_name="that of the base model",
    licence_link="",
    prefix="",
    display="",
    notice="",
    rules=("Find the licence of the base model and keep to it before the weights are passed on.",),
    source="",
)


def find_base(name: str) -> Base:
    """The family that a base's name tells; `UNKNOWN` where it tells none."""
    lowered = name.lower()
    return next((base for base in _table().base if any(part in lowered for part in base.match)), UNKNOWN)


def find_chat(template: str) -> Chat | None:
    """The chat format of a tokenizer's template, or None."""
    return next((chat for chat in _table().chat if chat.marker in template), None)


def model_name(folder: Path, base: Base) -> str:
    """The name of a model made from a base, as the base's licence wants it to begin."""
    begins = folder.name.lower().startswith(base.prefix.lower())
    return folder.name if begins else f"{base.prefix}-{folder.name}"


@cache
def _table() -> _Table:
    return _Table.model_validate(tomllib.loads(_FILE.read_text("utf-8")))
