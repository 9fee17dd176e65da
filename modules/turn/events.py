"""What a session tells its listeners: frozen, and stamped with the turn they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modules.engine import LoadProgress
from modules.turn.latency import LatencyRecord
from modules.turn.machine import Phase

Role = Literal["stt", "llm", "tts"]
"""What an engine of a session is for."""


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The turn machine entered a phase."""

    turn_id: int
    revision: int
    phase: Phase


@dataclass(frozen=True, slots=True)
class UserText:
    """What the user has said or typed so far in this turn."""

    turn_id: int
    revision: int
    text: str
    """The whole text so far; it replaces what came before."""
    final: bool
    typed: bool = False


@dataclass(frozen=True, slots=True)
class ReplyText:
    """A piece of the reply, to be appended."""

    turn_id: int
    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """The reply is over: all of it was given, or it was cut off."""

    turn_id: int
    revision: int
    text: str
    """What the conversation keeps: the whole reply, or the part that was heard when it was interrupted."""
    interrupted: bool
    spoken: bool
    """Whether any of it was spoken aloud."""


@dataclass(frozen=True, slots=True)
class TurnMeasured:
    """The latency record of a finished turn."""

    turn_id: int
    record: LatencyRecord


@dataclass(frozen=True, slots=True)
class InputLevel:
    """Loudness of the microphone, about 30 times a second while it is open."""

    rms: float
    """Root mean square of the last block, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the user."""

    severity: Literal["info", "warning", "error"]
    code: str
    text: str
    turn_id: int | None = None


@dataclass(frozen=True, slots=True)
class EngineLoading:
    """An engine is on its way."""

    role: Role
    progress: LoadProgress


@dataclass(frozen=True, slots=True)
class EngineReady:
    """An engine is loaded and warm."""

    role: Role
    name: str
    load_seconds: float
    floor_seconds: float
    """Time of a minimal run of the warm engine."""


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """An engine cannot be used; the session goes on without it where it can."""

    role: Role
    name: str
    code: str
    text: str


SessionEvent = (
    PhaseChanged
    | UserText
    | ReplyText
    | ReplyEnded
    | TurnMeasured
    | InputLevel
    | Notice
    | EngineLoading
    | EngineReady
    | EngineFailed
)
