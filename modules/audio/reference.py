"""What a speaker was given lately, by the time at which it is heard."""

from __future__ import annotations

import numpy as np

from modules.audio.base import AudioChunk, Samples

KEPT_SECONDS = 4.0
"""Sound that is remembered."""

_RING_SECONDS = KEPT_SECONDS + 0.5
"""What is written next overwrites the oldest half second, which nobody reads."""


class ReferenceBuffer:
    """A `PlaybackReference`: written by the device's thread, read by the event loop, without locks.

    Every sample has its place by the time at which it is heard, so that neither gaps nor a device that is opened again
    need any bookkeeping. The writer makes the end of what is known move on after the samples are there, and the reader
    keeps half a second away from what is overwritten next: it meets whole samples only. Where the writer goes back in
    time, because the delay of the device became shorter, a reader may find the older or the newer sound there.

    Args:
        rate: Sample rate of the device in hertz, until `restart` tells another one.
    """

    def __init__(self, rate: int) -> None:
        self._tape = _Tape(rate)

    def restart(self, rate: int) -> None:
        """A device is opened, and has not been given anything yet; at another rate than before, the past is silent."""
        if rate != self._tape.rate:
            self._tape = _Tape(rate)

    def write(self, samples: Samples, heard_at: float) -> None:
        """Remember a block whose first sample is heard at monotonic time `heard_at`; only for the writing thread."""
        self._tape.write(samples, heard_at)

    def read(self, begin: float, end: float) -> AudioChunk:
        """What is heard between two monotonic times, at the device's rate; zeros where nothing is known.

        The end of one chunk is the beginning of the next when their times are; `frame_index` counts from time 0.
        """
        return self._tape.read(begin, end)


class _Tape:
    """A ring of samples at one rate; a sample that is heard at time t is frame t * rate."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._kept = int(KEPT_SECONDS * rate)
        self._capacity = int(_RING_SECONDS * rate)
        self._data = np.zeros(self._capacity, np.float32)
        self._end = 0

    def write(self, samples: Samples, heard_at: float) -> None:
        first = round(heard_at * self.rate)
        if abs(first - self._end) <= 1:  # a time that was rounded, not a gap
            first = self._end
        elif first > self._end:
            for part in self._parts(self._end, first - self._end):
                part[:] = 0.0
        at = 0
        for part in self._parts(first, samples.shape[0]):
            part[:] = samples[at : at + part.shape[0]]
            at += part.shape[0]
        self._end = first + samples.shape[0]

    def read(self, begin: float, end: float) -> AudioChunk:
        first, last, known = round(begin * self.rate), round(end * self.rate), self._end
        out = np.zeros(max(0, last - first), np.float32)
        oldest, newest = max(first, known - self._kept), min(last, known)
        at = oldest - first
        for part in self._parts(oldest, newest - oldest):
            out[at : at + part.shape[0]] = part
            at += part.shape[0]
        return AudioChunk(out, self.rate, first, first / self.rate)

    def _parts(self, first: int, count: int) -> tuple[Samples, Samples]:
        """The memory of some frames: up to the seam of the ring, and after it."""
        start = first % self._capacity
        count = min(max(0, count), self._capacity)
        head = min(count, self._capacity - start)
        return self._data[start : start + head], self._data[: count - head]
