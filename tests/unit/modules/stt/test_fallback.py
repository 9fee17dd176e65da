from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.engine import ProgressCallback
from modules.fallback.events import SwitchEvent
from modules.stt.base import TranscriberCapabilities, Transcript, TranscriptionError
from modules.stt.fallback import FallbackTranscriber
from modules.stt.incremental import IncrementalTranscriber
from tests.fakes.clock import loop_time, run_virtual
from tests.fakes.engines import FakeVad
from utils.errors import ArvisError

SPEECH = AudioChunk(np.full(2 * SPEECH_RATE, 0.2, np.float32), SPEECH_RATE)
SILENCE = AudioChunk(np.zeros(2 * SPEECH_RATE, np.float32), SPEECH_RATE)
BROKEN = TranscriptionError("engine-failed", "It broke.", retryable=True)


@dataclass
class Ear:
    """Understands what it is told to, unless it is to fail or to hang."""

    name: str
    text: str = "hello there"
    error: Exception | None = None
    hangs: bool = False
    confidence: float | None = 0.9
    language: str | None = "en"
    languages: frozenset[str] | None = None
    heard: list[AudioChunk] = field(default_factory=list)

    @property
    def capabilities(self) -> TranscriberCapabilities:
        return TranscriberCapabilities(self.languages, detects_language=True)

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Nothing to do."""

    async def warm_up(self) -> float:
        return 0.2

    async def close(self) -> None:
        """Nothing to do."""

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        self.heard.append(audio)
        if self.hangs:
            await asyncio.Event().wait()
        await asyncio.sleep(0.1)
        if self.error is not None:
            raise self.error
        return Transcript(self.text, self.language, self.confidence, audio.seconds)


def play(script: Callable[[FallbackTranscriber], Coroutine[Any, Any, None]], *ears: Ear) -> list[SwitchEvent]:
    events: list[SwitchEvent] = []

    async def main() -> None:
        fallback = FallbackTranscriber(ears, events.append, deadline_seconds=20.0, clock=loop_time)
        await fallback.load()
        await script(fallback)
        await fallback.close()

    run_virtual(main)
    return events


def test_the_first_engine_is_asked() -> None:
    first = Ear("first", languages=frozenset({"en"}))

    async def script(fallback: FallbackTranscriber) -> None:
        assert (await fallback.transcribe(SPEECH)).text == "hello there"
        assert fallback.name == "first"
        assert fallback.capabilities.languages == frozenset({"en"})
        assert await fallback.warm_up() == 0.2

    assert play(script, first, Ear("second")) == []


@pytest.mark.parametrize("error", [BROKEN, RuntimeError("native"), MemoryError()])
def test_the_next_engine_hears_the_whole_utterance(error: Exception) -> None:
    second = Ear("second", "every word of it")

    async def script(fallback: FallbackTranscriber) -> None:
        assert (await fallback.transcribe(SPEECH)).text == "every word of it"
        assert fallback.name == "second"

    assert len(play(script, Ear("first", error=error), second)) == 1
    assert second.heard == [SPEECH]


def test_an_engine_that_hangs_is_given_half_the_length_of_the_utterance_on_top() -> None:
    async def script(fallback: FallbackTranscriber) -> None:
        begun = loop_time()
        assert (await fallback.transcribe(SPEECH)).text == "hello there"
        assert loop_time() - begun == pytest.approx(21.0 + 0.1, abs=0.05)
        begun = loop_time()
        await fallback.transcribe(SPEECH)
        assert loop_time() - begun == pytest.approx(0.1)

    (event,) = play(script, Ear("first", hangs=True), Ear("second"))
    assert event.added_seconds == pytest.approx(21.0, abs=0.05)


@pytest.mark.parametrize(
    ("text", "confidence"),
    [("\ufffd\ufffd\x00", 0.9), ("word " * 60, 0.9), ("hello", float("nan"))],
)
def test_what_nobody_can_have_said_is_heard_again(text: str, confidence: float) -> None:
    async def script(fallback: FallbackTranscriber) -> None:
        assert (await fallback.transcribe(SPEECH)).text == "hello there"

    (event,) = play(script, Ear("first", text, confidence=confidence), Ear("second"))
    assert event.error is not None
    assert event.error.code == "garbage"


@pytest.mark.parametrize("code", ["unknown-language", "sample-rate", "broken-audio"])
def test_the_callers_mistakes_are_not_the_engines(code: str) -> None:
    async def script(fallback: FallbackTranscriber) -> None:
        with pytest.raises(TranscriptionError, match="No"):
            await fallback.transcribe(SPEECH)
        assert fallback.name == "first"

    assert play(script, Ear("first", error=TranscriptionError(code, "No.")), Ear("second")) == []


def test_words_that_only_the_second_hears_are_not_lost() -> None:
    async def script(fallback: FallbackTranscriber) -> None:
        for _ in range(3):
            assert (await fallback.transcribe(SPEECH)).text == "hello there"
        assert fallback.chain.states()[0].breaker == "open"

    play(script, Ear("first", ""), Ear("second"))


def test_a_second_that_hears_nothing_either_proves_the_first_right_for_a_while() -> None:
    first, second = Ear("first", ""), Ear("second", "")

    async def script(fallback: FallbackTranscriber) -> None:
        for _ in range(5):
            assert (await fallback.transcribe(SPEECH)).text == ""
        assert len(second.heard) == 1
        await asyncio.sleep(30.0)
        await fallback.transcribe(SPEECH)
        assert len(second.heard) == 2
        assert fallback.chain.states()[0].breaker == "closed"

    assert play(script, first, second) == []


@pytest.mark.parametrize(
    "second",
    [
        Ear("second", "You", confidence=0.99),
        Ear("second", "You know.", confidence=0.75),
        Ear("second", "\ufffd\ufffd"),
        Ear("second", error=BROKEN),
        Ear("second", hangs=True),
    ],
)
def test_a_second_opinion_that_is_worth_nothing_changes_nothing(second: Ear) -> None:
    async def script(fallback: FallbackTranscriber) -> None:
        assert (await fallback.transcribe(SPEECH)).text == ""
        assert fallback.name == "first"

    assert play(script, Ear("first", ""), second) == []


def test_silence_needs_no_second_opinion() -> None:
    second = Ear("second")

    async def script(fallback: FallbackTranscriber) -> None:
        assert (await fallback.transcribe(SILENCE)).text == ""

    play(script, Ear("first", ""), second)
    assert second.heard == []


def test_a_single_engine_is_believed_that_it_heard_nothing() -> None:
    async def script(fallback: FallbackTranscriber) -> None:
        assert (await fallback.transcribe(SPEECH)).text == ""

    assert play(script, Ear("first", "")) == []


def test_no_engine_is_asked_for_a_language_that_it_does_not_know() -> None:
    first, english = Ear("first", "guten Tag", language="de"), Ear("second", languages=frozenset({"en"}))

    async def script(fallback: FallbackTranscriber) -> None:
        await fallback.transcribe(SPEECH)
        first.error = BROKEN
        with pytest.raises(TranscriptionError, match=r"No speech recognition works\. It broke\."):
            await fallback.transcribe(SPEECH)
        with pytest.raises(TranscriptionError):
            await fallback.transcribe(SPEECH, language="DE")
        assert (await fallback.transcribe(SPEECH, language="en")).text == "hello there"

    play(script, first, english)


def test_when_none_is_left_the_error_says_why() -> None:
    async def script(fallback: FallbackTranscriber) -> None:
        with pytest.raises(TranscriptionError) as raised:
            await fallback.transcribe(SPEECH)
        assert raised.value.code == "no-transcriber"

    play(script, Ear("first", error=BROKEN), Ear("second", error=ArvisError("x", "Nor did this.")))


def test_it_works_while_the_user_speaks() -> None:
    """An engine that breaks in the middle of an utterance loses none of its words."""
    first, second = Ear("first", "hello"), Ear("second", "hello there my friend")

    async def script(fallback: FallbackTranscriber) -> None:
        streaming = IncrementalTranscriber(fallback, FakeVad(), clock=loop_time)
        await streaming.load()
        partials: list[str] = []
        stream = streaming.open(on_partial=lambda transcript: partials.append(transcript.text))
        for number in range(30):
            if number == 15:
                first.error = BROKEN
            stream.feed(AudioChunk(np.full(SPEECH_RATE // 10, 0.3, np.float32), SPEECH_RATE))
            await asyncio.sleep(0.1)
        final = await stream.finish()
        assert final.text == "hello there my friend"
        assert final.final
        assert {"hello", "hello there my friend"} <= set(partials)
        assert second.heard[-1].seconds == pytest.approx(3.0, abs=0.1)

    assert [event.moment.value for event in play(script, first, second)] == ["first result"]
