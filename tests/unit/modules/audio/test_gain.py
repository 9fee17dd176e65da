from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import Samples
from modules.audio.gain import RAMP_SECONDS, GainRamp

RATE = 48000


def _applied(gain: GainRamp, blocks: int, frames: int = 480) -> Samples:
    out = np.ones(blocks * frames, np.float32)
    for number in range(blocks):
        gain.apply(out[number * frames : (number + 1) * frames])
    return out


def test_without_a_gain_nothing_changes() -> None:
    gain = GainRamp(RATE)
    assert np.all(_applied(gain, 2) == 1.0)
    gain.set(0.0)
    assert np.all(_applied(gain, 2) == 1.0)


@pytest.mark.parametrize("frames", [1, 128, 480, 2048])
def test_it_walks_down_and_up_across_blocks_of_any_size(frames: int) -> None:
    gain = GainRamp(RATE)
    gain.set(-12.0)
    down = _applied(gain, -(-1000 // frames), frames)
    assert down[0] < 1.0
    assert np.max(np.abs(np.diff(down, prepend=1.0))) < 1.001 / (RAMP_SECONDS * RATE) + 1e-6
    assert np.all(np.diff(down) <= 0.0)
    assert np.argmax(down < 0.2513) == pytest.approx(0.015 * RATE, abs=2)
    assert gain.value == down[-1] == pytest.approx(10 ** (-12 / 20))
    gain.set(0.0)
    up = _applied(gain, -(-1000 // frames), frames)
    assert np.max(np.abs(np.diff(up, prepend=down[-1]))) < 0.0011
    assert up[-1] == 1.0


def test_a_change_on_the_way_goes_on_from_there() -> None:
    gain = GainRamp(RATE)
    gain.set(-60.0)
    before = _applied(gain, 1)[-1]
    gain.set(0.0)
    after = _applied(gain, 1)
    assert before == pytest.approx(0.5)
    assert abs(after[0] - before) < 0.0011
    assert after[-1] == pytest.approx(1.0)


def test_while_nothing_is_heard_it_is_there_at_once() -> None:
    gain = GainRamp(RATE)
    gain.set(float("-inf"))
    gain.jump()
    assert not _applied(gain, 1).any()


def test_an_empty_block_takes_no_step() -> None:
    gain = GainRamp(RATE)
    gain.set(-12.0)
    gain.apply(np.zeros(0, np.float32))
    assert gain.value == 1.0


@pytest.mark.parametrize("decibels", [0.1, float("inf"), float("nan")])
def test_louder_than_it_is_or_no_number_is_refused(decibels: float) -> None:
    with pytest.raises(ValueError, match="0 dB or less"):
        GainRamp(RATE).set(decibels)
