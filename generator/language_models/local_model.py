"""A chat model on this machine, by transformers: a folder, a Hugging Face id or a GGUF file, adapted by LoRA or not.

Importing this takes seconds (torch, transformers): import it where such a model is opened.
"""

from ingest.torchfix import torch  # first: it makes the import of transformers safe

# isort: split
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError
from pydantic import PrivateAttr
from safetensors import SafetensorError
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    LogitsProcessorList,
    TextStreamer,
)
from transformers.utils.logging import disable_progress_bar

from generator.errors import CutShort, GeneratorError
from generator.language_models.chat import ChatModel, Message
from generator.language_models.quantisation import quantisation
from generator.language_models.sampling import CitationLogits, Pieces, sampling
from ingest.errors import ConfigError, MissingPart
from ingest.parts import require
from retriever.weights import has_bfloat16

if TYPE_CHECKING:
    from generator.models import ModelConfig

# A small model is at its best with one sentence at a time; benchmarks/rewording.py measures it.
_SMALL, _FACTS_PER_CALL = 3_000_000_000, 5
_TOO_LONG = "the chat model took too long"


class LocalModel(ChatModel):
    """Generates token by token in a thread of its own, one answer after the other."""

    temperature: float
    top_p: float
    seed: int
    takes_system: bool
    _network: Any = PrivateAttr()
    _tokenizer: Any = PrivateAttr()
    _writer: ThreadPoolExecutor = PrivateAttr()

    def __init__(self, network: Any, tokenizer: Any, **limits: Any) -> None:
        """Keep network and tokenizer beside the limits and sampling settings, which are fields."""
        super().__init__(**limits)
        self._network, self._tokenizer = network, tokenizer
        # One thread: answers at the same time would slow each other down and finish no sooner.
        self._writer = ThreadPoolExecutor(1, "chat-model")

    @property
    def network(self) -> Any:
        """The transformers model, its adapter on it or merged in."""
        return self._network

    @property
    def tokenizer(self) -> Any:
        """The model's tokenizer."""
        return self._tokenizer

    @property
    def _llm_type(self) -> str:
        return "transformers"

    @cached_property
    def _pieces(self) -> Pieces:
        return Pieces.of(self._tokenizer)

    @cached_property
    def _reserved(self) -> tuple[str, ...]:
        return tuple(sorted({*self._tokenizer.get_added_vocab(), *self._tokenizer.all_special_tokens}, key=len))

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """The tokens of a prompt in the model's chat format."""
        return int(self.encode(messages)["input_ids"].shape[1])

    def say(self, messages: Sequence[Message], *, offered: Sequence[int], timeout_s: float) -> Iterator[str]:
        """Generate the answer; inside a bracket only the `offered` numbers can be chosen.

        The same prompt, settings and seed give the same words, whatever else runs.

        Raises:
            CutShort: after `max_tokens` tokens.
            GeneratorError: if it fails, or its turn and its words take longer than `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        left, words = Event(), SimpleQueue[str | None]()
        work = self._writer.submit(self._write, messages, offered, words.put, _Until(deadline, left))
        try:
            while (text := words.get(timeout=max(deadline - time.monotonic(), 0.0))) is not None:
                if text:
                    yield text
            work.result()
        except Empty:
            raise GeneratorError(_TOO_LONG) from None
        except GeneratorError:
            raise
        except Exception as error:
            raise GeneratorError(f"the chat model failed: {type(error).__name__}") from error
        finally:
            left.set()
            work.cancel()

    def _write(
        self, messages: Sequence[Message], offered: Sequence[int], put: Callable[[str | None], None], until: "_Until"
    ) -> None:
        try:
            inputs = self.encode(messages).to(self._network.device)
            given = inputs["input_ids"].shape[1]
            held = [CitationLogits(self._pieces, offered, prompt_tokens=given)] if offered else []
            rules = sampling(self.temperature, self.top_p, self.seed, device=self._network.device)
            made = self._network.generate(
                **inputs,
                generation_config=self._generation,
                logits_processor=LogitsProcessorList([*held, *rules]),
                stopping_criteria=[until],
                streamer=_Words(self._tokenizer, put),
            )
        finally:
            put(None)
        if until.late:
            raise GeneratorError(_TOO_LONG)
        if int(made[0, -1]) not in self.ends:
            raise CutShort("the chat model stopped for length")

    def encode(self, messages: Sequence[Message]) -> Any:
        """The tokens of a prompt in the model's chat format, up to where it is to speak: `input_ids`, shape (1, n)."""
        if not self.takes_system and [role for role, _ in messages[:2]] == ["system", "user"]:
            messages = [("user", f"{messages[0][1]}\n\n{messages[1][1]}"), *messages[2:]]
        chat = [{"role": role, "content": self._plain(text)} for role, text in messages]
        return self._tokenizer.apply_chat_template(
            chat, add_generation_prompt=True, return_dict=True, return_tensors="pt"
        )

    def _plain(self, text: str) -> str:
        """The text without the tokens that open and close messages: a source must not be able to pose as the system."""
        for token in self._reserved:
            text = text.replace(token, " ")
        return text

    @cached_property
    def ends(self) -> frozenset[int]:
        """The tokens that end an answer."""
        ends, own = self._network.generation_config.eos_token_id, self._tokenizer.eos_token_id
        return frozenset(i for i in (*(ends if isinstance(ends, list) else [ends]), own) if i is not None)

    @cached_property
    def _generation(self) -> GenerationConfig:
        ids = sorted(self.ends)
        # Greedy after the processors, which have done the sampling.
        return GenerationConfig(max_new_tokens=self.max_tokens, do_sample=False, eos_token_id=ids, pad_token_id=ids[0])


