"""Generation of one reply, and the memory of what the model has already read."""

from __future__ import annotations

import codecs
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import takewhile
from typing import Protocol

from modules.llm.base import GenerationOptions

_GOES_ON = 32
"""Tokens that must agree for a prompt to go on with a later part of the memory: more than two turns share by chance."""


class TokenModel(Protocol):
    """A model with a memory of tokens (a KV cache), as `Decoder` drives it."""

    @property
    def batch_tokens(self) -> int:
        """The most tokens that one call of `evaluate` takes."""
        ...

    def evaluate(self, tokens: Sequence[int]) -> None:
        """Read `tokens` after those in memory."""
        ...

    def keep(self, count: int) -> bool:
        """Forget all but the first `count` tokens; False if only everything can be forgotten, and nothing was."""
        ...

    def cut(self, start: int, end: int) -> bool:
        """Forget the tokens from `start` up to `end` and move up those after them; False if that cannot be done."""
        ...

    def sampler(self, options: GenerationOptions) -> AbstractContextManager[Callable[[], int]]:
        """A function that draws the next token from what was evaluated last."""
        ...

    def piece(self, token: int) -> bytes:
        """The bytes that a token stands for; they may begin or end within a character."""
        ...

    def ends_reply(self, token: int) -> bool:
        """Whether the reply is over with this token."""
        ...


class Decoder:
    """Turns prompts into replies, and reads only what is new in each prompt.

    What a prompt has in common with the one before is known, from the beginning to where they part; and when the
    oldest turns were dropped from the conversation, so is what follows them. Not thread-safe: one thread at a time.
    """

    def __init__(self, model: TokenModel) -> None:
        self._model = model
        self._memory: list[int] = []
        self.evaluated_tokens = 0
        """Tokens that the model has read, in all, whether from prompts or from its own replies."""

    def read(self, prompt: Sequence[int]) -> Iterator[int]:
        """Bring the model's memory to `prompt`, batch by batch; the caller may stop after any of them.

        The last token is always evaluated, because the next one is drawn from what that leaves behind.

        Args:
            prompt: At least one token.

        Yields:
            The number of tokens evaluated since the last item.
        """
        self._close_gap(prompt, _common(self._memory, prompt))
        known = min(_common(self._memory, prompt), len(prompt) - 1)
        if not self._model.keep(known):
            known = 0
            self._model.keep(known)
        del self._memory[known:]
        for start in range(known, len(prompt), self._model.batch_tokens):
            batch = prompt[start : start + self._model.batch_tokens]
            self._evaluate(batch)
            yield len(batch)

    def reply(
        self, prompt: Sequence[int], options: GenerationOptions, limit: int, cancelled: threading.Event
    ) -> Iterator[str]:
        """Yield the reply to `prompt` as text; each item is non-empty and has whole characters only.

        Args:
            prompt: At least one token.
            options: How to draw tokens; `limit` stands in for its `max_tokens`.
            limit: Length of the reply in tokens at most; prompt and reply must fit in the model's memory.
            cancelled: Looked at before every token and between batches of the prompt.
        """
        for _ in self.read(prompt):
            if cancelled.is_set():
                return
        characters = codecs.getincrementaldecoder("utf-8")("replace")
        with self._model.sampler(options) as draw:
            for made in range(limit):
                token = draw()
                if self._model.ends_reply(token):
                    return
                text = characters.decode(self._model.piece(token))
                if text:
                    yield text
                if cancelled.is_set() or made + 1 == limit:
                    return
                self._evaluate([token])

    def _close_gap(self, prompt: Sequence[int], known: int) -> None:
        """Cut out of the memory what was dropped from the middle of the conversation, if the rest goes on after it."""
        following = list(prompt[known : known + _GOES_ON])
        if len(following) < _GOES_ON:
            return
        for start in range(known + 1, len(self._memory) - _GOES_ON + 1):
            if self._memory[start : start + _GOES_ON] == following:
                if self._model.cut(known, start):
                    del self._memory[known:start]
                return

    def _evaluate(self, tokens: Sequence[int]) -> None:
        self._model.evaluate(tokens)
        self._memory.extend(tokens)
        self.evaluated_tokens += len(tokens)


def _common(memory: Sequence[int], prompt: Sequence[int]) -> int:
    """Length of the common beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(memory, prompt, strict=False)))
