from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import AsyncIterator

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.engine import LoadProgress
from modules.models.base import ModelError, Report
from modules.stt.base import TranscriberCapabilities, TranscriptionError
from modules.stt.threaded import NOTHING, Recogniser, Recognition, Stopped, ThreadedTranscriber, check, combine


class Listener:
    """A recogniser that says how much it heard."""

    languages = frozenset({"en", "it"})

    def __init__(self) -> None:
        self.floors = 0
        self.closed = False
        self.failure: Exception | None = None
        self.hold: threading.Event | None = None
        self.begun = threading.Event()
        self.stopped = threading.Event()

    def recognise(self, samples: Samples, language: str | None, stop: threading.Event) -> Recognition:
        if self.failure is not None:
            raise self.failure
        self.begun.set()
        if self.hold is not None:
            self.hold.wait(10)
        try:
            check(stop)
        except Stopped:
            self.stopped.set()
            raise
        return Recognition(f"{len(samples)} samples", language or "en", math.log(0.5), 2)

    def floor(self) -> float:
        self.floors += 1
        return self.floors / 10

    def close(self) -> None:
        self.closed = True


class Engine(ThreadedTranscriber):
    def __init__(self) -> None:
        super().__init__("listener")
        self.opened: list[Listener] = []
        self.failure: ModelError | None = None
        self.opening = threading.Event()
        self.hold: threading.Event | None = None

    @property
    def capabilities(self) -> TranscriberCapabilities:
        return TranscriberCapabilities(languages=None, detects_language=True)

    def _open(self, report: Report) -> Recogniser:
        self.opening.set()
        if self.hold is not None:
            self.hold.wait(10)
        if self.failure is not None:
            raise self.failure
        report("Reading", 0.5)
        self.opened.append(Listener())
        return self.opened[-1]


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    built = Engine()
    await built.load()
    yield built
    await built.close()


def _audio(count: int = SPEECH_RATE, rate: int = SPEECH_RATE) -> AudioChunk:
    return AudioChunk(np.zeros(count, np.float32), rate)


async def test_a_transcript_has_text_language_confidence_and_length(engine: Engine) -> None:
    result = await engine.transcribe(_audio(8000))
    assert (result.text, result.language, result.audio_seconds, result.final) == ("8000 samples", "en", 0.5, True)
    assert result.confidence == pytest.approx(0.5)


async def test_a_language_may_be_set_in_capitals(engine: Engine) -> None:
    assert (await engine.transcribe(_audio(), language="IT")).language == "it"


async def test_an_unknown_language_lists_the_known_ones(engine: Engine) -> None:
    with pytest.raises(TranscriptionError, match=r"'xx'.*It knows: en, it\.") as caught:
        await engine.transcribe(_audio(), language="xx")
    assert caught.value.code == "unknown-language"


async def test_another_sample_rate_is_refused(engine: Engine) -> None:
    with pytest.raises(TranscriptionError, match=r"16000 Hz.*8000 Hz") as caught:
        await engine.transcribe(_audio(rate=8000))
    assert caught.value.code == "sample-rate"


@pytest.mark.parametrize("value", [np.nan, np.inf])
async def test_values_that_are_no_sound_are_refused(engine: Engine, value: float) -> None:
    with pytest.raises(TranscriptionError) as caught:
        await engine.transcribe(AudioChunk(np.array([0.0, value], np.float32), SPEECH_RATE))
    assert caught.value.code == "broken-audio"


class NativeError(Exception):
    """ONNX Runtime's errors are of no class that Python knows."""


@pytest.mark.parametrize("kind", [RuntimeError, ValueError, NativeError])
async def test_a_native_failure_is_told_and_the_next_call_works(engine: Engine, kind: type[Exception]) -> None:
    engine.opened[0].failure = kind("out of luck")
    with pytest.raises(TranscriptionError, match="out of luck") as caught:
        await engine.transcribe(_audio())
    assert caught.value.retryable
    engine.opened[0].failure = None
    assert (await engine.transcribe(_audio())).text


async def test_cancelling_stops_the_work_and_frees_the_engine(engine: Engine) -> None:
    listener = engine.opened[0]
    listener.hold = threading.Event()
    call = asyncio.create_task(engine.transcribe(_audio()))
    assert await asyncio.to_thread(listener.begun.wait, 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    listener.hold.set()
    assert await asyncio.to_thread(listener.stopped.wait, 10)
    assert (await engine.transcribe(_audio(100))).text == "100 samples"


async def test_loading_twice_opens_once_and_reports(engine: Engine) -> None:
    other, seen = Engine(), list[LoadProgress]()
    await asyncio.gather(other.load(seen.append), other.load(seen.append))
    assert len(other.opened) == 1
    assert seen == [LoadProgress("listener", "Reading", 0.5)]
    await other.close()


async def test_loading_may_fail_and_be_tried_again() -> None:
    engine = Engine()
    engine.failure = ModelError("disk-full", "The disk is full.")
    with pytest.raises(ModelError, match="The disk is full"):
        await engine.load()
    engine.failure = None
    await engine.load()
    assert (await engine.transcribe(_audio())).text
    await engine.close()


async def test_warming_up_gives_the_second_run(engine: Engine) -> None:
    assert await engine.warm_up() == pytest.approx(0.2)


async def test_a_closed_engine_says_so_and_may_be_loaded_again(engine: Engine) -> None:
    await engine.close()
    await engine.close()
    assert engine.opened[0].closed
    with pytest.raises(TranscriptionError, match="listener is not loaded") as caught:
        await engine.transcribe(_audio())
    assert caught.value.code == "not-loaded"
    await engine.load()
    assert (await engine.transcribe(_audio())).text


async def test_an_engine_that_is_closed_while_it_loads_may_be_loaded_again() -> None:
    engine = Engine()
    engine.hold = threading.Event()
    loading = asyncio.create_task(engine.load())
    assert await asyncio.to_thread(engine.opening.wait, 10)
    closing = asyncio.create_task(engine.close())
    await asyncio.sleep(0)
    engine.hold.set()
    await asyncio.gather(loading, closing)
    assert [listener.closed for listener in engine.opened] == [True]
    await engine.load()
    assert (await engine.transcribe(_audio())).text
    await engine.close()


def test_pieces_are_joined_without_those_that_say_nothing() -> None:
    parts = [
        NOTHING,
        Recognition("One.", "it", -0.1, 3),
        Recognition("♪♪", "en", -9.0, 2),
        Recognition("Two.", "en", -0.4, 1),
    ]
    whole = combine(parts)
    assert (whole.text, whole.language, whole.tokens) == ("One. Two.", "it", 4)
    assert whole.log_probability == pytest.approx(-0.175)
    assert combine([NOTHING, Recognition("♪♪", "en", -9.0, 2)]) == NOTHING
    assert combine([]) == NOTHING
