"""Engines at nominal costs: the work is that of the engine inside, the time is that of the scene."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.bench.nominal import NominalEndpoint, NominalTranscriber, NominalVoice, ScriptedModel
from modules.bench.scenes import Costs
from modules.bench.virtual_time import run_virtual
from modules.llm.base import Message
from tests.fakes.clock import loop_time
from tests.fakes.engines import FakeEngine, FakeSynthesizer, FakeTranscriber

COSTS = Costs(transcription=0.3, endpoint=0.05, first_token=0.2, token=0.1, first_sound=0.07)
AUDIO = AudioChunk(np.ones(1600, np.float32), SPEECH_RATE)


@dataclass
class FakeEndpoint(FakeEngine):
    seconds: float = 8.0
    asked: list[AudioChunk] = field(default_factory=list)

    async def completeness(self, audio: AudioChunk) -> float:
        self.asked.append(audio)
        return 0.7


def test_runs_of_the_transcriber_take_their_turns() -> None:
    async def main() -> tuple[list[str], float]:
        nominal = NominalTranscriber(FakeTranscriber(text="words", seconds=0.0), COSTS)
        begun = loop_time()
        found = await asyncio.gather(nominal.transcribe(AUDIO), nominal.transcribe(AUDIO, language="en"))
        return [transcript.text for transcript in found], loop_time() - begun

    texts, seconds = run_virtual(main)
    assert texts == ["words", "words"]
    assert seconds == pytest.approx(0.6)


def test_a_look_at_the_end_takes_its_time() -> None:
    inner = FakeEndpoint()

    async def main() -> tuple[float, float, float]:
        nominal = NominalEndpoint(inner, COSTS)
        begun = loop_time()
        return nominal.seconds, await nominal.completeness(AUDIO), loop_time() - begun

    assert list(run_virtual(main)) == pytest.approx([8.0, 0.7, 0.05])
    assert inner.asked == [AUDIO]


async def everything(stream: AsyncGenerator[AudioChunk, None]) -> float:
    return sum([chunk.seconds async for chunk in stream])


def test_what_the_voice_has_said_once_it_is_not_asked_again() -> None:
    inner = FakeSynthesizer(seconds=0.0)

    async def main() -> tuple[float, float, float]:
        nominal = NominalVoice(inner, COSTS)
        first = await everything(nominal.stream("one two"))
        begun = loop_time()
        again = await everything(nominal.stream("one two"))
        await everything(nominal.stream("one two", speed=1.5))
        return first, again, loop_time() - begun

    assert list(run_virtual(main)) == pytest.approx([0.2, 0.2, 0.14])
    assert inner.spoken == ["one two", "one two"]


def test_they_live_as_the_engine_inside_does() -> None:
    async def main() -> None:
        inner = FakeTranscriber(name="inside")
        nominal = NominalTranscriber(inner, COSTS)
        await nominal.load()
        assert (inner.loads, nominal.name, await nominal.warm_up()) == (1, "inside", 0.001)
        assert nominal.capabilities is inner.capabilities
        await nominal.close()
        assert inner.closed

    run_virtual(main)


def test_the_scripted_model_says_what_it_is_told_word_by_word() -> None:
    async def main() -> tuple[list[str], float]:
        model = ScriptedModel(COSTS)
        await model.load()
        await model.warm_up()
        model.answer = "One, two. Three!"
        begun = loop_time()
        pieces = [piece async for piece in model.stream([Message("user", "Whatever.")])]
        await model.close()
        assert await model.prefill([]) == 0
        assert model.count_tokens([Message("user", "three words here")]) == 3
        return pieces, loop_time() - begun

    pieces, seconds = run_virtual(main)
    assert "".join(pieces).strip() == "One, two. Three!"
    assert len(pieces) == 3
    assert seconds == pytest.approx(0.5)
