"""What a loudspeaker has given off, sample by sample, with the times."""

from __future__ import annotations

import numpy as np

from modules.audio.base import AudioChunk, Samples

SOUND = 0.001
"""Magnitude, of 1, from which a sample counts as sound: 60 dB below full scale."""


class Tape:
    """A gapless record of a loudspeaker.

    Args:
        rate: Hertz.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._begin = 0.0
        self._blocks: list[Samples] = []
        self._frames = 0

    @property
    def end(self) -> float:
        """Time at which the last recorded sample is over."""
        return self._begin + self._frames / self._rate

    def append(self, block: Samples, time: float) -> None:
        """Record a block that leaves the loudspeaker at `time`, which is where the block before ended."""
        if not self._blocks:
            self._begin = time
        self._blocks.append(block)
        self._frames += block.shape[0]

    def part(self, begin: float, end: float) -> AudioChunk:
        """What was given off between two times, as far as it is recorded; its `time` is that of its first sample."""
        first, last = self._frame(begin), self._frame(end)
        samples = self._slice(first, last)
        return AudioChunk(samples, self._rate, first, self._begin + first / self._rate)

    def last_sound(self, begin: float, end: float) -> float | None:
        """Time of the last sample over `SOUND` between two times; None when there is none."""
        part = self.part(begin, end)
        loud = np.flatnonzero(np.abs(part.samples) > SOUND)
        return part.time + int(loud[-1]) / self._rate if loud.size else None

    def first_sound(self, begin: float, end: float) -> float | None:
        """Time of the first sample over `SOUND` between two times; None when there is none."""
        part = self.part(begin, end)
        loud = np.flatnonzero(np.abs(part.samples) > SOUND)
        return part.time + int(loud[0]) / self._rate if loud.size else None

    def forget(self) -> None:
        """Drop all that is recorded."""
        self._begin, self._frames = self.end, 0
        self._blocks.clear()

    def _frame(self, time: float) -> int:
        return min(self._frames, max(0, round((time - self._begin) * self._rate)))

    def _slice(self, first: int, last: int) -> Samples:
        parts: list[Samples] = []
        at = 0
        for block in self._blocks:
            if at < last and at + block.shape[0] > first:
                parts.append(block[max(0, first - at) : last - at])
            at += block.shape[0]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)
