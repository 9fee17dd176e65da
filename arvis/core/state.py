"""What changes in the state of things."""

from __future__ import annotations

from typing import Literal

from arvis.core.base import CoreBase
from arvis.core.snapshot import DISPENSABLE, HotkeyState, RemoteUsed, SessionOpened, engine_status
from config.watcher import Change
from modules.history.base import Resumed
from modules.turn.events import (
    EngineFailed,
    EngineLoading,
    EngineReady,
    ModelMeasured,
    Notice,
    OverlapChanged,
    PhaseChanged,
    SpeculationMeasured,
    TurnMeasured,
)
from modules.turn.machine import Phase


class StateMixin(CoreBase):
    """Keeps the snapshot and tells the window what changed in it."""

    def on_state(self, event: object) -> None:
        """Take an event that changes the state; stale ones change nothing."""
        match event:
            case PhaseChanged() if self.snapshot.enter(event):
                if event.phase is Phase.IDLE and self.talk.owns(event.turn_id):
                    self.talk.forget()  # it failed, or was stopped: the next press begins anew
                self.phase_changed.emit(event)
            case OverlapChanged() if self.snapshot.overlay(event):
                self.overlap_changed.emit(event)
            case TurnMeasured() if self.snapshot.measure(event):
                self.turn_measured.emit(event)
            case SpeculationMeasured():
                self.speculation_measured.emit(event)
            case ModelMeasured():
                self.model_measured.emit(event)
            case EngineLoading() | EngineReady() | EngineFailed():
                self.engine_changed.emit(engine_status(event))
                if isinstance(event, EngineFailed):
                    severity: Literal["warning", "error"] = "warning" if event.role in DISPENSABLE else "error"
                    self.notice.emit(Notice(severity, event.code, event.text, quotes=False))
            case SessionOpened():
                self.snapshot.open(event)
                self.opened.emit(self.snapshot.obstacle)
            case HotkeyState():
                self.hotkey_changed.emit(event)
            case Change():
                self.settings_changed.emit(event)
            case Resumed():
                self.resumed.emit(event)
            case RemoteUsed():
                self.remote_changed.emit(event.uses)
