"""The samples of an utterance while it grows."""

from __future__ import annotations

import numpy as np

from modules.audio.base import SPEECH_RATE, Samples


class Recording:
    """Collects 16 kHz audio and gives out parts of it by time."""

    def __init__(self) -> None:
        self._chunks: list[Samples] = []
        self._first = 0
        self._end = 0

    @property
    def seconds(self) -> float:
        """Length of all that was added, forgotten or not."""
        return self._end / SPEECH_RATE

    def append(self, samples: Samples) -> None:
        """Add samples at the end."""
        self._chunks.append(samples)
        self._end += len(samples)

    def part(self, begin: float, end: float) -> Samples:
        """The samples from `begin` to `end` (seconds), as far as they are there and not forgotten."""
        whole = self._whole()
        return whole[max(0, self._frame(begin)) : max(0, self._frame(end))]

    def forget(self, before: float) -> None:
        """Free the memory of what lies before a time (seconds)."""
        drop = min(max(0, self._frame(before)), self._end - self._first)
        self._chunks = [self._whole()[drop:].copy()]
        self._first += drop

    def _frame(self, seconds: float) -> int:
        return round(seconds * SPEECH_RATE) - self._first

    def _whole(self) -> Samples:
        if len(self._chunks) != 1:
            self._chunks = [np.concatenate([np.zeros(0, np.float32), *self._chunks])]
        return self._chunks[0]
