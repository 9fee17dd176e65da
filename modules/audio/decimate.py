"""From a device's sample rate down to that of speech, without making anybody wait."""

from __future__ import annotations

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples

HALF_SECONDS = 0.0015
"""Half the length of the filter, and so its delay: sound is 1.5 ms late where soxr, in blocks of its own, holds 7 to
30 ms back. A microphone is heard that much sooner."""
_CUTOFF = 7_500.0
"""Hertz at which the filter has fallen by half; it is flat to 7 kHz."""
_BETA = 7.0
"""Shape of the Kaiser window: what would fold back is 74 dB softer from 8.5 kHz on (Oppenheim and Schafer, 7.6)."""


def can_decimate(rate: int) -> bool:
    """Whether a rate is a whole multiple of `SPEECH_RATE`."""
    return rate > SPEECH_RATE and rate % SPEECH_RATE == 0


class Decimator:
    """Brings a gapless stream of chunks from a whole multiple of `SPEECH_RATE` down to it.

    Each chunk gives its share of samples at once. `frame_index` and `time` of what comes out are those at which it was
    captured.

    Args:
        rate: Sample rate of the input in hertz; see `can_decimate`.
    """

    def __init__(self, rate: int) -> None:
        if not can_decimate(rate):
            raise ValueError(f"{rate} Hz is not a whole multiple of {SPEECH_RATE} Hz")
        half = round(HALF_SECONDS * rate)
        places = np.arange(-half, half + 1) / rate
        taps = np.sinc(2.0 * _CUTOFF * places) * np.kaiser(2 * half + 1, _BETA)
        self._rate = rate
        self._step = rate // SPEECH_RATE
        self._half = half
        self._taps = (taps / taps.sum()).astype(np.float32)
        self._held: Samples = np.zeros(half, np.float32)  # so that the first sample out is the first one in
        self._emitted = 0
        self._first_index: int | None = None

    def push(self, chunk: AudioChunk) -> AudioChunk:
        """Convert the next chunk; returns what is ready, with the index and the time of its first frame."""
        if self._first_index is None:
            self._first_index = round(chunk.frame_index / self._step)
        samples = np.concatenate((self._held, chunk.samples))
        count = max(0, (samples.shape[0] - len(self._taps)) // self._step + 1)
        if count:
            windows = np.lib.stride_tricks.sliding_window_view(samples, len(self._taps))[:: self._step][:count]
            ready: Samples = (windows @ self._taps).astype(np.float32, copy=False)
        else:
            ready = np.zeros(0, np.float32)
        before = (self._held.shape[0] - self._half) / self._rate  # seconds from the first sample out to the chunk
        self._held = samples[count * self._step :]
        index = self._first_index + self._emitted
        self._emitted += count
        return AudioChunk(ready, SPEECH_RATE, index, chunk.time - before if chunk.time else 0.0)

    def flush(self) -> AudioChunk:
        """What the filter still holds; the stream is over."""
        if self._first_index is None:
            return AudioChunk(np.zeros(0, np.float32), SPEECH_RATE)
        return self.push(AudioChunk(np.zeros(self._half, np.float32), self._rate))
