"""An audio output without a device: it keeps what it is given."""

from __future__ import annotations

import asyncio
import time

from modules.audio.base import AudioChunk, PlaybackClock, PlaybackReference
from modules.audio.reference import ReferenceBuffer
from modules.audio.takes import Clock, InstantTake, Sleep, Take, VirtualTake


class RecorderOutput:
    """An `AudioOutput` that records the current playback; it is its own `PlaybackClock` and `PlaybackReference`.

    Args:
        rate: Sample rate of the recording in hertz.
        realtime: Play as a speaker without delay would, in the time of `clock`, with the same queue of 2 s; otherwise
            everything counts as heard at once, only `first_audible` says when a speaker would have played it, and
            nothing sounds in the reference.
        clock: Monotonic time in seconds.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        rate: int = 48_000,
        realtime: bool = False,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._rate = rate
        self._realtime = realtime
        self._clock = clock
        self._sleep = sleep
        self._reference = ReferenceBuffer(rate)
        self._take = self._new_take()
        self._take.stop()

    @property
    def clock(self) -> PlaybackClock:
        """The clock of the current playback."""
        return self

    @property
    def reference(self) -> PlaybackReference:
        """What was played, from one playback to the next."""
        return self

    @property
    def recording(self) -> AudioChunk:
        """What was heard of the current playback, as loud as it was; without the gaps and pauses in it."""
        return AudioChunk(self._take.recording, self._rate)

    @property
    def first_audible(self) -> float | None:
        """Monotonic time at which the first non-silent sample of the current playback leaves the speaker."""
        return self._take.first_audible

    def heard(self, now: float) -> float:
        """Seconds of the current playback that have left the speaker at monotonic time `now`."""
        return self._take.heard(now)

    def read(self, begin: float, end: float) -> AudioChunk:
        """What leaves the speaker between two monotonic times; known up to 10 ms ahead of the clock."""
        self._take.heard(end)
        return self._reference.read(begin, end)

    async def begin(self) -> None:
        """Start a new playback at position 0; the recording of the last one is dropped."""
        self._take.stop()
        self._take = self._new_take()

    async def play(self, chunk: AudioChunk) -> None:
        """Record a chunk, gapless after the one before; waits while 2 s are queued; does nothing once stopped."""
        take = self._take
        if not take.stopped.is_set():
            await take.add(take.resampler.push(chunk).samples)

    async def drain(self) -> None:
        """Wait until everything queued has been heard, or `stop` was called."""
        take = self._take
        if not take.stopped.is_set():
            await take.add(take.resampler.flush().samples)
            await take.drain()

    def set_gain(self, decibels: float) -> None:
        """Play the current playback at `decibels`, 0 or less; `begin` sets it back to 0.

        Raises:
            ValueError: It is more than 0, or no number.
        """
        self._take.set_gain(decibels)

    def pause(self) -> None:
        """Fade out and hold the playback, until `resume`, `stop` or `begin`."""
        self._take.pause()

    def resume(self) -> None:
        """Go on, fading in, with the sample at which `pause` began to fade out."""
        self._take.resume()

    def stop(self) -> float:
        """Fade out and drop what has not been heard; return the seconds that were."""
        heard = self._take.heard(self._clock())
        self._take.stop()
        return heard

    async def close(self) -> None:
        """End the playback; what was heard of it stays in `recording`."""
        self.stop()

    def _new_take(self) -> Take:
        if self._realtime:
            return VirtualTake(self._rate, self._clock, self._sleep, self._reference)
        return InstantTake(self._rate, self._clock)
