"""An adaptive filter: learns how what is played sounds at the microphone, and takes it away. It leaves voices alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import Samples
from modules.echo.reference import FRAME

_PARTS = 25
"""Frames that an echo may last, the lead of the reference included: 250 ms."""
_BINS = FRAME + 1

_PRIOR = 0.03
"""Power of the gain that is expected of the first part before anything was heard: an echo some 15 dB softer."""
_PRIOR_DECAY = 0.1
"""By which part of itself this falls from one part to the next: 0.43 dB in 10 ms."""
_CHANGE = 1.0 - 0.9997**2
"""Part of the gain's power that may change from one frame to the next: people move, clocks drift."""
_SMOOTHING = 0.8
"""Weight of the past in the power of what is not echo."""
_OVERLAP = 0.5
"""New samples in a transform as a part of it."""
_TINY = 1e-8

_ENERGY_SMOOTHING = 0.9
_AUDIBLE = 1e-4
"""Smoothed energy of a frame from which a comparison tells anything: 72 dB below full scale."""
_WORSE = 1.2
"""With so much more energy after the subtraction than before it, what was learnt does not fit."""
_FAILURES = 15
"""Frames in a row after which it is forgotten: 150 ms."""
_BETTER = 0.1
"""With so little energy left, what was learnt is right: 10 dB."""
_PROOFS = 20
"""Frames in which it must have been right: 200 ms."""
_PATIENCE = 30
"""Frames after a new beginning in which nothing is judged."""


class LinearCanceller:
    """Subtracts the echo, frame by frame, without delay.

    A Kalman filter in the frequency domain, its response cut into parts of one frame (Enzner and Vary 2006, Kuech and
    others 2014): it knows how sure it is of each part of the response, and learns little while somebody speaks. When
    the way of the sound has changed suddenly, it begins anew.
    """

    def __init__(self) -> None:
        self._played: Samples = np.zeros(2 * FRAME, np.float32)
        self._spectra: NDArray[np.complex64] = np.zeros((_PARTS, _BINS), np.complex64)  # of what was played, new first
        self._other: NDArray[np.float32] = np.full(_BINS, _TINY, np.float32)  # power of what is not echo
        self._begin()

    @property
    def converged(self) -> bool:
        """Whether it has proved to take away at least 10 dB of the echo, and did not fail since."""
        return self._proofs >= _PROOFS

    def process(self, captured: Samples, played: Samples) -> tuple[Samples, Samples]:
        """One frame of the microphone and of what is played: what remains, and the echo that was taken away."""
        self._played = np.concatenate((self._played[FRAME:], played))
        self._spectra = np.roll(self._spectra, 1, axis=0)
        self._spectra[0] = np.fft.rfft(self._played)
        echo: Samples = np.fft.irfft((self._response * self._spectra).sum(axis=0))[FRAME:].astype(np.float32)
        rest = captured - echo
        power = self._spectra.real**2 + self._spectra.imag**2
        if power.any():
            self._learn(rest, power)
            self._judge(captured, rest)
        return rest, echo

    def _begin(self) -> None:
        prior = _PRIOR * np.exp(-_PRIOR_DECAY * np.arange(_PARTS, dtype=np.float32))
        self._response: NDArray[np.complex64] = np.zeros((_PARTS, _BINS), np.complex64)
        self._doubt: NDArray[np.float32] = np.repeat(prior[:, np.newaxis], _BINS, axis=1)
        self._energy_before = 0.0
        self._energy_after = 0.0
        self._frames = 0
        self._failures = 0
        self._proofs = 0

    def _learn(self, rest: Samples, power: NDArray[np.float32]) -> None:
        spectrum = np.fft.rfft(rest, 2 * FRAME) * _SHIFT
        other = _SMOOTHING * self._other + (1.0 - _SMOOTHING) * np.abs(spectrum) ** 2
        self._other = other.astype(np.float32)
        step = self._doubt / ((power * self._doubt).sum(axis=0) + self._other + _TINY)
        change = np.fft.irfft(step * np.conj(self._spectra) * spectrum, axis=1)
        change[:, FRAME:] = 0.0  # the response of a part is one frame long
        self._response = (self._response + np.fft.rfft(change, axis=1)).astype(np.complex64)
        sure = (1.0 - _CHANGE) * (1.0 - _OVERLAP * step * power) * self._doubt
        self._doubt = (sure + _CHANGE * np.abs(self._response) ** 2 + _TINY).astype(np.float32)

    def _judge(self, captured: Samples, rest: Samples) -> None:
        self._energy_before = _ENERGY_SMOOTHING * self._energy_before + float(captured @ captured)
        self._energy_after = _ENERGY_SMOOTHING * self._energy_after + float(rest @ rest)
        self._frames += 1
        if self._frames <= _PATIENCE or self._energy_before < _AUDIBLE:
            return
        if self._energy_after > _WORSE * self._energy_before:
            self._proofs = 0
            self._failures += 1
            if self._failures >= _FAILURES:
                self._begin()
            return
        self._failures = 0
        self._proofs += self._energy_after < _BETTER * self._energy_before


_SHIFT: NDArray[np.complex64] = np.where(np.arange(_BINS) % 2, -1.0, 1.0).astype(np.complex64)
"""Moves a frame at the beginning of a transform to its second half."""
