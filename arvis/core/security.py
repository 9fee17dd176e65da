"""Who may do what, and the user's say over the microphone."""

from __future__ import annotations

from collections.abc import Callable

from arvis.core.base import CoreBase
from arvis.core.gate import LockAnswered
from modules.security.roles import Permission
from modules.turn.events import (
    DebounceChanged,
    InputLevel,
    ListeningModeChanged,
    MicrophoneChanged,
    Notice,
    PhaseChanged,
)
from modules.turn.machine import Phase
from modules.turn.settings import ListeningMode


class SecurityMixin(CoreBase):
    """What is allowed, the lock, and when the microphone may be open and what it does."""

    def may(self, permission: Permission) -> Notice | None:
        """Why this may not be done now; None when it may."""
        return self.gate.refusal(permission)

    def lock(self) -> None:
        """Want the passphrase from now on; a turn that is going on ends."""
        refused = self.gate.close()
        if refused is not None:
            self.notice.emit(refused)
        self.follow_lock()

    def unlock(self, passphrase: str) -> None:
        """Check the passphrase, on another thread; `lock_changed` tells what came of it."""
        self.bridge.run_blocking(self._answer, self.gate.unlock, passphrase)

    def set_passphrase(self, old: str, new: str) -> None:
        """Have another passphrase, or none when the new one is empty; on another thread, and a notice tells."""
        self.bridge.run_blocking(self._answer, self.gate.set_passphrase, old, new)

    def touch(self) -> None:
        """Somebody is there. If nobody was for so long that it should be locked, it is locked first.

        What wakes a machine that slept is a key or the mouse, and that may come before `watch_lock` has looked.
        """
        if self.gate.lock_if_idle():
            self.follow_lock()
        self.gate.touch()

    def watch_lock(self) -> None:
        """Lock when nobody has been there for long; notice that a passphrase was set or removed elsewhere."""
        if self.snapshot.phase is not Phase.IDLE:
            self.gate.touch()
        self.gate.lock_if_idle()
        state, told = self.gate.state(), self.gate.told
        if (state.locked, state.can_lock) != (told.locked, told.can_lock):
            self.follow_lock()

    def follow_lock(self, refusal: str = "") -> None:
        """Do what the lock wants: close the microphone, end the turn, tell the window."""
        state, before = self.gate.state(refusal), self.gate.told
        self.gate.told = state
        if state.locked and not before.locked:
            self.talk.forget()
            self.session.stop()
        self.session.set_muted(self.gate.is_closed)
        self.lock_changed.emit(state)

    def on_lock(self, event: object) -> None:
        """Take the answer of the lock, and that somebody talks."""
        match event:
            case LockAnswered(done=done, refused=None):
                if done is not None:
                    self.notice.emit(done)
                self.follow_lock()
            case LockAnswered(refused=Notice() as refused):
                if self.gate.state().locked:
                    self.follow_lock(refused.text)
                else:
                    self.notice.emit(refused)
            case PhaseChanged():
                self.touch()

    def set_muted(self, muted: bool) -> None:
        """Mute or unmute: the session closes a muted microphone, and drops what is being said."""
        if muted == self.gate.muted:
            return
        self.gate.muted = muted
        self.session.set_muted(self.gate.is_closed)
        self.muted_changed.emit(muted)

    def set_listening(self, mode: ListeningMode) -> None:
        """Listen otherwise; `listening_changed` tells when the session does."""
        if self._is_allowed(Permission.CHANGE_SETTINGS):
            self.session.set_listening(mode)

    def set_debounce(self, seconds: float | None) -> None:
        """Have this silence end an utterance, or none in particular; `debounce_changed` tells when it does."""
        if self._is_allowed(Permission.CHANGE_SETTINGS):
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

    def _is_allowed(self, permission: Permission) -> bool:
        refusal = self.may(permission)
        if refusal is not None:
            self.notice.emit(refusal)
        return refusal is None

    def _answer(self, act: Callable[..., LockAnswered], *passphrases: str) -> None:
        self.bridge.publish(act(*passphrases))

    def _show_licence(self, mode: ListeningMode) -> None:
        if mode is ListeningMode.WAKE_WORD and self.snapshot.listening is not mode:
            # Not sooner: it imports what the window must not wait for; whoever sends such an event has imported it.
            from modules.wake.openwakeword_files import LICENCE_NOTE

            self.notice.emit(Notice("info", "wake-licence", LICENCE_NOTE))
