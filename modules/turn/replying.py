"""One reply: from the text of the user to the last sample heard, each stage streaming into the next."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass

from modules.audio.base import AudioChunk, AudioOutput
from modules.llm.base import GenerationOptions, LanguageModel, LanguageModelError, Message
from modules.llm.thinking import ThoughtFilter
from modules.tts.chunker import Clause, ClauseChunker
from modules.tts.speech import SpeechRenderer
from modules.turn.ledger import SpokenLedger
from modules.turn.timeline import Timeline
from utils.aio import cancel
from utils.errors import ArvisError

log = logging.getLogger(__name__)

BLOCK_SECONDS = 0.25
"""Length of the pieces that are handed to the output."""


@dataclass(frozen=True, slots=True)
class ReplyHooks:
    """What a reply calls, on the event loop."""

    on_text: Callable[[str], None]
    """With each piece of the reply."""
    on_audible: Callable[[], None]
    """Once, when the first sound was handed to the output."""
    on_mute: Callable[[ArvisError], None]
    """Once, when the voice or the output fails; the reply goes on in writing."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What it takes to speak aloud."""

    renderer: SpeechRenderer
    output: AudioOutput
    ready: Callable[[], Awaitable[None]]
    """Waits until the voice engine is loaded; raises ArvisError when it cannot be."""
    name: str | None = None
    speed: float = 1.0


class Reply:
    """Streams the model's answer to the listener and, clause by clause, to the speaker.

    Args:
        model: Answers.
        voice: Speaks; None for an answer in writing only.
        timeline: Gets the time of each stage.
        hooks: Told what happens.
    """

    def __init__(self, model: LanguageModel, voice: Voice | None, timeline: Timeline, hooks: ReplyHooks) -> None:
        self._model = model
        self._voice = voice
        self._timeline = timeline
        self._hooks = hooks
        self._pieces: list[str] = []
        self._ledger = SpokenLedger()
        self._clauses: asyncio.Queue[Clause | None] = asyncio.Queue()
        self._mute: ArvisError | None = None
        self.spoken = False
        """Whether any of it was handed to the output."""

    @property
    def text(self) -> str:
        """The reply so far."""
        return "".join(self._pieces).strip()

    async def run(self, messages: Sequence[Message], options: GenerationOptions) -> None:
        """Generate, speak and wait until the last sample was heard.

        Raises:
            utils.errors.ArvisError: The model failed or said nothing. A failing voice is not an error of the reply.
        """
        speaking = asyncio.create_task(self._speak(self._voice)) if self._voice is not None else None
        try:
            await self._generate(messages, options)
            if speaking is not None:
                await speaking
        finally:
            if speaking is not None:
                await cancel(speaking)

    def cut(self) -> str:
        """Silence the speaker at once and return the part of the reply that was given: heard, or else read."""
        if self._voice is None:
            return self.text
        self._note_audible(self._voice)
        seconds = self._voice.output.stop()  # even when it got no sound yet: it may be open
        if self._mute is not None:
            return self.text
        return self._ledger.heard(seconds) if self.spoken else ""

    async def _generate(self, messages: Sequence[Message], options: GenerationOptions) -> None:
        chunker, thoughts = ClauseChunker(), ThoughtFilter()
        try:
            async with aclosing(self._model.stream(messages, options)) as pieces:
                async for piece in pieces:
                    self._take(thoughts.feed(piece), chunker)
            self._take(thoughts.flush(), chunker)
            self._queue(chunker.flush())
        finally:
            self._clauses.put_nowait(None)
        if not self.text:
            raise LanguageModelError(
                "empty-reply", "The language model gave no answer. Please ask again.", retryable=True
            )

    def _take(self, text: str, chunker: ClauseChunker) -> None:
        if text:
            self._timeline.note("first_token")
            self._pieces.append(text)
            self._hooks.on_text(text)
            self._queue(chunker.feed(text))

    def _queue(self, clauses: Sequence[Clause]) -> None:
        for clause in clauses:
            self._timeline.note("first_clause")
            self._clauses.put_nowait(clause)

    async def _speak(self, voice: Voice) -> None:
        try:
            await voice.ready()
            while (clause := await self._clauses.get()) is not None:
                if not self.spoken:
                    await voice.output.begin()
                await self._speak_clause(voice, clause)
            await voice.output.drain()
        except ArvisError as error:
            log.info("the reply goes on in writing: %s", error.code)
            self._mute = error
            self._hooks.on_mute(error)
            with suppress(ArvisError):  # an output that was lost plays nothing more
                await voice.output.drain()
        self._note_audible(voice)

    async def _speak_clause(self, voice: Voice, clause: Clause) -> None:
        self._ledger.start(clause.text, clause.pause_s / voice.speed)
        async with aclosing(voice.renderer.render(clause, voice=voice.name, speed=voice.speed)) as chunks:
            async for chunk in chunks:
                for block in _blocks(chunk):
                    self._ledger.add(block.seconds)
                    await voice.output.play(block)
                    if not self.spoken:
                        self.spoken = True
                        self._timeline.note("first_audio")
                        self._hooks.on_audible()

    def _note_audible(self, voice: Voice) -> None:
        # Read late: a driver corrects its first reports of when a sample is heard.
        if self.spoken and (audible := voice.output.clock.first_audible) is not None:
            self._timeline.note("first_audible", audible)


def _blocks(chunk: AudioChunk) -> Iterator[AudioChunk]:
    """Parts short enough to fit in the output's queue, so that the first one is handed over without waiting."""
    frames = int(BLOCK_SECONDS * chunk.sample_rate)
    for start in range(0, chunk.frames, frames):
        samples = chunk.samples[start : start + frames]
        yield AudioChunk(samples, chunk.sample_rate, chunk.frame_index + start, chunk.time)
