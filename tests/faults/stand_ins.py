"""Engines of each stage that break at a chosen moment, with a stand-in; and what is left of the words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.engine import ProgressCallback
from modules.fallback.chain import EngineChain
from modules.fallback.events import SwitchCallback
from modules.fallback.policy import FallbackPolicy
from modules.llm.base import GenerationOptions, LanguageModelCapabilities, Message
from modules.llm.fallback import FallbackLanguageModel
from modules.stt.base import TranscriberCapabilities, Transcript
from modules.stt.fallback import FallbackTranscriber
from modules.stt.incremental import IncrementalTranscriber
from modules.tts.base import SynthesizerCapabilities
from modules.tts.fallback import FallbackSynthesizer
from tests.fakes.clock import loop_time
from tests.fakes.engines import FakeVad
from utils.errors import ArvisError, MissingDependencyError

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
LOAD_SECONDS = 1.0
"""What loading an engine takes here."""
_TONES = (250.0, 2600.0, 700.0, 1500.0, 400.0, 3400.0, 1000.0, 2000.0)
"""Each word is one of these, in hertz."""
_GAP = 0.05
_NOISE = "\ufffd\ufffd\ufffd"


@dataclass
class Trouble:
    """What is broken at present, and when it shows."""

    fault: str = ""
    moment: str = ""
    mended: asyncio.Event = field(default_factory=asyncio.Event)

    def mend(self) -> None:
        self.fault = self.moment = ""
        self.mended.set()

    def is_now(self, moment: str, fault: str) -> bool:
        return (self.moment, self.fault) == (moment, fault)

    async def strike(self, moment: str) -> None:
        """Break if this is the moment."""
        if moment != self.moment:
            return
        match self.fault:
            case "cannot be loaded" | "raises":
                raise ArvisError("broken", "The engine broke.", retryable=True)
            case "lacks a package":
                raise MissingDependencyError("missing-dependency", "The engine needs a package that is not installed.")
            case "is out of memory":
                raise MemoryError
            case "hangs":
                await asyncio.Event().wait()
            case "hangs in native code":
                while not self.mended.is_set():
                    try:
                        await self.mended.wait()
                    except asyncio.CancelledError:
                        continue


@dataclass
class StandIn:
    """The life of an engine."""

    name: str
    trouble: Trouble
    pace: float = 1.0
    """How slowly it speaks."""
    asked: int = 0

    async def load(self, progress: ProgressCallback | None = None) -> None:
        await self.trouble.strike("load")
        await asyncio.sleep(LOAD_SECONDS)

    async def warm_up(self) -> float:
        await self.trouble.strike("recovery")
        return 0.1

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Ear(StandIn):
    """Hears a word in each half second."""

    @property
    def capabilities(self) -> TranscriberCapabilities:
        return TranscriberCapabilities(None, detects_language=True)

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        self.asked += 1
        moment = "first result" if self.asked == 1 else "middle"
        await asyncio.sleep(0.2)
        await self.trouble.strike(moment)
        text = " ".join(WORDS[: round(audio.seconds / 0.5)])
        if self.trouble.is_now(moment, "gives nothing"):
            text = ""
        if self.trouble.is_now(moment, "gives garbage"):
            text = _NOISE
        return Transcript(text, "en", 0.9, audio.seconds)


@dataclass
class Mind(StandIn):
    """Counts, going on from what it is given."""

    @property
    def capabilities(self) -> LanguageModelCapabilities:
        return LanguageModelCapabilities(1000, local=True, continues_replies=True)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content.split()) for message in messages)

    async def prefill(self, messages: Sequence[Message]) -> int:
        return 0

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        given = messages[-1].content.split() if messages[-1].role == "assistant" else []
        for number, word in enumerate(WORDS[len(given) :]):
            moment = {0: "first result", 3: "middle"}.get(number, "")
            await asyncio.sleep(0.05 if number else 0.3)
            await self.trouble.strike(moment)
            if self.trouble.is_now(moment, "gives nothing"):
                return
            while self.trouble.is_now(moment, "gives garbage"):
                yield _NOISE
            yield word if number + len(given) == 0 else f" {word}"


@dataclass
class Voice(StandIn):
    """Says each word as a tone; the tones of two voices differ in colour and length."""

    rate: int = SPEECH_RATE

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        return SynthesizerCapabilities(self.rate, ("only",), frozenset({"en"}))

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        for number, word in enumerate(text.split()):
            moment = {0: "first result", 3: "middle"}.get(number, "")
            await asyncio.sleep(0.05 if number else 0.2)
            await self.trouble.strike(moment)
            if self.trouble.is_now(moment, "gives nothing"):
                return
            samples = self._tone(WORDS.index(word) if word in WORDS else 0)
            yield AudioChunk(samples * np.nan if self.trouble.is_now(moment, "gives garbage") else samples, self.rate)

    def _tone(self, word: int) -> Samples:
        time = np.arange(round(0.25 * self.pace * self.rate)) / self.rate
        tone = 0.3 * np.sin(2 * np.pi * _TONES[word] * time)
        tone += 0.05 * self.pace * np.sin(2 * np.pi * (2.1 + 0.2 * self.pace) * _TONES[word] * time)
        hiss = np.random.default_rng(word).normal(0.0, 0.002, round(_GAP * self.rate))
        return np.concatenate([tone, hiss]).astype(np.float32)


def words_of(sound: AudioChunk) -> list[str]:
    """The words that a sound says: every tone of 60 ms or more."""
    size = sound.sample_rate // 100
    frames = sound.samples[: sound.frames // size * size].reshape(-1, size)
    spectra = np.abs(np.fft.rfft(frames * np.hanning(size), 512, axis=1))
    hertz = spectra.argmax(axis=1) * sound.sample_rate / 512
    nearest = np.abs(np.log(np.maximum(hertz, 1.0)[:, None] / np.array(_TONES)[None])).argmin(axis=1)
    loud = np.sqrt(np.square(frames).mean(axis=1)) > 0.05
    runs = ((word, len(list(run))) for word, run in groupby(np.where(loud, nearest, -1)))
    return [WORDS[word] for word, length in runs if word >= 0 and length >= 6]


@dataclass
class Chain:
    """One stage with two engines, of which the first breaks, and how it is used."""

    chain: EngineChain[StandIn]
    load: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    ask: Callable[[str], Awaitable[list[str]]]
    """Gives the words that came; the argument is the moment at which something may break."""


def stt(trouble: Trouble, on_switch: SwitchCallback, policy: FallbackPolicy) -> Chain:
    engines = [Ear("first", trouble), Ear("second", Trouble())]
    fallback = FallbackTranscriber(engines, on_switch, policy=policy, clock=loop_time)
    incremental = IncrementalTranscriber(fallback, FakeVad(), clock=loop_time)
    seconds = len(WORDS) * 0.5

    async def ask(moment: str) -> list[str]:
        for engine in engines:
            engine.asked = 0
        if moment != "middle":
            sound = AudioChunk(np.full(round(seconds * SPEECH_RATE), 0.3, np.float32), SPEECH_RATE)
            return (await fallback.transcribe(sound)).text.split()
        stream = incremental.open()
        for _ in range(round(seconds * 10)):
            stream.feed(AudioChunk(np.full(SPEECH_RATE // 10, 0.3, np.float32), SPEECH_RATE))
            await asyncio.sleep(0.1)
        return (await stream.finish()).text.split()

    return Chain(fallback.chain, fallback.load, fallback.close, ask)  # type: ignore[arg-type]  # of its own engines


def llm(trouble: Trouble, on_switch: SwitchCallback, policy: FallbackPolicy) -> Chain:
    engines = [Mind("first", trouble), Mind("second", Trouble())]
    fallback = FallbackLanguageModel(engines, on_switch, policy=policy, clock=loop_time)

    async def ask(_moment: str) -> list[str]:
        return "".join([piece async for piece in fallback.stream([Message("user", "Count.")])]).split()

    return Chain(fallback.chain, fallback.load, fallback.close, ask)  # type: ignore[arg-type]  # as above


def tts(trouble: Trouble, on_switch: SwitchCallback, policy: FallbackPolicy) -> Chain:
    engines = [Voice("first", trouble), Voice("second", Trouble(), pace=1.2, rate=22_050)]
    fallback = FallbackSynthesizer(engines, on_switch, policy=policy, clock=loop_time)

    async def ask(_moment: str) -> list[str]:
        chunks = [chunk async for chunk in fallback.stream(" ".join(WORDS))]
        return words_of(AudioChunk(np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate))

    return Chain(fallback.chain, fallback.load, fallback.close, ask)  # type: ignore[arg-type]  # as above


STAGES = {"stt": stt, "llm": llm, "tts": tts}
