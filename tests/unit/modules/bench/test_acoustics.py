from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from modules.audio.base import Samples
from modules.bench.acoustics import ROOMS, Room, active_level, impulse_response

QUIET = Room("quiet", rt60_s=0.3, delay_ms=12.0, echo_db=-10.0, noise_db=-120.0)
RATE = 16000


def _speechlike(seconds: float, seed: int = 0) -> Samples:
    """Noise with the long-term spectrum of speech."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(round(seconds * RATE)))
    hertz = np.fft.rfftfreq(round(seconds * RATE), 1 / RATE)
    shaped = np.fft.irfft(spectrum * (hertz > 100) / np.sqrt(1 + (hertz / 500) ** 2))
    return (0.1 * shaped / np.std(shaped)).astype(np.float32)


def _level(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2)))


@pytest.mark.parametrize("room", ROOMS, ids=[room.name for room in ROOMS])
@pytest.mark.parametrize("rate", [16000, 48000])
def test_a_room_sounds_the_same_however_its_sound_is_cut(room: Room, rate: int) -> None:
    sound = (0.1 * np.random.default_rng(1).standard_normal(rate)).astype(np.float32)
    whole = room.stream(rate, seed=3).feed(sound)
    stream = room.stream(rate, seed=3)
    sizes = np.random.default_rng(2).integers(0, 900, 500)
    bounds = np.minimum(np.concatenate(([0], np.cumsum(sizes))), rate)
    pieces = [stream.feed(sound[a:b]) for a, b in itertools.pairwise(bounds)]
    assert np.concatenate(pieces) == pytest.approx(whole, abs=1e-6)
    assert whole.dtype == np.float32


def test_seeds_and_names_make_other_rooms_and_the_same_ones_the_same() -> None:
    first = impulse_response(QUIET, RATE, seed=1)
    assert np.array_equal(impulse_response(QUIET, RATE, seed=1), first)
    assert not np.allclose(impulse_response(QUIET, RATE, seed=2), first, atol=1e-3)
    assert not np.allclose(impulse_response(replace(QUIET, name="other"), RATE, seed=1), first, atol=1e-3)


@pytest.mark.parametrize("room", ROOMS, ids=[room.name for room in ROOMS])
def test_the_echo_of_speech_has_its_level(room: Room) -> None:
    sound = _speechlike(4.0)
    linear = replace(room, distortion=0.0, noise_db=-120.0)
    assert _level(linear.stream(RATE).feed(sound)) - _level(sound) == pytest.approx(room.echo_db, abs=1.0)


def test_the_direct_sound_comes_after_its_delay_and_nothing_before() -> None:
    response = impulse_response(QUIET, RATE)
    assert float(np.abs(response[: round(0.012 * RATE)]).max()) < 0.01 * float(np.abs(response).max())
    assert abs(int(np.argmax(np.abs(response))) - round(0.012 * RATE)) <= 1


@pytest.mark.parametrize("rt60", [0.1, 0.3, 0.6])
def test_sound_falls_by_60_db_in_the_reverberation_time(rt60: float) -> None:
    low = replace(QUIET, rt60_s=rt60, direct_db=-10.0, delay_ms=0.0)
    response = impulse_response(low, RATE).astype(np.float64)
    energy = 10 * np.log10(np.cumsum(response[::-1] ** 2)[::-1] / np.sum(response**2))
    at = [int(np.flatnonzero(energy < level)[0]) / RATE for level in (-5.0, -20.0)]
    assert (at[1] - at[0]) * 4 == pytest.approx(rt60, rel=0.45)  # high frequencies fall up to twice as fast


def test_the_noise_of_the_room_has_its_level_and_is_all_there_is_without_sound() -> None:
    heard = replace(QUIET, noise_db=-50.0).stream(RATE, seed=4).feed(np.zeros(3 * RATE, np.float32))
    assert _level(heard) == pytest.approx(-50.0, abs=0.5)


def test_a_loudspeaker_that_distorts_makes_tones_that_were_not_played() -> None:
    tone = (0.9 * np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE)).astype(np.float32)

    def third(distortion: float) -> float:
        heard = replace(QUIET, distortion=distortion).stream(RATE).feed(tone)
        spectrum = np.abs(np.fft.rfft(heard[RATE // 2 :]))
        return float(20 * np.log10(spectrum[750] / spectrum[250]))

    assert third(0.0) < -80.0
    assert -60.0 < third(0.6) < third(3.0)


def test_the_room_rings_on_after_the_sound_has_ended() -> None:
    stream = QUIET.stream(RATE)
    stream.feed(_speechlike(0.5))
    after = [_level(stream.feed(np.zeros(800, np.float32))) for _ in range(8)]
    assert after[0] > -45.0
    assert after == sorted(after, reverse=True)
    assert stream.feed(np.zeros(0, np.float32)).shape == (0,)


def test_the_level_leaves_pauses_out() -> None:
    speech = _speechlike(1.0)
    assert active_level(speech, RATE) == pytest.approx(-20.0, abs=0.2)
    with_pauses = np.concatenate((speech, np.zeros(3 * RATE, np.float32)))
    assert active_level(with_pauses, RATE) == pytest.approx(-20.0, abs=0.2)
    assert active_level(np.zeros(RATE, np.float32), RATE) == -120.0
    assert active_level(np.zeros(5, np.float32), RATE) == -120.0
