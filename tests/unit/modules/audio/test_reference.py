from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

from modules.audio.base import PlaybackReference, Samples
from modules.audio.reference import KEPT_SECONDS, ReferenceBuffer

RATE = 48000
BLOCK = 480


def _ramp(first: int, frames: int = BLOCK) -> Samples:
    return np.arange(first, first + frames, dtype=np.float32)


def _written(seconds: float, at: float = 100.0) -> ReferenceBuffer:
    reference = ReferenceBuffer(RATE)
    for number in range(round(seconds * 100)):
        reference.write(_ramp(number * BLOCK), at + number * BLOCK / RATE)
    return reference


def test_nothing_is_known_at_first() -> None:
    reference: PlaybackReference = ReferenceBuffer(RATE)
    chunk = reference.read(100.0, 100.02)
    assert (chunk.frames, chunk.sample_rate, chunk.time) == (960, RATE, 100.0)
    assert not chunk.samples.any()


def test_every_sample_is_found_at_its_time() -> None:
    reference = _written(1.0, at=100.0)
    assert np.array_equal(reference.read(100.25, 100.27).samples, _ramp(12000, 960))
    around_the_end = reference.read(100.99, 101.01).samples
    assert np.array_equal(around_the_end[:BLOCK], _ramp(99 * BLOCK))
    assert not around_the_end[BLOCK:].any()
    around_the_beginning = reference.read(99.995, 100.005).samples
    assert not around_the_beginning[:240].any()
    assert np.array_equal(around_the_beginning[240:], _ramp(0, 240))


def test_reads_that_meet_are_gapless_however_long_they_are() -> None:
    reference = _written(1.0)
    times = 100.1 + np.cumsum(np.random.default_rng(1).uniform(0.001, 0.05, 25))
    pieces = [reference.read(a, b).samples for a, b in itertools.pairwise(times)]
    whole = np.concatenate(pieces)
    assert np.array_equal(whole, _ramp(int(whole[0]), whole.shape[0]))


@pytest.mark.parametrize("end", [100.2, 99.0])
def test_a_time_of_no_length_is_empty(end: float) -> None:
    assert _written(1.0).read(100.2, end).frames == 0


def test_four_seconds_are_remembered_and_older_sound_is_silence() -> None:
    reference = _written(20.0)
    kept = int(KEPT_SECONDS * RATE)
    chunk = reference.read(110.0, 121.0).samples
    end = 10 * RATE
    assert np.array_equal(chunk[end - kept : end], _ramp(20 * RATE - kept, kept))
    assert not chunk[: end - kept].any()
    assert not chunk[end:].any()


def test_between_two_times_of_a_device_there_is_silence() -> None:
    reference = _written(1.0, at=100.0)
    reference.restart(RATE)
    reference.write(_ramp(7), 103.0)
    assert np.array_equal(reference.read(100.5, 100.51).samples, _ramp(24000))
    assert not reference.read(101.0, 103.0).samples.any()
    assert np.array_equal(reference.read(103.0, 103.01).samples, _ramp(7))
    reference.write(_ramp(1), 1000.0)
    assert not reference.read(990.0, 1000.0).samples.any()


def test_a_shorter_delay_overwrites_what_was_to_be_heard_later() -> None:
    reference = _written(1.0, at=100.0)
    reference.write(_ramp(1), 100.95)
    assert np.array_equal(reference.read(100.95, 100.96).samples, _ramp(1))
    assert not reference.read(100.96, 101.0).samples.any()
    reference.write(_ramp(2), 100.98)
    assert not reference.read(100.96, 100.98).samples.any()


def test_times_that_are_rounded_make_no_gap() -> None:
    reference = ReferenceBuffer(44100)
    for number in range(50):
        reference.write(np.ones(441, np.float32), 100.0 + 0.5 / 44100 + number * 0.01 + (-1) ** number * 1e-9)
    assert np.all(reference.read(100.001, 100.499).samples == 1.0)


def test_another_rate_begins_anew() -> None:
    reference = _written(1.0, at=100.0)
    reference.restart(44100)
    chunk = reference.read(100.5, 100.51)
    assert (chunk.sample_rate, chunk.frames) == (44100, 441)
    assert not chunk.samples.any()
    reference.write(_ramp(0, 441), 101.0)
    assert np.array_equal(reference.read(101.0, 101.01).samples, _ramp(0, 441))


def test_a_reader_beside_a_writer_meets_whole_samples_only() -> None:
    reference = ReferenceBuffer(RATE)
    blocks = 3000
    known = 0

    def write() -> None:
        nonlocal known
        for number in range(blocks):
            reference.write(_ramp(number * BLOCK), 100.0 + number * BLOCK / RATE)
            known = number + 1

    writer = threading.Thread(target=write)
    writer.start()
    finished = False
    while not finished:
        finished = not writer.is_alive()  # a last look is taken after the end
        end = known * BLOCK
        begin = max(0, end - 3 * RATE)
        samples = reference.read(100.0 + begin / RATE, 100.0 + end / RATE).samples
        if (known * BLOCK - end) / RATE < 1.0:  # else this thread was held up, and what it asked for forgotten
            assert np.array_equal(samples, _ramp(begin, end - begin))
