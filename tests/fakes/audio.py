"""A microphone and a speaker that do what a test tells them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.reference import ReferenceBuffer
from tests.fakes.clock import loop_time
from utils.errors import ArvisError

CHUNK_SECONDS = 0.02


@dataclass
class FakeSource:
    """Gives 20 ms chunks at the speed of speech until it is closed, or until `seconds` are over."""

    seconds: float = 3600.0
    level: float = 0.2
    """Amplitude when there are no `sounds`; 0 is silence."""
    sounds: list[tuple[float, float]] = field(default_factory=list)
    """Seconds and amplitude of what is captured next, whole chunks; taken from the front, and added to at any time."""
    open_error: ArvisError | None = None
    """Raised by each `open`."""
    open_errors: list[ArvisError] = field(default_factory=list)
    """Raised by the next calls of `open`, one each: a device that comes back after a while."""
    open_seconds: float = 0.01
    lose_after: float | None = None
    """Seconds after `open` at which the device vanishes."""
    stall_after: float | None = None
    """Seconds after `open` from which nothing is captured any more."""
    is_open: bool = False
    opened: int = 0
    reads: int = 0
    """Chunks that were taken so far."""
    reads_after_close: int = 0
    """How often someone began to read although the microphone was closed."""
    readers: int = 0
    """Iterations over `chunks` that go on at present."""
    _closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        assert not self.is_open, "two owners at once"
        if self.open_error is not None:
            raise self.open_error
        if self.open_errors:
            raise self.open_errors.pop(0)
        await asyncio.sleep(self.open_seconds)
        self.is_open = True
        self.opened += 1
        self._closed = asyncio.Event()

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        opening, began = self.opened, loop_time()
        self.reads_after_close += not self.is_open
        self.readers += 1
        try:
            for number in range(round(self.seconds / CHUNK_SECONDS)):
                await self._wait_for_chunk(number, began)
                if not self.is_open or self.opened != opening:
                    return
                if self.lose_after is not None and number * CHUNK_SECONDS >= self.lose_after:
                    raise ArvisError("device-lost", "The microphone was unplugged.", retryable=True)
                self.reads += 1
                yield self._capture(number, began)
        finally:
            self.readers -= 1

    async def close(self) -> None:
        self.is_open = False
        self._closed.set()

    async def _wait_for_chunk(self, number: int, began: float) -> None:
        """Until its last sample is over; a reader that was late gets it at once."""
        await asyncio.sleep(max(0.0, began + (number + 1) * CHUNK_SECONDS - loop_time()))
        if self.is_open and self.stall_after is not None and number * CHUNK_SECONDS >= self.stall_after:
            await self._closed.wait()

    def _capture(self, number: int, began: float) -> AudioChunk:
        level = self.level
        if self.sounds:
            seconds, level = self.sounds.pop(0)
            if seconds > 1.5 * CHUNK_SECONDS:
                self.sounds.insert(0, (seconds - CHUNK_SECONDS, level))
        frames = round(CHUNK_SECONDS * SPEECH_RATE)
        samples = np.full(frames, level, np.float32)
        return AudioChunk(samples, SPEECH_RATE, number * frames, began + number * CHUNK_SECONDS)


@dataclass
class FakeOutput:
    """A speaker on the loop's clock: what is queued is heard in real time, from the first chunk on."""

    begin_error: ArvisError | None = None
    begin_seconds: float = 0.0
    lose_after_chunks: int | None = None
    begun: int = 0
    played: list[AudioChunk] = field(default_factory=list)
    """Chunks of the present playback."""
    gains: list[float] = field(default_factory=list)
    """What `set_gain` was told while something was playing."""
    pauses: int = 0
    """How often the playback was held."""
    resumes: int = 0
    """How often it went on after that."""
    stops: int = 0
    is_open: bool = False
    first_audible: float | None = None
    reference: ReferenceBuffer = field(default_factory=lambda: ReferenceBuffer(48_000))
    """Silence, unless the test writes to it."""
    _playing: bool = False
    _ends: float = 0.0
    _queued: float = 0.0
    _left: float | None = None
    """Seconds that were not heard when the playback was paused."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def clock(self) -> FakeOutput:
        return self

    @property
    def paused(self) -> bool:
        return self._left is not None

    def heard(self, now: float) -> float:
        """Seconds heard so far; underruns and pauses push the end back."""
        left = self._ends - now if self._left is None else self._left
        return max(0.0, self._queued - max(0.0, left))

    async def begin(self) -> None:
        if self.begin_error is not None:
            raise self.begin_error
        await asyncio.sleep(self.begin_seconds)
        self.begun += 1
        self.is_open = self._playing = True
        self.played, self.first_audible, self._queued, self._ends, self._left = [], None, 0.0, 0.0, None
        self._changed = asyncio.Event()

    async def play(self, chunk: AudioChunk) -> None:
        if self.lose_after_chunks is not None and len(self.played) >= self.lose_after_chunks:
            raise ArvisError("device-lost", "The speaker was unplugged.", retryable=True)
        now = loop_time()
        if self.first_audible is None:
            self.first_audible = now + 0.02
        self.played.append(chunk)
        self._queued += chunk.seconds
        if self._left is not None:
            self._left += chunk.seconds
        else:
            self._ends = max(self._ends, now) + chunk.seconds

    async def drain(self) -> None:
        while self._left is not None or self._ends - loop_time() > 1e-6:
            self._changed.clear()
            waiting = asyncio.ensure_future(self._changed.wait())
            try:
                await asyncio.wait({waiting}, timeout=None if self._left is not None else self._ends - loop_time())
            finally:
                waiting.cancel()

    def set_gain(self, decibels: float) -> None:
        if self._playing:
            self.gains.append(decibels)

    def pause(self) -> None:
        if self._playing and self._left is None:
            self.pauses += 1
            self._left = max(0.0, self._ends - loop_time())
            self._changed.set()

    def resume(self) -> None:
        if self._left is not None:
            self.resumes += 1
            self._ends, self._left = loop_time() + self._left, None
            self._changed.set()

    def stop(self) -> float:
        self.stops += 1
        now = loop_time()
        heard = self.heard(now)
        self._playing, self._left, self._ends, self._queued = False, None, now, heard
        self._changed.set()
        return heard

    async def close(self) -> None:
        self.is_open = self._playing = False
