"""The interface of speech to text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from modules.audio.base import AudioChunk
from modules.engine import Engine
from utils.errors import ArvisError


class TranscriptionError(ArvisError):
    """Speech could not be turned into text."""

    stage = "stt"


@dataclass(frozen=True, slots=True)
class TranscriberCapabilities:
    """What a transcriber can do; callers ask this, never for its name."""

    languages: frozenset[str] | None
    """ISO 639-1 codes of the languages it understands; None when it is multilingual without a fixed list."""
    detects_language: bool
    """Whether `language=None` makes it find out the language by itself."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said."""

    text: str
    """The words, stripped; empty when nothing was understood."""
    language: str | None = None
    """ISO 639-1 code, set or detected; None when unknown."""
    confidence: float | None = None
    """Mean probability of the tokens, 0 to 1; None when the engine does not say."""
    audio_seconds: float = 0.0
    """Length of the audio that this covers."""
    final: bool = True
    """False for a partial transcript, which may still change."""


PartialCallback = Callable[[Transcript], None]
"""Called on the event loop with each new partial transcript."""


class Transcriber(Engine, Protocol):
    """Turns whole utterances into text. `modules.stt.incremental` makes it streaming."""

    @property
    def capabilities(self) -> TranscriberCapabilities:
        """What it can do."""
        ...

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        """Transcribe one utterance of any length (16 kHz mono).

        Args:
            audio: The utterance.
            language: ISO 639-1 code; None to detect it where the engine can.

        Raises:
            TranscriptionError: The engine failed, or does not know the language.
        """
        ...


class TranscriptionStream(Protocol):
    """The transcription of one utterance while it is being spoken."""

    def feed(self, chunk: AudioChunk) -> None:
        """Add audio (16 kHz mono); returns at once."""
        ...

    async def settle(self) -> Transcript:
        """The transcript of everything fed so far, as good as a final one; the utterance may go on.

        Its text is empty when nobody has spoken. May be cancelled and called again; what is fed meanwhile belongs to
        the next call.

        Raises:
            TranscriptionError: The engine failed.
        """
        ...

    async def finish(self) -> Transcript:
        """The utterance is over: return its final transcript; its text is empty when nobody spoke.

        Raises:
            TranscriptionError: The engine failed.
        """
        ...

    async def cancel(self) -> None:
        """Drop the utterance; no more partials arrive after this returns."""
        ...


class StreamingTranscriber(Engine, Protocol):
    """Transcribes while audio arrives."""

    @property
    def capabilities(self) -> TranscriberCapabilities:
        """What it can do."""
        ...

    def open(self, *, language: str | None = None, on_partial: PartialCallback | None = None) -> TranscriptionStream:
        """Begin an utterance; must be called on the event loop."""
        ...
