from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, Samples
from modules.tts.alignment import FRAME_SECONDS, align

_TONES = (300.0, 2400.0, 700.0, 1500.0, 400.0, 3200.0, 1000.0)
"""Stand for the sounds of a text: in each reading they come in this order."""


def reading(seconds: list[float], *, colour: float = 1.0) -> Samples:
    """A reading of the text, each of whose sounds lasts so long."""
    parts = []
    for hertz, length in zip(_TONES, seconds, strict=False):
        time = np.arange(round(length * SPEECH_RATE)) / SPEECH_RATE
        parts.append(0.3 * np.sin(2 * np.pi * hertz * colour * time) + 0.1 * np.sin(2 * np.pi * 2.1 * hertz * time))
    hiss = np.random.default_rng(0).normal(0.0, 0.005, sum(map(len, parts)))
    return np.asarray(np.concatenate(parts) + hiss, dtype=np.float32)


def test_a_reading_lies_over_itself() -> None:
    sound = reading([0.3] * 7)
    found = align(sound, sound)
    assert np.abs(found.frames - np.arange(len(found.frames))).max() <= 2


def test_the_place_is_found_in_a_slower_reading_by_another_voice() -> None:
    first = reading([0.2, 0.3, 0.2, 0.3, 0.2])
    second = reading([0.3, 0.35, 0.3, 0.35, 0.3, 0.4, 0.4], colour=1.08)
    found = align(first, second)
    for one, other in ((0.2, 0.3), (0.5, 0.65), (0.7, 0.95), (1.0, 1.3)):
        assert found.at(one) == pytest.approx(other, abs=0.05)
    assert found.at(1.2) == pytest.approx(1.6, abs=0.15)  # a tone is the same all along


def test_a_pause_that_only_one_makes_is_passed_over() -> None:
    sounds = [0.3] * 7
    second = reading(sounds)
    pause = np.random.default_rng(1).normal(0.0, 0.0005, round(0.4 * SPEECH_RATE)).astype(np.float32)
    cut = round(0.6 * SPEECH_RATE)
    paused = np.concatenate([second[:cut], pause, second[cut:]])
    assert align(reading(sounds[:4]), paused).at(1.1) == pytest.approx(1.5, abs=0.05)
    assert align(paused[: round(1.6 * SPEECH_RATE)], second).at(1.5) == pytest.approx(1.1, abs=0.05)


def test_times_never_run_backwards() -> None:
    found = align(reading([0.2] * 5), reading([0.35] * 7))
    assert (np.diff(found.frames) >= 0).all()
    assert found.frames[0] <= 5


@pytest.mark.parametrize("samples", [1, 100, 160, 500])
def test_very_little_sound_is_enough_not_to_fail(samples: int) -> None:
    second = reading([0.3] * 7)
    found = align(second[:samples], second)
    assert found.at(0.0) <= 0.3
    assert found.at(99.0) == found.frames[-1] * FRAME_SECONDS
    assert align(second, second[:samples]).frames.max() <= max(1, samples // 160)


def test_even_silence_gives_some_place() -> None:
    nothing = np.zeros(SPEECH_RATE, np.float32)
    assert 0.0 <= align(nothing, nothing).at(0.5) <= 1.0
