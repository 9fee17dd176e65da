"""Where there is speech in an utterance, while it grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from modules.vad.spans import HYSTERESIS, MIN_SPEECH_SECONDS, WINDOW_SECONDS

_FEWEST = math.ceil(MIN_SPEECH_SECONDS / WINDOW_SECONDS)
"""Windows in a row that make the first speech of an utterance; less is a click."""

_LEAD = 0.3
_TAIL = 0.3
"""Seconds kept before and after speech: soft sounds at its edges are not detected."""


class SpeechTracker:
    """Collects probabilities of speech, one for each window of 32 ms.

    Args:
        threshold: Probability at which speech begins.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._floor = max(threshold - HYSTERESIS, 0.01)
        self._probabilities: list[float] = []
        self._run = 0
        self._begin: float | None = None
        self._end = 0.0

    @property
    def begin(self) -> float | None:
        """Second at which the first speech began; None when nobody has spoken."""
        return self._begin

    @property
    def end(self) -> float:
        """Second at which the last speech so far ended; 0 when nobody has spoken."""
        return self._end

    @property
    def silence(self) -> float:
        """Seconds since the end of the last speech."""
        return len(self._probabilities) * WINDOW_SECONDS - self._end

    def spoken_after(self, second: float) -> float:
        """Seconds of speech after a time, its pauses not counted."""
        first = math.ceil(second / WINDOW_SECONDS)
        return sum(value >= self._floor for value in self._probabilities[first:]) * WINDOW_SECONDS

    def add(self, probabilities: Sequence[float]) -> None:
        """Take in the probabilities of the next windows."""
        for probability in probabilities:
            self._probabilities.append(probability)
            self._run = self._run + 1 if probability >= (self._floor if self._run else self._threshold) else 0
            count = len(self._probabilities)
            if self._begin is None and self._run >= _FEWEST:
                self._begin = (count - self._run) * WINDOW_SECONDS
            if self._begin is not None and probability >= self._floor:
                self._end = count * WINDOW_SECONDS

    def bounds(self, begin: float, end: float) -> tuple[float, float] | None:
        """The part of a stretch of time (seconds) that has all its speech and a little around it.

        Returns:
            Begin and end within the stretch; None when there is no speech in it.
        """
        first = int(begin / WINDOW_SECONDS)
        spoken = [index for index, value in enumerate(self._between(begin, end), first) if value >= self._floor]
        if not spoken:
            return None
        return (
            max(begin, spoken[0] * WINDOW_SECONDS - _LEAD),
            min(end, (spoken[-1] + 1) * WINDOW_SECONDS + _TAIL),
        )

    def pause(self, begin: float, end: float) -> float:
        """The middle of the longest pause between two times (seconds); without one, where speech is least likely."""
        values = self._between(begin, end)
        index, longest, middle = int(begin / WINDOW_SECONDS), 0, 0.0
        for quiet, run in groupby(value < self._floor for value in values):
            length = len(list(run))
            if quiet and length > longest:
                longest, middle = length, (index + length / 2) * WINDOW_SECONDS
            index += length
        if longest == 0:
            middle = begin + (values.index(min(values)) + 0.5) * WINDOW_SECONDS
        return min(max(middle, begin), end)

    def _between(self, begin: float, end: float) -> list[float]:
        return self._probabilities[int(begin / WINDOW_SECONDS) : math.ceil(end / WINDOW_SECONDS)]
