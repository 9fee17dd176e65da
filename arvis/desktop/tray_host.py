"""Whether the desktop has a tray."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QSystemTrayIcon

if TYPE_CHECKING:
    from PyQt6.QtDBus import QDBusConnection, QDBusServiceWatcher

WATCHER = "org.kde.StatusNotifierWatcher"
"""The name on the session bus of what collects StatusNotifierItems, as nearly all trays of Linux do today."""
PATIENCE_MS = 8000
"""How long the tray of a desktop that is just starting is waited for."""


class TrayHost(QObject):
    """Finds out whether there is a tray.

    Qt decides when it is asked for the first time, for good, of which kind the tray is. So it is not asked before the
    desktop had the time to start its panel.

    Args:
        connection: The session bus, unless a test has one of its own.
        parent: Qt parent.
    """

    #: There is a tray, or there is none.
    decided = pyqtSignal(bool)

    def __init__(self, connection: QDBusConnection | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = connection
        self._watcher: QDBusServiceWatcher | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE_MS)
        self._timer.timeout.connect(self._decide)

    def find(self, patient: bool = False) -> None:
        """Find out; `decided` tells.

        Args:
            patient: Whether the desktop may just be starting.
        """
        if patient and sys.platform == "linux" and self._is_to_come():
            self._timer.start()
        else:
            self._decide()

    def close(self) -> None:
        """Wait no more."""
        self._timer.stop()
        if self._watcher is not None:
            self._watcher.deleteLater()
            self._watcher = None

    def _is_to_come(self) -> bool:
        """Whether the bus has no tray yet; as soon as it has one, `_decide` is called."""
        from PyQt6.QtDBus import QDBusConnection, QDBusServiceWatcher

        bus = self._bus if self._bus is not None else QDBusConnection.sessionBus()
        interface = bus.interface()
        if interface is None or not bus.isConnected():
            return False
        mode = QDBusServiceWatcher.WatchModeFlag.WatchForRegistration
        self._watcher = QDBusServiceWatcher(WATCHER, bus, mode, self)
        self._watcher.serviceRegistered.connect(self._decide)
        found = interface.isServiceRegistered(WATCHER)
        return not (found.isValid() and found.value())

    @pyqtSlot()
    def _decide(self) -> None:
        self.close()
        self.decided.emit(QSystemTrayIcon.isSystemTrayAvailable())
