"""Notifications of the desktop: for when the window is not what the user looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from arvis.desktop.notification_bus import Closed, NotificationBus, Popup, Urgency
from modules.notifications.base import Change, Delivery, Entry, Held, Priority

ACKNOWLEDGE = "acknowledge"
SHOW = "default"
_SUMMARIES = {
    Priority.DEBUG: "Arvis",
    Priority.INFO: "Arvis",
    Priority.WARNING: "Arvis: warning",
    Priority.ERROR: "Arvis: error",
    Priority.CRITICAL: "Arvis: urgent",
}


@dataclass(slots=True)
class _Shown:
    """A popup of an entry."""

    entry: Entry
    number: int = 0
    """By which the service knows it; 0 until it has answered."""
    sent: Entry | None = None
    """What was sent last, while the answer is on its way."""


class DesktopNotifications(QObject):
    """The front end of the desktop. A notification that is told again changes in place.

    Args:
        bus: The service; it goes with this.
        seconds: How long popups below ERROR are shown.
        wanted: Whether a popup makes sense now; the window shows the same by itself.
        parent: Qt parent.
    """

    #: The user has seen an entry: its id.
    acknowledged = pyqtSignal(str)
    #: The user wants to see the window.
    activated = pyqtSignal()

    def __init__(
        self,
        bus: NotificationBus,
        seconds: float = 5.0,
        wanted: Callable[[], bool] = lambda: True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        bus.setParent(self)
        self._bus = bus
        self._seconds = seconds
        self._wanted = wanted
        self._shown: dict[str, _Shown] = {}
        bus.closed.connect(self._on_closed)
        bus.invoked.connect(self._on_invoked)
        bus.lost.connect(self._shown.clear)

    @pyqtSlot(object)
    def show(self, delivery: Delivery) -> None:
        """Show a notification, unless it is held back; one that is shown already is always brought up to date."""
        entry = delivery.entry
        shown = self._shown.get(entry.id)
        if shown is None:
            if delivery.held is not None or not self._wanted():
                return
            shown = self._shown[entry.id] = _Shown(entry)
        elif delivery.held not in (None, Held.REPEATED) or entry.count <= shown.entry.count:
            return
        shown.entry = entry
        if shown.sent is None:
            self._send(shown)

    @pyqtSlot(object)
    def follow(self, change: Change) -> None:
        """Take away what the user has seen elsewhere."""
        for name in change.acknowledged:
            shown = self._shown.pop(name, None)
            if shown is not None and shown.number:
                self._bus.close_popup(shown.number)

    def close_all(self) -> None:
        """Take everything away."""
        self.follow(Change(0, tuple(self._shown)))

    def _send(self, shown: _Shown) -> None:
        shown.sent = shown.entry
        self._bus.show(self._popup(shown.entry), shown.number, lambda number: self._on_shown(shown, number))

    def _on_shown(self, shown: _Shown, number: int) -> None:
        sent, shown.sent, shown.number = shown.sent, None, number
        name = shown.entry.id
        if self._shown.get(name) is not shown:  # the user has seen it meanwhile
            if number:
                self._bus.close_popup(number)
        elif not number:
            del self._shown[name]
        elif shown.entry is not sent:
            self._send(shown)

    def _popup(self, entry: Entry) -> Popup:
        priority = entry.notification.priority
        if priority is Priority.CRITICAL:
            urgency, milliseconds = Urgency.CRITICAL, 0
        elif priority is Priority.ERROR:
            urgency, milliseconds = Urgency.NORMAL, -1
        else:
            urgency = Urgency.NORMAL if priority is Priority.WARNING else Urgency.LOW
            milliseconds = round(1000 * self._seconds)
        actions = ((SHOW, "Show Arvis"), (ACKNOWLEDGE, "Got it"))
        return Popup(_SUMMARIES[priority], entry.sentence, urgency, milliseconds, actions)

    def _named(self, number: int) -> str | None:
        return next((name for name, shown in self._shown.items() if shown.number == number), None)

    @pyqtSlot(int, int)
    def _on_closed(self, number: int, reason: int) -> None:
        name = self._named(number)
        if name is not None:
            del self._shown[name]
            if reason == Closed.DISMISSED:
                self.acknowledged.emit(name)

    @pyqtSlot(int, str)
    def _on_invoked(self, number: int, key: str) -> None:
        name = self._named(number)
        if name is None:  # another program's
            return
        if key == ACKNOWLEDGE:
            del self._shown[name]
            self._bus.close_popup(number)
            self.acknowledged.emit(name)
        elif key == SHOW:
            self.activated.emit()
