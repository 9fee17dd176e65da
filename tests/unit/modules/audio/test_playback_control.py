"""Volume, pauses and the reference of a playback."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from modules.audio.base import Samples
from modules.audio.playback import FADE_SECONDS, PlaybackBuffer
from modules.audio.reference import ReferenceBuffer
from tests.unit.modules.audio.test_playback import BLOCK, RATE, Device, _tone

FADE = int(FADE_SECONDS * RATE)
SMOOTH = 0.0025
"""Step from one sample to the next that a fade or a ramp of a level of 0.65 stays under; a cut makes one of 0.5."""


def _playing(samples: Samples, latency: float = 0.03) -> tuple[PlaybackBuffer, Device]:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer, latency)
    device.pull(1)
    buffer.begin()
    buffer.write(samples)
    return buffer, device


def _steps(samples: Samples) -> float:
    return float(np.max(np.abs(np.diff(samples))))


def test_a_gain_is_reached_within_two_blocks_without_a_click() -> None:
    buffer, device = _playing(_tone(RATE))
    before = device.pull(2)
    buffer.set_gain(-12.0)
    softer = device.pull(5)
    buffer.set_gain(0.0)
    again = device.pull(5)
    assert np.all(softer[2 * BLOCK :] == pytest.approx(0.5 * 10 ** (-12 / 20)))
    assert np.all(again[2 * BLOCK :] == 0.5)
    assert _steps(np.concatenate((before, softer, again))) < SMOOTH
    assert buffer.heard(device.now + 1) == pytest.approx(0.12)


def test_a_gain_that_is_set_before_the_first_sound_holds_from_its_first_sample() -> None:
    buffer, device = _playing(_tone(RATE))
    buffer.set_gain(-20.0)
    assert np.all(device.pull(3) == pytest.approx(0.05))


def test_a_new_playback_is_as_loud_as_it_is() -> None:
    buffer, device = _playing(_tone(RATE))
    buffer.set_gain(-20.0)
    device.pull(3)
    buffer.begin()
    buffer.write(_tone(RATE))
    faded = device.pull(1)
    assert faded[0] == pytest.approx(0.05)  # not louder on its way out
    assert np.all(np.diff(faded) <= 0)
    assert np.all(device.pull(2) == 0.5)


def test_a_pause_fades_out_within_one_block_and_the_resumed_playback_repeats_that_fade_first() -> None:
    ramp = np.linspace(0.7, 0.2, RATE, dtype=np.float32)
    buffer, device = _playing(ramp)
    device.pull(10)
    buffer.pause()
    fading = device.pull(1)
    assert fading[0] == pytest.approx(ramp[10 * BLOCK])
    assert abs(fading[-1]) < 1e-3
    assert np.all(np.diff(fading) <= 0)
    assert _steps(fading) < SMOOTH
    assert not device.pull(50).any()
    buffer.resume()
    resumed = device.pull(5)
    assert abs(resumed[0]) < 1e-3
    assert _steps(resumed) < SMOOTH
    assert np.array_equal(resumed[FADE:], ramp[10 * BLOCK + FADE : 15 * BLOCK])
    position = 10 * BLOCK + FADE // 2
    assert resumed[FADE // 2] == pytest.approx(ramp[position] / 2, rel=0.01)


def test_nothing_is_heard_during_a_pause_and_every_sample_counts_once() -> None:
    buffer, device = _playing(_tone(RATE))
    device.pull(10)
    buffer.pause()
    device.pull(30)
    assert buffer.heard(device.now + 1) == pytest.approx(0.1)
    assert buffer.unheard(device.now + 1) == pytest.approx(0.9)
    assert buffer.queued == pytest.approx(0.9)
    buffer.resume()
    start = device.now + device.latency
    assert buffer.heard(device.now) == pytest.approx(0.1)
    device.pull(10)
    assert buffer.heard(start + 0.004) == pytest.approx(0.104)
    device.pull(90)
    assert buffer.heard(device.now + 1) == pytest.approx(1.0)
    assert buffer.underruns == 0


def test_many_pauses_lose_nothing() -> None:
    ramp = np.linspace(0.0, 1.0, RATE, dtype=np.float32)
    buffer, device = _playing(ramp)
    for _ in range(50):
        device.pull(1)
        buffer.pause()
        device.pull(2)
        buffer.resume()
    rest = device.pull(60)
    assert buffer.heard(device.now + 1) == pytest.approx(1.0)
    assert np.array_equal(rest[FADE : 40 * BLOCK], ramp[50 * BLOCK + FADE : 90 * BLOCK])
    assert buffer.underruns == 0


def test_a_pause_that_ends_before_the_next_block_is_not_heard() -> None:
    buffer, device = _playing(_tone(RATE))
    device.pull(2)
    buffer.pause()
    buffer.resume()
    assert np.all(device.pull(3) == 0.5)


def test_a_pause_before_the_first_sound_holds_it_back_whole() -> None:
    buffer, device = _playing(_tone(RATE))
    buffer.pause()
    assert not device.pull(5).any()
    buffer.resume()
    assert np.all(device.pull(2) == 0.5)
    assert buffer.first_audible == pytest.approx(device.now + device.latency - 2 * BLOCK / RATE)


def test_a_gain_that_changes_during_a_pause_holds_from_the_resumed_sample_on() -> None:
    buffer, device = _playing(_tone(RATE))
    buffer.set_gain(-12.0)
    device.pull(5)
    buffer.pause()
    fading = device.pull(2)
    assert fading[0] == pytest.approx(0.5 * 10 ** (-12 / 20))
    buffer.set_gain(0.0)
    buffer.resume()
    resumed = device.pull(3)
    assert _steps(resumed) < SMOOTH
    assert np.all(resumed[FADE:] == 0.5)


def test_what_is_written_during_a_pause_waits() -> None:
    buffer, device = _playing(_tone(2 * BLOCK))
    device.pull(1)
    buffer.pause()
    device.pull(5)
    assert buffer.write(_tone(3 * RATE, 0.25)) == 2 * RATE - BLOCK
    assert not device.pull(5).any()
    buffer.resume()
    out = device.pull(3)
    assert np.all(out[BLOCK:] == 0.25)
    assert buffer.underruns == 0


def test_a_pause_in_a_gap_is_no_further_underrun_and_the_next_gap_is_one() -> None:
    buffer, device = _playing(_tone(BLOCK))
    device.pull(3)
    buffer.pause()
    device.pull(3)
    buffer.write(_tone(2 * BLOCK))
    buffer.resume()
    device.pull(5)
    assert buffer.underruns == 0
    buffer.write(_tone(BLOCK))
    device.pull(1)
    assert buffer.underruns == 1


def test_sound_that_comes_late_after_a_pause_is_an_underrun() -> None:
    buffer, device = _playing(_tone(BLOCK))
    device.pull(1)
    buffer.pause()
    device.pull(3)
    buffer.resume()
    device.pull(3)
    buffer.write(_tone(2 * BLOCK))
    assert np.all(device.pull(2) == 0.5)
    assert buffer.underruns == 1


def test_stopping_during_a_pause_is_silent() -> None:
    buffer, device = _playing(_tone(RATE))
    device.pull(10)
    buffer.pause()
    device.pull(5)
    buffer.stop()
    assert not device.pull(5).any()
    assert buffer.queued == 0.0
    assert buffer.heard(device.now + 1) == pytest.approx(0.1)


def test_stopping_right_after_a_pause_fades_out_once() -> None:
    buffer, device = _playing(_tone(RATE))
    device.pull(10)
    buffer.pause()
    buffer.stop()
    out = device.pull(3)
    assert out[0] == pytest.approx(0.5)
    assert np.all(np.diff(out) <= 0)
    assert not out[BLOCK:].any()


def _stop(buffer: PlaybackBuffer) -> None:
    buffer.stop()


@pytest.mark.parametrize("end", [_stop, lambda buffer: None], ids=["stopped", "not stopped"])
@pytest.mark.parametrize("queued", [BLOCK, RATE], ids=["played to its end", "queued"])
def test_a_new_playback_ends_the_pause(end: Callable[[PlaybackBuffer], None], queued: int) -> None:
    buffer, device = _playing(_tone(queued))
    device.pull(1)
    buffer.pause()
    device.pull(3)
    end(buffer)
    buffer.begin()
    buffer.write(_tone(BLOCK, 0.25))
    out = device.pull(3)
    sound = out[np.flatnonzero(out)]
    assert np.all(sound == 0.25)
    assert sound.shape[0] == BLOCK
    assert buffer.heard(device.now + 1) == pytest.approx(0.01)
    assert buffer.underruns == 0


@pytest.mark.parametrize("frames", [64, 128, 441, 2048])
def test_blocks_of_any_size_are_silent_after_the_one_that_fades(frames: int) -> None:
    buffer = PlaybackBuffer(RATE)
    buffer.begin()
    buffer.write(_tone(RATE))
    out = np.zeros(frames, np.float32)
    assert buffer.fill(out, 1.0) == frames
    buffer.pause()
    assert buffer.fill(out, 1.05) == min(frames, FADE)
    assert abs(out[-1]) < 1e-6
    assert buffer.fill(out, 1.1) == 0
    assert not out.any()
    buffer.resume()
    assert buffer.fill(out, 1.15) == frames
    assert abs(out[0]) < 1e-6
    assert out[-1] == pytest.approx(0.5, abs=1e-3)


def test_the_reference_is_what_the_device_got_at_the_time_at_which_it_is_heard() -> None:
    reference = ReferenceBuffer(RATE)
    buffer = PlaybackBuffer(RATE, reference)
    device = Device(buffer)
    begin = device.now + device.latency
    given = [device.pull(3)]
    buffer.begin()
    buffer.write(np.sin(np.arange(RATE, dtype=np.float32) / np.float32(20)))
    given.append(device.pull(7))
    buffer.set_gain(-12.0)
    given.append(device.pull(5))
    buffer.pause()
    given.append(device.pull(6))
    buffer.resume()
    given.append(device.pull(6))
    buffer.stop()
    given.append(device.pull(4))
    whole = np.concatenate(given)
    assert np.array_equal(reference.read(begin, begin + whole.shape[0] / RATE).samples, whole)


def test_the_reference_follows_the_clock_of_the_playback_not_the_jitter_of_the_driver() -> None:
    reference = ReferenceBuffer(RATE)
    buffer = PlaybackBuffer(RATE, reference)
    device = Device(buffer)
    buffer.begin()
    buffer.write(np.arange(1, RATE + 1, dtype=np.float32))
    start = device.now + device.latency
    for jitter in (0.0, 0.002, -0.002, 0.001):
        device.latency = 0.03 + jitter
        device.pull(1)
    assert np.array_equal(reference.read(start, start + 0.04).samples, np.arange(1, 4 * BLOCK + 1))
    device.latency = 0.08  # the device dropped out
    begin = device.now + device.latency
    device.pull(1)
    assert reference.read(begin, begin + 0.01).samples[0] == 4 * BLOCK + 1
    assert not reference.read(begin - 0.05, begin).samples.any()
    assert buffer.heard(begin) == pytest.approx(0.04)
