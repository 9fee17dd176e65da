"""The interface of text to speech."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from modules.audio.base import AudioChunk
from modules.engine import Engine
from utils.errors import ArvisError


class SynthesisError(ArvisError):
    """Text could not be turned into speech."""

    stage = "tts"


@dataclass(frozen=True, slots=True)
class SynthesizerCapabilities:
    """What a voice engine can do; callers ask this, never for its name."""

    sample_rate: int
    """Hertz of the chunks it makes."""
    voices: tuple[str, ...]
    """Names of its voices, the default first."""
    languages: frozenset[str]
    """ISO 639-1 codes."""
    local: bool = True
    """Whether the text stays on this machine."""


class Synthesizer(Engine, Protocol):
    """Speaks one clause or sentence at a time."""

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """What it can do."""
        ...

    def stream(self, text: str, *, voice: str | None = None, speed: float = 1.0) -> AsyncGenerator[AudioChunk, None]:
        """Yield the speech of `text` chunk by chunk, as the engine makes it, edges untrimmed.

        Args:
            text: One clause or sentence, already normalised for speech (`modules.tts.normalizer`). Text without a
                letter or digit yields nothing.
            voice: One of `capabilities.voices`; None for the default.
            speed: 0.5 (half as fast) to 2 (twice as fast).

        Closing the generator stops the engine at the next chunk at the latest and returns when it is free again.

        Raises:
            SynthesisError: The engine failed or has no such voice; raised while iterating.
        """
        ...
