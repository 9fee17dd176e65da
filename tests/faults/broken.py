"""Devices and engines that break when they are told to, and work again when they are mended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from modules.audio.base import AudioChunk, AudioError, PlaybackReference
from modules.endpointing.base import EndpointError
from modules.engine import ProgressCallback
from modules.llm.base import GenerationOptions, LanguageModelError, Message
from modules.stt.base import Transcript, TranscriptionError
from modules.tts.base import SynthesisError
from tests.fakes.audio import FakeOutput, FakeSource
from tests.fakes.engines import (
    FakeEchoCanceller,
    FakeEchoStream,
    FakeEndpointModel,
    FakeEngine,
    FakeLanguageModel,
    FakeSynthesizer,
    FakeTranscriber,
    FakeVad,
    FakeVadStream,
    FakeWake,
)
from utils.errors import ArvisError

LATE_SECONDS = 5.0
"""An engine that is late is so much later than usual."""
REMARK_LEVEL = 0.2
"""Amplitude of a remark over the reply; the question is louder."""
REMARK = "mm-hmm"


@dataclass
class Trouble:
    """What is broken at present; all parts of a desk look at the same one."""

    name: str = ""
    mended: asyncio.Event = field(default_factory=asyncio.Event)

    def mend(self) -> None:
        self.name = ""
        self.mended.set()

    async def hang(self) -> None:
        """Never comes back by itself; what waits for it can be cancelled."""
        await asyncio.Event().wait()

    async def hang_in_native_code(self) -> None:
        """Comes back when it is mended, and cannot be cancelled before: as what waits for a thread's native call."""
        while not self.mended.is_set():
            try:
                await self.mended.wait()
            except asyncio.CancelledError:
                continue
        raise asyncio.CancelledError


@dataclass
class Loading(FakeEngine):
    """An engine that may fail or hang as it loads."""

    trouble: Trouble = field(default_factory=Trouble)
    part: ClassVar[str] = ""

    async def load(self, progress: ProgressCallback | None = None) -> None:
        if self.trouble.name == f"{self.part} does not load":
            raise ArvisError("load-failed", "An engine could not be loaded. Run `arvis doctor`.")
        if self.trouble.name == f"{self.part} hangs as it loads":
            await self.trouble.mended.wait()
        await super().load(progress)


@dataclass
class BrokenSource(FakeSource):
    trouble: Trouble = field(default_factory=Trouble)

    async def open(self) -> None:
        if self.trouble.name in ("source does not open", "source is lost for long"):
            raise AudioError("no-device", "There is no microphone. Plug one in.", retryable=True)
        if self.trouble.name == "source hangs as it opens":
            await self.trouble.hang()
        await super().open()

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        async for chunk in super().chunks():
            if self.trouble.name.startswith("source is lost"):
                self.sounds.clear()  # what is said meanwhile is heard by nobody
                if self.trouble.name == "source is lost":
                    self.trouble.mend()
                raise AudioError("device-lost", "The microphone was unplugged. Plug it in again.", retryable=True)
            if self.trouble.name == "source falls silent":
                self.sounds.clear()
                await self._closed.wait()
                self.trouble.mend()
                return
            yield chunk


@dataclass
class BrokenOutput(FakeOutput):
    trouble: Trouble = field(default_factory=Trouble)

    async def begin(self) -> None:
        if self.trouble.name == "output does not open":
            raise AudioError("no-device", "There is no speaker. Plug one in.", retryable=True)
        if self.trouble.name == "output hangs as it opens":
            await self.trouble.hang()
        await super().begin()

    async def play(self, chunk: AudioChunk) -> None:
        if self.trouble.name == "output is lost":
            raise AudioError("device-lost", "The speaker was unplugged. Plug it in again.", retryable=True)
        if self.trouble.name == "output hangs":
            await self.trouble.hang()
        await super().play(chunk)

    async def drain(self) -> None:
        if self.trouble.name == "output is lost":
            raise AudioError("device-lost", "The speaker was unplugged. Plug it in again.", retryable=True)
        if self.trouble.name == "output hangs":
            await self.trouble.hang()
        await super().drain()


