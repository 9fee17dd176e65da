from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator

import numpy as np
import pytest

from modules.audio.base import Samples
from modules.engine import LoadProgress
from modules.tts.base import SynthesisError, SynthesizerCapabilities
from modules.tts.local import LocalSynthesizer, SpeechJob
from utils.errors import MissingDependencyError


class Blocks(LocalSynthesizer):
    """Speaks one block a word; can be made to fail, or to block until it is stopped."""

    name = "blocks"

    def __init__(self) -> None:
        super().__init__()
        self.open_errors: list[Exception] = []
        self.opened = 0
        self.released = 0
        self.said: list[str] = []
        self.fail_at: str | None = None
        self.block_at: str | None = None
        self.blocked = threading.Event()
        self.finished: list[str] = []

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        return SynthesizerCapabilities(1000, ("plain", *(f"voice{n}" for n in range(12))), frozenset({"en"}))

    def _open(self) -> None:
        self.opened += 1
        if self.open_errors:
            raise self.open_errors.pop(0)

    def _release(self) -> None:
        self.released += 1

    def _begin(self, text: str, voice: str, speed: float) -> SpeechJob:
        stopped = threading.Event()
        self.said.append(f"{voice} {speed}: {text}")
        return SpeechJob(self._pieces(text, stopped), stopped.set)

    def _pieces(self, text: str, stopped: threading.Event) -> Generator[Samples, None, None]:
        try:
            for word in text.split():
                if word == self.fail_at:
                    raise ZeroDivisionError("by zero")
                if word == self.block_at:
                    self.blocked.set()
                    stopped.wait()
                yield np.ones(len(word), np.float32)
        finally:
            self.finished.append(text)


async def _loaded() -> Blocks:
    synthesizer = Blocks()
    await synthesizer.load()
    return synthesizer


async def _sizes(synthesizer: Blocks, text: str, *, voice: str | None = None, speed: float = 1.0) -> list[int]:
    return [chunk.frames async for chunk in synthesizer.stream(text, voice=voice, speed=speed)]


async def test_chunks_come_in_order_with_their_position() -> None:
    synthesizer = await _loaded()
    chunks = [chunk async for chunk in synthesizer.stream("one three five")]
    assert [(chunk.frame_index, chunk.frames, chunk.sample_rate) for chunk in chunks] == [
        (0, 3, 1000),
        (3, 5, 1000),
        (8, 4, 1000),
    ]
    await synthesizer.close()


async def test_load_reports_and_happens_once() -> None:
    synthesizer = Blocks()
    steps: list[LoadProgress] = []
    await asyncio.gather(synthesizer.load(steps.append), synthesizer.load(steps.append))
    assert synthesizer.opened == 1
    assert [(step.engine, step.fraction) for step in steps] == [("blocks", None), ("blocks", 1.0)]
    await synthesizer.close()


async def test_a_library_failing_to_load_becomes_a_known_error() -> None:
    synthesizer = Blocks()
    synthesizer.open_errors = [RuntimeError("bad file"), MissingDependencyError("missing-dependency", "Not there.")]
    with pytest.raises(SynthesisError, match="'blocks' cannot be loaded: bad file") as raised:
        await synthesizer.load()
    assert raised.value.code == "load-failed"
    with pytest.raises(MissingDependencyError):
        await synthesizer.load()
    await synthesizer.load()
    assert await _sizes(synthesizer, "yes") == [3]
    await synthesizer.close()


async def test_a_library_failing_to_speak_becomes_a_known_error() -> None:
    synthesizer = await _loaded()
    synthesizer.fail_at = "two"
    with pytest.raises(SynthesisError, match="'blocks' failed while speaking: by zero"):
        await _sizes(synthesizer, "one two three")
    assert await _sizes(synthesizer, "fine") == [4]
    await synthesizer.close()


async def test_warm_up_speaks_twice_and_measures() -> None:
    synthesizer = await _loaded()
    seconds = await synthesizer.warm_up()
    assert 0 < seconds < 60
    assert len(synthesizer.said) == 2
    assert synthesizer.said[1] == "plain 1.0: It is ten past seven now."
    await synthesizer.close()


async def test_text_without_words_yields_nothing() -> None:
    synthesizer = await _loaded()
    assert await _sizes(synthesizer, "... —") == []
    assert synthesizer.said == []
    await synthesizer.close()


async def test_voice_and_speed_are_handed_on() -> None:
    synthesizer = await _loaded()
    await _sizes(synthesizer, "yes", voice="voice3", speed=0.5)
    assert synthesizer.said == ["voice3 0.5: yes"]
    await synthesizer.close()


async def test_an_unknown_voice_is_refused_with_some_that_exist() -> None:
    synthesizer = await _loaded()
    with pytest.raises(SynthesisError, match=r"no voice 'nobody'\. Choose one of: plain, .*voice6 and 5 more\."):
        await _sizes(synthesizer, "yes", voice="nobody")
    await synthesizer.close()


@pytest.mark.parametrize("speed", [0.49, 2.01, float("nan")])
async def test_a_speed_out_of_bounds_is_refused(speed: float) -> None:
    synthesizer = await _loaded()
    with pytest.raises(SynthesisError, match=r"must be 0\.5 to 2\.0") as raised:
        await _sizes(synthesizer, "yes", speed=speed)
    assert raised.value.code == "bad-speed"
    await synthesizer.close()


async def test_speaking_before_loading_is_refused() -> None:
    with pytest.raises(SynthesisError, match="not loaded") as raised:
        await _sizes(Blocks(), "yes")
    assert raised.value.retryable


async def test_cancelling_stops_the_piece_in_the_making_and_frees_the_engine() -> None:
    synthesizer = await _loaded()
    synthesizer.block_at = "forever"
    task = asyncio.create_task(_sizes(synthesizer, "it takes forever now"))
    await asyncio.to_thread(synthesizer.blocked.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert synthesizer.finished == ["it takes forever now"]
    assert await _sizes(synthesizer, "again") == [5]
    await synthesizer.close()


async def test_leaving_a_stream_ends_it() -> None:
    synthesizer = await _loaded()
    stream = synthesizer.stream("one two three")
    await anext(stream)
    await stream.aclose()
    assert synthesizer.finished == ["one two three"]
    await synthesizer.close()


async def test_closing_ends_open_streams_with_an_error() -> None:
    synthesizer = await _loaded()
    stream = synthesizer.stream("one two three")
    await anext(stream)
    await synthesizer.close()
    with pytest.raises(SynthesisError, match="closed while it spoke"):
        await anext(stream)


async def test_a_closed_engine_may_be_loaded_again() -> None:
    synthesizer = await _loaded()
    await synthesizer.close()
    await synthesizer.close()
    assert synthesizer.released == 1
    await synthesizer.load()
    assert await _sizes(synthesizer, "yes") == [3]
    await synthesizer.close()