class _Words(TextStreamer):
    """Hands over the text as its words are complete."""

    def __init__(self, tokenizer: Any, put: Callable[[str], None]) -> None:
        super().__init__(tokenizer, skip_prompt=True, skip_special_tokens=True)
        self._put = put

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        self._put(text)


class _Until:
    """Stops generating once the listener has left or time is up (`late`); called after each token."""

    def __init__(self, deadline: float, left: Event) -> None:
        self._deadline, self._left = deadline, left
        self.late = False

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        self.late = time.monotonic() > self._deadline
        over = self._left.is_set() or self.late
        return torch.full((input_ids.shape[0],), over, device=input_ids.device, dtype=torch.bool)


def open_local(path: Path, config: "ModelConfig", *, adapter: Path | None) -> LocalModel:
    """Load a model with its tokenizer and adapter.

    Args:
        path: a folder, a GGUF file, or a Hugging Face id.
        config: device, bits, sampling and limits.
        adapter: a folder that peft saved, or none.

    Raises:
        ConfigError: if bits or device make no sense.
        MissingPart: if the GPU, bitsandbytes or peft is not there.
        GeneratorError: if the weights cannot be loaded, or the model is none that chats.
    """
    disable_progress_bar()
    device = _device(config.device)
    dtype = torch.bfloat16 if _has_bfloat16(device) else torch.float16 if device.type == "cuda" else torch.float32
    source, options = (str(path.parent), {"gguf_file": path.name}) if path.suffix == ".gguf" else (str(path), {})
    quantised = quantisation(config.bits, dtype, packed=bool(options))
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        network = AutoModelForCausalLM.from_pretrained(
            source, dtype=dtype, device_map={"": device}, quantization_config=quantised, **options
        )
        if adapter:
            network = _adapted(network, adapter, merge=config.bits is None)
    except (OSError, ValueError, ImportError, RuntimeError, LookupError, SafetensorError) as error:
        raise GeneratorError(f"the chat model {path} could not be loaded: {str(error).splitlines()[0]}") from error
    return LocalModel(
        network.eval(),
        tokenizer,
        temperature=config.temperature,
        top_p=config.top_p,
        seed=config.seed,
        takes_system=_takes_system(tokenizer, path),
        facts_per_call=config.facts_per_call or (1 if network.num_parameters() < _SMALL else _FACTS_PER_CALL),
        window_tokens=_window(network, tokenizer, config.window_tokens),
        max_tokens=config.max_tokens,
        timeout_s=config.timeout_s,
    )


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise ConfigError(f"there is no device {wanted!r}", hint="Use auto, cpu, cuda or cuda:1.") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise MissingPart(f"there is no GPU for {wanted}", hint="Set MARROW_MODEL_DEVICE=cpu, or auto.")
    return device


def _has_bfloat16(device: torch.device) -> bool:
    return torch.cuda.is_bf16_supported() if device.type == "cuda" else has_bfloat16()


def _adapted(network: Any, adapter: Path, *, merge: bool) -> Any:
    """The network with a LoRA adapter: merged into its weights where they are not quantised, which costs no time."""
    require("a LoRA adapter", "peft")
    from peft import PeftModel  # imported here: only adapters need it, and it takes a second

    adapted = PeftModel.from_pretrained(network, str(adapter))
    return adapted.merge_and_unload() if merge else adapted


def _takes_system(tokenizer: Any, path: Path) -> bool:
    """Whether the model's chat format knows the system's part; some raise at it."""
    chat = [{"role": role, "content": "a"} for role in ("system", "user", "assistant", "user")]
    if not tokenizer.chat_template:
        raise GeneratorError(f"{path} has no chat template: it is no model that follows instructions")
    for start in (0, 1):
        try:
            tokenizer.apply_chat_template(chat[start:], tokenize=False)
        except TemplateError as error:
            reason = error
        else:
            return start == 0
    raise GeneratorError(f"{path} has a chat template that cannot be used") from reason


def _window(network: Any, tokenizer: Any, wanted: int | None) -> int:
    longest = int(min(getattr(network.config, "max_position_embeddings", 2048), tokenizer.model_max_length))
    return min(longest, wanted or longest)
