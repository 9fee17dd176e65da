"""From the clauses of a reply to the sound that is handed to the output."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from modules.audio.base import AudioChunk, AudioOutput
from modules.tts.base import SynthesisError
from modules.tts.chunker import Clause
from modules.tts.speech import SpeechRenderer
from modules.turn.ledger import SpokenLedger
from utils.errors import ArvisError

log = logging.getLogger(__name__)

BLOCK_SECONDS = 0.25
"""Length of the pieces that are handed to the output."""
HELD_SECONDS = 2.0
"""Sound made ahead from which on no further clause is synthesised, as long as the gate is closed."""
AHEAD_SECONDS = 6.0
"""The same once it is open: enough to make a long sentence in the meantime with a voice twice as fast as speech."""
SOUND_SECONDS = 30.0
"""A voice or an output that has not given the first sound by then is done without, whatever it waits for."""
END_SECONDS = 1.0
"""A native call that makes sound for nobody any more is not waited for longer."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What it takes to speak aloud."""

    renderer: SpeechRenderer
    output: AudioOutput
    ready: Callable[[], Awaitable[None]]
    """Waits until the voice engine is loaded; raises ArvisError when it cannot be."""
    name: str | None = None
    speed: float = 1.0


class Speaking:
    """Synthesises the clauses of one reply ahead of time, and hands the sound over once the gate is open.

    Args:
        voice: Speaks.
        gate: Nothing is given to the output, and nothing is told, before it is set.
        on_sound: Called with each clause when its first sound was handed to the output.
        on_mute: Called once, when the voice or the output fails; what was handed over is still heard to its end.
        on_made: Called with each clause when all of its sound has been made: the seconds that took, the seconds of
            sound, and the seconds until its first sound.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        voice: Voice,
        gate: asyncio.Event,
        on_sound: Callable[[Clause], None],
        on_mute: Callable[[ArvisError], None],
        on_made: Callable[[float, float, float], None],
        clock: Callable[[], float],
    ) -> None:
        self._voice = voice
        self._gate = gate
        self._on_sound = on_sound
        self._on_mute = on_mute
        self._on_made = on_made
        self._clock = clock
        self._clauses: asyncio.Queue[Clause | None] = asyncio.Queue()
        self._sound: asyncio.Queue[Clause | AudioChunk | None] = asyncio.Queue()
        self._ahead_seconds = 0.0
        self._handed_over = asyncio.Event()
        self._ledger = SpokenLedger()
        self._mute = False
        self._said = asyncio.Event()
        self._first_sound = asyncio.timeout(None)
        self.spoken = False
        """Whether any sound was handed to the output."""

    def say(self, clause: Clause) -> None:
        """Speak a clause after those before it."""
        self._clauses.put_nowait(clause)
        self._said.set()

    def end(self) -> None:
        """No clause follows."""
        self._clauses.put_nowait(None)
        self._said.set()

    async def run(self) -> None:
        """Speak until the last sample was heard; a failing voice or output ends it early, without an error."""
        rendering = asyncio.create_task(self._render())
        # Nobody is left to raise it to when the voice fails too late.
        rendering.add_done_callback(lambda late: late.cancelled() or late.exception())
        try:
            async with self._first_sound:
                await self._play()
                await rendering
                await self._voice.output.drain()
        except TimeoutError:
            self._fall_silent(
                SynthesisError(
                    "voice-timeout",
                    "The voice or the speaker takes too long, so the answer is only written. "
                    "`arvis doctor` finds out what is slow.",
                )
            )
        except ArvisError as error:
            self._fall_silent(error)
            with suppress(ArvisError):  # an output that was lost plays nothing more
                await self._voice.output.drain()
        finally:
            rendering.cancel()
            await asyncio.wait({rendering}, timeout=END_SECONDS)

    def _fall_silent(self, error: ArvisError) -> None:
        log.info("the reply goes on in writing: %s", error.code)
        self._mute = True
        self._on_mute(error)

    def stop(self) -> str | None:
        """Silence the output at once; return the text that was heard, or None when the voice had failed."""
        seconds = self._voice.output.stop()  # even when it got no sound yet: it may be open
        if self._mute:
            return None
        return self._ledger.heard(seconds) if self.spoken else ""

    @property
    def first_audible(self) -> float | None:
        """Monotonic time of the first sound that is heard; a driver corrects its first reports of it."""
        return self._voice.output.clock.first_audible if self.spoken else None

    async def _render(self) -> None:
        try:
            await self._voice.ready()
            while (clause := await self._clauses.get()) is not None:
                await self._room()
                await self._render_clause(clause)
        finally:
            self._sound.put_nowait(None)

    async def _room(self) -> None:
        while self._ahead_seconds >= (AHEAD_SECONDS if self._gate.is_set() else HELD_SECONDS):
            self._handed_over.clear()
            await self._handed_over.wait()

    async def _render_clause(self, clause: Clause) -> None:
        self._sound.put_nowait(clause)
        voice, begun = self._voice, self._clock()
        audio = first = 0.0
        async with aclosing(voice.renderer.render(clause, voice=voice.name, speed=voice.speed)) as chunks:
            async for chunk in chunks:
                first = first or self._clock() - begun
                audio += chunk.seconds
                self._ahead_seconds += chunk.seconds
                self._sound.put_nowait(chunk)
        self._on_made(self._clock() - begun, audio, first)

    async def _play(self) -> None:
        await self._gate.wait()
        await self._said.wait()
        self._first_sound.reschedule(asyncio.get_running_loop().time() + SOUND_SECONDS)
        begun: Clause | None = None
        while (item := await self._sound.get()) is not None:
            if isinstance(item, AudioChunk):
                await self._hand_over(item, begun)
                begun = None
                continue
            if not self.spoken:
                await self._voice.output.begin()
            begun = item
            self._ledger.start(item.text, item.pause_s / self._voice.speed)

    async def _hand_over(self, chunk: AudioChunk, begun: Clause | None) -> None:
        """Play a chunk; `begun` is the clause whose first sound it holds, if it does."""
        for block in _blocks(chunk):
            self._ledger.add(block.seconds)
            await self._voice.output.play(block)
            self._ahead_seconds -= block.seconds
            self._handed_over.set()
            if begun is not None:
                self.spoken = True
                self._first_sound.reschedule(None)
                self._on_sound(begun)
                begun = None


def _blocks(chunk: AudioChunk) -> Iterator[AudioChunk]:
    """Parts short enough to fit in the output's queue, so that the first one is handed over without waiting."""
    frames = int(BLOCK_SECONDS * chunk.sample_rate)
    for start in range(0, chunk.frames, frames):
        samples = chunk.samples[start : start + frames]
        yield AudioChunk(samples, chunk.sample_rate, chunk.frame_index + start, chunk.time)
