from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import PlaybackClock, Samples
from modules.audio.playback import PlaybackBuffer

RATE = 48000
BLOCK = 480


class Device:
    """Pulls blocks as a sound card does: one each 10 ms, heard 30 ms after it was asked for."""

    def __init__(self, buffer: PlaybackBuffer, latency: float = 0.03) -> None:
        self.buffer = buffer
        self.now = 100.0
        self.latency = latency

    def pull(self, blocks: int = 1) -> Samples:
        out = np.full(blocks * BLOCK, 9.0, np.float32)
        for number in range(blocks):
            self.buffer.fill(out[number * BLOCK : (number + 1) * BLOCK], self.now + self.latency)
            self.now += BLOCK / RATE
        return out


def _tone(frames: int, level: float = 0.5) -> Samples:
    return np.full(frames, level, np.float32)


def test_silence_before_anything_is_queued() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    assert not device.pull(3).any()
    assert buffer.heard(device.now) == 0.0
    assert buffer.first_audible is None
    assert buffer.underruns == 0


def test_chunks_are_joined_without_a_gap() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    buffer.begin()
    ramp = np.linspace(0, 1, 2000, dtype=np.float32)
    for piece in np.array_split(ramp, 7):
        assert buffer.write(piece) == piece.shape[0]
    assert buffer.queued == pytest.approx(2000 / RATE)
    out = device.pull(5)
    assert np.array_equal(out[:2000], ramp)
    assert not out[2000:].any()


def test_at_most_two_seconds_are_queued() -> None:
    buffer = PlaybackBuffer(RATE)
    buffer.begin()
    assert buffer.write(_tone(3 * RATE)) == 2 * RATE
    assert buffer.write(_tone(10)) == 0
    Device(buffer).pull(1)
    assert buffer.write(_tone(3 * RATE)) == BLOCK


def test_the_clock_counts_what_has_left_the_speaker() -> None:
    buffer = PlaybackBuffer(RATE)
    clock: PlaybackClock = buffer
    device = Device(buffer)
    device.pull(2)
    buffer.begin()
    buffer.write(_tone(10 * BLOCK))
    start = device.now + device.latency
    device.pull(10)
    assert clock.heard(start - 0.001) == 0.0
    assert clock.heard(start + 0.0123) == pytest.approx(0.0123)
    assert clock.heard(start + 5) == pytest.approx(0.1)
    assert buffer.unheard(start + 0.04) == pytest.approx(0.06)


def test_the_first_audible_sample_is_the_first_over_40_db_below_full_scale() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    device.pull(1)
    buffer.begin()
    quiet_then_loud = np.concatenate((_tone(700, 0.009), _tone(500, -0.011)))
    buffer.write(quiet_then_loud)
    start = device.now + device.latency
    device.pull(1)
    assert buffer.first_audible is None
    device.pull(1)
    assert buffer.first_audible == pytest.approx(start + 700 / RATE)


def test_a_driver_that_corrects_its_first_reports() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer, latency=0.012)
    buffer.begin()
    buffer.write(_tone(20 * BLOCK))
    device.pull(2)
    device.latency = 0.03
    device.pull(1)
    true_start = device.now + device.latency - 3 * BLOCK / RATE
    assert buffer.first_audible == pytest.approx(true_start)
    assert buffer.heard(true_start + 0.02) == pytest.approx(0.02)


def test_the_first_audible_time_is_final_after_a_while() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    buffer.begin()
    buffer.write(_tone(40 * BLOCK))
    device.pull(12)
    before = buffer.first_audible
    device.latency += 0.05  # the device dropped out: what comes now is late, what was heard is not
    device.pull(3)
    assert buffer.first_audible == before


def test_jitter_of_the_driver_does_not_move_the_clock() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    buffer.begin()
    buffer.write(_tone(10 * BLOCK))
    start = device.now + device.latency
    for jitter in (0.0, 0.002, -0.002, 0.001):
        device.latency = 0.03 + jitter
        device.pull(1)
    assert buffer.heard(start + 0.02) == pytest.approx(0.02)


