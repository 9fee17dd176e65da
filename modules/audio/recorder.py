"""An audio output without a device: it keeps what it is given."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import numpy as np

from modules.audio.base import AudioChunk, PlaybackClock, Samples
from modules.audio.playback import AUDIBLE, QUEUE_SECONDS
from modules.audio.resample import StreamResampler


class RecorderOutput:
    """An `AudioOutput` that records the current playback, and is its own `PlaybackClock`.

    Args:
        rate: Sample rate of the recording in hertz.
        realtime: Play as a speaker would, in the time of `clock`, with the same queue of 2 s; otherwise everything
            counts as heard at once, and only `first_audible` says when a speaker would have played it.
        clock: Monotonic time in seconds.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        rate: int = 48_000,
        realtime: bool = False,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate = rate
        self._realtime = realtime
        self._clock = clock
        self._sleep = sleep
        self._take = _Take(rate, realtime)
        self._take.stopped.set()

    @property
    def clock(self) -> PlaybackClock:
        """The clock of the current playback."""
        return self

    @property
    def recording(self) -> AudioChunk:
        """What was heard of the current playback, or will be when it is not stopped; without the gaps in it."""
        return self._take.recording()

    @property
    def first_audible(self) -> float | None:
        """Monotonic time at which the first non-silent sample of the current playback leaves the speaker."""
        return self._take.first_audible

    def heard(self, now: float) -> float:
        """Seconds of the current playback that have left the speaker at monotonic time `now`."""
        return self._take.heard_frames(now) / self._rate

    async def begin(self) -> None:
        """Start a new playback at position 0; the recording of the last one is dropped."""
        self._take.stopped.set()
        self._take = _Take(self._rate, self._realtime)

    async def play(self, chunk: AudioChunk) -> None:
        """Record a chunk, gapless after the one before; does nothing once stopped."""
        take = self._take
        if not take.stopped.is_set():
            take.append(take.resampler.push(chunk).samples, self._clock())
            await self._wait_until_queued(take, QUEUE_SECONDS)

    async def drain(self) -> None:
        """Wait until everything queued has been heard, or `stop` was called."""
        take = self._take
        if not take.stopped.is_set():
            take.append(take.resampler.flush().samples, self._clock())
            await self._wait_until_queued(take, 0.0)

    def stop(self) -> float:
        """Drop what has not been heard; return the seconds that were."""
        take = self._take
        heard = take.heard_frames(self._clock())
        if not take.stopped.is_set():
            take.limit = heard
            take.stopped.set()
        return heard / self._rate

    async def close(self) -> None:
        """End the playback; what was heard of it stays in `recording`."""
        self.stop()

    async def _wait_until_queued(self, take: _Take, seconds: float) -> None:
        while self._realtime and not take.stopped.is_set():
            excess = take.end - self._clock() - seconds
            if excess <= 0.0:
                return
            sleeping = asyncio.ensure_future(self._sleep(excess))
            stopping = asyncio.ensure_future(take.stopped.wait())
            try:
                await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeping.cancel()
                stopping.cancel()


class _Take:
    """The record of one playback."""

    def __init__(self, rate: int, realtime: bool) -> None:
        self.resampler = StreamResampler(rate)
        self.stopped = asyncio.Event()
        self.first_audible: float | None = None
        self.limit: int | None = None  # frames that were heard, once stopped
        self.end = 0.0  # when the last sample is over
        self._rate = rate
        self._realtime = realtime
        self._parts: list[Samples] = []
        self._frames = 0
        self._spans: list[tuple[float, int]] = []  # when a gapless stretch starts, and its first frame

    def append(self, samples: Samples, now: float) -> None:
        """Schedule samples after what is queued, or now where nothing is."""
        if not samples.shape[0]:
            return
        due = max(self.end, now)
        if not self._spans or due > self.end:
            self._spans.append((due, self._frames))
        if self.first_audible is None:
            loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
            if loud.size:
                self.first_audible = due + int(loud[0]) / self._rate
        self._parts.append(samples)
        self._frames += samples.shape[0]
        self.end = due + samples.shape[0] / self._rate

    def heard_frames(self, now: float) -> int:
        """Frames that have been heard at time `now`."""
        most = self._frames if self.limit is None else self.limit
        if not self._realtime:
            return most
        heard = 0
        ends = [first for _, first in self._spans[1:]] + [self._frames]
        for (start, first), end in zip(self._spans, ends, strict=True):
            if now >= start:
                heard = min(end, first + round((now - start) * self._rate))
        return min(heard, most)

    def recording(self) -> AudioChunk:
        """The samples that were or will be heard."""
        samples = np.concatenate(self._parts) if self._parts else np.zeros(0, np.float32)
        return AudioChunk(samples[: self.limit], self._rate)
