"""How long somebody has been speaking, or silent, by now."""

from __future__ import annotations

from modules.vad.spans import HYSTERESIS, WINDOW_SECONDS

GAP_SECONDS = 0.1
"""A shorter silence does not end a run of speech: it is a stop consonant."""


class SpeechRuns:
    """Follows the probabilities of speech, one for each window of 32 ms.

    Args:
        threshold: Probability at which speech begins.
        hysteresis: Speech goes on until the probability is so much below.
    """

    def __init__(self, threshold: float, hysteresis: float = HYSTERESIS) -> None:
        self._threshold = threshold
        self._floor = max(threshold - hysteresis, 0.01)
        self._windows = 0
        self._voiced_windows = 0
        self._last_voiced = 0
        self.evidence = 0.0
        """Sum of the probabilities of the windows of speech in the present run."""
        self.voiced = False
        """Whether the last window was speech."""

    @property
    def voiced_seconds(self) -> float:
        """Speech in the present run, its gaps not counted; 0 between runs."""
        return self._voiced_windows * WINDOW_SECONDS

    @property
    def silence(self) -> float:
        """Seconds since the last speech; since the beginning when there was none."""
        return (self._windows - self._last_voiced) * WINDOW_SECONDS

    def window(self, probability: float) -> None:
        """Take in the next window."""
        self._windows += 1
        self.voiced = probability >= (self._floor if self.voiced else self._threshold)
        if self.voiced:
            self._voiced_windows += 1
            self.evidence += probability
            self._last_voiced = self._windows
        elif self.silence >= GAP_SECONDS:
            self.forget()

    def forget(self) -> None:
        """Begin a new run: what was said so far is dealt with."""
        self._voiced_windows = 0
        self.evidence = 0.0
