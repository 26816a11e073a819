"""What rewording asks of a chat model, beyond LangChain's BaseChatModel: its limits, and words as they come."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from generator.errors import CutShort

# (role, text): the role is "system", "user" or "assistant".
Message = tuple[str, str]


class ChatModel(BaseChatModel):
    """A chat model that knows its limits.

    `facts_per_call` is how many facts it rewords well at once. `window_tokens` bounds prompt and answer together,
    `max_tokens` the answer. `timeout_s` bounds all that it says for one question.
    """

    facts_per_call: int
    window_tokens: int
    max_tokens: int
    timeout_s: float

    # LangChain's names of roles, as chat templates and servers call them.
    _ROLES: ClassVar[dict[str, str]] = {"human": "user", "ai": "assistant"}

    @abstractmethod
    def say(self, messages: Sequence[Message], *, offered: Sequence[int], timeout_s: float) -> Iterator[str]:
        """Answer word by word; close the iterator to stop the model.

        Args:
            messages: the prompt.
            offered: the numbers it may cite as [n]; none: brackets are free. A model that cannot be held to them
                ignores this, so whoever reads must check.
            timeout_s: when to give up.

        Raises:
            CutShort: after the words so far, when there was no room for the rest.
            GeneratorError: after the words so far, when the model failed or took too long.
        """

    @abstractmethod
    def count_tokens(self, messages: Sequence[Message]) -> int:
        """How many tokens a prompt takes of the window; an estimate may err upwards."""

    def fits(self, messages: Sequence[Message]) -> bool:
        """Whether a prompt leaves room for the answer."""
        return self.count_tokens(messages) + self.max_tokens <= self.window_tokens

    @property
    def state(self) -> str:
        """How the model stands, for people."""
        return "ready"

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """LangChain's way to ask; an answer that was cut short just ends, as its other models do."""
        prompt = [(self._ROLES.get(message.type, message.type), str(message.text)) for message in messages]
        with suppress(CutShort):
            for text in self.say(prompt, offered=(), timeout_s=self.timeout_s):
                chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
                if run_manager:
                    run_manager.on_llm_new_token(text, chunk=chunk)
                yield chunk

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> ChatResult:
        words = "".join(str(chunk.message.text) for chunk in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=words))])
