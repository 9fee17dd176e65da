"""The core: the one object that the window talks to."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from arvis.bridge import Bridge
from arvis.core.gate import Gate
from arvis.core.processing import ProcessingMixin
from arvis.core.security import SecurityMixin
from arvis.core.session_handle import SessionHandle
from arvis.core.snapshot import HotkeyState, Snapshot
from arvis.core.state import StateMixin
from arvis.core.talk import TalkSwitch
from modules.hotkey.base import Hotkey, HotkeyError
from modules.security.lock import Lock
from modules.turn.settings import ListeningMode


class ArvisCore(ProcessingMixin, SecurityMixin, StateMixin):
    """Slots for what the user does, signals for what happens; see `CoreBase`.

    Args:
        bridge: The way to the engine thread.
        session: The session that lives there.
        talk: What the talk key means.
        hotkey: The talk key of the whole desktop.
        listening: How the session listens when it begins.
        lock: Who may do what; None allows everything.
        parent: Qt parent.
    """

    def __init__(
        self,
        bridge: Bridge,
        session: SessionHandle,
        talk: TalkSwitch,
        hotkey: Hotkey,
        listening: ListeningMode = ListeningMode.PUSH_TO_TALK,
        lock: Lock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.session = session
        self.talk = talk
        self.hotkey = hotkey
        self.snapshot = Snapshot(listening)
        self.gate = Gate(lock)
        # The state goes first, so that words are judged by the turn that they belong to.
        bridge.published.connect(self.on_state)
        bridge.published.connect(self.on_words)
        bridge.published.connect(self.on_microphone)
        bridge.published.connect(self.on_lock)
        bridge.failed.connect(self.on_failure)
        self._ignores_hotkey = False
        self.hotkey_pressed.connect(self.press)
        self.hotkey_released.connect(self.release)

    def open(self) -> None:
        """Load the engines and watch the talk key, both in the background."""
        if self.gate.is_closed:
            self.session.set_muted(True)  # done as soon as there is a session, before it opens the microphone
        self.session.open()
        self.bridge.run_blocking(self._watch_hotkey)

    def ignore_hotkey(self, ignored: bool) -> None:
        """Let presses of the talk key mean nothing, while another one is chosen."""
        if ignored == self._ignores_hotkey:
            return
        self._ignores_hotkey = ignored
        for signal, slot in ((self.hotkey_pressed, self.press), (self.hotkey_released, self.release)):
            if ignored:
                signal.disconnect(slot)
            else:
                signal.connect(slot)

    def close(self) -> None:
        """Let go of engines, devices, threads and the talk key."""
        self.session.close()
        self.hotkey.stop()

    def _watch_hotkey(self) -> None:
        try:
            self.hotkey.start(self.hotkey_pressed.emit, self.hotkey_released.emit)
        except HotkeyError as error:
            self.bridge.publish(HotkeyState(False, error.message))
        else:
            self.bridge.publish(HotkeyState(True))
