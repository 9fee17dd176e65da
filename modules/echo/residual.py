"""What the adaptive filter leaves of the echo, made inaudible where nobody speaks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import Samples
from modules.echo.reference import FRAME

_BINS = FRAME + 1
_WINDOW: Samples = np.sqrt(np.hanning(2 * FRAME + 1)[: 2 * FRAME]).astype(np.float32)
_SPREAD = np.full(5, 0.2)
"""Bins over which powers are averaged: 250 Hz."""

_SOUND_DECAY = 0.8
"""What is left of the power of a sound in the room after a frame: 1 dB less."""
_TAIL_DECAY = 0.93
"""The same for its reverberation that lasts longer than the adaptive filter: 0.3 dB less."""
_PRESENT = 0.3
"""With less than so much of the sound, it has ended and fades: 5 dB less."""
_TAIL = 0.03
"""With so little of the sound left, what is heard is reverberation: 15 dB less."""
_TAIL_MOST = 2.3
"""Natural logarithm of how much more of the tail may remain than of the sound: 10 dB."""
_LEARN_LESS = 0.05
_LEARN_MORE = 0.002
"""How quickly the part that remains is believed to be smaller, and larger: voices of the room make it seem larger."""
_LARGEST = 2.3
_LARGEST_STEP = 5.0
"""Natural logarithms of powers."""

_SAFETY = 3.0
"""By how much more than is expected to remain is suppressed: 5 dB."""
_FLOOR = 0.03
"""Smallest gain: 30 dB less."""
_RELEASE = 0.5
"""Part of the gain that is kept from one frame to the next when it falls."""
_LOWEST_BIN = 2
"""What is below 100 Hz is left out, as WebRTC's canceller does: there is no speech, and echo is not recognised."""
_SPEECH_BINS = slice(4, 80)
"""200 to 4000 Hz."""
_NOBODY = 0.2
_SOMEBODY = 0.4
"""Mean gain over these bins up to which all is suppressed as echo, and from which nothing more is."""

_NOISE_FALL = 0.3
_NOISE_RISE = 1.006
"""The noise of the room is followed quickly downwards, and 2.6 dB in a second upwards."""
_ABOVE_NOISE = 10.0
_TINY = 1e-12


class ResidualSuppressor:
    """A gain for each frequency, by how much more is heard than should remain of the echo; one frame late.

    The noise of the room stays, so that pauses do not sound dead and whoever listens hears no gaps.
    """

    def __init__(self) -> None:
        self._rest: Samples = np.zeros(2 * FRAME, np.float32)
        self._echo: Samples = np.zeros(2 * FRAME, np.float32)
        self._overlap = np.zeros(FRAME)
        self._noise = np.full(_BINS, 1e-6)
        self._sound = np.zeros(_BINS)  # power of the echo that was taken away, fading
        self._tail = np.zeros(_BINS)  # the same, fading slowly
        self._sound_part = np.zeros(_BINS)  # logarithm of what remains of it
        self._tail_part = np.zeros(_BINS)
        self._gain = np.ones(_BINS)

    def process(self, rest: Samples, echo: Samples) -> Samples:
        """Take the next frame of what remains and of the echo that was taken away; return the frame before, clean."""
        self._rest = np.concatenate((self._rest[FRAME:], rest))
        self._echo = np.concatenate((self._echo[FRAME:], echo))
        spectrum = np.fft.rfft(self._rest * _WINDOW)
        power = np.convolve(np.abs(spectrum) ** 2, _SPREAD, "same") + _TINY
        echo_power = np.convolve(np.abs(np.fft.rfft(self._echo * _WINDOW)) ** 2, _SPREAD, "same")
        self._noise = np.where(
            power < self._noise, self._noise + _NOISE_FALL * (power - self._noise), _NOISE_RISE * self._noise
        )
        gain = self._suppress(power, self._expected(power, echo_power))
        spectrum[:_LOWEST_BIN] = 0.0
        sound = np.fft.irfft(spectrum * np.minimum(1.0, np.maximum(gain, np.sqrt(self._noise / power)))) * _WINDOW
        clean: Samples = (self._overlap + sound[:FRAME]).astype(np.float32)
        self._overlap = sound[FRAME:]
        return clean

    def _expected(self, power: NDArray[np.float64], echo_power: NDArray[np.float64]) -> NDArray[np.float64]:
        """Power that is expected to remain of the echo."""
        self._sound = np.maximum(echo_power, _SOUND_DECAY * self._sound)
        self._tail = np.maximum(echo_power, _TAIL_DECAY * self._tail)
        audible = self._tail > _ABOVE_NOISE * self._noise
        is_sound = echo_power > _PRESENT * self._sound
        is_tail = echo_power < _TAIL * self._tail
        self._sound_part = _learn(self._sound_part, power / (self._sound + _TINY), audible & is_sound)
        tail_part = _learn(self._tail_part, power / (self._tail + _TINY), audible & is_tail)
        self._tail_part = np.minimum(tail_part, self._sound_part + _TAIL_MOST)
        expected = np.exp(self._sound_part) * self._sound + np.exp(self._tail_part) * self._tail
        return np.where(audible, expected, 0.0)

    def _suppress(self, power: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
        gain = np.clip(1.0 - _SAFETY * expected / power, _FLOOR, 1.0)
        somebody = (float(gain[_SPEECH_BINS].mean()) - _NOBODY) / (_SOMEBODY - _NOBODY)
        gain = np.maximum(gain * min(1.0, max(0.0, somebody)), _FLOOR)
        self._gain = np.where(gain > self._gain, gain, self._gain + _RELEASE * (gain - self._gain))
        return self._gain


def _learn(part: NDArray[np.float64], seen: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    difference = np.minimum(np.log(seen + _TINY), _LARGEST) - part
    step = np.where(difference < 0.0, _LEARN_LESS * difference, _LEARN_MORE * np.minimum(difference, _LARGEST_STEP))
    return part + np.where(where, step, 0.0)
