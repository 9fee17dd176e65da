"""Engines in virtual time: the real ones at work, each call taking the time that a scene says it takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar

from modules.audio.base import AudioChunk
from modules.bench.scenes import Costs
from modules.endpointing.base import EndpointModel
from modules.engine import Engine, ProgressCallback
from modules.llm.base import GenerationOptions, LanguageModelCapabilities, Message
from modules.stt.base import Transcriber, TranscriberCapabilities, Transcript
from modules.tts.base import Synthesizer, SynthesizerCapabilities

E = TypeVar("E", bound=Engine)


class _Nominal(Generic[E]):
    """Lives as the engine inside does.

    Args:
        inner: Does the work.
        costs: What it takes.
    """

    def __init__(self, inner: E, costs: Costs) -> None:
        self._inner = inner
        self._costs = costs

    @property
    def name(self) -> str:
        """Name of the engine."""
        return self._inner.name

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Load the engine."""
        await self._inner.load(progress)

    async def warm_up(self) -> float:
        """Warm the engine up."""
        return await self._inner.warm_up()

    async def close(self) -> None:
        """Free the engine."""
        await self._inner.close()


class NominalTranscriber(_Nominal[Transcriber]):
    """A `Transcriber` that takes `costs.transcription` for each run, one run after the other."""

    def __init__(self, inner: Transcriber, costs: Costs) -> None:
        super().__init__(inner, costs)
        self._busy = asyncio.Lock()

    @property
    def capabilities(self) -> TranscriberCapabilities:
        """What it can do."""
        return self._inner.capabilities

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        """Transcribe one utterance (16 kHz).

        Raises:
            TranscriptionError: The engine failed.
        """
        async with self._busy:
            await asyncio.sleep(self._costs.transcription)
            return await self._inner.transcribe(audio, language=language)


class NominalEndpoint(_Nominal[EndpointModel]):
    """An `EndpointModel` that takes `costs.endpoint` for each look."""

    @property
    def seconds(self) -> float:
        """How much of the end of an utterance it listens to."""
        return self._inner.seconds

    async def completeness(self, audio: AudioChunk) -> float:
        """Probability that the utterance is complete.

        Raises:
            EndpointError: The model failed.
        """
        await asyncio.sleep(self._costs.endpoint)
        return await self._inner.completeness(audio)


class NominalVoice(_Nominal[Synthesizer]):
    """A `Synthesizer` that takes `costs.first_sound` for each clause; what it has said once it knows by heart."""

    def __init__(self, inner: Synthesizer, costs: Costs) -> None:
        super().__init__(inner, costs)
        self._known: dict[tuple[str, str | None, float], list[AudioChunk]] = {}

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """What it can do."""
        return self._inner.capabilities

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the speech of a clause.

        Raises:
            SynthesisError: The engine failed.
        """
        key = (text, voice, speed)
        if key not in self._known:
            async with aclosing(self._inner.stream(text, voice=voice, speed=speed)) as chunks:
                self._known[key] = [chunk async for chunk in chunks]
        await asyncio.sleep(self._costs.first_sound)
        for chunk in self._known[key]:
            yield chunk


class ScriptedModel:
    """A `LanguageModel` that gives the present `answer` to whatever it is asked, word by word.

    Args:
        costs: What it takes.
    """

    name = "scripted"
    capabilities = LanguageModelCapabilities(context_tokens=1 << 20, local=True)

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        self.answer = ""
        """What it says from the next question on."""

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Nothing is to be loaded."""

    async def warm_up(self) -> float:
        """Nothing is to be warmed up."""
        return 0.0

    async def close(self) -> None:
        """Nothing is to be freed."""

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Words."""
        return sum(len(message.content.split()) for message in messages)

    async def prefill(self, messages: Sequence[Message]) -> int:
        """It does not read what it is asked."""
        return 0

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the answer."""
        await asyncio.sleep(self._costs.first_token)
        for word in self.answer.split(" "):
            yield f"{word} "
            await asyncio.sleep(self._costs.token)
