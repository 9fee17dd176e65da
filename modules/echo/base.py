"""The interface of echo cancellation."""

from __future__ import annotations

from typing import Protocol

from modules.audio.base import AudioChunk, PlaybackReference
from modules.engine import Engine
from utils.errors import ArvisError


class EchoError(ArvisError):
    """Echo cannot be cancelled."""

    stage = "echo"


class EchoStream(Protocol):
    """Cancellation over one opening of the microphone."""

    def feed(self, chunk: AudioChunk) -> list[AudioChunk]:
        """Take sound from the microphone (16 kHz) and return what is clean by now: chunks of 10 to 32 ms.

        As much comes out as goes in, some milliseconds later; `time` and `frame_index` of what comes out are those at
        which it was captured. Fast enough to be called on the event loop.
        """
        ...

    @property
    def settled(self) -> bool:
        """Whether enough of the speaker was heard for the echo to be gone from what `feed` returns."""
        ...


class EchoCanceller(Engine, Protocol):
    """Removes what the speaker plays from what the microphone hears."""

    def open(self, reference: PlaybackReference) -> EchoStream:
        """Begin a stream.

        Raises:
            EchoError: `not-loaded`.
        """
        ...
