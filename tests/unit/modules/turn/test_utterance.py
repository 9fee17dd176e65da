"""What is said into an open microphone: it pauses, is settled, and goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.stt.base import Transcript, TranscriptionError
from modules.turn.utterance import Utterance
from tests.fakes.clock import run_virtual
from tests.fakes.engines import FakeTranscriber


def sound(seconds: float = 0.02, level: float = 0.3) -> AudioChunk:
    return AudioChunk(np.full(round(seconds * SPEECH_RATE), level, np.float32), SPEECH_RATE)


@dataclass
class Engine:
    """A transcriber that may still be loading."""

    transcriber: FakeTranscriber = field(default_factory=FakeTranscriber)
    load_seconds: float = 0.0
    load_error: TranscriptionError | None = None
    waits: int = 0
    partials: list[str] = field(default_factory=list)

    async def _ready(self) -> None:
        self.waits += 1
        await asyncio.sleep(self.load_seconds)
        if self.load_error is not None:
            raise self.load_error

    def utterance(self, *, is_ready: bool = True, begin: tuple[AudioChunk, ...] = ()) -> Utterance:
        return Utterance(
            self.transcriber,
            self._ready,
            is_ready=is_ready,
            language="en",
            begin=begin,
            on_partial=lambda partial: self.partials.append(partial.text),
        )

    @property
    def fed(self) -> float:
        """Seconds that the transcriber got."""
        (stream,) = self.transcriber.streams
        return stream.sound.seconds


def run(script: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await script()

    run_virtual(main)


def test_the_transcriber_gets_what_was_heard_before_and_what_follows_once_each() -> None:
    engine = Engine()

    async def script() -> None:
        utterance = engine.utterance(begin=(sound(0.4, 0.1), sound(0.2, 0.2)))
        assert engine.fed == pytest.approx(0.6)
        utterance.feed(sound(0.02, 0.3))
        assert [engine.fed, utterance.seconds] == pytest.approx([0.62, 0.62])
        await utterance.settle()
        assert engine.fed == pytest.approx(0.62)

    run(script)
    levels = [float(chunk.samples[0]) for chunk in engine.transcriber.streams[0].fed]
    assert levels == pytest.approx([0.1, 0.2, 0.3])
    assert engine.transcriber.streams[0].language == "en"


def test_settling_gives_the_words_and_the_utterance_goes_on() -> None:
    engine = Engine(FakeTranscriber(text="what is"))

    async def script() -> None:
        utterance = engine.utterance(begin=(sound(0.4),))
        assert utterance.text == ""
        first = await utterance.settle()
        assert first.text == utterance.text == "what is"
        assert first.audio_seconds == pytest.approx(0.4)
        engine.transcriber.text = "what is the capital"
        utterance.feed(sound(0.3))
        second = await utterance.settle()
        assert second.text == utterance.text == "what is the capital"
        assert second.audio_seconds == pytest.approx(0.7)

    run(script)
    assert len(engine.transcriber.streams) == 1


def test_sound_that_comes_while_the_transcriber_loads_is_kept() -> None:
    engine = Engine(load_seconds=3.0)

    async def script() -> None:
        utterance = engine.utterance(is_ready=False, begin=(sound(0.4),))
        settling = asyncio.ensure_future(utterance.settle())
        await asyncio.sleep(1.0)
        utterance.feed(sound(0.3))
        assert engine.transcriber.streams == []
        assert utterance.seconds == pytest.approx(0.7)
        assert (await settling).audio_seconds == pytest.approx(0.7)
        utterance.feed(sound(0.1))
        assert engine.fed == pytest.approx(0.8)

    run(script)


def test_a_transcriber_that_cannot_be_loaded_is_an_error_of_settling() -> None:
    engine = Engine(load_error=TranscriptionError("load", "It cannot be loaded."))

    async def script() -> None:
        utterance = engine.utterance(is_ready=False, begin=(sound(),))
        utterance.feed(sound())
        with pytest.raises(TranscriptionError, match="cannot be loaded"):
            await utterance.settle()
        await utterance.close()
        assert engine.transcriber.streams == []

    run(script)


def test_after_a_failure_it_can_be_settled_again() -> None:
    engine = Engine(FakeTranscriber(text="hello", errors=[TranscriptionError("stt", "Broken.")]))

    async def script() -> None:
        utterance = engine.utterance(begin=(sound(),))
        with pytest.raises(TranscriptionError, match="Broken"):
            await utterance.settle()
        assert utterance.text == ""
        assert (await utterance.settle()).text == "hello"

    run(script)
    assert engine.waits == 2


def test_a_settling_that_is_given_up_can_be_repeated() -> None:
    engine = Engine(FakeTranscriber(text="hello", seconds=1.0))

    async def script() -> None:
        utterance = engine.utterance(begin=(sound(),))
        settling = asyncio.ensure_future(utterance.settle())
        await asyncio.sleep(0.5)
        settling.cancel()
        utterance.feed(sound())
        assert (await utterance.settle()).text == "hello"

    run(script)


def test_words_are_told_while_they_are_spoken_until_it_is_closed() -> None:
    engine = Engine(FakeTranscriber(partials=["what", "what is", "what is the"]))

    async def script() -> None:
        utterance = engine.utterance(begin=(sound(),))
        utterance.feed(sound())
        assert (engine.partials, utterance.text) == (["what", "what is"], "what is")
        await utterance.close()
        utterance.feed(sound())  # a transcriber may be late
        assert (engine.partials, utterance.text) == (["what", "what is"], "what is")

    run(script)
    assert engine.transcriber.streams[0].cancelled


def test_closing_silences_it_at_once_even_if_the_transcriber_takes_its_time() -> None:
    engine = Engine(FakeTranscriber(partials=["what"]))

    async def script() -> None:
        utterance = engine.utterance(begin=(sound(),))
        (stream,) = engine.transcriber.streams
        closing = asyncio.ensure_future(utterance.close())
        await asyncio.sleep(0.0)
        assert stream.on_partial is not None
        stream.on_partial(Transcript("what is", final=False))
        await closing

    run(script)
    assert engine.partials == ["what"]


def test_an_utterance_that_was_closed_while_the_transcriber_loads_is_not_transcribed() -> None:
    engine = Engine(load_seconds=3.0)

    async def script() -> None:
        utterance = engine.utterance(is_ready=False, begin=(sound(0.4),))
        settling = asyncio.ensure_future(utterance.settle())
        await asyncio.sleep(1.0)
        await utterance.close()
        assert (await settling).text == ""

    run(script)
    assert engine.transcriber.streams == []


@pytest.mark.parametrize(("seconds", "levels"), [(0.01, [0.3]), (0.04, [0.2, 0.3]), (0.05, [0.1, 0.2, 0.3])])
def test_the_tail_is_the_last_of_the_sound(seconds: float, levels: list[float]) -> None:
    async def script() -> None:
        utterance = Engine().utterance(begin=(sound(0.02, 0.1), sound(0.02, 0.2), sound(0.02, 0.3)))
        tail = utterance.tail(seconds)
        assert (tail.frames, tail.sample_rate) == (round(seconds * SPEECH_RATE), SPEECH_RATE)
        assert sorted(set(tail.samples.tolist())) == pytest.approx(levels)

    run(script)


def test_the_tail_of_a_short_utterance_is_all_of_it() -> None:
    async def script() -> None:
        assert Engine().utterance(begin=(sound(0.3),)).tail(8.0).seconds == pytest.approx(0.3)
        assert Engine().utterance().tail(8.0).frames == 0
        assert Engine().utterance(begin=(sound(0.3),)).tail(0.0).frames == 0

    run(script)
