"""The interface of models that judge from the sound of speech whether a turn is complete."""

from __future__ import annotations

from typing import Protocol

from modules.audio.base import AudioChunk
from modules.engine import Engine
from utils.errors import ArvisError


class EndpointError(ArvisError):
    """The end of a turn cannot be judged."""

    stage = "endpointing"


class EndpointModel(Engine, Protocol):
    """Judges whether somebody who is silent now has finished, or only paused."""

    @property
    def seconds(self) -> float:
        """How much of the end of an utterance it listens to."""
        ...

    async def completeness(self, audio: AudioChunk) -> float:
        """Probability, 0 to 1, that the utterance (16 kHz mono, with the silence that follows it) is complete.

        Raises:
            EndpointError: The model is not loaded, or failed.
        """
        ...
