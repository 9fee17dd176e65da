"""Where the conversation stands, as far as the window knows. The one place that keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modules.network.base import RemoteUse
from modules.turn.events import (
    DebounceChanged,
    EngineFailed,
    EngineLoading,
    EngineReady,
    OverlapChanged,
    PhaseChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    Role,
    TurnMeasured,
    UserText,
    UtteranceDropped,
)
from modules.turn.machine import Overlap, Phase
from modules.turn.settings import ListeningMode

BROKEN = "Arvis could not start. The message above says why."
DISPENSABLE: tuple[Role, ...] = ("echo", "endpoint")
"""Engines without which everything works, if not as well."""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How one engine is doing."""

    role: Role
    name: str
    stage: Literal["loading", "ready", "failed"]
    note: str = ""
    """What is being done, or what is wrong, in words for the user."""
    fraction: float | None = None
    """Part of the loading that is done, 0 to 1; None when it is not known."""


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The session has loaded whatever could be loaded; an engine that failed is tried again when it is needed."""

    usable: bool
    """Whether there is a session at all."""


@dataclass(frozen=True, slots=True)
class HotkeyState:
    """Whether the talk key works in other windows too."""

    everywhere: bool
    reason: str = ""
    """Why it does not, in one sentence; empty when it does."""


@dataclass(frozen=True, slots=True)
class RemoteUsed:
    """What is in use on other machines has changed."""

    uses: tuple[RemoteUse, ...]
    """Everything that is in use now."""


class Snapshot:
    """Where the turn, the microphone and the engines stand; refuses what belongs to a turn that is over.

    Args:
        listening: How the session listens when it begins.
    """

    def __init__(self, listening: ListeningMode = ListeningMode.PUSH_TO_TALK) -> None:
        self.phase = Phase.IDLE
        self.overlap = Overlap.NONE
        """What became of the reply that somebody speaks over; always NONE unless SPEAKING."""
        self.listening = listening
        self.microphone_open = False
        """Whether the device is open, as the session says that has it."""
        self.debounce: DebounceChanged | None = None
        """The silence that ends an utterance; None until the session has told."""
        self.latency: TurnMeasured | None = None
        self.loading = True
        """Whether engines are still loaded; what the user says or types until then is answered as soon as they are."""
        self.obstacle = ""
        """Why the user can neither talk nor type, in one sentence; empty when both are possible."""
        self._current = (0, 0)
        self._ended_turn = 0
        self._dropped_turn = 0
        self._dropped_reply = (0, -1)

    @property
    def turn_id(self) -> int:
        """The turn that is going on, or the last one."""
        return self._current[0]

    def enter(self, event: PhaseChanged) -> bool:
        """Take a change of phase; False when it is stale."""
        if (event.turn_id, event.revision) < self._current:
            return False
        self._current = (event.turn_id, event.revision)
        self.phase = event.phase
        self.overlap = Overlap.NONE
        return True

    def overlay(self, event: OverlapChanged) -> bool:
        """Take what became of a reply that somebody speaks over; False when that reply is not heard now."""
        if event.turn_id != self.turn_id or self.phase is not Phase.SPEAKING:
            return False
        self.overlap = event.overlap
        return True

    def accepts(self, event: UserText | ReplyText) -> bool:
        """Whether words belong to the turn that is going on; words that were queued when it was cancelled do not."""
        place = (event.turn_id, event.revision)
        if event.turn_id == self._dropped_turn:
            return False
        if isinstance(event, ReplyText) and (event.turn_id <= self._ended_turn or place <= self._dropped_reply):
            return False
        return place >= self._current

    def drop_reply(self, event: ReplyDropped) -> bool:
        """Take the withdrawal of a reply; False when it was withdrawn or has ended before."""
        place = (event.turn_id, event.revision)
        if event.turn_id <= self._ended_turn or place <= self._dropped_reply:
            return False
        self._dropped_reply = place
        return True

    def drop_utterance(self, event: UtteranceDropped) -> bool:
        """Take that a turn was none; False when it is known already, or it was answered."""
        if event.turn_id <= max(self._dropped_turn, self._ended_turn):
            return False
        self._dropped_turn = event.turn_id
        return True

    def end_reply(self, event: ReplyEnded) -> bool:
        """Take the end of a reply; False when that reply has ended before."""
        if event.turn_id <= self._ended_turn:
            return False
        self._ended_turn = event.turn_id
        return True

    def measure(self, event: TurnMeasured) -> bool:
        """Take a latency record; False when a later turn was measured already."""
        if self.latency is not None and event.turn_id < self.latency.turn_id:
            return False
        self.latency = event
        return True

    def open(self, event: SessionOpened) -> None:
        """Take the end of loading."""
        self.loading = False
        self.obstacle = "" if event.usable else BROKEN


def engine_status(event: EngineLoading | EngineReady | EngineFailed) -> EngineStatus:
    """How an engine is doing, by its last event."""
    match event:
        case EngineLoading(role=role, progress=progress):
            return EngineStatus(role, progress.engine, "loading", progress.note, progress.fraction)
        case EngineReady(role=role, name=name):
            return EngineStatus(role, name, "ready", fraction=1.0)
        case EngineFailed(role=role, name=name, text=text):
            return EngineStatus(role, name, "failed", text)
