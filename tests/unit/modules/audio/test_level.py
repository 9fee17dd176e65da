from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.audio.level import peak, rms


def test_a_sine_of_half_amplitude() -> None:
    samples = 0.5 * np.sin(2 * np.pi * 100 * np.arange(16000) / 16000)
    chunk = AudioChunk(samples.astype(np.float32), 16000)
    assert rms(chunk) == pytest.approx(0.5 / np.sqrt(2), rel=1e-4)
    assert peak(chunk) == pytest.approx(0.5, rel=1e-4)


def test_the_peak_may_be_negative() -> None:
    assert peak(AudioChunk(np.array([0.1, -0.8, 0.2], np.float32), 16000)) == pytest.approx(0.8)


def test_nothing_has_no_level() -> None:
    empty = AudioChunk(np.zeros(0, np.float32), 16000)
    assert rms(empty) == 0.0
    assert peak(empty) == 0.0
