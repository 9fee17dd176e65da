"""Engines that work, are missing, are slow, or do nothing useful."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.health.base import Finding, HealthError, Status
from modules.health.engines import (
    QUESTION,
    WORD,
    Trial,
    answer,
    conclude,
    detect,
    load_and_try,
    question,
    speak,
    transcribe,
    transcribe_stream,
)
from modules.vad.base import SpeechSpan, VadStream
from tests.fakes.clock import loop_time, run_virtual
from tests.fakes.engines import FakeEngine, FakeLanguageModel, FakeSynthesizer, FakeTranscriber
from utils.errors import ArvisError

SPEECH = AudioChunk(np.full(2 * SPEECH_RATE, 0.1, np.float32), SPEECH_RATE)
MESSAGES = question("Be brief.")


@dataclass
class FakeVad(FakeEngine):
    found: list[SpeechSpan] = field(default_factory=lambda: [SpeechSpan(0.2, 0.7), SpeechSpan(1.0, 1.5)])

    def open(self) -> VadStream:
        raise NotImplementedError

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        return self.found


async def works(engine: FakeEngine) -> Trial:
    return Trial("does its work", {"rtf": 0.2})


def test_an_engine_that_works_is_measured_and_kept() -> None:
    engine = FakeEngine("whisper", load_seconds=1.5)
    kept: list[FakeEngine] = []
    found = run_virtual(lambda: load_and_try(lambda: engine, works, kept.append, wanted="whisper", clock=loop_time))
    assert found == Finding(
        Status.HEALTHY,
        "whisper does its work; loaded in 1.5 s, floor 1.0 ms.",
        figures={"load_ms": 1500.0, "floor_ms": 1.0, "rtf": 0.2},
        engine="whisper",
    )
    assert kept == [engine]
    assert not engine.closed


async def test_an_engine_that_does_not_load_is_kept_for_closing() -> None:
    engine = FakeEngine(load_errors=[ArvisError("no-model", "There is no model. Install one.")])
    kept: list[FakeEngine] = []
    with pytest.raises(ArvisError, match="There is no model"):
        await load_and_try(lambda: engine, works, kept.append)
    assert kept == [engine]


async def test_an_engine_that_cannot_be_built() -> None:
    def build() -> FakeEngine:
        raise ArvisError("unknown-engine", "There is no such engine.")

    kept: list[FakeEngine] = []
    with pytest.raises(ArvisError, match="no such engine"):
        await load_and_try(build, works, kept.append)
    assert kept == []


def test_an_engine_that_stands_in_for_another_is_told() -> None:
    found = conclude("piper", Trial("speaks"), wanted="hibari")
    assert (found.status, found.reason) == (
        Status.DEGRADED,
        "hibari does not work; in its place piper speaks.",
    )
    assert found.remedy
    assert conclude("hibari", Trial("speaks"), wanted="hibari").status is Status.HEALTHY


def test_an_engine_that_is_slow_is_told_with_its_figures() -> None:
    found = conclude("piper", Trial("speaks", {"rtf": 1.3}, "That is too slow."), wanted="hibari")
    assert (found.status, found.reason) == (Status.DEGRADED, "piper speaks. That is too slow.")
    assert (found.figures, bool(found.remedy)) == ({"rtf": 1.3}, True)


async def test_speech_is_found() -> None:
    assert (await detect(FakeVad(), SPEECH)).words == "finds 1.0 s of speech in 2.0 s"
    with pytest.raises(HealthError, match="no speech"):
        await detect(FakeVad(found=[]), SPEECH)


@pytest.mark.parametrize(("seconds", "rtf", "slow"), [(0.5, 0.25, False), (2.0, 1.0, False), (2.5, 1.25, True)])
@pytest.mark.parametrize("streaming", [False, True])
def test_speech_is_understood_and_timed(seconds: float, rtf: float, slow: bool, streaming: bool) -> None:
    transcriber = FakeTranscriber(text="go forward", seconds=seconds)
    work = transcribe_stream if streaming else transcribe
    trial = run_virtual(lambda: work(transcriber, SPEECH, clock=loop_time))
    assert trial.words == f'understands "go forward" in {rtf:.2f} of the time that it took to say'
    assert trial.figures["rtf"] == pytest.approx(rtf, abs=1e-3)
    assert bool(trial.complaint) == slow
    assert all(stream.cancelled for stream in transcriber.streams)


@pytest.mark.parametrize("work", [transcribe, transcribe_stream])
async def test_a_transcriber_that_understands_nothing(work: object) -> None:
    assert callable(work)
    with pytest.raises(HealthError, match="understands nothing"):
        await work(FakeTranscriber(text="", seconds=0), SPEECH)


@pytest.mark.parametrize(
    ("first", "gap", "figures", "complaint"),
    [
        (0.05, 0.01, {"first_token_ms": 50.0, "tokens_per_second": 100.0}, ""),
        (1.9, 0.19, {"first_token_ms": 1900.0, "tokens_per_second": 5.3}, ""),
        (2.1, 0.01, {"first_token_ms": 2100.0, "tokens_per_second": 100.0}, "More than 2 s is too long"),
        (0.05, 0.25, {"first_token_ms": 50.0, "tokens_per_second": 4.0}, "slower than people speak"),
    ],
)
def test_an_answer_is_begun_and_timed(first: float, gap: float, figures: dict[str, float], complaint: str) -> None:
    model = FakeLanguageModel(reply=("It", " is", " in", " Par", "is"), first_token_seconds=first, token_seconds=gap)
    trial = run_virtual(lambda: answer(model, MESSAGES, clock=loop_time))
    assert trial.figures == figures
    assert complaint in trial.complaint
    assert bool(complaint) == bool(trial.complaint)
    assert "Par" not in trial.words
    assert model.closed_streams == 1
    assert [message.content for message in model.prompts[0]] == ["Be brief.", QUESTION]
    assert [message.content for message in model.prefilled[0]] == ["Be brief."]


def test_an_answer_of_one_token_has_no_rate() -> None:
    model = FakeLanguageModel(reply=("Paris",), first_token_seconds=0.5)
    trial = run_virtual(lambda: answer(model, MESSAGES, clock=loop_time))
    assert (trial.words, trial.figures) == ("writes its first token after 500 ms", {"first_token_ms": 500.0})


@pytest.mark.parametrize("reply", [(), (" ", "\n")])
def test_a_model_without_an_answer(reply: tuple[str, ...]) -> None:
    model = FakeLanguageModel(reply=reply, first_token_seconds=0, token_seconds=0)
    with pytest.raises(HealthError, match="no answer"):
        asyncio.run(answer(model, MESSAGES))


@pytest.mark.parametrize(("seconds", "rtf", "slow"), [(0.01, 0.1, False), (0.09, 0.9, False), (0.2, 2.0, True)])
def test_a_word_is_spoken_and_timed(seconds: float, rtf: float, slow: bool) -> None:
    voice = FakeSynthesizer(seconds=seconds)
    trial = run_virtual(lambda: speak(voice, None, clock=loop_time))
    assert trial.words == f"speaks a word in {rtf:.2f} of the time that it takes to hear"
    assert trial.figures["rtf"] == pytest.approx(rtf, abs=1e-3)
    assert bool(trial.complaint) == slow
    assert voice.spoken == [WORD]


class Long(FakeSynthesizer):
    """Speaks without end, after a silence."""

    finished = False

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        try:
            for level in (0.0, 0.0, 0.1, 0.1, 0.1):
                yield AudioChunk(np.full(SPEECH_RATE // 4, level, np.float32), SPEECH_RATE)
            self.finished = True
        finally:
            self.spoken.append(f"{text} {speed}")


async def test_enough_of_a_word_is_enough() -> None:
    voice = Long()
    await speak(voice, None, speed=1.0003)
    assert (voice.spoken, voice.finished) == (["Hello. 1.0003"], False)


class Silent(FakeSynthesizer):
    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        yield AudioChunk(np.zeros(100, np.float32), SPEECH_RATE)


@pytest.mark.parametrize("voice", [Silent(), FakeSynthesizer(silent=True, seconds=0)])
async def test_a_voice_that_cannot_be_heard(voice: FakeSynthesizer) -> None:
    with pytest.raises(HealthError, match="nothing is to be heard"):
        await speak(voice, None)
