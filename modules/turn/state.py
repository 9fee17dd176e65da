"""What the turn machine knows: the phase of the present turn, and how it came there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HISTORY_LENGTH = 32
"""How many of the last transitions a state remembers."""


class Phase(StrEnum):
    """Where a turn stands."""

    IDLE = "idle"
    """Nothing is going on."""
    LISTENING = "listening"
    """The user speaks."""
    SPECULATIVE = "speculative"
    """The user has probably finished; nothing may be said, stored or executed yet."""
    COMMITTED = "committed"
    """The user has finished; the answer is being made."""
    SPEAKING = "speaking"
    """The answer is being heard."""


class Overlap(StrEnum):
    """What became of a reply that somebody speaks over."""

    NONE = "none"
    """Nobody does."""
    DUCKED = "ducked"
    """There may be speech: the reply is softer."""
    PAUSED = "paused"
    """There is: the reply waits until it is known whether it is meant."""


ALLOWED: dict[Phase, frozenset[Phase]] = {
    Phase.IDLE: frozenset({Phase.LISTENING, Phase.COMMITTED}),
    Phase.LISTENING: frozenset({Phase.SPECULATIVE, Phase.IDLE}),
    Phase.SPECULATIVE: frozenset({Phase.LISTENING, Phase.COMMITTED, Phase.IDLE}),
    Phase.COMMITTED: frozenset({Phase.LISTENING, Phase.SPEAKING, Phase.IDLE}),
    Phase.SPEAKING: frozenset({Phase.IDLE}),
}
"""The transitions that exist; a new turn that interrupts an old one passes through IDLE."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of phase."""

    before: Phase
    after: Phase
    turn_id: int
    revision: int
    cause: str
    """Name of the event."""
    time: float
    """Monotonic seconds."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything the machine knows."""

    phase: Phase = Phase.IDLE
    turn_id: int = 0
    """The current or last turn; 0 before the first."""
    revision: int = 0
    """Counts how often the utterance of this turn was reopened."""
    replying: bool = False
    """Whether a reply was started for this turn and not yet ended; it is held back while SPECULATIVE."""
    hands_free: bool = False
    """Whether the utterance of this turn came through an open microphone: silence ends it, and speech reopens it."""
    given: bool = False
    """Whether the user was given some of the reply, to hear or to read: speech does not reopen the utterance then."""
    overlap: Overlap = Overlap.NONE
    """What became of the reply that somebody speaks over; always NONE unless SPEAKING."""
    history: tuple[Transition, ...] = ()
    """The last transitions, oldest first."""
