"""The data and the interfaces of sound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArvisError

Samples = NDArray[np.float32]
"""Mono samples, float32, nominally -1 to 1."""

SPEECH_RATE = 16_000
"""Sample rate in hertz at which speech is detected and recognised."""


class AudioError(ArvisError):
    """A sound file or a sound device cannot be used."""

    stage = "audio"


@dataclass(frozen=True, slots=True, eq=False)
class AudioChunk:
    """A piece of mono sound with its place in a stream."""

    samples: Samples
    """Mono float32, shape (frames,), nominally -1 to 1. Treated as read-only by whoever receives it."""
    sample_rate: int
    """Hertz."""
    frame_index: int = 0
    """Position of the first sample in its stream, in frames at `sample_rate`."""
    time: float = 0.0
    """Monotonic time in seconds at which the first sample was captured, or is due; 0 where it has no meaning."""

    @property
    def frames(self) -> int:
        """Number of samples."""
        return int(self.samples.shape[0])

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return self.frames / self.sample_rate


class AudioSource(Protocol):
    """Where speech comes from: a microphone, or a file that stands in for one."""

    async def open(self) -> None:
        """Start capturing.

        Raises:
            AudioError: There is no such device, or it cannot be opened.
        """
        ...

    def chunks(self) -> AsyncIterator[AudioChunk]:
        """Mono chunks at `SPEECH_RATE`, 10 to 32 ms each, from `open` until `close`; ends by itself at end of file.

        After `close` the chunks captured before it are still delivered, then the iteration ends.

        Raises:
            AudioError: The device vanished or failed while it was open.
        """
        ...

    async def close(self) -> None:
        """Stop capturing: nothing is read from the device after this returns."""
        ...


class PlaybackClock(Protocol):
    """Knows which sample of the current playback is being heard."""

    def heard(self, now: float) -> float:
        """Seconds of the current playback that have left the speaker at monotonic time `now`."""
        ...

    @property
    def first_audible(self) -> float | None:
        """Monotonic time at which the first non-silent sample of the current playback leaves the speaker."""
        ...


class PlaybackReference(Protocol):
    """Remembers what the speaker was given, so that it can be taken out of what the microphone hears."""

    def read(self, begin: float, end: float) -> AudioChunk:
        """What leaves the speaker between two monotonic times, as it was handed over: faded, ducked, paused.

        At the sample rate of the device; zeros where nothing is played or nothing is known yet. At least the last two
        seconds are remembered. May be called from the loop while the device's thread goes on writing.
        """
        ...


class AudioOutput(Protocol):
    """Where speech goes: a speaker, or a recorder that stands in for one."""

    @property
    def clock(self) -> PlaybackClock:
        """The clock of the current playback."""
        ...

    @property
    def reference(self) -> PlaybackReference:
        """What was handed to the device; stays the same object, and true, from one playback to the next."""
        ...

    async def begin(self) -> None:
        """Open the device if need be and start a new playback at position 0.

        Raises:
            AudioError: There is no such device, or it cannot be opened.
        """
        ...

    async def play(self, chunk: AudioChunk) -> None:
        """Queue a chunk of any sample rate, gapless after the one before; waits while more than 2 s are queued.

        Raises:
            AudioError: The device vanished or failed.
        """
        ...

    async def drain(self) -> None:
        """Wait until everything queued has been heard, or `stop` was called.

        Raises:
            AudioError: The device vanished or failed.
        """
        ...

    def set_gain(self, decibels: float) -> None:
        """Play the current playback softer (below 0) or as it is (0), from the next block on, without a click.

        `begin` sets it back to 0. Does nothing when nothing is playing.
        """
        ...

    def pause(self) -> None:
        """Fade out within one block and hold the playback; what is queued waits, and `drain` does too.

        `begin` and `stop` end the pause. Does nothing when nothing is playing.
        """
        ...

    def resume(self) -> None:
        """Go on, fading in, with the sample at which `pause` began to fade out."""
        ...

    def stop(self) -> float:
        """Fade out within one block and drop what is queued; return the seconds that were heard."""
        ...

    async def close(self) -> None:
        """Release the device; `begin` opens it again."""
        ...
