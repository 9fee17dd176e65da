"""Sounds that begin suddenly."""

from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.vad.bursts import AUDIBLE_DECIBELS, LOUDER_DECIBELS, MEMORY_SECONDS, Bursts

FRAME = SPEECH_RATE // 100


def play(bursts: Bursts, seconds: float, decibels: float) -> Bursts:
    """So much of a sound of this loudness, in frames of 10 ms."""
    for _ in range(round(seconds * 100)):
        bursts.feed(AudioChunk(np.full(FRAME, 10 ** (decibels / 20), np.float32), SPEECH_RATE))
    return bursts


def quiet(seconds: float = MEMORY_SECONDS + 0.5, decibels: float = -70.0) -> Bursts:
    return play(Bursts(), seconds, decibels)


def test_a_sudden_sound_is_a_burst_as_long_as_it_lasts() -> None:
    bursts = quiet()
    assert bursts.seconds == 0.0
    assert play(bursts, 0.05, -30.0).seconds == pytest.approx(0.05)
    assert play(bursts, 0.05, -30.0).seconds == pytest.approx(0.1)
    assert play(bursts, 0.1, -70.0).seconds == 0.0


def test_a_short_dip_does_not_end_it_and_a_longer_one_does() -> None:
    bursts = play(quiet(), 0.05, -30.0)
    assert play(play(bursts, 0.02, -70.0), 0.01, -30.0).seconds == pytest.approx(0.08)
    assert play(bursts, 0.03, -70.0).seconds == 0.0


def test_the_same_sound_is_nothing_new_until_it_is_forgotten() -> None:
    bursts = play(play(quiet(), 0.05, -30.0), 1.0, -70.0)
    assert play(bursts, 0.05, -30.0).seconds == 0.0
    assert play(bursts, 0.05, -30.0 + LOUDER_DECIBELS + 0.5).seconds == pytest.approx(0.05)
    play(bursts, MEMORY_SECONDS + 0.1, -70.0)
    assert play(bursts, 0.05, -30.0).seconds == pytest.approx(0.05)


def test_what_is_hardly_heard_is_no_burst() -> None:
    assert play(quiet(decibels=-90.0), 0.1, AUDIBLE_DECIBELS - 1).seconds == 0.0
    assert play(quiet(decibels=-90.0), 0.1, AUDIBLE_DECIBELS + 1).seconds == pytest.approx(0.1)


def test_a_sound_that_swells_is_no_burst() -> None:
    bursts = quiet(decibels=-60.0)
    for step in range(60):
        assert play(bursts, 0.1, -60.0 + step * 0.5).seconds == 0.0


def test_in_the_first_seconds_nothing_is_known() -> None:
    assert play(quiet(MEMORY_SECONDS - 0.5), 0.1, -20.0).seconds == 0.0


def test_silence_of_a_device_that_gives_zeros_is_no_burst() -> None:
    bursts = Bursts()
    for _ in range(400):
        bursts.feed(AudioChunk(np.zeros(FRAME, np.float32), SPEECH_RATE))
    assert bursts.seconds == 0.0
    assert play(bursts, 0.05, -30.0).seconds == pytest.approx(0.05)


def test_an_hour_needs_no_more_memory_than_a_moment() -> None:
    bursts, noise = Bursts(), np.random.default_rng(0)
    for loudness in noise.normal(-60.0, 3.0, 20_000):
        play(bursts, 0.01, float(loudness))
    assert len(bursts._past) < MEMORY_SECONDS * 100
    assert len(bursts._present) < 10
