"""Whether the window is to be seen, and what closing it means."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QApplication

from arvis.ui.main_window import MainWindow


class Presence(QObject):
    """Shows and hides the window; it never hides where nobody finds it again.

    Args:
        window: The window.
        closes_to_tray: Whether closing the window only hides it, where there is a tray.
        parent: Qt parent.
    """

    #: Whether the window is to be seen.
    changed = pyqtSignal(bool)

    def __init__(
        self, window: MainWindow, closes_to_tray: Callable[[], bool] = lambda: False, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._closes_to_tray = closes_to_tray
        self._is_quitting = False
        self.has_tray: Callable[[], bool] = lambda: False
        """Whether an icon in a tray brings the window back."""
        window.quit_wanted.connect(self.quit)
        window.installEventFilter(self)

    @property
    def is_shown(self) -> bool:
        """Whether the window is open and not minimised."""
        return self._window.isVisible() and not self._window.isMinimized()

    def show(self) -> None:
        """Show the window, in front of the others if the desktop allows it."""
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def hide(self) -> None:
        """Take the window away: into the tray, or among the minimised ones where there is none."""
        if self.has_tray():
            self.put_away()
        else:
            self._window.showMinimized()

    def put_away(self) -> None:
        """Have no window, and go on when the last dialog is closed."""
        QApplication.setQuitOnLastWindowClosed(False)
        self._window.hide()
        self.changed.emit(False)

    def toggle(self) -> None:
        """Hide the window when it is in use, show it otherwise."""
        if self.is_shown and self._window.isActiveWindow():
            self.hide()
        else:
            self.show()

    def quit(self) -> None:
        """End Arvis."""
        self._is_quitting = True
        QApplication.quit()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Make of closing what the user wants it to be."""
        if event is None:
            return False
        if event.type() == QEvent.Type.Close and self._hides_instead():
            event.ignore()
            self.put_away()
            return True
        if event.type() == QEvent.Type.Show and not event.spontaneous():
            QApplication.setQuitOnLastWindowClosed(True)
            self.changed.emit(True)
        return False

    def _hides_instead(self) -> bool:
        return not self._is_quitting and self._closes_to_tray() and self.has_tray()
