"""What a session tells its listeners: frozen, and stamped with the turn they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from modules.engine import LoadProgress
from modules.turn.latency import LatencyRecord
from modules.turn.machine import Overlap, Phase
from modules.turn.settings import ListeningMode

Role = Literal["stt", "llm", "tts", "vad", "echo", "endpoint", "wake"]
"""What an engine of a session is for; the last four serve an open microphone only."""


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The turn machine entered a phase."""

    turn_id: int
    revision: int
    phase: Phase
    trace_id: str = field(default="", compare=False)
    """What the turn is called in logs and traces: 32 hexadecimal digits, random, as W3C Trace Context has them."""


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
class ReplyDropped:
    """A reply that nobody has heard is withdrawn, because the user went on speaking; whatever was shown of it goes."""

    turn_id: int
    revision: int
    """The revision that it answered."""


@dataclass(frozen=True, slots=True)
class UtteranceDropped:
    """What the open microphone heard was not speech for the assistant; whatever was shown of it goes."""

    turn_id: int


@dataclass(frozen=True, slots=True)
class OverlapChanged:
    """Somebody speaks over the reply, or it has turned out that nobody does."""

    turn_id: int
    overlap: Overlap


@dataclass(frozen=True, slots=True)
class ListeningModeChanged:
    """How the session listens from now on."""

    mode: ListeningMode


@dataclass(frozen=True, slots=True)
class MicrophoneChanged:
    """The device itself was opened or closed: nothing is read from a closed one."""

    is_open: bool


@dataclass(frozen=True, slots=True)
class DebounceChanged:
    """How long a silence ends an utterance, from now on."""

    seconds: float
    adaptive: bool
    """Whether it follows how the user speaks; otherwise the user has set it."""


@dataclass(frozen=True, slots=True)
class WakeHeard:
    """The wake phrase was heard."""

    score: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class SpeculationMeasured:
    """What replies cost and gained that were begun before the end of the utterance was certain; since the start."""

    started: int
    used: int
    """The end was certain afterwards, so the reply came that much earlier."""
    wasted: int
    """The user went on speaking."""
    wasted_tokens: int
    """Pieces of text that the model wrote for wasted replies."""
    wasted_ms: float
    """Time that was spent on wasted replies."""

    @property
    def hit_rate(self) -> float | None:
        """Part of the decided ones that was used, 0 to 1; None before the first."""
        decided = self.used + self.wasted
        return self.used / decided if decided else None


@dataclass(frozen=True, slots=True)
class ModelMeasured:
    """How fast the language model writes, over its last replies; None where there is nothing to measure yet."""

    model: str
    generations: int
    first_token_ms: float | None
    """From the request to the first token, median."""
    tokens_per_second: float | None
    gap_ms: float | None
    """Between two tokens; 95 % are shorter."""


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
    quotes: bool = True
    """Whether what a library said may be in it, which may quote the user; otherwise all of it may be written down."""


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
    | ReplyDropped
    | UtteranceDropped
    | OverlapChanged
    | ListeningModeChanged
    | MicrophoneChanged
    | DebounceChanged
    | WakeHeard
    | SpeculationMeasured
    | ModelMeasured
    | TurnMeasured
    | InputLevel
    | Notice
    | EngineLoading
    | EngineReady
    | EngineFailed
)
