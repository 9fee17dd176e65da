"""Removal of the silence around speech, while it streams."""

from __future__ import annotations

import numpy as np

from modules.audio.base import Samples

THRESHOLD = 0.005
"""Level, of full scale, from which a sample counts as sound; voices peak at 0.2 to 0.7, and their silence is 0."""
LEAD_SECONDS = 0.005
"""What is kept before the first sound, so that soft onsets are not clipped."""
TAIL_SECONDS = 0.02
"""What is kept after the last sound, so that it can die away."""
FADE_SECONDS = 0.003
"""Length of the fades at both ends, which keep the cuts from clicking."""


class SilenceTrimmer:
    """Takes the chunks of one clip and gives them back without the silence at its beginning and end.

    Silence within the clip is kept; to know which it is, quiet samples are held back until sound follows.
    """

    def __init__(self, sample_rate: int) -> None:
        self._lead = round(LEAD_SECONDS * sample_rate)
        self._tail = round(TAIL_SECONDS * sample_rate)
        self._fade = round(FADE_SECONDS * sample_rate)
        self._held: Samples = np.zeros(0, np.float32)
        self._started = False

    def feed(self, samples: Samples) -> Samples:
        """Add a chunk; return what is certain to be in the trimmed clip, which may be empty."""
        self._held = np.concatenate([self._held, samples])
        loud = np.flatnonzero(np.abs(self._held) > THRESHOLD)
        if not self._started:
            if not loud.size:
                self._held = self._held[max(0, self._held.size - self._lead) :]
                return self._held[:0]
            begin = max(0, int(loud[0]) - self._lead)
            if self._held.size - begin < 2 * self._fade:
                return self._held[:0]
            self._held, loud = self._held[begin:], loud - begin
            self._fade_in()
            self._started = True
        # The last samples of the clip are faded out, so they cannot be given away before its end is known.
        certain = max(0, int(loud[-1]) + 1 - self._fade) if loud.size else 0
        ready, self._held = self._held[:certain], self._held[certain:]
        return ready

    def finish(self) -> Samples:
        """End of the clip: return the rest of it, faded out."""
        loud = np.flatnonzero(np.abs(self._held) > THRESHOLD)
        if not loud.size:
            return self._held[:0]
        rest = self._held[: int(loud[-1]) + 1 + self._tail].copy()
        length = min(self._fade, rest.size)
        rest[rest.size - length :] *= np.linspace(1.0, 0.0, length, dtype=np.float32)
        return rest

    def _fade_in(self) -> None:
        self._held[: self._fade] *= np.linspace(0.0, 1.0, self._fade, dtype=np.float32)
