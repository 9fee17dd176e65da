"""A microphone and a speaker that do what a test tells them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk
from tests.fakes.clock import loop_time
from utils.errors import ArvisError


@dataclass
class FakeSource:
    """Gives 20 ms chunks at the speed of speech until it is closed, or until `seconds` are over."""

    seconds: float = 3600.0
    level: float = 0.2
    """Amplitude; 0 is silence."""
    open_error: ArvisError | None = None
    lose_after: float | None = None
    """Seconds after which the device vanishes."""
    is_open: bool = False
    opened: int = 0

    async def open(self) -> None:
        assert not self.is_open, "two owners at once"
        if self.open_error is not None:
            raise self.open_error
        await asyncio.sleep(0.01)
        self.is_open = True
        self.opened += 1

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        frames = SPEECH_RATE // 50
        for number in range(int(self.seconds * 50)):
            await asyncio.sleep(0.02)
            if not self.is_open:
                return
            if self.lose_after is not None and number * 0.02 >= self.lose_after:
                raise ArvisError("device-lost", "The microphone was unplugged.", retryable=True)
            samples = np.full(frames, self.level, np.float32)
            yield AudioChunk(samples, SPEECH_RATE, number * frames, loop_time())

    async def close(self) -> None:
        self.is_open = False


@dataclass
class FakeOutput:
    """A speaker on the loop's clock: what is queued is heard in real time, from the first chunk on."""

    begin_error: ArvisError | None = None
    lose_after_chunks: int | None = None
    begun: int = 0
    played: list[AudioChunk] = field(default_factory=list)
    """Chunks of the present playback."""
    stops: int = 0
    is_open: bool = False
    first_audible: float | None = None
    _ends: float = 0.0
    _queued: float = 0.0

    @property
    def clock(self) -> FakeOutput:
        return self

    def heard(self, now: float) -> float:
        """Seconds heard so far; underruns push the end back."""
        return max(0.0, self._queued - max(0.0, self._ends - now))

    async def begin(self) -> None:
        if self.begin_error is not None:
            raise self.begin_error
        self.begun += 1
        self.is_open = True
        self.played, self.first_audible, self._queued, self._ends = [], None, 0.0, 0.0

    async def play(self, chunk: AudioChunk) -> None:
        if self.lose_after_chunks is not None and len(self.played) >= self.lose_after_chunks:
            raise ArvisError("device-lost", "The speaker was unplugged.", retryable=True)
        now = loop_time()
        if self.first_audible is None:
            self.first_audible = now + 0.02
        self.played.append(chunk)
        self._ends = max(self._ends, now) + chunk.seconds
        self._queued += chunk.seconds

    async def drain(self) -> None:
        await asyncio.sleep(max(0.0, self._ends - loop_time()))

    def stop(self) -> float:
        self.stops += 1
        now = loop_time()
        heard = self.heard(now)
        self._ends, self._queued = now, heard
        return heard

    async def close(self) -> None:
        self.is_open = False
