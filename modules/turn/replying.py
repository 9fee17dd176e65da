"""One reply: from the text of the user to the last sample heard, each stage streaming into the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from modules.llm.base import GenerationOptions, LanguageModel, LanguageModelError, Message
from modules.llm.thinking import ThoughtFilter
from modules.streaming.buffer import StreamBuffer
from modules.streaming.monitor import LLMPerformanceMonitor
from modules.streaming.optimizer import LLMStreamingOptimizer
from modules.tts.chunker import Clause
from modules.turn.speaking import Speaking, Voice
from modules.turn.timeline import Timeline
from utils.aio import cancel
from utils.errors import ArvisError


@dataclass(frozen=True, slots=True)
class ReplyHooks:
    """What a reply calls, on the event loop; nothing while it is held back."""

    on_text: Callable[[str], None]
    """With each piece of the reply."""
    on_audible: Callable[[], None]
    """Once, when the first sound was handed to the output."""
    on_mute: Callable[[ArvisError], None]
    """Once, when the voice or the output fails; the reply goes on in writing."""
    on_spoken: Callable[[str], None] = lambda _: None
    """With each clause, as written, when its first sound was handed to the output."""


class Reply:
    """Streams the model's answer to the listener and, clause by clause, to the speaker.

    A reply that is held back is generated, and its beginning is synthesised, but it is neither shown nor heard, and
    it neither ends nor fails, before it is released. To discard it, cancel what runs it.

    Args:
        model: Answers.
        voice: Speaks; None for an answer in writing only.
        timeline: Gets the time of each stage.
        hooks: Told what happens.
        held: Whether it is held back until `release`.
        optimizer: Chooses the clauses by the speeds of earlier replies; None for a fresh one that knows of none.
    """

    def __init__(
        self,
        model: LanguageModel,
        voice: Voice | None,
        timeline: Timeline,
        hooks: ReplyHooks,
        *,
        held: bool = False,
        optimizer: LLMStreamingOptimizer | None = None,
    ) -> None:
        optimizer = optimizer or LLMStreamingOptimizer(LLMPerformanceMonitor())
        self._pace = optimizer.begin(model.name)
        self._buffer = StreamBuffer(self._pace)
        self._model = model
        self._timeline = timeline
        self._hooks = hooks
        self._gate = asyncio.Event()
        if not held:
            self._gate.set()
        self._speaking: Speaking | None = None
        if voice is not None:
            self._speaking = Speaking(
                voice, self._gate, self._sounds, hooks.on_mute, self._pace.spoken, optimizer.clock
            )
        self._pieces: list[str] = []
        self._audible = False

    @property
    def tokens(self) -> int:
        """Pieces that the model has given so far."""
        return self._pace.generation.tokens

    @property
    def text(self) -> str:
        """The reply so far."""
        return "".join(self._pieces).strip()

    @property
    def held(self) -> bool:
        """Whether it is held back."""
        return not self._gate.is_set()

    @property
    def spoken(self) -> bool:
        """Whether any of it was handed to the output."""
        return self._speaking is not None and self._speaking.spoken

    def release(self) -> None:
        """Hold it back no longer: tell the text so far at once; the sound so far follows."""
        if not self.held:
            return
        self._gate.set()
        if self._pieces:
            self._hooks.on_text("".join(self._pieces))

    async def run(self, messages: Sequence[Message], options: GenerationOptions) -> None:
        """Generate, speak and wait until the last sample was heard.

        Raises:
            utils.errors.ArvisError: The model failed or said nothing. A failing voice is not an error of the reply.
        """
        speaking = asyncio.create_task(self._speaking.run()) if self._speaking is not None else None
        try:
            try:
                await self._generate(messages, options)
            except Exception:
                await self._gate.wait()
                raise
            await self._gate.wait()
            if speaking is not None:
                await speaking
                self._note_audible()
        finally:
            if speaking is not None:
                await cancel(speaking)

    def cut(self) -> str:
        """Silence the speaker at once and return the part of the reply that was given: heard, or else read."""
        if self.held:
            return ""
        if self._speaking is None:
            return self.text
        self._note_audible()
        heard = self._speaking.stop()
        return self.text if heard is None else heard

    async def _generate(self, messages: Sequence[Message], options: GenerationOptions) -> None:
        thoughts = ThoughtFilter()
        try:
            with self._pace.generation as generation:
                async with aclosing(self._model.stream(messages, options)) as pieces:
                    async for piece in pieces:
                        generation.token(piece)
                        self._take(thoughts.feed(piece))
            self._take(thoughts.flush())
            self._say(self._buffer.flush())
        finally:
            if self._speaking is not None:
                self._speaking.end()
        if not self.text:
            raise LanguageModelError(
                "empty-reply", "The language model gave no answer. Please ask again.", retryable=True
            )

    def _take(self, text: str) -> None:
        if text:
            self._timeline.note("first_token")
            self._pieces.append(text)
            if not self.held:
                self._hooks.on_text(text)
            self._say(self._buffer.feed(text))

    def _say(self, clauses: Sequence[Clause]) -> None:
        for clause in clauses:
            self._timeline.note("first_clause")
            if self._speaking is not None:
                self._speaking.say(clause)

    def _sounds(self, clause: Clause) -> None:
        """The first sound of a clause was handed to the output."""
        if not self._audible:
            self._audible = True
            self._timeline.note("first_audio")
            self._hooks.on_audible()
        self._hooks.on_spoken(clause.text)

    def _note_audible(self) -> None:
        # Read late: a driver corrects its first reports of when a sample is heard.
        if self._speaking is not None and (audible := self._speaking.first_audible) is not None:
            self._timeline.note("first_audible", audible)
