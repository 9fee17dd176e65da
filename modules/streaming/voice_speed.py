"""How fast a voice engine speaks, learnt from the clauses that it was given."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_WINDOW = 24
"""Clauses remembered: speed changes with what else the machine does."""


@dataclass(frozen=True, slots=True)
class Line:
    """Seconds as a function of words: a fixed cost and one for each word."""

    fixed: float
    per_word: float

    def __call__(self, words: float) -> float:
        """Seconds for so many words."""
        return self.fixed + self.per_word * words


@dataclass(frozen=True, slots=True)
class _Sample:
    words: int
    first: float
    compute: float
    audio: float


class VoiceSpeed:
    """Lines through the last clauses; unknown before the first."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=_WINDOW)
        self.first = Line(0.0, 0.0)
        """Seconds from the request for a clause to its first sound."""
        self.compute = Line(0.0, 0.0)
        """Seconds from the request for a clause to its last sound."""
        self.audio_per_word = 0.0
        """Seconds of sound that a word makes, pauses included."""

    def add(self, words: int, compute: float, audio: float, first: float) -> None:
        """A clause of so many words was synthesised; seconds to its end, of sound, and to its beginning."""
        if words <= 0 or audio <= 0:
            return
        self._samples.append(_Sample(words, first, compute, audio))
        sizes = [float(sample.words) for sample in self._samples]
        self.first = _fit(sizes, [sample.first for sample in self._samples])
        self.compute = _fit(sizes, [sample.compute for sample in self._samples])
        self.audio_per_word = sum(sample.audio for sample in self._samples) / sum(sizes)


def _fit(words: list[float], seconds: list[float]) -> Line:
    """The line of least squares with no negative cost; through the origin when all clauses had the same length."""
    count = len(words)
    mean_words, mean_seconds = sum(words) / count, sum(seconds) / count
    spread = sum((word - mean_words) ** 2 for word in words)
    if not spread:
        return Line(0.0, mean_seconds / mean_words)
    slope = sum((w - mean_words) * (s - mean_seconds) for w, s in zip(words, seconds, strict=True)) / spread
    slope = min(max(slope, 0.0), mean_seconds / mean_words)
    return Line(mean_seconds - slope * mean_words, slope)
