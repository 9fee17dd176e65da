from __future__ import annotations

import threading

import numpy as np
import pytest

from modules.audio.ring import RingBuffer


def _ramp(start: int, stop: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.arange(start, stop, dtype=np.float32)


def test_samples_come_out_in_order_across_the_seam() -> None:
    ring = RingBuffer(10)
    out = np.zeros(7, np.float32)
    for round_ in range(5):
        assert ring.write(_ramp(round_ * 7, round_ * 7 + 7)) == 7
        assert ring.read_into(out) == 7
        assert out.tolist() == list(range(round_ * 7, round_ * 7 + 7))
    assert (ring.written, ring.read, ring.available, ring.overruns) == (35, 35, 0, 0)


def test_what_does_not_fit_is_lost_and_counted() -> None:
    ring = RingBuffer(5)
    assert ring.write(_ramp(0, 3)) == 3
    assert ring.write(_ramp(3, 9)) == 2
    assert ring.write(_ramp(9, 12)) == 0
    assert ring.overruns == 2
    out = np.full(8, -1.0, np.float32)
    assert ring.read_into(out) == 5
    assert out.tolist() == [0, 1, 2, 3, 4, -1, -1, -1]


def test_a_full_ring_of_no_free_samples() -> None:
    ring = RingBuffer(4)
    ring.write(_ramp(0, 4))
    assert (ring.free, ring.available) == (0, 4)


def test_discarding_stops_at_the_position_and_never_goes_back() -> None:
    ring = RingBuffer(10)
    ring.write(_ramp(0, 8))
    ring.discard_to(5)
    ring.discard_to(2)
    out = np.zeros(1, np.float32)
    ring.read_into(out)
    assert out[0] == 5
    ring.discard_to(100)
    assert ring.available == 0
    assert ring.read == 8


def test_looking_ahead_leaves_the_samples_there() -> None:
    ring = RingBuffer(6)
    out = np.zeros(4, np.float32)
    ring.write(_ramp(0, 4))
    ring.read_into(out)
    ring.write(_ramp(4, 9))
    for _ in range(2):
        assert ring.peek_into(out) == 4
        assert out.tolist() == [4, 5, 6, 7]
    assert ring.available == 5
    ring.discard_to(7)
    assert ring.peek_into(out) == 2
    assert out[:2].tolist() == [7, 8]


def test_a_capacity_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        RingBuffer(0)


def test_one_thread_writes_while_another_reads() -> None:
    ring = RingBuffer(257)
    total = 20_000
    received: list[float] = []

    def write() -> None:
        at = 0
        while at < total:
            count = min(101, total - at, ring.free)
            at += ring.write(_ramp(at, at + count))

    writer = threading.Thread(target=write)
    writer.start()
    out = np.zeros(64, np.float32)
    while len(received) < total:
        received += out[: ring.read_into(out)].tolist()
    writer.join()
    assert received == list(range(total))
    assert ring.overruns == 0
