"""The menu in which the user chooses how Arvis listens."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from arvis.ui.wording import NAMES, Wording, seconds
from modules.turn.events import DebounceChanged
from modules.turn.settings import ListeningMode

PAUSES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
"""Seconds of silence that the user may choose to end a turn with."""
KEYS = "Ctrl+L"
"""Opens the menu."""


class ListeningButton(QToolButton):
    """Shows how Arvis listens; its menu changes that, and the pause that ends a turn.

    The menu shows what is, not what was asked for: a choice counts when the session has taken it.

    Args:
        wording: The sentences.
    """

    #: The user wants to be listened to this way.
    listening_chosen = pyqtSignal(ListeningMode)
    #: The user wants a pause of so many seconds to end a turn; None leaves it to Arvis.
    pause_chosen = pyqtSignal(object)

    def __init__(self, wording: Wording, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listening = ListeningMode.PUSH_TO_TALK
        self._debounce: DebounceChanged | None = None
        self.setObjectName("listening")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(f"How Arvis listens ({KEYS})")
        menu = QMenu(self)
        self._ways = QActionGroup(menu)
        self.ways = {mode: self._way(menu, mode, wording.choice(mode)) for mode in ListeningMode}
        menu.addSeparator()
        pauses = menu.addMenu("")
        assert pauses is not None
        self.pause_menu = pauses
        self._pauses = QActionGroup(menu)
        self.automatic = self._pause("Automatic", None)
        self.pauses = {length: self._pause(seconds(length), length) for length in PAUSES}
        menu.aboutToShow.connect(self._follow)
        self.setMenu(menu)
        self._follow()

    def set_wording(self, wording: Wording) -> None:
        """Say it like this from now on."""
        for mode, action in self.ways.items():
            action.setText(wording.choice(mode))

    def show_listening(self, mode: ListeningMode) -> None:
        """Show how Arvis listens now."""
        self._listening = mode
        self._follow()

    def show_debounce(self, event: DebounceChanged) -> None:
        """Show which pause ends a turn now."""
        self._debounce = event
        self._follow()

    def open_menu(self) -> None:
        """Let the user choose by keyboard, beginning at what is chosen."""
        menu = self.menu()
        assert menu is not None
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        menu.setActiveAction(self.ways[self._listening])

    def _way(self, menu: QMenu, mode: ListeningMode, text: str) -> QAction:
        action = menu.addAction(text)
        assert action is not None
        action.setCheckable(True)
        action.triggered.connect(lambda: self.listening_chosen.emit(mode))
        self._ways.addAction(action)
        return action

    def _pause(self, text: str, length: float | None) -> QAction:
        action = self.pause_menu.addAction(text)
        assert action is not None
        action.setCheckable(True)
        action.triggered.connect(lambda: self.pause_chosen.emit(length))
        self._pauses.addAction(action)
        return action

    def _follow(self) -> None:
        name = NAMES[self._listening]
        self.setText(name)
        self.setAccessibleName(f"How Arvis listens: {name}")
        self.ways[self._listening].setChecked(True)
        known = self._debounce
        how = "" if known is None else f" {seconds(known.seconds)}{' (automatic)' if known.adaptive else ''}"
        self.pause_menu.setTitle(f"Pause that ends your turn:{how}" if how else "Pause that ends your turn")
        adaptive = known is None or known.adaptive
        for length, action in self.pauses.items():
            action.setChecked(not adaptive and known is not None and abs(length - known.seconds) < 0.005)
        self.automatic.setChecked(adaptive)
