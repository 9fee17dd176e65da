"""The log-mel spectrogram that Whisper listens to, in numpy without matrix products.

A product with the filter matrix would wake the threads of numpy's linear algebra library, and those keep spinning
on the cores that the encoder needs next: that alone makes an encoder pass half as slow again on two cores. Each
frequency bin lies on the slopes of two neighbouring filters only, so two weighted sums per filter do the same work.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import SPEECH_RATE, Samples

HOP = 160
"""Samples from one frame to the next (10 ms)."""
_WINDOW = 400
_FLOOR = 1e-10
_RANGE = 8.0
"""Orders of magnitude below the loudest value that are kept."""

# Slaney's mel scale: linear up to 1 kHz, logarithmic above.
_LINEAR_HZ = 200.0 / 3
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ
_LOG_STEP = np.log(6.4) / 27.0


class LogMel:
    """Computes spectrograms with a fixed number of mel bands.

    Args:
        bands: Number of mel bands, 80 or 128 in the Whisper models.
    """

    def __init__(self, bands: int) -> None:
        self._bands = bands
        self._hann = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
        bins = np.linspace(0.0, SPEECH_RATE / 2, _WINDOW // 2 + 1)
        edges = _edges(bands)
        starts = np.searchsorted(bins, edges[:-1])
        self._starts = starts
        self._empty = np.append(starts[1:], len(bins)) == starts
        # Between two edges, bins lie on the rising slope of one filter and on the falling slope of the one before.
        place = np.clip(np.searchsorted(edges, bins, side="right") - 1, 0, bands)
        rise = (bins - edges[place]) / (edges[place + 1] - edges[place])
        area = np.concatenate(([0.0], 2.0 / (edges[2:] - edges[:-2]), [0.0]))  # equal energy per band
        self._rising = (rise * area[place + 1]).astype(np.float32)
        self._falling = ((1.0 - rise) * area[place]).astype(np.float32)

    def __call__(self, samples: Samples, frames: int) -> NDArray[np.float32]:
        """The spectrogram of `samples` (16 kHz), as if followed by silence or cut to fill `frames` frames of 10 ms.

        Returns:
            Float32, shape (1, bands, frames), C-contiguous.
        """
        heard = min(frames, len(samples) // HOP + 2)
        power = np.full((frames, self._bands), _FLOOR, dtype=np.float32)
        np.maximum(self._mel(samples, heard), _FLOOR, out=power[:heard])
        log = np.log10(power, out=power)
        np.maximum(log, log.max() - _RANGE, out=log)
        return np.ascontiguousarray(((log + 4.0) / 4.0).T[None], dtype=np.float32)

    def _mel(self, samples: Samples, frames: int) -> NDArray[np.float32]:
        """Power in each band, shape (frames, bands); frame i is centred on sample i * HOP."""
        half = _WINDOW // 2
        padded = np.zeros(frames * HOP + _WINDOW, dtype=np.float32)
        body = samples[: len(padded) - half]
        padded[half : half + len(body)] = body
        padded[:half] = padded[2 * half : half : -1]
        windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:frames]
        spectrum = np.fft.rfft(windows * self._hann, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32, copy=False)
        rising = np.add.reduceat(power * self._rising, self._starts, axis=1)
        falling = np.add.reduceat(power * self._falling, self._starts, axis=1)
        rising[:, self._empty] = 0.0
        falling[:, self._empty] = 0.0
        return np.asarray(rising[:, :-1] + falling[:, 1:], dtype=np.float32)


def _edges(bands: int) -> NDArray[np.float64]:
    """Frequencies in hertz at which the bands begin, peak and end: shape (bands + 2,)."""
    top = _BREAK_MEL + np.log(SPEECH_RATE / 2 / _BREAK_HZ) / _LOG_STEP
    mels = np.linspace(0.0, top, bands + 2)
    hertz = np.where(mels < _BREAK_MEL, mels * _LINEAR_HZ, _BREAK_HZ * np.exp(_LOG_STEP * (mels - _BREAK_MEL)))
    return np.asarray(hertz, dtype=np.float64)
