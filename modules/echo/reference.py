"""The reference as the canceller needs it: frames of 10 ms at 16 kHz without gaps, a little ahead of the microphone."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import SPEECH_RATE, PlaybackReference, Samples

FRAME = SPEECH_RATE // 100
"""Samples in a frame of 10 ms."""

LEAD_SECONDS = 0.02
"""How far ahead of the microphone the reference is read: an echo may seem to come that much before its sound.

The times that drivers report are off by up to about as much. The speaker must have been handed the sound by then. That
is the case with most devices: a frame is at least its own 10 ms old, and with the filter of the microphone 20 to 40 ms,
when it is read, and a speaker is filled at least a block ahead.
"""
_STEP_SECONDS = 0.005
"""By so much less ahead it is read when the speaker turns out not to have been handed the sound by then."""

_SMOOTHING = 0.05
"""Part of a new difference between the clocks that is believed: the times of single chunks jitter."""
_DRIFT_SECONDS = 0.004
"""Difference between the clocks that is corrected while nothing is played."""
_JUMP_SECONDS = 0.02
"""Difference that is corrected at once: samples were lost, or the delay of a device has changed."""
_PAUSE_FRAMES = 30
"""Frames of silence after which a correction disturbs nothing that was learnt from them."""

_SILENCE = 1e-5
"""Magnitude up to which a sample counts as silence: 100 dB below full scale."""

_HALF_WIDTH = 16
"""Periods of the slower rate on each side of a sample that the low-pass filter weighs: 1 ms from 48 to 16 kHz."""
_PASS = 0.9
"""Cut-off of the low-pass filter as a part of half the slower rate."""


class ReferenceReader:
    """Reads what is played frame by frame.

    The frames follow each other without a gap, whatever the times of the chunks of the microphone say, so that nothing
    jumps while the clocks drift slowly; only when they have come apart by some milliseconds they are set again.

    Args:
        reference: What is played, by time.
    """

    def __init__(self, reference: PlaybackReference) -> None:
        self._reference = reference
        self._rate = 0
        self._lead = LEAD_SECONDS
        self._last = (0, np.zeros(0, np.float32))  # first sample of what was read last, and what it was
        self._position = 0.0  # in samples at that rate, of the next frame
        self._difference = 0.0  # seconds by which the next frame should come later, smoothed
        self._quiet = 0  # frames of silence until now

    def read(self, time: float) -> Samples | None:
        """What reaches the microphone from `time` on at the earliest: `FRAME` samples; None for silence."""
        rate = self._reference.read(time, time).sample_rate
        if rate == self._rate and self._was_early():
            self._lead = max(0.0, self._lead - _STEP_SECONDS)
            self._rate = 0
        self._keep_up(time + self._lead, rate)
        first = math.floor(self._position)
        phase = round(self._position - first, 2)
        self._position += rate / 100.0
        margin, weights = _low_pass(rate, phase)
        count = weights.shape[1]
        heard = self._samples(first - margin, count)
        self._last = first - margin, heard
        if float(np.abs(heard).max(initial=0.0)) <= _SILENCE:
            self._quiet += 1
            return None
        self._quiet = 0
        frame: Samples = weights @ heard
        return frame

    def _samples(self, first: int, count: int) -> Samples:
        return self._reference.read(first / self._rate, (first + count) / self._rate).samples

    def _was_early(self) -> bool:
        """Whether there is sound by now where none was known when it was read."""
        first, known = self._last
        return bool(((known == 0.0) & (self._samples(first, known.shape[0]) != 0.0)).any())

    def _keep_up(self, wanted: float, rate: int) -> None:
        self._difference += _SMOOTHING * (wanted - self._position / rate - self._difference)
        allowed = _DRIFT_SECONDS if self._quiet >= _PAUSE_FRAMES else _JUMP_SECONDS
        if rate != self._rate or abs(self._difference) > allowed:
            self._rate = rate
            self._position = float(round(wanted * rate))
            self._difference = 0.0


@functools.lru_cache(maxsize=128)
def _low_pass(rate: int, phase: float) -> tuple[int, NDArray[np.float32]]:
    """Weights that make a frame out of samples at `rate`: a windowed sinc.

    Args:
        rate: Hertz.
        phase: Place of the frame's first sample after the input's, 0 to 1.

    Returns:
        Input samples needed before the frame, and the weights, shape (FRAME, input samples).
    """
    slower = min(rate, SPEECH_RATE)
    half_width = _HALF_WIDTH * rate / slower
    margin = math.ceil(half_width)
    count = math.ceil(phase + rate / 100.0) + 2 * margin
    places = phase + np.arange(FRAME)[:, np.newaxis] * rate / SPEECH_RATE + margin
    distance = places - np.arange(count)
    window = np.where(np.abs(distance) < half_width, 0.5 + 0.5 * np.cos(np.pi * distance / half_width), 0.0)
    weights = np.sinc(_PASS * slower / rate * distance) * window
    return margin, (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
