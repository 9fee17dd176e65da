"""What changes in the state of things."""

from __future__ import annotations

from arvis.core.base import CoreBase
from arvis.core.snapshot import HotkeyState, SessionOpened, engine_status
from modules.turn.events import EngineFailed, EngineLoading, EngineReady, Notice, PhaseChanged, TurnMeasured


class StateMixin(CoreBase):
    """Keeps the snapshot and tells the window what changed in it."""

    def on_state(self, event: object) -> None:
        """Take an event that changes the state; stale ones change nothing."""
        match event:
            case PhaseChanged() if self.snapshot.enter(event):
                self.phase_changed.emit(event)
            case TurnMeasured() if self.snapshot.measure(event):
                self.turn_measured.emit(event)
            case EngineLoading() | EngineReady() | EngineFailed():
                self.engine_changed.emit(engine_status(event))
                if isinstance(event, EngineFailed):
                    self.notice.emit(Notice("error", event.code, event.text))
            case SessionOpened():
                self.snapshot.open(event)
                self.opened.emit(self.snapshot.obstacle)
            case HotkeyState():
                self.hotkey_changed.emit(event)
