"""What a chain of engines tells about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from utils.errors import ArvisError


class Moment(StrEnum):
    """When an engine gave way to another."""

    LOAD = "load"
    """It was being loaded."""
    FIRST_RESULT = "first result"
    """It was asked, and had given nothing yet."""
    MIDDLE = "middle"
    """It had given a part of what it was asked for."""
    BETWEEN_TURNS = "between turns"
    """Nothing was asked of it; its health is bad."""
    RECOVERY = "recovery"
    """It stood in for an engine that works again."""


@dataclass(frozen=True, slots=True)
class SwitchEvent:
    """One engine gave way to another."""

    stage: str
    """"stt", "llm" or "tts"."""
    failed: str
    """Name of the engine that gives way."""
    successor: str
    """Name of the engine that takes over."""
    error: ArvisError | None
    """Why; None when the successor is an engine that works again."""
    moment: Moment
    added_seconds: float
    """What the switch costs: from the request, or the last thing that the failed engine gave, until the successor is
    asked."""
    first: bool
    """Whether the user has not been told of this outage yet, or is to be told that it is over."""

    @property
    def sentence(self) -> str:
        """The event in one sentence for the user."""
        part = _PARTS.get(self.stage, f"The {self.stage} engine")
        if self.error is None:
            return f"{part} is {self.successor} again, which works now."
        if self.moment is Moment.MIDDLE:  # nothing is missing, whatever the error says to those who have no successor
            return f"{part} is now {self.successor}, which has gone on where {self.failed} broke off."
        return f"{part} is now {self.successor}, because {self.failed} failed: {self.error.message}"


SwitchCallback = Callable[[SwitchEvent], None]
"""Called on the event loop; must return at once."""

_PARTS = {"stt": "The speech recognition", "llm": "The language model", "tts": "The voice"}


@dataclass(frozen=True, slots=True)
class EngineState:
    """What a chain knows about one of its engines."""

    name: str
    breaker: str
    """"closed", "open" or "half-open"."""
    loaded: bool
    current: bool
    """Whether it is the one that is asked."""
    reason: str
    """Why it is passed over; empty when it is not."""
