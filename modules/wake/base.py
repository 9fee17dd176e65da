"""The interface of wake word detection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from modules.audio.base import AudioChunk
from modules.engine import Engine
from utils.errors import ArvisError


class WakeError(ArvisError):
    """The wake word cannot be listened for."""

    stage = "wake"


@dataclass(frozen=True, slots=True)
class WakeDetection:
    """The wake phrase was heard."""

    score: float
    """0 to 1."""
    end: float
    """Second of the stream at which the phrase was over, as near as the detector can tell; speech after it belongs to
    the user's request."""


class WakeStream(Protocol):
    """Detection over one opening of the microphone."""

    def feed(self, chunk: AudioChunk) -> list[WakeDetection]:
        """Take sound (16 kHz); return the phrases that it completes. Fast enough to be called on the event loop."""
        ...


class WakeWordDetector(Engine, Protocol):
    """Listens for one phrase."""

    @property
    def phrases(self) -> tuple[str, ...]:
        """How the wake phrase may be written in a transcript, lower case without punctuation ("hey jarvis")."""
        ...

    def open(self) -> WakeStream:
        """Begin a stream.

        Raises:
            WakeError: `not-loaded`.
        """
        ...
