"""Speech is coded as loudness here: each word is a stretch of its own constant value, silence is zero."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.engine import ProgressCallback
from modules.stt.base import TranscriberCapabilities, Transcript, TranscriptionError, TranscriptionStream
from modules.stt.incremental import LONGEST, IncrementalTranscriber
from modules.vad.base import SpeechSpan, VadStream

WINDOW = 512
WORD = WINDOW * 10
"""Samples of a word (0.32 s)."""


class LoudnessStream:
    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)

    def feed(self, chunk: AudioChunk) -> list[float]:
        samples = np.concatenate((self._rest, chunk.samples))
        count = len(samples) // WINDOW
        self._rest = samples[count * WINDOW :]
        return [0.9 if window.max() > 0 else 0.0 for window in samples[: count * WINDOW].reshape(count, WINDOW)]


class Loudness:
    """A detector of speech that hears whatever is not zero."""

    name = "loudness"

    def __init__(self) -> None:
        self.state = "built"

    async def load(self, progress: ProgressCallback | None = None) -> None:
        self.state = "loaded"

    async def warm_up(self) -> float:
        self.state = "warm"
        return 0.001

    async def close(self) -> None:
        self.state = "closed"

    def open(self) -> VadStream:
        return LoudnessStream()

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        raise NotImplementedError


class Reader:
    """A transcriber that reads the coded words; each call waits until it is let go on."""

    name = "reader"
    capabilities = TranscriberCapabilities(languages=None, detects_language=True)

    def __init__(self) -> None:
        self.state = "built"
        self.go = asyncio.Event()
        self.go.set()
        self.calls: list[float] = []
        """Seconds of audio of each call."""
        self.languages: list[str | None] = []
        self.finished = 0
        self.cancelled = 0
        self.failure: TranscriptionError | None = None
        self.found = ["en"]
        """Languages that the calls find, in turn."""

    async def load(self, progress: ProgressCallback | None = None) -> None:
        self.state = "loaded"

    async def warm_up(self) -> float:
        self.state = "warm"
        return 0.25

    async def close(self) -> None:
        self.state = "closed"

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        assert audio.sample_rate == SPEECH_RATE
        self.calls.append(audio.seconds)
        self.languages.append(language)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failure is not None:
            raise self.failure
        self.finished += 1
        return Transcript(
            read(audio.samples), language or self.found[len(self.calls) % len(self.found)], 0.5, audio.seconds
        )


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def read(samples: Samples) -> str:
    """The words in some audio; one that is cut off counts only when half of it is there."""
    values, counts = np.unique(np.round(samples * 1000).astype(int), return_counts=True)
    return " ".join(str(value) for value, count in zip(values, counts, strict=True) if value and count * 2 >= WORD)


def word(number: int) -> Samples:
    return np.full(WORD, number / 1000, np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SPEECH_RATE), np.float32)


def words(first: int, last: int) -> Samples:
    return np.concatenate([word(number) for number in range(first, last + 1)])


class Desk:
    """An utterance, what feeds it, and what comes out."""

    def __init__(self) -> None:
        self.reader = Reader()
        self.vad = Loudness()
        self.clock = Clock()
        self.engine = IncrementalTranscriber(self.reader, self.vad, clock=self.clock)
        self.partials: list[str] = []
        self.stream = self.open()

    def open(self, language: str | None = None) -> TranscriptionStream:
        return self.engine.open(language=language, on_partial=self._partial)

    async def say(self, *parts: Samples) -> None:
        """Feed audio in chunks of 32 ms; the clock goes along, and the loop runs after every chunk."""
        audio = np.concatenate(parts)
        for start in range(0, len(audio), WINDOW):
            self.stream.feed(AudioChunk(audio[start : start + WINDOW], SPEECH_RATE))
            self.clock.now += WINDOW / SPEECH_RATE
            for _ in range(5):
                await asyncio.sleep(0)

    def _partial(self, transcript: Transcript) -> None:
        assert not transcript.final
        self.partials.append(transcript.text)


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_without_speech_the_engine_is_never_run(desk: Desk) -> None:
    await desk.say(silence(3.0))
    result = await desk.stream.finish()
    assert (result.text, result.final) == ("", True)
    assert result.audio_seconds == pytest.approx(3.0)
    assert desk.reader.calls == []
    assert desk.partials == []


async def test_no_audio_at_all(desk: Desk) -> None:
    assert (await desk.stream.finish()).text == ""


async def test_a_click_is_no_speech(desk: Desk) -> None:
    await desk.say(silence(1.0), word(1)[: WINDOW * 2], silence(1.0))
    assert (await desk.stream.finish()).text == ""
    assert desk.reader.calls == []


async def test_after_a_pause_the_final_transcript_is_there(desk: Desk) -> None:
    await desk.say(words(1, 4), silence(0.3))
    calls = len(desk.reader.calls)
    result = await desk.stream.finish()
    assert result.text == "1 2 3 4"
    assert result.final
    assert result.audio_seconds == pytest.approx(4 * 0.32 + 0.3)
    assert len(desk.reader.calls) == calls


async def test_a_run_that_covers_everything_is_waited_for(desk: Desk) -> None:
    desk.reader.go.clear()
    await desk.say(words(1, 2), silence(0.3))
    assert len(desk.reader.calls) == 1
    final = asyncio.create_task(desk.stream.finish())
    await asyncio.sleep(0)
    desk.reader.go.set()
    assert (await final).text == "1 2"
    assert len(desk.reader.calls) == 1
    assert desk.partials == []


async def test_speech_after_the_last_run_needs_one_more(desk: Desk) -> None:
    await desk.say(words(1, 2), silence(0.3), word(3))
    assert desk.partials[-1] == "1 2"
    assert (await desk.stream.finish()).text == "1 2 3"


async def test_an_obsolete_run_is_dropped_at_the_end(desk: Desk) -> None:
    desk.reader.go.clear()
    await desk.say(words(1, 4))
    assert len(desk.reader.calls) == 1
    final = asyncio.create_task(desk.stream.finish())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    desk.reader.go.set()
    assert (await final).text == "1 2 3 4"
    assert (desk.reader.cancelled, desk.reader.finished) == (1, 1)


async def test_a_pause_drops_a_run_that_has_not_heard_everything(desk: Desk) -> None:
    desk.reader.go.clear()
    await desk.say(words(1, 4))
    await desk.say(silence(0.2))
    assert len(desk.reader.calls) == 2
    assert desk.reader.cancelled == 1
    desk.reader.go.set()
    assert (await desk.stream.finish()).text == "1 2 3 4"


async def test_a_short_gap_starts_nothing(desk: Desk) -> None:
    await desk.say(word(1), silence(0.06), word(2)[: WINDOW * 2])
    assert desk.reader.calls == []


async def test_silence_does_not_run_the_engine_again(desk: Desk) -> None:
    await desk.say(words(1, 2), silence(5.0))
    assert len(desk.reader.calls) == 1


async def test_while_speech_goes_on_partials_come_at_steps(desk: Desk) -> None:
    await desk.say(words(1, 10))
    assert 3 <= len(desk.reader.calls) <= 5
    assert desk.partials[0] == "1 2"
    assert all(len(later) > len(earlier) for earlier, later in zip(desk.partials, desk.partials[1:], strict=False))


async def test_slow_runs_are_made_less_often(desk: Desk) -> None:
    quick = len(desk.reader.calls)
    await desk.say(words(1, 30))
    quick, desk.reader.calls = len(desk.reader.calls), []
    transcribe = desk.reader.transcribe

    async def slowly(audio: AudioChunk, *, language: str | None = None) -> Transcript:
        desk.clock.now += 0.8
        return await transcribe(audio, language=language)

    desk.reader.transcribe = slowly  # type: ignore[method-assign]  # a fault
    desk.stream = desk.open()
    await desk.say(words(1, 30))
    assert quick >= 12
    assert len(desk.reader.calls) <= 30 * 0.32 / (0.8 / 0.4 - 0.8) + 1


async def test_silence_around_the_speech_is_not_transcribed(desk: Desk) -> None:
    await desk.say(silence(20.0), words(1, 2))
    assert (await desk.stream.finish()).text == "1 2"
    assert max(desk.reader.calls) < 2 * 0.32 + 0.7


async def test_a_pause_inside_keeps_both_sides(desk: Desk) -> None:
    await desk.say(words(1, 3), silence(2.0), words(4, 6), silence(0.5))
    assert (await desk.stream.finish()).text == "1 2 3 4 5 6"


async def test_long_speech_is_fixed_piece_by_piece(desk: Desk) -> None:
    parts = [part for number in range(1, 200, 2) for part in (words(number, number + 1), silence(0.12))]
    await desk.say(*parts)
    assert max(desk.reader.calls) <= LONGEST
    assert (await desk.stream.finish()).text == " ".join(map(str, range(1, 201)))
    assert desk.partials[-1].startswith("1 2 3 4 5 6")


async def test_speech_without_any_pause_is_cut_all_the_same(desk: Desk) -> None:
    await desk.say(words(1, 100))
    result = await desk.stream.finish()
    assert max(desk.reader.calls) <= LONGEST
    heard = [int(number) for number in result.text.split()]
    assert set(range(1, 101)) - set(heard) == set()


async def test_a_recording_fed_at_once_is_transcribed_whole(desk: Desk) -> None:
    parts = [part for number in range(1, 120, 2) for part in (words(number, number + 1), silence(0.3))]
    desk.stream.feed(AudioChunk(np.concatenate(parts), SPEECH_RATE))
    result = await desk.stream.finish()
    assert result.text == " ".join(map(str, range(1, 121)))
    assert result.language == "en"
    assert result.confidence == pytest.approx(0.5)
    assert sum(desk.reader.calls) < 1.2 * result.audio_seconds


async def test_a_failing_partial_run_is_forgotten(desk: Desk) -> None:
    desk.reader.failure = TranscriptionError("engine-failed", "It failed.")
    await desk.say(words(1, 2), silence(0.3))
    desk.reader.failure = None
    await desk.say(words(3, 4))
    assert (await desk.stream.finish()).text == "1 2 3 4"


async def test_a_failing_final_run_is_told(desk: Desk) -> None:
    desk.reader.failure = TranscriptionError("engine-failed", "It failed.")
    await desk.say(words(1, 2), silence(0.3))
    with pytest.raises(TranscriptionError, match="It failed"):
        await desk.stream.finish()


async def test_cancelling_ends_the_run_and_the_partials(desk: Desk) -> None:
    desk.reader.go.clear()
    await desk.say(words(1, 4))
    await desk.stream.cancel()
    desk.reader.go.set()
    await desk.say(words(5, 9))
    assert (desk.reader.cancelled, desk.reader.finished) == (1, 0)
    assert desk.partials == []


async def test_cancelling_before_anything_happened(desk: Desk) -> None:
    await desk.stream.cancel()
    await desk.stream.cancel()
    assert desk.reader.calls == []


async def test_a_set_language_is_used(desk: Desk) -> None:
    desk.stream = desk.open("it")
    await desk.say(words(1, 4), silence(0.3))
    assert (await desk.stream.finish()).language == "it"
    assert set(desk.reader.languages) == {"it"}


async def test_a_language_found_twice_in_long_speech_is_settled(desk: Desk) -> None:
    await desk.say(words(1, 8))
    assert set(desk.reader.languages) == {None}
    await desk.say(words(9, 20))
    assert desk.reader.languages[-1] == "en"


async def test_a_language_that_changes_is_not_settled(desk: Desk) -> None:
    desk.reader.found = ["en", "de"]
    await desk.say(words(1, 30))
    assert len(desk.reader.languages) > 10
    assert set(desk.reader.languages) == {None}


async def test_the_life_of_both_engines(desk: Desk) -> None:
    await desk.engine.load()
    assert (desk.reader.state, desk.vad.state) == ("loaded", "loaded")
    assert await desk.engine.warm_up() == 0.25
    assert (desk.reader.state, desk.vad.state) == ("warm", "warm")
    await desk.engine.close()
    assert (desk.reader.state, desk.vad.state) == ("closed", "closed")
    assert desk.engine.name == "reader"
    assert desk.engine.capabilities is desk.reader.capabilities
