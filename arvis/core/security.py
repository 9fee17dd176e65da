"""The user's say over the microphone."""

from __future__ import annotations

from arvis.core.base import CoreBase
from modules.turn.events import PhaseChanged
from modules.turn.machine import Phase

_OPEN = (Phase.LISTENING, Phase.SPECULATIVE)


class SecurityMixin(CoreBase):
    """Mutes the microphone: no talk key opens it, and an open one is closed."""

    def set_muted(self, muted: bool) -> None:
        """Mute or unmute; what is being said when it is muted is dropped."""
        if muted == self.gate.muted:
            return
        self.gate.muted = muted
        if muted and self.snapshot.phase in _OPEN:
            self.session.stop()
        self.muted_changed.emit(muted)

    def on_phase(self, event: PhaseChanged) -> None:
        """Close a microphone whose opening was under way when it was muted."""
        if self.gate.muted and event.phase in _OPEN:
            self.session.stop()
