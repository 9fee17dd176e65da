"""A reply that plays, and somebody who may speak over it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.endpointing.phrases import Phrases
from modules.stt.base import Transcript
from modules.turn.barge_in import BargeIn
from modules.turn.driver import Driver
from modules.turn.effects import AdoptUtterance, Effect, EndReply, SetOverlap
from modules.turn.inputs import ReplyAudible, StopRequested, TextSubmitted
from modules.turn.overlap import EAGER_THRESHOLD
from modules.turn.state import Overlap, Phase
from modules.turn.utterance import Utterance
from modules.vad.runs import SpeechRuns
from modules.vad.spans import WINDOW_SECONDS
from tests.fakes.clock import loop_time, run_virtual
from tests.fakes.engines import FakeTranscriber

WINDOW = 512


@dataclass
class Scene:
    """A reply that plays, and somebody who may speak over it; what happens counts from the first window."""

    transcriber: FakeTranscriber = field(default_factory=lambda: FakeTranscriber(text="what about spain"))
    settled: bool = True
    sure: float = 0.3
    """How probable the detector finds speech."""
    echo: str = ""
    """Words that are the assistant's own."""
    overlaps: list[tuple[float, Overlap]] = field(default_factory=list)
    """When the reply was made softer, held, or played on."""
    ended: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    """Seconds of the past that an utterance was to begin with."""
    adopted: Utterance | None = None
    now: float = 0.0
    """Seconds of the stream."""
    memory: list[AudioChunk] = field(default_factory=list)

    def _start(self) -> None:
        self.begun = loop_time()
        self.runs = SpeechRuns(EAGER_THRESHOLD, hysteresis=0.0)
        self.driver = Driver(lambda _: None, loop_time, self._carry_out, lambda: self.now)
        self.barge_in = BargeIn(
            self.driver,
            Phrases.load("en"),
            open_utterance=self._open,
            is_echo=lambda text: bool(text) and text == self.echo,
            is_settled=lambda: self.settled,
            on_stop_word=lambda: self.driver.post(StopRequested()),
        )
        self.driver.post(TextSubmitted("hi"))
        self.driver.post(ReplyAudible(1, 0))

    def _carry_out(self, effect: Effect) -> None:
        moment = round(loop_time() - self.begun, 3)
        match effect:
            case SetOverlap(_, overlap):
                self.overlaps.append((moment, overlap))
                if overlap is Overlap.NONE:
                    self.barge_in.drop()
            case EndReply():
                self.ended.append(moment)
                asyncio.get_running_loop().call_soon(self.barge_in.drop)
            case AdoptUtterance():
                self.adopted = self.barge_in.take()

    def _open(self, seconds: float) -> Utterance:
        self.asked.append(seconds)

        async def ready() -> None:
            pass

        return Utterance(
            self.transcriber, ready, is_ready=True, language=None, begin=self.memory[-20:], on_partial=lambda _: None
        )

    async def hear(self, seconds: float, level: float = 0.3) -> None:
        """So many seconds of speech, or of silence at level 0, in real time."""
        for _ in range(round(seconds / WINDOW_SECONDS)):
            await asyncio.sleep(WINDOW_SECONDS)
            self.now += WINDOW_SECONDS
            chunk = AudioChunk(np.full(WINDOW, level, np.float32), SPEECH_RATE)
            self.memory.append(chunk)
            self.barge_in.feed(chunk)
            self.runs.window(self.sure if level else 0.02)
            if self.driver.state.phase is Phase.SPEAKING:
                self.barge_in.window(self.runs, self.now)

    async def silence(self, seconds: float) -> None:
        await self.hear(seconds, 0.0)

    def play(self, script: Callable[[Scene], Awaitable[None]]) -> Scene:
        async def main() -> None:
            self._start()
            await script(self)
            self.barge_in.drop()
            self.driver.post(StopRequested())
            await self.driver.idle()

        run_virtual(main)
        return self

    def when(self, overlap: Overlap) -> float:
        """When it came to this for the first time."""
        return next(moment for moment, reached in self.overlaps if reached is overlap)

    @property
    def ladder(self) -> list[Overlap]:
        return [overlap for _, overlap in self.overlaps]

    @property
    def speaking(self) -> bool:
        return self.driver.state.phase is Phase.SPEAKING


@dataclass
class Halting(FakeTranscriber):
    """Its transcripts come one after the other, each after its own time; the last one comes again and again."""

    def __init__(self, answers: list[tuple[str, float]]) -> None:
        super().__init__()
        self.answers = answers

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        self.text, self.seconds = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await super().transcribe(audio, language=language)
