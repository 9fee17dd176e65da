from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import Samples
from modules.audio.earcons import Earcon, earcon

RATES = (8_000, 16_000, 22_050, 24_000, 44_100, 48_000)
everywhere = pytest.mark.parametrize("rate", RATES)
each = pytest.mark.parametrize("kind", Earcon)


def _pitch(samples: Samples, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.shape[0]), 1 << 16))
    return float(np.argmax(spectrum)) * rate / (1 << 16)


def _halves(kind: Earcon, rate: int) -> tuple[float, float]:
    """Hertz of the first 55 ms and of the last 55 ms."""
    samples, part = earcon(kind, rate).samples, round(0.055 * rate)
    return _pitch(samples[:part], rate), _pitch(samples[-part:], rate)


@each
@everywhere
def test_they_are_short_and_soft(kind: Earcon, rate: int) -> None:
    chunk = earcon(kind, rate)
    assert chunk.sample_rate == rate
    assert chunk.samples.dtype == np.float32
    assert 0.1 <= chunk.seconds <= 0.15
    assert 20 * np.log10(np.max(np.abs(chunk.samples))) == pytest.approx(-18, abs=0.01)


@each
@everywhere
def test_they_begin_and_end_in_silence_without_a_click(kind: Earcon, rate: int) -> None:
    samples = earcon(kind, rate).samples
    loudest = float(np.max(np.abs(samples)))
    edge = round(0.001 * rate)
    assert max(np.max(np.abs(samples[:edge])), np.max(np.abs(samples[-edge:]))) < 0.1 * loudest
    fastest = 2 * np.pi * 988 * (1 + 2 * 0.2) / rate  # of two overlapping notes at most twice that
    assert np.max(np.abs(np.diff(samples))) < 2 * fastest * loudest


@everywhere
def test_one_rises_and_one_falls(rate: int) -> None:
    low, high = _halves(Earcon.LISTENING, rate)
    assert high / low == pytest.approx(1.5, rel=0.05)
    high, low = _halves(Earcon.NOT_UNDERSTOOD, rate)
    assert high / low == pytest.approx(1.33, rel=0.05)


@each
def test_they_are_always_the_same(kind: Earcon) -> None:
    assert np.array_equal(earcon(kind).samples, earcon(kind).samples)
    assert earcon(kind).sample_rate == 24_000