@dataclass
class BrokenTranscriber(Loading, FakeTranscriber):
    part: ClassVar[str] = "transcriber"

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        if self.trouble.name == "transcriber raises":
            raise TranscriptionError("stt-failed", "The words could not be understood. Please say them again.")
        if self.trouble.name == "transcriber hangs":
            await self.trouble.hang()
        if self.trouble.name == "transcriber is late":
            await asyncio.sleep(LATE_SECONDS)
        understood = await super().transcribe(audio, language=language)
        if self.trouble.name == "transcriber returns nothing":
            return Transcript("", "en")
        loudest = float(audio.samples.max(initial=0.0))
        return Transcript(REMARK, "en") if 0.0 < loudest <= REMARK_LEVEL + 0.05 else understood


@dataclass
class BrokenLanguageModel(Loading, FakeLanguageModel):
    part: ClassVar[str] = "model"

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        async for piece in super().stream(messages, options):
            if self.trouble.name == "model raises":
                raise LanguageModelError("llm-failed", "The language model failed. Please ask again.")
            if self.trouble.name == "model raises what nobody expects":
                raise RuntimeError("native code went mad")
            if self.trouble.name == "model hangs":
                await self.trouble.hang()
            if self.trouble.name == "model hangs in native code":
                await self.trouble.hang_in_native_code()
            if self.trouble.name == "model says nothing more":
                return
            if self.trouble.name == "model is late":
                await asyncio.sleep(LATE_SECONDS)
                self.trouble.mend()
            yield piece


@dataclass
class BrokenSynthesizer(Loading, FakeSynthesizer):
    part: ClassVar[str] = "voice"

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        if self.trouble.name == "voice raises":
            raise SynthesisError("tts-failed", "The voice failed, so the answer is only written.")
        if self.trouble.name == "voice hangs":
            await self.trouble.hang()
        if self.trouble.name == "voice hangs in native code":
            await self.trouble.hang_in_native_code()
        if self.trouble.name == "voice is late":
            await asyncio.sleep(LATE_SECONDS)
        async for chunk in super().stream(text, voice=voice, speed=speed):
            if self.trouble.name != "voice is silent":
                yield chunk


@dataclass
class BrokenEndpointModel(Loading, FakeEndpointModel):
    part: ClassVar[str] = "endpoint model"

    async def completeness(self, audio: AudioChunk) -> float:
        if self.trouble.name == "endpoint model raises":
            raise EndpointError("endpoint-failed", "The end of your words is told by silence alone.")
        if self.trouble.name == "endpoint model hangs":
            await self.trouble.hang()
        if self.trouble.name == "endpoint model is late":
            await asyncio.sleep(LATE_SECONDS)
        return await super().completeness(audio)


@dataclass
class BrokenVad(Loading, FakeVad):
    part: ClassVar[str] = "voice detector"

    def open(self) -> FakeVadStream:
        return _BrokenVadStream(trouble=self.trouble)


@dataclass
class _BrokenVadStream(FakeVadStream):
    trouble: Trouble = field(default_factory=Trouble)

    def feed(self, chunk: AudioChunk) -> list[float]:
        if self.trouble.name == "voice detector raises":
            raise RuntimeError("native code went mad")
        return super().feed(chunk)


@dataclass
class BrokenCanceller(Loading, FakeEchoCanceller):
    part: ClassVar[str] = "echo canceller"

    def open(self, reference: PlaybackReference) -> FakeEchoStream:
        return _BrokenEchoStream(self, self.trouble)


@dataclass
class _BrokenEchoStream(FakeEchoStream):
    trouble: Trouble = field(default_factory=Trouble)

    def feed(self, chunk: AudioChunk) -> list[AudioChunk]:
        if self.trouble.name == "echo canceller raises":
            raise RuntimeError("native code went mad")
        return super().feed(chunk)


@dataclass
class BrokenWake(Loading, FakeWake):
    part: ClassVar[str] = "wake word"
