"""Whole turns with the embedded engines and real speech: what is heard, answered and spoken makes sense."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import pytest_asyncio

from arvis import app
from config.settings import LlmSettings, Settings
from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.file_source import FileSource
from modules.audio.recorder import RecorderOutput
from modules.audio.resample import resample
from modules.turn.events import Notice, ReplyEnded, SessionEvent, TurnMeasured, UserText
from modules.turn.machine import NOTHING_HEARD
from modules.turn.session import SessionParts, TurnSession
from tests.words import word_error_rate

T = TypeVar("T")
ROOT = Path(__file__).parents[3]
QUESTIONS = ROOT / "tests" / "data" / "questions"
SPEECH = ROOT / "assets" / "speech"
SETTINGS = Settings(llm=LlmSettings(temperature=0.0))


@dataclass(frozen=True)
class Engines:
    parts: SessionParts

    async def turn(self, audio: AudioChunk | Path) -> tuple[list[SessionEvent], AudioChunk]:
        """One turn with a recording; returns what was told, and what was said aloud."""
        events: list[SessionEvent] = []
        output = RecorderOutput()
        source = FileSource(audio, realtime=False)
        parts = SessionParts(source, output, self.parts.transcriber, self.parts.model, self.parts.renderer)
        session = TurnSession(parts, app.session_settings(SETTINGS), events.append, own_engines=False)
        session.press()
        await session.idle()
        await session.close()
        return events, output.recording


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines() -> AsyncIterator[Engines]:
    parts = SessionParts(
        FileSource(SPEECH / "go_forward.flac"),
        RecorderOutput(),
        app.build_streaming_transcriber(SETTINGS),
        app.build_language_model(SETTINGS),
        app.build_renderer(SETTINGS),
    )
    used = (parts.transcriber, parts.model, parts.renderer.synthesizer)
    for engine in used:
        await engine.load()
    yield Engines(parts)
    for engine in used:
        await engine.close()


def of(events: list[SessionEvent], kind: type[T]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]


def expected(folder: Path) -> dict[str, str]:
    lines = (folder / "transcripts.tsv").read_text().splitlines()
    return dict(line.split("\t")[:2] for line in lines)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("question", "words"), [("q00", {"paris"}), ("q03", {"8", "eight"})])
async def test_a_question_gets_its_answer(engines: Engines, question: str, words: set[str]) -> None:
    events, _ = await engines.turn(QUESTIONS / f"{question}.flac")
    heard = of(events, UserText)[-1].text
    assert word_error_rate(expected(QUESTIONS)[question], heard) <= 0.15
    answer = of(events, ReplyEnded)[0].text.lower()
    assert any(word in answer for word in words)
    assert of(events, Notice) == []
    record = of(events, TurnMeasured)[0].record
    stages = [record.final_transcript, record.first_token, record.first_clause, record.first_audio, record.total]
    reached = [stage for stage in stages if stage is not None]
    assert len(reached) == 5
    assert reached == sorted(reached)


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_said_aloud_is_what_is_written(engines: Engines) -> None:
    names = [QUESTIONS / f"{q}.flac" for q in ("q00", "q11", "q19")] + [SPEECH / "sense_and_sensibility_0930.flac"]
    errors = []
    for path in names:
        events, spoken = await engines.turn(path)
        answer = of(events, ReplyEnded)[0].text
        stream = engines.parts.transcriber.open(language="en")
        stream.feed(resample(spoken, SPEECH_RATE))
        errors.append(word_error_rate(answer, (await stream.finish()).text))
    assert sum(errors) / len(errors) <= 0.15


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("level", [0.0, 0.02])
async def test_silence_and_noise_are_not_answered(engines: Engines, level: float) -> None:
    noise = np.random.default_rng(1).normal(0.0, level, 2 * SPEECH_RATE) if level else np.zeros(2 * SPEECH_RATE)
    events, spoken = await engines.turn(AudioChunk(noise.astype(np.float32), SPEECH_RATE))
    assert [notice.text for notice in of(events, Notice)] == [NOTHING_HEARD]
    assert spoken.frames == 0
