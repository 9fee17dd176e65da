"""What every output does alike: a virtual speaker, and the one that tests of a conversation use."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from modules.audio.base import AudioChunk, AudioOutput
from modules.audio.recorder import RecorderOutput
from tests.fakes.audio import FakeOutput
from tests.fakes.clock import loop_time, run_virtual

Make = Callable[[], AudioOutput]
OUTPUTS: list[Make] = [FakeOutput, lambda: RecorderOutput(realtime=True, clock=loop_time)]
every_output = pytest.mark.parametrize("make", OUTPUTS, ids=["fake", "recorder"])
BLOCK = pytest.approx(0.0, abs=0.011)


def _play(make: Make, script: Callable[[AudioOutput], Awaitable[None]]) -> None:
    async def main() -> None:
        output = make()
        await output.begin()
        await output.play(AudioChunk(np.full(48000, 0.5, np.float32), 48000))
        await script(output)
        await output.close()

    run_virtual(main)


@every_output
def test_a_pause_holds_the_clock_and_the_drain(make: Make) -> None:
    async def script(output: AudioOutput) -> None:
        began = loop_time()
        draining = asyncio.create_task(output.drain())
        await asyncio.sleep(0.3)
        for seconds in (2.0, 0.5):
            output.pause()
            output.pause()
            await asyncio.sleep(seconds)
            output.resume()
            output.resume()
            await asyncio.sleep(0.1)
        assert output.clock.heard(loop_time()) - 0.5 == BLOCK
        await draining
        assert loop_time() - began - 3.5 == BLOCK
        assert output.clock.heard(loop_time()) == pytest.approx(1.0)

    _play(make, script)


@every_output
def test_what_is_played_during_a_pause_comes_after_it(make: Make) -> None:
    async def script(output: AudioOutput) -> None:
        await asyncio.sleep(1.5)
        output.pause()
        await output.play(AudioChunk(np.full(24000, 0.5, np.float32), 48000))
        await asyncio.sleep(1.0)
        assert output.clock.heard(loop_time()) == pytest.approx(1.0)
        output.resume()
        resumed = loop_time()
        await output.drain()
        assert loop_time() - resumed - 0.5 == BLOCK
        assert output.clock.heard(loop_time()) == pytest.approx(1.5)

    _play(make, script)


@every_output
def test_stopping_in_a_pause_tells_what_was_heard_and_ends_the_drain(make: Make) -> None:
    async def script(output: AudioOutput) -> None:
        draining = asyncio.create_task(output.drain())
        await asyncio.sleep(0.3)
        output.pause()
        await asyncio.sleep(5.0)
        assert output.stop() - 0.3 == BLOCK
        await draining
        output.resume()
        await asyncio.sleep(5.0)
        assert output.clock.heard(loop_time()) - 0.3 == BLOCK

    _play(make, script)


@every_output
def test_a_new_playback_is_not_paused(make: Make) -> None:
    async def script(output: AudioOutput) -> None:
        output.pause()
        await output.begin()
        await output.play(AudioChunk(np.full(24000, 0.5, np.float32), 48000))
        began = loop_time()
        await output.drain()
        assert loop_time() - began - 0.5 == BLOCK

    _play(make, script)


@every_output
def test_stopping_ends_a_drain_at_once(make: Make) -> None:
    async def script(output: AudioOutput) -> None:
        draining = asyncio.create_task(output.drain())
        await asyncio.sleep(0.3)
        output.stop()
        await draining
        assert loop_time() == pytest.approx(1000.3)

    _play(make, script)


def test_the_fake_tells_what_it_was_told() -> None:
    output = FakeOutput()
    output.pause()
    output.set_gain(-12.0)

    async def script(_: AudioOutput) -> None:
        output.set_gain(-12.0)
        output.pause()
        output.pause()
        assert output.paused
        output.resume()
        output.resume()
        output.set_gain(0.0)
        output.stop()
        output.pause()
        output.set_gain(-3.0)

    _play(lambda: output, script)
    assert (output.gains, output.pauses, output.resumes, output.stops) == ([-12.0, 0.0], 1, 1, 1)
    assert not output.reference.read(1000.0, 1001.0).samples.any()
