from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import AudioChunk, AudioError, AudioSource
from modules.audio.file_source import FileSource
from modules.audio.files import write_wav


class VirtualTime:
    """A clock that sleeping moves on; each sleep ends `late` seconds too late."""

    def __init__(self, late: float = 0.0) -> None:
        self.now = 1000.0
        self.late = late
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds:
            self.now += seconds + self.late


def _chunk(frames: int, rate: int = 16000) -> AudioChunk:
    return AudioChunk(np.linspace(-1, 1, frames, dtype=np.float32), rate)


async def test_a_chunk_in_memory_comes_in_pieces_of_20_ms() -> None:
    source: AudioSource = FileSource(_chunk(1000))
    await source.open()
    pieces = [piece async for piece in source.chunks()]
    assert [piece.frames for piece in pieces] == [320, 320, 360]
    assert [piece.frame_index for piece in pieces] == [0, 320, 640]
    assert {piece.time for piece in pieces} == {0.0}
    assert np.array_equal(np.concatenate([piece.samples for piece in pieces]), _chunk(1000).samples)


@pytest.mark.parametrize(("frames", "sizes"), [(100, [100]), (320, [320]), (479, [479]), (480, [320, 160]), (0, [])])
async def test_the_last_piece_takes_what_would_be_too_short(frames: int, sizes: list[int]) -> None:
    source = FileSource(_chunk(frames))
    await source.open()
    assert [piece.frames async for piece in source.chunks()] == sizes


async def test_a_file_of_another_rate(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", _chunk(48000, 48000))
    source = FileSource(tmp_path / "a.wav")
    await source.open()
    pieces = [piece async for piece in source.chunks()]
    assert sum(piece.frames for piece in pieces) == 16000
    assert {piece.sample_rate for piece in pieces} == {16000}


async def test_a_missing_file_is_reported_by_open(tmp_path: Path) -> None:
    with pytest.raises(AudioError) as caught:
        await FileSource(tmp_path / "none.wav").open()
    assert caught.value.code == "file-not-found"


async def test_real_time_keeps_to_its_schedule_although_every_sleep_is_late() -> None:
    time = VirtualTime(late=0.004)
    source = FileSource(_chunk(16000), realtime=True, clock=time.clock, sleep=time.sleep)
    await source.open()
    count = 0
    async for piece in source.chunks():
        count += 1
        assert piece.time == pytest.approx(1000.0 + (count - 1) * 0.02)
        assert time.now == pytest.approx(1000.0 + count * 0.02 + 0.004)
    assert count == 50


async def test_a_consumer_that_fell_behind_catches_up() -> None:
    time = VirtualTime()
    source = FileSource(_chunk(3200), realtime=True, clock=time.clock, sleep=time.sleep)
    await source.open()
    pieces = source.chunks()
    await anext(pieces)
    time.now += 0.1
    for _ in range(5):
        await anext(pieces)
    assert time.slept[1:] == [0.0] * 5


async def test_without_real_time_nothing_is_waited_for() -> None:
    time = VirtualTime()
    source = FileSource(_chunk(16000), clock=time.clock, sleep=time.sleep)
    await source.open()
    assert len([piece async for piece in source.chunks()]) == 50
    assert time.slept == [0.0] * 50


async def test_nothing_comes_after_close() -> None:
    source = FileSource(_chunk(16000))
    await source.open()
    received = []
    async for piece in source.chunks():
        received.append(piece.frame_index)
        if len(received) == 3:
            await source.close()
    assert received == [0, 320, 640]
    assert [piece async for piece in source.chunks()] == []


async def test_it_can_be_opened_again() -> None:
    source = FileSource(_chunk(640))
    for _ in range(2):
        await source.open()
        assert [piece.frame_index async for piece in source.chunks()] == [0, 320]
        await source.close()
