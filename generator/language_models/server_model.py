"""A chat model behind a server that speaks the OpenAI protocol: vLLM, llama.cpp, Ollama."""

import logging
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import openai
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
from pydantic import PrivateAttr

from generator.errors import CutShort, GeneratorError
from generator.language_models.breaker import Breaker
from generator.language_models.chat import ChatModel, Message
from ingest.errors import ConfigError

if TYPE_CHECKING:
    from generator.models import ModelConfig

logger = logging.getLogger(__name__)
# What Ollama serves by default; vLLM and llama.cpp serve more.
# Source: https://docs.ollama.com/context-length
_WINDOW_TOKENS = 4096
# English runs to about four characters a token, gene and drug names to fewer.
_CHARS_PER_TOKEN, _TOKENS_PER_MESSAGE = 3, 8
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 8.0
# The server is well, and would say the same again.
_OUR_FAULT = (openai.BadRequestError, openai.UnprocessableEntityError)
_BUSY = (408, 409, 429)


class ServerModel(ChatModel):
    """Streams from a server; one that keeps failing is not asked for a while (see Breaker)."""

    model: str
    temperature: float
    top_p: float
    seed: int
    connect_timeout_s: float
    retries: int
    _client: openai.OpenAI = PrivateAttr()
    _breaker: Breaker = PrivateAttr()

    def __init__(self, *, client: openai.OpenAI, breaker: Breaker, **limits: Any) -> None:
        """Keep the connection beside the limits and sampling settings, which are fields."""
        super().__init__(**limits)
        self._client, self._breaker = client, breaker

    @property
    def _llm_type(self) -> str:
        return "openai-server"

    @property
    def state(self) -> str:
        """Ready, or until when the server is left alone."""
        if self._breaker.state == "closed":
            return "ready"
        left_s = self._breaker.pause_left_s
        return f"failing, so answers are quoted; the next trial is {f'in {left_s:.0f} s' if left_s else 'due'}"

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """An estimate: the tokenizer is the server's."""
        return sum(len(text) // _CHARS_PER_TOKEN + _TOKENS_PER_MESSAGE for _, text in messages)

    def say(self, messages: Sequence[Message], *, offered: Sequence[int], timeout_s: float) -> Iterator[str]:
        """Stream the answer; `offered` is not sent, as every server has a way of its own to hold a model to it.

        Raises:
            ServerPaused: at once, while the breaker is open.
            CutShort: after the words so far, where the server stopped for length.
            GeneratorError: if the server refuses, fails, breaks off or says nothing.
        """
        self._breaker.enter()
        try:
            yield from self._words(messages, time.monotonic() + timeout_s)
        except (GeneratorExit, CutShort):
            # Whoever listens has heard enough, or there was more to hear: either way the server speaks.
            self._breaker.succeeded()
            raise
        except _OUR_FAULT as error:
            self._breaker.succeeded()
            raise _as_ours(error) from error
        except Exception as error:
            self._breaker.failed()
            raise _as_ours(error) from error
        else:
            self._breaker.succeeded()

    def _words(self, messages: Sequence[Message], deadline: float) -> Iterator[str]:
        said, finish = False, None
        with self._open(messages, deadline) as stream:
            for chunk in stream:
                choice = chunk.choices[0] if chunk.choices else None
                if choice and choice.delta.content:
                    said = True
                    yield choice.delta.content
                finish = choice.finish_reason if choice and choice.finish_reason else finish
                if time.monotonic() > deadline:
                    raise GeneratorError("the chat server took too long")
        if finish == "length":
            raise CutShort("the chat server stopped for length")
        if not finish or not said:
            raise GeneratorError("the chat server broke off" if said else "the chat server answered without words")

    def _open(self, messages: Sequence[Message], deadline: float) -> openai.Stream[ChatCompletionChunk]:
        """Ask, and ask again a server that is busy or cannot be reached; one that keeps silent has had its time."""
        for attempt in range(self.retries + 1):
            try:
                return self._request(messages, deadline)
            except (openai.APIConnectionError, openai.APIStatusError) as error:
                pause_s = _pause_s(error, attempt)
                if attempt == self.retries or not _passing(error) or time.monotonic() + pause_s > deadline:
                    raise
                logger.info("the chat server failed (%s); asking again in %.1f s", type(error).__name__, pause_s)
                time.sleep(pause_s)
        raise AssertionError("the last attempt returns or raises")

    def _request(self, messages: Sequence[Message], deadline: float) -> openai.Stream[ChatCompletionChunk]:
        left_s = max(deadline - time.monotonic(), 0.001)
        prompt = [{"role": role, "content": text} for role, text in messages]
        return self._client.chat.completions.create(
            model=self.model,
            messages=cast(list[ChatCompletionMessageParam], prompt),
            temperature=self.temperature,
            top_p=self.top_p,
            seed=self.seed,
            max_tokens=self.max_tokens,
            stream=True,
            timeout=openai.Timeout(left_s, connect=min(self.connect_timeout_s, left_s)),
        )


def open_server(config: "ModelConfig") -> ServerModel:
    """The model of a server; nothing is asked of it yet.

    Raises:
        ConfigError: if its name or address is missing.
    """
    if not (config.base_url or "").startswith(("http://", "https://")) or config.name == "openai:":
        raise ConfigError(
            "a server model needs its name and its address",
            hint="Set MARROW_MODEL to openai:NAME and MARROW_MODEL_URL, for example to http://127.0.0.1:11434/v1",
        )
    return ServerModel(
        # Local servers take any key, but the client refuses to start without one. It never retries: that is ours.
        client=openai.OpenAI(base_url=config.base_url, api_key=config.api_key or "none", max_retries=0),
        breaker=Breaker(failures=config.failures, pause_s=config.pause_s),
        model=config.name.removeprefix("openai:"),
        temperature=config.temperature,
        top_p=config.top_p,
        seed=config.seed,
        connect_timeout_s=config.connect_timeout_s,
        retries=config.retries,
        facts_per_call=config.facts_per_call or 5,
        window_tokens=config.window_tokens or _WINDOW_TOKENS,
        max_tokens=config.max_tokens,
        timeout_s=config.timeout_s,
    )


def _as_ours(error: Exception) -> GeneratorError:
    if isinstance(error, GeneratorError):
        return error
    # Only kind and status: a server may repeat the question in its message.
    status = f" {error.status_code}" if isinstance(error, openai.APIStatusError) else ""
    return GeneratorError(f"the chat server failed: {type(error).__name__}{status}")


def _passing(error: openai.APIError) -> bool:
    """Whether the same request may fare better in a moment."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code >= 500 or error.status_code in _BUSY
    return not isinstance(error, openai.APITimeoutError)


def _pause_s(error: openai.APIError, attempt: int) -> float:
    """What the server asks for (Retry-After in seconds), or twice as long each time."""
    asked = error.response.headers.get("retry-after", "") if isinstance(error, openai.APIStatusError) else ""
    if asked.isascii() and asked.isdecimal():
        return float(asked)
    return float(min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S))
