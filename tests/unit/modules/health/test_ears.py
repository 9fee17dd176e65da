"""Engines of an open microphone that do what they should, or do not."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, PlaybackReference
from modules.health.base import HealthError
from modules.health.ears import ECHO_DELAY, ECHO_GAIN, cancel_echo, judge, stay_asleep
from modules.wake.base import WakeDetection
from tests.fakes.engines import FakeEngine

SPEECH = AudioChunk((0.1 * np.random.default_rng(1).standard_normal(2 * SPEECH_RATE)).astype(np.float32), SPEECH_RATE)


@dataclass
class FakeCanceller(FakeEngine):
    """Knows the room, and takes this much of the echo away: 1 is all of it."""

    part: float = 1.0
    reference: PlaybackReference | None = None

    def open(self, reference: PlaybackReference) -> FakeCanceller:
        self.reference = reference
        return self

    @property
    def settled(self) -> bool:
        return True

    def feed(self, chunk: AudioChunk) -> list[AudioChunk]:
        assert self.reference is not None
        begin = chunk.time - ECHO_DELAY
        played = self.reference.read(begin, begin + chunk.seconds).samples[: chunk.frames]
        return [AudioChunk(chunk.samples - self.part * ECHO_GAIN * played, SPEECH_RATE)]


@dataclass
class FakeEndpointModel(FakeEngine):
    probability: float = 0.93
    heard: list[AudioChunk] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return 1.5

    async def completeness(self, audio: AudioChunk) -> float:
        self.heard.append(audio)
        return self.probability


@dataclass
class FakeWakeWord(FakeEngine):
    wakes_at: int = -1
    fed: int = 0

    @property
    def phrases(self) -> tuple[str, ...]:
        return ("hey jarvis",)

    def open(self) -> FakeWakeWord:
        return self

    def feed(self, chunk: AudioChunk) -> list[WakeDetection]:
        self.fed += chunk.frames
        return [WakeDetection(0.9, 1.0)] if self.fed > self.wakes_at >= 0 else []


@pytest.mark.parametrize(("part", "decibels"), [(0.9, 20), (0.99, 40)])
async def test_an_echo_that_is_taken_away_is_measured(part: float, decibels: int) -> None:
    assert (await cancel_echo(FakeCanceller(part=part), SPEECH)).words == f"takes {decibels} dB of an echo away"


async def test_an_echo_that_stays_is_a_fault() -> None:
    with pytest.raises(HealthError, match="only 6 dB"):
        await cancel_echo(FakeCanceller(part=0.5), SPEECH)


async def test_the_end_of_a_sentence_is_judged_with_the_silence_after_it() -> None:
    model = FakeEndpointModel()
    assert (await judge(model, SPEECH)).words == "takes a finished sentence for finished with 93%"
    (heard,) = model.heard
    assert heard.seconds == 1.5
    assert not np.any(heard.samples[-round(0.8 * SPEECH_RATE) :])
    assert np.any(heard.samples[: round(0.7 * SPEECH_RATE)])


@pytest.mark.parametrize("probability", [float("nan"), 1.5, -0.1])
async def test_a_judgement_that_is_none_is_a_fault(probability: float) -> None:
    with pytest.raises(HealthError, match="no probability"):
        await judge(FakeEndpointModel(probability=probability), SPEECH)


async def test_other_words_do_not_wake_it() -> None:
    detector = FakeWakeWord()
    assert (await stay_asleep(detector, SPEECH)).words == 'waits for "hey jarvis" and is not woken by other words'
    assert detector.fed == SPEECH.frames


async def test_a_false_alarm_is_a_fault() -> None:
    with pytest.raises(HealthError, match=r"wake\.threshold"):
        await stay_asleep(FakeWakeWord(wakes_at=SPEECH_RATE), SPEECH)
