"""How a `RecorderOutput` plays: in the time of a clock, or all at once."""

from __future__ import annotations

import asyncio
import math
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

import numpy as np

from modules.audio.base import Samples
from modules.audio.gain import GainRamp
from modules.audio.playback import AUDIBLE, QUEUE_SECONDS, PlaybackBuffer
from modules.audio.reference import ReferenceBuffer
from modules.audio.resample import StreamResampler

BLOCK_SECONDS = 0.01
"""Length of the blocks that a real speaker asks for, and so of those of a virtual one."""

_POLL_SECONDS = 0.001

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Take(ABC):
    """The record of one playback.

    Args:
        rate: Sample rate in hertz.
        clock: Monotonic time in seconds.
    """

    def __init__(self, rate: int, clock: Clock) -> None:
        self.resampler = StreamResampler(rate)
        self.stopped = asyncio.Event()
        self._rate = rate
        self._clock = clock
        self._parts: list[Samples] = []

    @property
    @abstractmethod
    def first_audible(self) -> float | None:
        """Monotonic time of the first sample over `AUDIBLE`."""

    @property
    def recording(self) -> Samples:
        """What was heard."""
        return np.concatenate(self._parts) if self._parts else np.zeros(0, np.float32)

    @abstractmethod
    def heard(self, now: float) -> float:
        """Seconds that were heard by monotonic time `now`."""

    @abstractmethod
    async def add(self, samples: Samples) -> None:
        """Queue samples; waits as long as they do not fit and the take is not stopped."""

    @abstractmethod
    async def drain(self) -> None:
        """Wait until all is heard, or the take is stopped."""

    @abstractmethod
    def set_gain(self, decibels: float) -> None:
        """Play softer, or as it is."""

    @abstractmethod
    def pause(self) -> None:
        """Hold what is not heard yet."""

    @abstractmethod
    def resume(self) -> None:
        """Go on."""

    def stop(self) -> None:
        """Drop what is not heard yet."""
        self.stopped.set()


class InstantTake(Take):
    """All that is added counts as heard at once; only `first_audible` says when a speaker would have played it."""

    def __init__(self, rate: int, clock: Clock) -> None:
        super().__init__(rate, clock)
        self._first_audible: float | None = None
        self._gain = GainRamp(rate)
        self._going = asyncio.Event()  # cleared by a pause
        self._going.set()
        self._frames = 0
        self._end = 0.0  # when a speaker would be through with it

    @property
    def first_audible(self) -> float | None:
        """Monotonic time of the first sample over `AUDIBLE`, were this a speaker."""
        return self._first_audible

    def heard(self, now: float) -> float:
        """Seconds that were added."""
        return self._frames / self._rate

    async def add(self, samples: Samples) -> None:
        """Record samples; waits during a pause."""
        if not samples.shape[0]:
            return
        await self._going.wait()
        if self.stopped.is_set():
            return
        due = max(self._end, self._clock())
        if self._first_audible is None:
            loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
            if loud.size:
                self._first_audible = due + int(loud[0]) / self._rate
        samples = samples.copy()
        self._gain.apply(samples)
        self._parts.append(samples)
        self._frames += samples.shape[0]
        self._end = due + samples.shape[0] / self._rate

    async def drain(self) -> None:
        """Wait for the end of a pause."""
        await self._going.wait()

    def set_gain(self, decibels: float) -> None:
        """Change the volume of what is added from now on."""
        self._gain.set(decibels)

    def pause(self) -> None:
        """Let what is added from now on wait."""
        self._going.clear()

    def resume(self) -> None:
        """Take what waits."""
        self._going.set()

    def stop(self) -> None:
        """Drop what waits."""
        super().stop()
        self._going.set()


class VirtualTake(Take):
    """A speaker without a device, in the time of a clock: blocks of 10 ms from the beginning on, heard at once.

    Nothing runs meanwhile: whatever is asked of it first plays the blocks that have begun by now.

    Args:
        rate: Sample rate in hertz.
        clock: Monotonic time in seconds.
        sleep: Waits for some seconds.
        reference: Remembers what is played.
    """

    def __init__(self, rate: int, clock: Clock, sleep: Sleep, reference: ReferenceBuffer) -> None:
        super().__init__(rate, clock)
        self._sleep = sleep
        self._buffer = PlaybackBuffer(rate, reference)
        self._buffer.begin()
        self._began = clock()
        self._block_frames = int(BLOCK_SECONDS * rate)
        self._blocks = 0  # that were played

    def advance(self) -> None:
        """Play the blocks that have begun by now."""
        elapsed = (self._clock() - self._began) * self._rate / self._block_frames
        for number in range(self._blocks, math.ceil(elapsed - 1e-6)):
            block = np.empty(self._block_frames, np.float32)
            count = self._buffer.fill(block, self._began + number * self._block_frames / self._rate)
            self._parts.append(block[:count])
            self._blocks = number + 1

    @property
    def first_audible(self) -> float | None:
        """Monotonic time of the first sample over `AUDIBLE`; None until it is played."""
        self.advance()
        return self._buffer.first_audible

    @property
    def recording(self) -> Samples:
        """What was played, without the silence in which nothing was queued."""
        self.advance()
        return super().recording

    def heard(self, now: float) -> float:
        """Seconds that were heard by monotonic time `now`."""
        self.advance()
        return self._buffer.heard(now)

    async def add(self, samples: Samples) -> None:
        """Queue samples; waits until they are all queued."""
        while not self.stopped.is_set():
            self.advance()
            samples = samples[self._buffer.write(samples) :]
            if not samples.shape[0]:
                return
            await self._wait(min(samples.shape[0] / self._rate, QUEUE_SECONDS / 2))

    async def drain(self) -> None:
        """Wait until all is heard, or the take is stopped."""
        self._buffer.finish()
        while not self.stopped.is_set():
            self.advance()
            seconds = self._buffer.unheard(self._clock())
            if seconds < 0.5 / self._rate:
                return
            await self._wait(max(seconds, _POLL_SECONDS))

    def set_gain(self, decibels: float) -> None:
        """Change the volume from the next block on."""
        self.advance()
        self._buffer.set_gain(decibels)

    def pause(self) -> None:
        """Fade out in the next block."""
        self.advance()
        self._buffer.pause()

    def resume(self) -> None:
        """Fade in in the next block."""
        self.advance()
        self._buffer.resume()

    def stop(self) -> None:
        """Fade out in the next block and drop the rest."""
        self.advance()
        self._buffer.stop()
        super().stop()

    async def _wait(self, seconds: float) -> None:
        sleeping = asyncio.ensure_future(self._sleep(seconds))
        stopping = asyncio.ensure_future(self.stopped.wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()
