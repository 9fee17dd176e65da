"""Whether a speech that was held goes on where it stopped."""

from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import AudioChunk, Samples
from modules.bench.continuity import lost_seconds
from modules.bench.tape import Tape

RATE = 48_000


def speech(seconds: float) -> Samples:
    """Noise whose loudness changes like that of syllables."""
    generator = np.random.default_rng(5)
    count = round(seconds * RATE)
    envelope = np.repeat(generator.uniform(0.02, 1.0, round(seconds * 8) + 1), RATE // 8)[:count]
    coloured = np.convolve(generator.standard_normal(count), np.ones(24) / 24, "same")
    return (0.3 * coloured * envelope).astype(np.float32)


WHOLE = speech(8.0)
PLAYED = [AudioChunk(WHOLE[: 4 * RATE], RATE), AudioChunk(WHOLE[4 * RATE :], RATE)]


def taped(skipped: float, hold: float = 0.7) -> Tape:
    """Played from 10 s on, held after 3 s, and resumed with some of it skipped."""
    tape = Tape(RATE)
    tape.append(0.25 * WHOLE[: 3 * RATE], 10.0)  # ducked
    tape.append(np.zeros(round(hold * RATE), np.float32), 13.0)
    tape.append(WHOLE[round((3 + skipped) * RATE) :], 13.0 + hold)
    return tape


@pytest.mark.parametrize("skipped", [0.0, 0.15, -0.2])
def test_what_was_skipped_or_said_twice_is_found(skipped: float) -> None:
    assert lost_seconds(taped(skipped), PLAYED, 13.0, 13.7) == pytest.approx(skipped, abs=0.002)


def test_in_silence_no_place_is_found() -> None:
    tape = Tape(RATE)
    tape.append(np.zeros(8 * RATE, np.float32), 10.0)
    assert lost_seconds(tape, PLAYED, 13.0, 13.7) is None
    assert lost_seconds(taped(0.0), PLAYED, 10.2, 13.7) is None  # not enough before


def test_a_speech_that_is_too_short_has_no_place() -> None:
    assert lost_seconds(taped(0.0), [AudioChunk(WHOLE[:RATE], RATE)], 13.0, 13.7) is None