def test_sound_that_comes_too_late_is_one_underrun() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    buffer.begin()
    buffer.write(_tone(700))
    start = device.now + device.latency
    device.pull(5)
    assert buffer.underruns == 0
    buffer.write(_tone(960))
    device.pull(2)
    assert buffer.underruns == 1
    assert buffer.heard(start + 0.049) == pytest.approx(700 / RATE)
    assert buffer.heard(start + 0.06) == pytest.approx((700 + 480) / RATE)


def test_a_pause_after_the_end_is_no_underrun() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    buffer.begin()
    buffer.write(_tone(700))
    buffer.finish()
    device.pull(5)
    buffer.write(_tone(700))
    device.pull(2)
    assert buffer.underruns == 0


def test_stopping_fades_out_within_one_block_and_drops_the_rest() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    buffer.begin()
    buffer.write(_tone(RATE))
    device.pull(3)
    buffer.stop()
    out = device.pull(3)
    assert out[0] == pytest.approx(0.5)
    assert np.all(np.diff(out[:BLOCK]) <= 0)
    assert np.max(np.abs(np.diff(out))) < 0.002
    assert not out[BLOCK:].any()
    assert buffer.queued == 0.0
    assert buffer.heard(device.now + 1) == pytest.approx(4 * BLOCK / RATE)
    assert buffer.underruns == 0


def test_small_blocks_fade_out_within_one_block_too() -> None:
    buffer = PlaybackBuffer(RATE)
    buffer.begin()
    buffer.write(_tone(RATE))
    out = np.zeros(128, np.float32)
    buffer.fill(out, 1.0)
    buffer.stop()
    buffer.fill(out, 1.01)
    assert out[0] == pytest.approx(0.5)
    assert abs(out[-1]) < 1e-6
    buffer.fill(out, 1.02)
    assert not out.any()


def test_large_blocks_are_silent_after_the_fade() -> None:
    buffer = PlaybackBuffer(RATE)
    buffer.begin()
    buffer.write(_tone(RATE))
    out = np.full(2048, 9.0, np.float32)
    buffer.fill(out, 1.0)
    buffer.stop()
    buffer.fill(out, 1.05)
    assert out[0] == pytest.approx(0.5)
    assert not out[479:].any()


def test_stopping_silence_does_nothing() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    buffer.begin()
    buffer.stop()
    assert not device.pull(2).any()


def test_what_is_stopped_before_its_first_block_is_never_heard() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    buffer.begin()
    buffer.write(_tone(RATE))
    buffer.stop()
    assert not device.pull(3).any()
    assert (buffer.queued, buffer.heard(device.now + 1)) == (0.0, 0.0)


def test_a_new_playback_counts_from_zero_and_the_old_one_fades_out() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    buffer.begin()
    buffer.write(_tone(RATE))
    device.pull(5)
    buffer.begin()
    assert buffer.heard(device.now + 1) == 0.0
    assert buffer.first_audible is None
    buffer.write(_tone(960, -0.25))
    out = device.pull(3)
    assert abs(out[BLOCK - 1]) < 1e-6
    assert np.all(out[BLOCK:] == -0.25)
    start = device.now + device.latency - 2 * BLOCK / RATE
    assert buffer.first_audible == pytest.approx(start)
    assert buffer.heard(start + 0.005) == pytest.approx(0.005)
    assert buffer.underruns == 0


def test_many_gaps_do_not_confuse_the_clock() -> None:
    buffer = PlaybackBuffer(RATE)
    device = Device(buffer)
    buffer.begin()
    for _ in range(50):
        buffer.write(_tone(240))
        device.pull(2)
    assert buffer.underruns == 49
    assert buffer.heard(device.now + 1) == pytest.approx(50 * 240 / RATE)
