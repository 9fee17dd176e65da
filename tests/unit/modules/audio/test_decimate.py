from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.decimate import HALF_SECONDS, Decimator, can_decimate


def tone(hertz: float, rate: int = 48_000, seconds: float = 0.5) -> Samples:
    return np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate).astype(np.float32)


def convert(samples: Samples, sizes: list[int], rate: int = 48_000) -> Samples:
    decimator, at, parts = Decimator(rate), 0, []
    for size in sizes:
        parts.append(decimator.push(AudioChunk(samples[at : at + size], rate, at)).samples)
        at += size
    return np.concatenate(
        [*parts, decimator.push(AudioChunk(samples[at:], rate, at)).samples, decimator.flush().samples]
    )


def level(samples: Samples) -> float:
    """Decibels of the middle, relative to a full tone."""
    return float(10 * np.log10(np.mean(np.square(samples[400:-400])) * 2))


@pytest.mark.parametrize("rate", [32_000, 48_000, 96_000])
def test_speech_passes_and_what_would_fold_back_does_not(rate: int) -> None:
    for hertz in (100, 1000, 4000, 6500):
        assert level(convert(tone(hertz, rate), [], rate)) == pytest.approx(0.0, abs=0.1)
    for hertz in (8600, 9500, 12_000):
        assert level(convert(tone(hertz, rate), [], rate)) < -60


def test_samples_stay_in_their_places() -> None:
    samples = tone(440.0)
    converted = convert(samples, [])
    assert converted.shape[0] == samples.shape[0] // 3
    np.testing.assert_allclose(converted[100:-100], samples[::3][100 : converted.shape[0] - 100], atol=1e-3)


@given(st.lists(st.integers(0, 2000), max_size=12))
def test_the_cuts_do_not_matter(sizes: list[int]) -> None:
    samples = tone(700.0)
    np.testing.assert_allclose(convert(samples, sizes), convert(samples, []), atol=1e-6)


def test_each_block_of_ten_milliseconds_gives_one_at_once() -> None:
    decimator = Decimator(48_000)
    block = np.zeros(480, np.float32)
    out = [decimator.push(AudioChunk(block, 48_000, number * 480, 5.0 + number * 0.01)) for number in range(5)]
    assert [chunk.frames for chunk in out] == [136, 160, 160, 160, 160]
    assert [chunk.frame_index for chunk in out] == [0, 136, 296, 456, 616]
    assert [chunk.sample_rate for chunk in out] == [SPEECH_RATE] * 5
    for number, chunk in enumerate(out[1:], 1):
        assert chunk.time == pytest.approx(5.0 + number * 0.01 - HALF_SECONDS)


def test_sound_without_a_time_has_none_afterwards() -> None:
    assert Decimator(48_000).push(AudioChunk(np.zeros(4800, np.float32), 48_000)).time == 0.0


def test_a_stream_that_begins_late_keeps_its_index() -> None:
    assert Decimator(48_000).push(AudioChunk(np.zeros(480, np.float32), 48_000, 4800)).frame_index == 1600


def test_a_stream_of_nothing_gives_nothing() -> None:
    assert Decimator(48_000).flush().frames == 0


@pytest.mark.parametrize("rate", [16_000, 44_100, 8_000, 22_050])
def test_other_rates_are_refused(rate: int) -> None:
    assert not can_decimate(rate)
    with pytest.raises(ValueError, match="whole multiple"):
        Decimator(rate)
