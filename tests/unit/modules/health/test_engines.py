"""Engines that work, are missing, break down, or do nothing useful."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.engine import ProgressCallback
from modules.health.base import CheckResult, HealthError, Status
from modules.health.engines import QUESTION, SENTENCE, answer, check_engine, detect, speak, transcribe
from modules.vad.base import SpeechSpan, VadStream
from tests.fakes.clock import loop_time, run_virtual
from tests.fakes.engines import FakeEngine, FakeLanguageModel, FakeSynthesizer, FakeTranscriber
from utils.errors import ArvisError

SPEECH = AudioChunk(np.full(2 * SPEECH_RATE, 0.1, np.float32), SPEECH_RATE)


@dataclass
class FakeVad(FakeEngine):
    found: list[SpeechSpan] = field(default_factory=lambda: [SpeechSpan(0.2, 0.7), SpeechSpan(1.0, 1.5)])

    def open(self) -> VadStream:
        raise NotImplementedError

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        return self.found


async def works(engine: FakeEngine) -> str:
    return "does its work"


def examined(engine: FakeEngine) -> tuple[CheckResult, list[FakeEngine]]:
    kept: list[FakeEngine] = []

    async def examine() -> CheckResult:
        return await check_engine("Speech to text", lambda: engine, works, kept.append, clock=loop_time)

    return run_virtual(examine), kept


def test_an_engine_that_works_is_measured_and_kept() -> None:
    engine = FakeEngine("whisper", load_seconds=1.5)
    found, kept = examined(engine)
    assert found == CheckResult(
        "Speech to text",
        Status.HEALTHY,
        "whisper does its work; loaded in 1.5 s, floor 1.0 ms.",
        figures={"load_ms": 1500.0, "floor_ms": 1.0},
    )
    assert kept == [engine]
    assert not engine.closed


def test_a_missing_model_is_told_and_the_engine_is_kept_for_closing() -> None:
    engine = FakeEngine(load_errors=[ArvisError("no-model", "There is no model. Install one.")])
    found, kept = examined(engine)
    assert (found.status, found.summary) == (Status.UNHEALTHY, "There is no model. Install one.")
    assert found.advice
    assert kept == [engine]


async def test_an_engine_that_cannot_be_built() -> None:
    def build() -> FakeEngine:
        raise ArvisError("unknown-engine", "There is no such engine.")

    kept: list[FakeEngine] = []
    found = await check_engine("Voice", build, works, kept.append)
    assert (found.status, found.summary, kept) == (Status.UNHEALTHY, "There is no such engine.", [])


class Crashing(FakeEngine):
    async def load(self, progress: ProgressCallback | None = None) -> None:
        raise RuntimeError("bad file")


async def test_a_library_that_breaks_down() -> None:
    found = await check_engine("Voice", Crashing, works, lambda _: None)
    assert (found.status, found.summary) == (Status.UNHEALTHY, "It broke down (RuntimeError: bad file).")


async def test_an_engine_that_stands_in_for_another_is_told() -> None:
    found = await check_engine("Voice", lambda: FakeEngine("piper"), works, lambda _: None, wanted="hibari")
    assert found.status is Status.DEGRADED
    assert found.summary.startswith("hibari does not work; in its place piper does its work; loaded in ")
    found = await check_engine("Voice", lambda: FakeEngine("hibari"), works, lambda _: None, wanted="hibari")
    assert found.status is Status.HEALTHY


async def test_an_engine_in_reserve_only_degrades() -> None:
    engine = FakeEngine(load_errors=[ArvisError("no-model", "There is no model.")])
    found = await check_engine("Voice", lambda: engine, works, lambda _: None, essential=False)
    assert found.status is Status.DEGRADED
    assert (await check_engine("Voice", Crashing, works, lambda _: None, essential=False)).status is Status.DEGRADED


async def test_speech_is_found() -> None:
    assert await detect(FakeVad(), SPEECH) == "finds 1.0 s of speech in 2.0 s"
    with pytest.raises(HealthError, match="no speech"):
        await detect(FakeVad(found=[]), SPEECH)


async def test_speech_is_understood() -> None:
    assert await transcribe(FakeTranscriber(text="go forward", seconds=0), SPEECH) == 'understands "go forward"'
    with pytest.raises(HealthError, match="understands nothing"):
        await transcribe(FakeTranscriber(text="", seconds=0), SPEECH)


def test_an_answer_is_begun() -> None:
    model = FakeLanguageModel()
    assert run_virtual(lambda: answer(model, "Be brief.")).startswith(
        'begins to answer "The capital of France is Paris.'
    )
    assert model.closed_streams == 1
    assert [message.content for message in model.prompts[0]] == ["Be brief.", QUESTION]
    with pytest.raises(HealthError, match="no answer"):
        asyncio.run(answer(FakeLanguageModel(reply=(" ", "\n"), first_token_seconds=0, token_seconds=0), "Be brief."))


async def test_a_sentence_is_spoken() -> None:
    voice = FakeSynthesizer(seconds=0)
    assert await speak(voice, None) == "speaks for 0.4 s"
    assert voice.spoken == [SENTENCE]


class Silent(FakeSynthesizer):
    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        yield AudioChunk(np.zeros(100, np.float32), SPEECH_RATE)


async def test_a_voice_that_cannot_be_heard() -> None:
    with pytest.raises(HealthError, match="nothing is to be heard"):
        await speak(Silent(), None)
