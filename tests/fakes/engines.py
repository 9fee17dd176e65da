"""Engines that do what a test tells them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, PlaybackReference, Samples
from modules.endpointing.base import EndpointError
from modules.engine import LoadProgress, ProgressCallback
from modules.llm.base import GenerationOptions, LanguageModelCapabilities, Message
from modules.stt.base import PartialCallback, TranscriberCapabilities, Transcript
from modules.tts.base import SynthesizerCapabilities
from modules.vad.base import SpeechSpan
from modules.vad.spans import WINDOW_SECONDS, find_spans
from modules.wake.base import WakeDetection
from utils.errors import ArvisError

_NOTHING = np.zeros(0, np.float32)


@dataclass
class FakeEngine:
    """Life cycle that can be slow or fail."""

    name: str = "fake"
    load_seconds: float = 0.0
    load_errors: list[ArvisError] = field(default_factory=list)
    """Raised by the next loads, one each."""
    loads: int = 0
    closed: bool = False

    async def load(self, progress: ProgressCallback | None = None) -> None:
        self.loads += 1
        if progress is not None:
            progress(LoadProgress(self.name, "Loading", 0.5))
        await asyncio.sleep(self.load_seconds)
        if self.load_errors:
            raise self.load_errors.pop(0)

    async def warm_up(self) -> float:
        return 0.001

    async def close(self) -> None:
        self.closed = True


@dataclass
class FakeTranscriber(FakeEngine):
    """Understands the same words whatever is said, as long as anything is: batch and streaming."""

    text: str = "what is the capital of france"
    seconds: float = 0.1
    """How long the final transcript takes."""
    errors: list[ArvisError] = field(default_factory=list)
    """Raised by the next final transcripts, one each."""
    partials: list[str] = field(default_factory=list)
    """Reported one per chunk fed."""
    capabilities: TranscriberCapabilities = field(
        default_factory=lambda: TranscriberCapabilities(languages=None, detects_language=True)
    )
    streams: list[FakeTranscriptionStream] = field(default_factory=list)

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        await asyncio.sleep(self.seconds)
        if self.errors:
            raise self.errors.pop(0)
        spoken = bool(np.any(audio.samples))
        return Transcript(self.text if spoken else "", language or "en", 0.9, audio.seconds)

    def open(
        self, *, language: str | None = None, on_partial: PartialCallback | None = None
    ) -> FakeTranscriptionStream:
        stream = FakeTranscriptionStream(self, language, on_partial)
        self.streams.append(stream)
        return stream


@dataclass
class FakeTranscriptionStream:
    """One utterance of a `FakeTranscriber`."""

    owner: FakeTranscriber
    language: str | None
    on_partial: PartialCallback | None
    fed: list[AudioChunk] = field(default_factory=list)
    cancelled: bool = False

    def feed(self, chunk: AudioChunk) -> None:
        self.fed.append(chunk)
        if self.on_partial is not None and len(self.fed) <= len(self.owner.partials):
            self.on_partial(Transcript(self.owner.partials[len(self.fed) - 1], final=False))

    @property
    def sound(self) -> AudioChunk:
        """Everything that was fed so far."""
        return AudioChunk(np.concatenate([_NOTHING, *(chunk.samples for chunk in self.fed)]), SPEECH_RATE)

    async def settle(self) -> Transcript:
        return await self.owner.transcribe(self.sound, language=self.language)

    async def finish(self) -> Transcript:
        return await self.settle()

    async def cancel(self) -> None:
        self.cancelled = True


@dataclass
class FakeLanguageModel(FakeEngine):
    """Says what it is told, piece by piece."""

    reply: Sequence[str] = ("The capital", " of France", " is Paris.", " It is", " a big", " city.")
    first_token_seconds: float = 0.05
    token_seconds: float = 0.01
    errors: dict[int, ArvisError] = field(default_factory=dict)
    """Number of the piece before which an error is raised."""
    hang_at: int | None = None
    """Number of the piece before which it never goes on."""
    prompts: list[list[Message]] = field(default_factory=list)
    yielded: int = 0
    closed_streams: int = 0
    prefilled: list[list[Message]] = field(default_factory=list)
    capabilities: LanguageModelCapabilities = field(
        default_factory=lambda: LanguageModelCapabilities(context_tokens=2048, local=True)
    )

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content.split()) + 4 for message in messages)

    async def prefill(self, messages: Sequence[Message]) -> int:
        self.prefilled.append(list(messages))
        return self.count_tokens(messages)

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        self.prompts.append(list(messages))
        try:
            for number, piece in enumerate(self.reply):
                await asyncio.sleep(self.token_seconds if number else self.first_token_seconds)
                if number in self.errors:
                    raise self.errors[number]
                if number == self.hang_at:
                    await asyncio.Event().wait()
                self.yielded += 1
                yield piece
        finally:
            self.closed_streams += 1


@dataclass
class FakeSynthesizer(FakeEngine):
    """A tone of 100 ms a word."""

    seconds: float = 0.01
    """How long the first chunk of a clause takes."""
    errors: list[ArvisError] = field(default_factory=list)
    """Raised by the next clauses, one each."""
    silent: bool = False
    """It knows no letter of what it is given."""
    spoken: list[str] = field(default_factory=list)
    capabilities: SynthesizerCapabilities = field(
        default_factory=lambda: SynthesizerCapabilities(24_000, ("fake",), frozenset({"en"}))
    )

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        self.spoken.append(text)
        await asyncio.sleep(self.seconds)
        if self.errors:
            raise self.errors.pop(0)
        if self.silent:
            return
        rate = self.capabilities.sample_rate
        time = np.arange(int(0.1 * rate * len(text.split())), dtype=np.float32) / rate
        yield AudioChunk((0.3 * np.sin(2 * np.pi * 220 * time)).astype(np.float32), rate)


@dataclass
class FakeVad(FakeEngine):
    """Whatever is louder than 0.05 is speech; up to 0.1 that is doubtful."""

    opened: int = 0

    def open(self) -> FakeVadStream:
        self.opened += 1
        return FakeVadStream()

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        return find_spans(FakeVadStream().feed(audio), audio.seconds)


@dataclass
class FakeVadStream:
    """One probability for each whole window of 32 ms, however the sound is cut into chunks."""

    rest: Samples = field(default_factory=lambda: _NOTHING)

    def feed(self, chunk: AudioChunk) -> list[float]:
        length = round(WINDOW_SECONDS * SPEECH_RATE)
        samples = np.concatenate((self.rest, chunk.samples))
        windows = samples[: len(samples) // length * length].reshape(-1, length)
        self.rest = samples[windows.size :]
        loudness = np.sqrt(np.mean(windows**2, axis=1))
        return [float(chance) for chance in np.select([loudness > 0.1, loudness > 0.05], [0.95, 0.3], 0.02)]


@dataclass
class FakeEndpointModel(FakeEngine):
    """Gives the scores that it is told, one after the other, and the last one again and again."""

    scores: list[float] = field(default_factory=lambda: [0.99])
    delay: float = 0.02
    """How long each answer takes."""
    errors: list[EndpointError] = field(default_factory=list)
    """Raised by the next answers, one each."""
    seconds: float = 8.0
    asked: list[AudioChunk] = field(default_factory=list)

    async def completeness(self, audio: AudioChunk) -> float:
        self.asked.append(audio)
        await asyncio.sleep(self.delay)
        if self.errors:
            raise self.errors.pop(0)
        return self.scores.pop(0) if len(self.scores) > 1 else self.scores[0]


@dataclass
class FakeEchoCanceller(FakeEngine):
    """Changes nothing; the test says whether the echo is gone."""

    settled: bool = True
    references: list[PlaybackReference] = field(default_factory=list)
    """What each stream was opened with."""

    def open(self, reference: PlaybackReference) -> FakeEchoStream:
        self.references.append(reference)
        return FakeEchoStream(self)


@dataclass
class FakeEchoStream:
    """What goes in comes out."""

    owner: FakeEchoCanceller

    @property
    def settled(self) -> bool:
        return self.owner.settled

    def feed(self, chunk: AudioChunk) -> list[AudioChunk]:
        return [chunk]


@dataclass
class FakeWake(FakeEngine):
    """Hears the wake phrase at the moments that it is told."""

    ends: list[float] = field(default_factory=list)
    """Seconds of the stream at which a phrase is over, in order."""
    delay: float = 0.08
    """How much later it is noticed."""
    score: float = 0.9
    phrases: tuple[str, ...] = ("hey arvis",)
    opened: int = 0

    def open(self) -> FakeWakeStream:
        self.opened += 1
        return FakeWakeStream(self)


@dataclass
class FakeWakeStream:
    """One opening of the microphone; its seconds count from the beginning of it."""

    owner: FakeWake
    heard: float = 0.0
    found: int = 0

    def feed(self, chunk: AudioChunk) -> list[WakeDetection]:
        self.heard += chunk.seconds
        due = [end for end in self.owner.ends[self.found :] if end + self.owner.delay <= self.heard + 1e-9]
        self.found += len(due)
        return [WakeDetection(self.owner.score, end) for end in due]
