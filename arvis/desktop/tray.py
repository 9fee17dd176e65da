"""The icon in the tray of the desktop."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSlot
from PyQt6.QtWidgets import QMenu, QSystemTrayIcon

from arvis.desktop.presence import Presence
from arvis.desktop.tray_icons import tray_icon
from arvis.ui.main_window import MainWindow
from arvis.ui.mode import Mode


class Tray(QObject):
    """Shows the mode; a click shows and hides the window, and the menu has the rest.

    Messages are none of its business: in a tray of StatusNotifierItems, Qt takes the icon away while one is shown.

    Args:
        window: Whose mode it shows.
        presence: Shows and hides the window.
        menu: The menu; it goes with the icon.
        parent: Qt parent.
    """

    def __init__(self, window: MainWindow, presence: Presence, menu: QMenu, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self._presence = presence
        self._menu = menu
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(menu)
        self.icon.activated.connect(self._on_activated)
        window.mode_changed.connect(self.show_mode)
        window.theme.changed.connect(self._repaint)
        self.show_mode(window.mode)
        self.icon.show()

    def close(self) -> None:
        """Take the icon away."""
        self.icon.hide()
        self._menu.deleteLater()
        self.deleteLater()

    @pyqtSlot(Mode)
    def show_mode(self, mode: Mode) -> None:
        """Show another mode."""
        self.icon.setIcon(tray_icon(mode, self._window.theme))
        self.icon.setToolTip(f"Arvis: {mode.word}")

    @pyqtSlot()
    def _repaint(self) -> None:
        self.show_mode(self._window.mode)

    @pyqtSlot(QSystemTrayIcon.ActivationReason)
    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._presence.toggle()
