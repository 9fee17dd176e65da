"""What a running session tells of itself, so that nothing has to be opened or asked behind the user's back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from modules.health.base import Finding, Status, worst
from modules.turn.events import (
    EngineFailed,
    EngineLoading,
    EngineReady,
    InputLevel,
    PhaseChanged,
    Role,
    SessionEvent,
)
from modules.turn.state import Phase

SILENT_LEVELS = 90
"""About three seconds of blocks; every microphone that is not muted gives some noise in that time."""
_EARS: dict[Role, tuple[str, Status]] = {
    "vad": ("Speech detection", Status.UNHEALTHY),
    "echo": ("Echo cancellation", Status.DEGRADED),
    "endpoint": ("The judge of turn ends", Status.DEGRADED),
    "wake": ("The wake word", Status.UNHEALTHY),
}


@dataclass(frozen=True, slots=True)
class EngineState:
    """How one engine of the session is doing, by its last event."""

    name: str
    stage: Literal["loading", "ready", "failed"]
    reason: str = ""
    """Why it failed, in words for the user."""


class SessionWatch:
    """A listener of the session. Everything is called on the event loop."""

    def __init__(self) -> None:
        self.engines: dict[Role, EngineState] = {}
        """The engines that the session has begun to load."""
        self._phase = Phase.IDLE
        self._silent = 0
        self._on_turn: Callable[[], None] = lambda: None
        self._on_failure: Callable[[Role], None] = lambda role: None

    def attach(self, on_turn: Callable[[], None], on_failure: Callable[[Role], None]) -> None:
        """Tell when a turn begins, and when an engine has failed."""
        self._on_turn = on_turn
        self._on_failure = on_failure

    @property
    def is_idle(self) -> bool:
        """Whether no turn is under way."""
        return self._phase is Phase.IDLE

    @property
    def is_microphone_silent(self) -> bool:
        """Whether the last three seconds or so that the session has heard were nothing but zeros."""
        return self._silent >= SILENT_LEVELS

    def __call__(self, event: SessionEvent) -> None:
        """Take what the session tells."""
        match event:
            case PhaseChanged(phase=phase):
                was_idle, self._phase = self.is_idle, phase
                if was_idle and not self.is_idle:
                    self._on_turn()
            case InputLevel(rms=rms):
                self._silent = 0 if rms else self._silent + 1
            case EngineLoading(role=role, progress=progress):
                self.engines[role] = EngineState(progress.engine, "loading")
            case EngineReady(role=role, name=name):
                self.engines[role] = EngineState(name, "ready")
            case EngineFailed(role=role, name=name, text=text):
                self.engines[role] = EngineState(name, "failed", text)
                self._on_failure(role)

    def obstacle(self, role: Role) -> Finding | None:
        """Why the engine cannot be tried now; None when it can."""
        match self.engines.get(role):
            case None:
                return Finding(Status.UNKNOWN, "It is loaded when it is needed.")
            case EngineState(name=name, stage="loading"):
                return Finding(Status.UNKNOWN, f"{name} is still loading.", engine=name)
            case EngineState(name=name, stage="failed", reason=reason):
                remedy = "Correct this, or choose another engine or model in the settings."
                return Finding(Status.UNHEALTHY, reason, remedy, engine=name)
        return None

    def ears(self) -> Finding:
        """How the engines of the open microphone do."""
        found = {role: self.engines[role] for role in _EARS if role in self.engines}
        if not found:
            return Finding(Status.HEALTHY, "Not needed: the microphone is open only while the talk key is held.")
        failed = [role for role, state in found.items() if state.stage == "failed"]
        if failed:
            reasons = " ".join(f"{_EARS[role][0]}: {found[role].reason}" for role in failed)
            return Finding(worst(_EARS[role][1] for role in failed), reasons, "The talk key works all the same.")
        if any(state.stage == "loading" for state in found.values()):
            return Finding(Status.UNKNOWN, "What an open microphone needs is still loading.")
        return Finding(Status.HEALTHY, f"Loaded: {', '.join(state.name for state in found.values())}.")
