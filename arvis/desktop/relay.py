"""The way of notifications from any thread to that of the window."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from modules.notifications.base import Channel
from modules.notifications.manager import NotificationManager


class NotificationRelay(QObject):
    """Carries what is routed to the window, and what becomes of the history, to the thread that it was made on.

    Args:
        manager: Where notifications come from.
        parent: Qt parent.
    """

    #: A `Delivery` for the channel of the window.
    told = pyqtSignal(object)
    #: A `Change` of the history.
    changed = pyqtSignal(object)

    def __init__(self, manager: NotificationManager, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Signals that are emitted on another thread arrive by the event loop, if the receiver is a method of a QObject.
        self._ends = [manager.subscribe(Channel.UI, self.told.emit), manager.watch(self.changed.emit)]

    def close(self) -> None:
        """Carry nothing any more."""
        while self._ends:
            self._ends.pop()()
