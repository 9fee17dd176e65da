"""The interface of voice activity detection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from modules.audio.base import AudioChunk
from modules.engine import Engine
from utils.errors import ArvisError


class VadError(ArvisError):
    """The voice activity detector cannot be used."""

    stage = "vad"


@dataclass(frozen=True, slots=True)
class SpeechSpan:
    """A stretch of speech in an audio chunk or stream."""

    start: float
    """Seconds from the beginning of the audio."""
    end: float
    """Seconds from the beginning of the audio."""


class VadStream(Protocol):
    """Detection over one stream; it carries the recurrent state from window to window."""

    def feed(self, chunk: AudioChunk) -> list[float]:
        """Probability of speech, 0 to 1, for each 32 ms window that `chunk` (16 kHz) completes."""
        ...


class VoiceActivityDetector(Engine, Protocol):
    """Finds speech in 16 kHz audio. Fast enough to be called on the event loop."""

    def open(self) -> VadStream:
        """A new stream."""
        ...

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        """The stretches of speech in a whole recording (16 kHz), in order; an empty list when nobody speaks."""
        ...
