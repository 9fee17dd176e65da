"""Carries out what Arvis is told from outside of its window, through the same gate as what is done in it."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSlot

from arvis.core.core import ArvisCore
from arvis.desktop.presence import Presence
from arvis.desktop.verbs import Verb
from modules.security.roles import Permission
from modules.turn.events import Notice, PhaseChanged
from modules.turn.machine import Phase

_HEARS = (Phase.LISTENING, Phase.SPECULATIVE)


class Commands(QObject):
    """Does what a verb says.

    `TALK` and `RELEASE` are the talk key going down and up, but the release always ends the utterance, also where the
    setting of the key is to be pressed twice.

    Args:
        core: The core.
        presence: The window.
        parent: Qt parent.
    """

    def __init__(self, core: ArvisCore, presence: Presence, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._presence = presence
        self._held_after: int | None = None
        """The turn before the one that was begun here; None while none is."""
        core.phase_changed.connect(self._on_phase)

    @property
    def is_talking(self) -> bool:
        """Whether an utterance was begun here that goes on."""
        return self._held_after is not None

    def do(self, verb: Verb) -> str:
        """Do it; returns why it was not done, in one sentence, or ""."""
        match verb:
            case Verb.TALK:
                return self._begin()
            case Verb.RELEASE:
                self._finish()
            case Verb.TOGGLE_TALK if self.is_talking:
                self._finish()
            case Verb.TOGGLE_TALK:
                return self._begin()
            case Verb.STOP:
                self._core.stop()
            case Verb.MUTE | Verb.UNMUTE:
                self._core.set_muted(verb is Verb.MUTE)
            case Verb.SHOW:
                self._presence.show()
            case Verb.HIDE:
                self._presence.hide()
            case Verb.QUIT:
                self._presence.quit()
        return ""

    def _begin(self) -> str:
        core = self._core
        obstacle = core.snapshot.obstacle
        refusal = Notice("info", "not-available", obstacle) if obstacle else core.may(Permission.TALK)
        if refusal is not None:
            core.notice.emit(refusal)
            return refusal.text
        if not self.is_talking:
            self._held_after = core.snapshot.turn_id
            core.press()
        return ""

    def _finish(self) -> None:
        if not self.is_talking:
            return
        self._held_after = None
        core = self._core
        core.release()
        if core.talk.mode == "toggle":  # there, letting go ends nothing
            core.talk.forget()
            core.session.release()

    @pyqtSlot(PhaseChanged)
    def _on_phase(self, event: PhaseChanged) -> None:
        """Let go when what was begun here was ended otherwise: by the key, by Esc, or because it took too long."""
        if self._held_after is not None and event.turn_id > self._held_after and event.phase not in _HEARS:
            self._held_after = None
            self._core.talk.release()
