"""A volume that changes without a click."""

from __future__ import annotations

import numpy as np

from modules.audio.base import Samples

RAMP_SECONDS = 0.02
"""Time of a change from silence to full volume or back; smaller changes take less. 12 dB down take 15 ms."""


class GainRamp:
    """A gain that walks to where it was set, sample by sample, across blocks.

    `set` belongs to one thread, everything else to the one that plays.

    Args:
        rate: Sample rate in hertz.
    """

    def __init__(self, rate: int) -> None:
        self._step = 1.0 / (RAMP_SECONDS * rate)
        self._target = 1.0
        self._value = 1.0

    @property
    def value(self) -> float:
        """The factor that the last sample was multiplied by."""
        return self._value

    def set(self, decibels: float) -> None:
        """Walk to a gain of `decibels`, 0 or less, from the next sample on.

        Raises:
            ValueError: It is more than 0, or no number.
        """
        if not decibels <= 0.0:
            raise ValueError(f"a gain is 0 dB or less, not {decibels}")
        self._target = float(np.float32(10.0 ** (decibels / 20.0)))

    def jump(self) -> None:
        """Be there at once: nothing is heard at present."""
        self._value = self._target

    def apply(self, samples: Samples) -> None:
        """Multiply the next samples, in place."""
        value, target = self._value, self._target
        if not samples.shape[0]:
            return
        if value == target:
            if value != 1.0:
                samples *= value
            return
        steps = np.arange(1, samples.shape[0] + 1, dtype=np.float32) * self._step
        ramp = np.minimum(value + steps, target) if value < target else np.maximum(value - steps, target)
        samples *= ramp
        self._value = float(ramp[-1])
