"""A voice engine that does what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import numpy as np

from modules.audio.base import AudioChunk, Samples
from modules.engine import ProgressCallback
from modules.tts.base import SynthesizerCapabilities
from utils.errors import ArvisError

RATE = 1000
HANG = None
"""In a script: it goes no further."""


def tone(milliseconds: int, level: float = 0.5) -> Samples:
    return np.full(milliseconds, level, np.float32)


def silence(milliseconds: int) -> Samples:
    return np.zeros(milliseconds, np.float32)


@dataclass
class ScriptedSynthesizer:
    """Yields the chunks of its script, one sample a millisecond."""

    name: str = "scripted"
    script: Sequence[Samples | ArvisError | None] = field(default_factory=lambda: [tone(100)])
    load_error: ArvisError | None = None
    warm_up_error: ArvisError | None = None
    voices: tuple[str, ...] = ("first", "second")
    languages: frozenset[str] = frozenset({"en"})
    rate: int = RATE
    loads: int = 0
    closes: int = 0
    requests: list[tuple[str, str | None, float]] = field(default_factory=list)
    closed_streams: int = 0

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        return SynthesizerCapabilities(self.rate, self.voices, self.languages)

    async def load(self, progress: ProgressCallback | None = None) -> None:
        self.loads += 1
        if self.load_error is not None:
            raise self.load_error

    async def warm_up(self) -> float:
        if self.warm_up_error is not None:
            raise self.warm_up_error
        return 0.25

    async def close(self) -> None:
        self.closes += 1

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        self.requests.append((text, voice, speed))
        try:
            for step in self.script:
                if isinstance(step, ArvisError):
                    raise step
                if step is None:
                    await asyncio.Event().wait()
                else:
                    yield AudioChunk(step, self.rate)
        finally:
            self.closed_streams += 1
