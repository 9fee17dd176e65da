"""The menu of the icon in the tray."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu

from arvis.core.core import ArvisCore
from arvis.desktop.commands import Commands
from arvis.desktop.presence import Presence
from arvis.desktop.verbs import Verb
from arvis.ui.main_window import MainWindow
from arvis.ui.wording import NAMES
from modules.security.roles import Permission
from modules.turn.settings import ListeningMode


class TrayMenu(QMenu):
    """What can be done without the window. It shows what is, not what was asked for.

    Args:
        core: The core.
        window: Knows the mode, and keeps what is chosen.
        presence: Shows and hides the window.
        commands: Carry out what is chosen.
    """

    def __init__(self, core: ArvisCore, window: MainWindow, presence: Presence, commands: Commands) -> None:
        super().__init__(window)
        self._core = core
        self._window = window
        self._presence = presence
        self._commands = commands
        self._paused: ListeningMode | None = None
        """How Arvis listened before that was paused; None while it is not."""
        self.window_action = self._action("Show Arvis", self._toggle_window)
        self.addSeparator()
        self.talk = self._action("Talk", lambda: commands.do(Verb.TOGGLE_TALK))
        self.stop = self._action("Stop", lambda: commands.do(Verb.STOP))
        self.mute = self._action("Mute the microphone", self._toggle_mute)
        self.mute.setCheckable(True)
        self.addSeparator()
        self._add_listening()
        self.addSeparator()
        self.lock = self._action("Lock", core.lock)
        self.quit = self._action("Quit", lambda: commands.do(Verb.QUIT))
        for signal in (core.muted_changed, core.lock_changed, core.opened, core.phase_changed, window.mode_changed):
            signal.connect(self.follow)
        presence.changed.connect(self.follow)
        core.listening_changed.connect(self._on_listening)
        self.aboutToShow.connect(self.follow)
        self.follow()

    def follow(self, *_: object) -> None:
        """Show how things are."""
        core, mode = self._core, self._window.mode
        may_talk = core.gate.may(Permission.TALK) and not core.snapshot.obstacle
        lock = core.gate.told
        self.window_action.setText("Hide Arvis" if self._presence.is_shown else "Show Arvis")
        self.talk.setText("Finish talking" if self._commands.is_talking else "Talk")
        self.talk.setEnabled(may_talk and not core.gate.muted)
        self.stop.setEnabled(mode.is_turn)
        self.mute.setChecked(core.gate.muted)
        self.lock.setVisible(lock.can_lock and not lock.locked)
        may_choose = core.gate.may(Permission.CHANGE_SETTINGS)
        self.listening.setEnabled(may_choose)
        self.ways[core.snapshot.listening].setChecked(True)
        self.pause.setVisible(self._pausable is not None)
        self.pause.setEnabled(may_choose)
        self.pause.setChecked(self._paused is not None)
        if self._pausable is not None:
            self.pause.setText(
                "Pause the wake word" if self._pausable is ListeningMode.WAKE_WORD else "Pause listening"
            )

    @property
    def _pausable(self) -> ListeningMode | None:
        """The way to listen that is paused, or could be; none while only the key is listened to anyway."""
        now = self._core.snapshot.listening
        return self._paused or (now if now is not ListeningMode.PUSH_TO_TALK else None)

    def _add_listening(self) -> None:
        menu = self.addMenu("Listening")
        assert menu is not None
        self.listening = menu
        group = QActionGroup(menu)
        self.ways: dict[ListeningMode, QAction] = {}
        for mode in ListeningMode:
            action = menu.addAction(NAMES[mode])
            assert action is not None
            action.setCheckable(True)
            action.triggered.connect(lambda _, mode=mode: self._choose(mode))
            group.addAction(action)
            self.ways[mode] = action
        self.pause = self._action("Pause listening", self._toggle_pause)
        self.pause.setCheckable(True)

    def _action(self, text: str, act: Callable[[], object]) -> QAction:
        action = self.addAction(text)
        assert action is not None
        action.triggered.connect(lambda: act())
        return action

    def _toggle_window(self) -> None:
        self._commands.do(Verb.HIDE if self._presence.is_shown else Verb.SHOW)

    def _toggle_mute(self) -> None:
        self._commands.do(Verb.UNMUTE if self._core.gate.muted else Verb.MUTE)

    def _choose(self, mode: ListeningMode) -> None:
        """Listen otherwise, and keep that, as by the menu in the window."""
        self._window.header.listening.listening_chosen.emit(mode)
        self.follow()  # what is shown changes when the session has taken it

    def _toggle_pause(self) -> None:
        """Listen to the key only for now, or as before; what is paused is paused no longer after the next start."""
        if self._paused is None:
            self._paused = self._core.snapshot.listening
            self._core.set_listening(ListeningMode.PUSH_TO_TALK)
        else:
            self._core.set_listening(self._paused)
        self.follow()

    def _on_listening(self, mode: ListeningMode) -> None:
        if mode is not ListeningMode.PUSH_TO_TALK:
            self._paused = None
        self.follow()
