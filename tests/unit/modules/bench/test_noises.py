"""Noises: each is itself, the same for a seed, and unlike the next one."""

from __future__ import annotations

import numpy as np
import pytest

from modules.bench.noises import NOISES, make_noise


@pytest.mark.parametrize("name", NOISES)
def test_a_noise_is_the_same_for_its_seed_only(name: str) -> None:
    first, again, other = make_noise(name, 3), make_noise(name, 3), make_noise(name, 4)
    assert np.array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, other.samples)
    assert first.sample_rate == 16_000
    assert 0.1 < first.seconds < 2.0
    assert np.abs(first.samples).max() == pytest.approx(0.5)
    assert np.isfinite(first.samples).all()


def centre(name: str) -> float:
    """Mean frequency in hertz, weighted by power, over some seeds."""
    found = []
    for seed in range(5):
        noise = make_noise(name, seed)
        power = np.abs(np.fft.rfft(noise.samples)) ** 2
        found.append(float((power * np.fft.rfftfreq(noise.frames, 1 / 16_000)).sum() / power.sum()))
    return float(np.mean(found))


def test_a_hum_is_dull_and_a_clap_is_bright() -> None:
    assert centre("door") < centre("mm-hmm") < 450
    assert centre("clap") > 1500
    assert 450 < centre("cough") < centre("clap")


def test_an_unknown_noise_is_refused() -> None:
    with pytest.raises(KeyError):
        make_noise("thunder", 0)
