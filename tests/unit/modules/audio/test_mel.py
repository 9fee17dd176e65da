from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from modules.audio.base import SPEECH_RATE, Samples
from modules.audio.mel import LogMel

SECONDS = 2
TIME = np.arange(SECONDS * SPEECH_RATE) / SPEECH_RATE
NOISE = np.random.default_rng(3).normal(0.0, 0.1, SECONDS * SPEECH_RATE).astype(np.float32)


def _reference(samples: Samples, bands: int, frames: int) -> NDArray[np.float64]:
    """The definition, slowly: every filter a triangle, every frame by itself."""
    audio = np.zeros(frames * 160 + 400)
    audio[200 : 200 + len(samples)] = samples[: len(audio) - 200]
    audio[:200] = audio[400:200:-1]
    top = 15.0 + np.log(8.0) * 27.0 / np.log(6.4)
    mels = np.linspace(0.0, top, bands + 2)
    edges = [m * 200 / 3 if m < 15 else 1000 * 6.4 ** ((m - 15) / 27) for m in mels]
    bins = np.arange(201) * 40.0
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    log = np.zeros((bands, frames))
    for frame in range(frames):
        power = np.abs(np.fft.rfft(audio[frame * 160 : frame * 160 + 400] * window)) ** 2
        for band in range(bands):
            low, peak, high = edges[band : band + 3]
            triangle = np.interp(bins, [low, peak, high], [0.0, 1.0, 0.0]) * 2 / (high - low)
            log[band, frame] = np.log10(max(1e-10, float(triangle @ power)))
    return np.asarray((np.maximum(log, log.max() - 8.0) + 4.0) / 4.0)


@pytest.mark.parametrize("bands", [80, 128])
@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.3, 1.0, 1.5])
def test_it_is_the_log_mel_spectrogram(bands: int, seconds: float) -> None:
    samples = NOISE[: round(seconds * SPEECH_RATE)]
    found = LogMel(bands)(samples, 100)
    assert found.shape == (1, bands, 100)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    assert np.abs(found[0] - _reference(samples, bands, 100)).max() < 1e-4


def test_a_tone_is_in_its_band() -> None:
    tone = np.sin(2 * np.pi * 1000 * TIME).astype(np.float32)
    found = LogMel(80)(tone, 200)[0]
    # 1 kHz is 15 of 45.25 mels; the 80 bands peak at equal steps.
    assert abs(int(found[:, 100].argmax()) - (15 / 45.25 * 81 - 1)) <= 1


def test_silence_is_the_floor() -> None:
    assert np.allclose(LogMel(80)(np.zeros(8000, np.float32), 50), (-10.0 + 4.0) / 4.0)
