from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import Samples
from modules.echo.reference import FRAME
from modules.echo.residual import ResidualSuppressor
from tests.unit.modules.echo.fakes import decibels, noise

ROOM = 10.0 ** (-70 / 20)


def _run(rest: Samples, echo: Samples) -> Samples:
    suppressor = ResidualSuppressor()
    return np.concatenate(
        [
            suppressor.process(rest[at : at + FRAME], echo[at : at + FRAME])
            for at in range(0, rest.shape[0] // FRAME * FRAME, FRAME)
        ]
    )


def _bursts(seconds: float, seed: int, hertz: float = 3.0) -> Samples:
    """Noise that comes and goes, like syllables or like words."""
    time = np.arange(round(seconds * 16000)) / 16000
    samples: Samples = (noise(seconds, seed=seed) * (np.sin(2 * np.pi * hertz * time) > 0)).astype(np.float32)
    return samples


def test_without_echo_everything_above_100_hz_passes_one_frame_late() -> None:
    voice = noise(2.0, level=0.2)
    clean = _run(voice, np.zeros_like(voice))
    heard, said = clean[FRAME:][8000:16000], voice[:-FRAME][8000:16000]
    assert decibels(heard - said) < decibels(said) - 15.0


def test_what_is_left_of_the_echo_ends_in_the_noise_of_the_room() -> None:
    echo = _bursts(6.0, seed=1)
    room = noise(6.0, level=ROOM, seed=2)
    rest = 0.03 * np.roll(echo, 5) + room
    clean = _run(rest.astype(np.float32), echo)
    late = slice(3 * 16000, None)
    assert decibels(rest[late]) > -65.0
    assert decibels(clean[late]) == pytest.approx(-72.0, abs=4.0)


def test_a_voice_as_loud_as_the_echo_was_passes_at_once() -> None:
    echo = _bursts(6.0, seed=1)
    rest = 0.03 * np.roll(echo, 5) + noise(6.0, level=ROOM, seed=2)
    begin = 4 * 16000
    voice = np.zeros_like(echo)
    voice[begin:] = noise(2.0, level=0.07, seed=4)
    clean = _run((rest + voice).astype(np.float32), echo)
    first = slice(begin + 2 * FRAME, begin + 7 * FRAME)
    assert decibels(clean[first]) > decibels(voice[begin : begin + 5 * FRAME]) - 3.0


def test_reverberation_that_the_filter_does_not_reach_is_suppressed_too() -> None:
    echo = _bursts(8.0, seed=1, hertz=1.0)
    late = noise(1.0, level=0.0004, seed=5) * np.exp(-np.arange(16000) / 4600)
    tail = np.convolve(echo, np.concatenate((np.zeros(3600), late)))[: echo.shape[0]]
    rest = (tail + noise(8.0, level=0.1 * ROOM, seed=2)).astype(np.float32)
    clean = _run(rest, echo)
    rings = slice(6 * 16000 + 8000 + 1600, 6 * 16000 + 8000 + 6400)  # the sound has ended at 6.5 s
    assert decibels(rest[rings]) > -60.0
    assert decibels(clean[rings]) < decibels(rest[rings]) - 2.5  # noise is the hardest: each frame is another
