"""The microphone that tests of a conversation use."""

from __future__ import annotations

import asyncio

import pytest

from modules.audio.base import AudioSource
from tests.fakes.audio import FakeSource
from tests.fakes.clock import loop_time, run_virtual
from utils.errors import ArvisError

GONE = ArvisError("no-device", "There is no microphone.")


async def _levels(source: AudioSource) -> list[tuple[float, float]]:
    """Seconds since the first chunk, and amplitude."""
    found = [(chunk.time, round(float(chunk.samples[0]), 3)) async for chunk in source.chunks()]
    return [(round(time - found[0][0], 3), level) for time, level in found]


def test_sounds_are_captured_one_after_the_other_and_then_the_level() -> None:
    source = FakeSource(seconds=0.14, level=0.0, sounds=[(0.04, 0.3), (0.06, 0.0)])

    async def main() -> list[tuple[float, float]]:
        await source.open()
        asyncio.get_running_loop().call_later(0.11, source.sounds.append, (0.02, 0.5))
        return await _levels(source)

    levels = run_virtual(main)
    assert levels == [(0.0, 0.3), (0.02, 0.3), (0.04, 0.0), (0.06, 0.0), (0.08, 0.0), (0.1, 0.5), (0.12, 0.0)]
    assert source.reads == 7
    assert source.sounds == []


def test_a_late_reader_gets_at_once_what_was_captured_meanwhile() -> None:
    source = FakeSource(seconds=0.2)

    async def main() -> None:
        await source.open()
        began = loop_time()
        async for chunk in source.chunks():
            if chunk.frame_index == 0:
                await asyncio.sleep(0.1)
            assert chunk.time == pytest.approx(began + chunk.frame_index / 16_000)
        assert loop_time() - began == pytest.approx(0.2)

    run_virtual(main)


def test_nothing_is_read_after_close() -> None:
    source = FakeSource()

    async def main() -> None:
        await source.open()
        reading = asyncio.create_task(_levels(source))
        await asyncio.sleep(1.01)
        assert (source.reads, source.readers) == (50, 1)
        await source.close()
        assert len(await reading) == 50
        await asyncio.sleep(1.0)
        assert (source.reads, source.readers, source.reads_after_close) == (50, 0, 0)
        assert await _levels(source) == []
        assert (source.reads, source.reads_after_close) == (50, 1)

    run_virtual(main)


def test_a_reader_of_the_opening_before_gets_nothing_of_the_next() -> None:
    source = FakeSource()

    async def main() -> None:
        await source.open()
        reading = asyncio.create_task(_levels(source))
        await asyncio.sleep(0.11)
        await source.close()
        await source.open()
        assert len(await reading) == 5
        await source.close()

    run_virtual(main)


def test_a_device_that_is_lost_and_comes_back() -> None:
    source = FakeSource(lose_after=0.1, open_errors=[GONE, GONE])

    async def main() -> None:
        for _ in range(2):
            with pytest.raises(ArvisError, match="no microphone"):
                await source.open()
        await source.open()
        with pytest.raises(ArvisError, match="unplugged"):
            await _levels(source)
        assert source.reads == 5
        await source.close()

    run_virtual(main)


def test_a_device_that_stalls_gives_nothing_more_and_can_be_closed() -> None:
    source = FakeSource(stall_after=0.1, open_seconds=2.0)

    async def main() -> None:
        began = loop_time()
        await source.open()
        assert loop_time() - began == pytest.approx(2.0)
        reading = asyncio.create_task(_levels(source))
        await asyncio.sleep(10.0)
        assert source.reads == 5
        await source.close()
        assert len(await reading) == 5

    run_virtual(main)
