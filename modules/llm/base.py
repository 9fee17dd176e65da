"""The interface of language models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from modules.engine import Engine
from utils.errors import ArvisError


class LanguageModelError(ArvisError):
    """The language model could not answer."""

    stage = "llm"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class GenerationOptions:
    """How to generate."""

    max_tokens: int = 160
    """Upper bound of the reply, in tokens."""
    temperature: float = 0.0
    """0 (always the likeliest token) to 2."""
    seed: int | None = None
    """For repeatable sampling; None for a fresh one."""


@dataclass(frozen=True, slots=True)
class LanguageModelCapabilities:
    """What a model can do; callers ask this, never for its name."""

    context_tokens: int
    """Prompt and reply together must fit in this many tokens."""
    local: bool
    """Whether the words stay on this machine."""
    counts_tokens_exactly: bool = False
    continues_replies: bool = False
    """Whether an assistant message at the end of a prompt is the beginning of the reply, from which it goes on."""


class LanguageModel(Engine, Protocol):
    """Answers a conversation token by token."""

    @property
    def capabilities(self) -> LanguageModelCapabilities:
        """What it can do; `context_tokens` is exact after `load`."""
        ...

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Length of the prompt that these messages make, in tokens: exact or an over-estimate (see capabilities)."""
        ...

    async def prefill(self, messages: Sequence[Message]) -> int:
        """Read the beginning of the next prompt ahead of time, so that the answer to it begins sooner.

        An engine without a prompt cache does nothing. Cancelling ends it soon.

        Returns:
            The number of tokens that were evaluated.

        Raises:
            LanguageModelError: The model is not loaded or failed.
        """
        ...

    def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the reply piece by piece, each piece non-empty text.

        The caller keeps the prompt within `context_tokens` (see `modules.llm.context`). Closing the generator stops
        the model within one token and returns only when the engine is free again. With an assistant message at the end
        see `capabilities.continues_replies`.

        Raises:
            LanguageModelError: The prompt is too long, or the model or its server failed; raised while iterating.
        """
        ...
