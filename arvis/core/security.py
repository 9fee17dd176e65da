"""The user's say over the microphone."""

from __future__ import annotations

from arvis.core.base import CoreBase
from modules.turn.events import DebounceChanged, InputLevel, ListeningModeChanged, MicrophoneChanged, Notice
from modules.turn.settings import ListeningMode


class SecurityMixin(CoreBase):
    """When the microphone may be open, and what it does."""

    def set_muted(self, muted: bool) -> None:
        """Mute or unmute: the session closes a muted microphone, and drops what is being said."""
        if muted == self.gate.muted:
            return
        self.gate.muted = muted
        self.session.set_muted(muted)
        self.muted_changed.emit(muted)

    def set_listening(self, mode: ListeningMode) -> None:
        """Listen otherwise; `listening_changed` tells when the session does."""
        self.session.set_listening(mode)

    def set_debounce(self, seconds: float | None) -> None:
        """Have this silence end an utterance, or none in particular; `debounce_changed` tells when it does."""
        self.session.set_debounce(seconds)

    def on_microphone(self, event: object) -> None:
        """Take what the session tells of the microphone."""
        match event:
            case InputLevel() if self.snapshot.microphone_open:
                self.input_level.emit(event.rms)
            case MicrophoneChanged():
                self.snapshot.microphone_open = event.is_open
                self.microphone_changed.emit(event.is_open)
            case ListeningModeChanged():
                self._show_licence(event.mode)
                self.snapshot.listening = event.mode
                self.listening_changed.emit(event.mode)
            case DebounceChanged():
                self.snapshot.debounce = event
                self.debounce_changed.emit(event)

    def _show_licence(self, mode: ListeningMode) -> None:
        if mode is ListeningMode.WAKE_WORD and self.snapshot.listening is not mode:
            # Not sooner: it imports what the window must not wait for; whoever sends such an event has imported it.
            from modules.wake.openwakeword_files import LICENCE_NOTE

            self.notice.emit(Notice("info", "wake-licence", LICENCE_NOTE))
