"""Sounds that begin suddenly, before anybody can tell what they are."""

from __future__ import annotations

from collections import deque

import numpy as np

from modules.audio.base import AudioChunk

MEMORY_SECONDS = 3.0
"""A sound that is no louder than another one in this time is nothing new: keys, steps and music do not count twice."""
LOUDER_DECIBELS = 6.0
"""A burst is so much louder than everything in the memory."""
AUDIBLE_DECIBELS = -55.0
"""And louder than this, relative to full scale: quieter speech is not understood either."""
GAP_SECONDS = 0.02
"""A burst goes on over so short a dip."""


class Bursts:
    """Follows the loudness of a stream. A detector of speech hears an "s" or an "h" late, if at all; this does not."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, float]] = deque()  # ends and decibels of what was heard, as far as it matters
        self._present: list[tuple[float, float]] = []
        self._now = 0.0
        self._gap = 0.0
        self.seconds = 0.0
        """Length of the burst that goes on; 0 when there is none, and in the first seconds, when nothing is known."""

    def feed(self, chunk: AudioChunk) -> None:
        """Take in the next 10 to 32 ms."""
        self._now += chunk.seconds
        power = float(np.dot(chunk.samples, chunk.samples)) / max(chunk.frames, 1)
        loudness = 10.0 * np.log10(max(power, 1e-12))
        if self._is_burst(loudness):
            self.seconds += chunk.seconds + self._gap
            self._gap = 0.0
            self._present.append((self._now, loudness))
        elif self.seconds and self._gap + chunk.seconds <= GAP_SECONDS:
            self._gap += chunk.seconds
        else:
            self._end()
            self._remember(self._now, loudness)

    def _is_burst(self, loudness: float) -> bool:
        while self._past and self._now - self._past[0][0] > MEMORY_SECONDS:
            self._past.popleft()
        known = self._now > MEMORY_SECONDS
        return known and loudness > max(AUDIBLE_DECIBELS, self._past[0][1] + LOUDER_DECIBELS if self._past else 0.0)

    def _end(self) -> None:
        for moment, loudness in self._present:
            self._remember(moment, loudness)
        self._present.clear()
        self.seconds = self._gap = 0.0

    def _remember(self, moment: float, loudness: float) -> None:
        # What is both older and softer than something else can never be the loudest again.
        while self._past and self._past[-1][1] <= loudness:
            self._past.pop()
        self._past.append((moment, loudness))
