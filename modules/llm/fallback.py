"""Several language models behind one: when one fails, the next goes on with the answer where it broke off."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from modules.fallback.chain import EngineChain, Stage
from modules.fallback.chained import Chained
from modules.fallback.events import SwitchCallback
from modules.fallback.plausible import is_noise
from modules.fallback.policy import FallbackPolicy
from modules.fallback.request import Failed
from modules.llm.base import (
    GenerationOptions,
    LanguageModel,
    LanguageModelCapabilities,
    LanguageModelError,
    Message,
)
from modules.llm.handover import Seam, continued, open_thought
from modules.llm.thinking import ThoughtFilter

_STAGE = Stage(
    "llm", LanguageModelError, "no-model", "No language model works.", frozenset({"too-long", "bad-template"})
)
_TRIAL = [Message("user", "Hello.")]


class FallbackLanguageModel(Chained[LanguageModel]):
    """A `LanguageModel` made of several.

    The model that takes over in the middle of an answer gets the conversation and what was said so far, and goes on
    from there; the caller sees one answer.

    Args:
        engines: In the order of preference, at least one; they belong to this one.
        on_switch: Told when one takes over from another.
        deadline_seconds: To the first token; from each to the next, `GAP_SECONDS` at most.
        policy: When an engine is left alone, and when it is tried again.
        is_idle: Whether no turn is under way; None to go by how long nothing was asked.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        engines: Sequence[LanguageModel],
        on_switch: SwitchCallback | None = None,
        *,
        deadline_seconds: float = 20.0,
        policy: FallbackPolicy | None = None,
        is_idle: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(
            EngineChain(_STAGE, engines, on_switch, trial=_trial, policy=policy, is_idle=is_idle, clock=clock)
        )
        self._deadline = deadline_seconds
        self._gap = min(deadline_seconds, GAP_SECONDS)

    @property
    def capabilities(self) -> LanguageModelCapabilities:
        """Those of the engine that answers at present."""
        return self.chain.current.engine.capabilities

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Length of a prompt in tokens of the engine that answers at present."""
        return self.chain.current.engine.count_tokens(messages)

    async def prefill(self, messages: Sequence[Message]) -> int:
        """Let the engine that answers at present read ahead; when it cannot, the answer will show it."""
        link = self.chain.current
        return await link.engine.prefill(messages) if link.loaded and link.is_closed else 0

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the reply piece by piece, whichever models write it.

        Raises:
            LanguageModelError: No engine is left, or the prompt is too long.
        """
        answer = _Answer(messages, options or GenerationOptions())
        async with self.chain.request() as request:
            while True:
                engine = await request.engine()
                if closing := answer.begin(engine):
                    yield closing
                if answer.left < 1:
                    return
                stream = engine.stream(answer.prompt, answer.options)
                try:
                    async with aclosing(request.pieces(stream, self._deadline, self._gap)) as pieces:
                        async for piece in pieces:
                            if (text := answer.take(piece)) is None:
                                request.failed(_GARBAGE)
                                break
                            if text:
                                yield text
                                request.gave()
                        else:
                            if rest := answer.finish():
                                yield rest
                            if answer.is_whole:
                                request.worked()
                                return
                            request.doubted(_EMPTY)
                except Failed:
                    continue


GAP_SECONDS = 6.0
"""Longest silence in the middle of an answer: a turn whose sound has run out is ended as stuck after 15 seconds."""
_GARBAGE = LanguageModelError("garbage", "The language model wrote no sensible text.", retryable=True)
_EMPTY = LanguageModelError("empty-reply", "The language model gave no answer. Please ask again.", retryable=True)
_ENDS = (".", "!", "?", "…", ":", "。", "！", "？", ")", '"', "”", "*", "`")
_NOISE_LIMIT = 8
"""Characters that are no text, in a row, after which nothing sensible is to be expected."""


class _Answer:
    """What was asked, and what has been answered so far.

    Args:
        messages: The prompt.
        options: What the whole answer may need.
    """

    def __init__(self, messages: Sequence[Message], options: GenerationOptions) -> None:
        self._messages = messages
        self._options = options
        self._raw = ""
        self._seam: Seam | None = None
        self._thoughts = ThoughtFilter()
        self._noise = ""
        self._hides_thoughts = False
        """Whether the caller, who leaves out a thought at the beginning only, has had one already."""
        self.left = options.max_tokens
        """Tokens that the rest of the answer may have."""
        self._begun = ""
        """What the models before the present one have said."""
        self.prompt: list[Message] = []
        """For the present model."""
        self.said = ""
        """The answer so far, without what was thought."""

    @property
    def options(self) -> GenerationOptions:
        """For the present model."""
        return replace(self._options, max_tokens=self.left)

    @property
    def is_whole(self) -> bool:
        """Whether there is an answer, and one that a model had ended in the middle of a sentence was gone on with."""
        return self.said != self._begun or self.said.rstrip().endswith(_ENDS)

    def begin(self, engine: LanguageModel) -> str:
        """Another model goes on; return what has to be said before it does, to end a thought of the one before."""
        self._begun = self.said
        if not self._raw.strip():
            self.prompt = list(self._messages)
            return ""
        self.prompt = continued(self._messages, self.said, engine, self._options)
        self._noise = ""
        if self.said.strip():
            self._seam = Seam(self.said, exact=engine.capabilities.continues_replies)
            self._thoughts = ThoughtFilter()
            return ""
        self._seam, self._thoughts = None, ThoughtFilter()
        self._hides_thoughts = True  # what was given is not blank, and nothing of it was meant to be seen
        closing, self._raw = open_thought(self._raw), ""
        return closing

    def take(self, piece: str) -> str | None:
        """Take a piece; return what is to be passed on, which may be empty, or None for what is no text."""
        self._noise = self._noise + piece if is_noise(piece) else ""
        if self._noise:
            return None if len(self._noise) >= _NOISE_LIMIT else ""
        self.left -= 1  # a piece is a token at least
        self._raw += piece
        shown = self._thoughts.feed(piece)
        if self._seam is None:
            self.said += shown
            return shown if self._hides_thoughts else piece
        return self._say(self._seam.feed(shown))

    def finish(self) -> str:
        """The model is done: the rest of what is to be passed on."""
        shown = self._thoughts.flush()
        if self._seam is None:
            self.said += shown
            return shown if self._hides_thoughts else ""
        return self._say(self._seam.feed(shown) + self._seam.finish())

    def _say(self, text: str) -> str:
        self.said += text
        return text


async def _trial(engine: LanguageModel) -> None:
    async with aclosing(engine.stream(_TRIAL, GenerationOptions(max_tokens=1))) as pieces:
        async for _ in pieces:
            return
    raise _EMPTY
