"""The notification service of a desktop on D-Bus.

It follows the Desktop Notifications Specification 1.2 of freedesktop.org: the interface org.freedesktop.Notifications.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, cast

from PyQt6.QtCore import QMetaType, QObject, QVariant, pyqtSignal, pyqtSlot
from PyQt6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusPendingCallWatcher,
    QDBusPendingReply,
    QDBusServiceWatcher,
)

SERVICE = INTERFACE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"

log = logging.getLogger(__name__)


class Urgency(IntEnum):
    """How a service ranks notifications."""

    LOW = 0
    NORMAL = 1
    CRITICAL = 2


class Closed(IntEnum):
    """Why a notification is no longer shown."""

    EXPIRED = 1
    DISMISSED = 2
    """By the user."""
    REQUESTED = 3
    """By us."""


@dataclass(frozen=True, slots=True)
class Popup:
    """What is shown."""

    summary: str
    body: str
    """Plain text."""
    urgency: Urgency = Urgency.NORMAL
    milliseconds: int = -1
    """How long it is shown; -1 as the service likes, 0 until it is closed."""
    actions: Sequence[tuple[str, str]] = ()
    """Keys and labels of buttons; the key "default" is a click on the notification itself."""


class NotificationBus(QObject):
    """Shows popups. Nothing here waits for the service; where there is none, one line of the log says so.

    Args:
        connection: The session bus, unless a test has one of its own.
        parent: Qt parent.
    """

    #: A notification is no longer shown: its number, and why.
    closed = pyqtSignal(int, int)
    #: The user chose an action: number of the notification, key of the action.
    invoked = pyqtSignal(int, str)
    #: The service has gone, and with it all that it showed.
    lost = pyqtSignal()

    def __init__(self, connection: QDBusConnection | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = connection if connection is not None else QDBusConnection.sessionBus()
        self._capabilities: frozenset[str] | None = None
        self._told = False
        self._pending: set[QDBusPendingCallWatcher] = set()
        self._bus.connect(SERVICE, PATH, INTERFACE, "NotificationClosed", self._on_closed)
        self._bus.connect(SERVICE, PATH, INTERFACE, "ActionInvoked", self._on_invoked)
        self._watcher = QDBusServiceWatcher(
            SERVICE, self._bus, QDBusServiceWatcher.WatchModeFlag.WatchForUnregistration, self
        )
        self._watcher.serviceUnregistered.connect(self._on_lost)

    def show(self, popup: Popup, replaces: int, shown: Callable[[int], object]) -> None:
        """Show a popup, in place of another if that is still there.

        Args:
            popup: What is shown.
            replaces: Number of the one that it replaces; 0 for none.
            shown: Called with its number, 0 if it could not be shown.
        """
        if self._capabilities is None:
            self._call("GetCapabilities", [], lambda found: self._show_as(popup, replaces, shown, found))
        else:
            self._notify(popup, replaces, shown, self._capabilities)

    def close_popup(self, number: int) -> None:
        """Take a popup away."""
        self._call("CloseNotification", [_as(number, QMetaType.Type.UInt)], lambda _: None)

    def _show_as(self, popup: Popup, replaces: int, shown: Callable[[int], object], found: object) -> None:
        if not isinstance(found, list):
            shown(0)
            return
        self._capabilities = frozenset(found)
        self._notify(popup, replaces, shown, self._capabilities)

    def _notify(
        self, popup: Popup, replaces: int, shown: Callable[[int], object], capabilities: frozenset[str]
    ) -> None:
        body = escaped(popup.body) if "body-markup" in capabilities else popup.body
        actions = [part for action in popup.actions for part in action] if "actions" in capabilities else []
        hints: Mapping[str, Any] = {
            "urgency": _as(int(popup.urgency), QMetaType.Type.UChar),
            "desktop-entry": "arvis",
        }
        arguments = [
            "Arvis",
            _as(replaces, QMetaType.Type.UInt),
            "arvis",
            popup.summary,
            body,
            _as(actions, QMetaType.Type.QStringList),
            hints,
            popup.milliseconds,
        ]
        self._call("Notify", arguments, lambda number: shown(number if isinstance(number, int) else 0))

    def _call(self, method: str, arguments: list[Any], answered: Callable[[object], object]) -> None:
        """Call the service; `answered` gets the first argument of its answer, None if it fails."""
        message = QDBusMessage.createMethodCall(SERVICE, PATH, INTERFACE, method)
        message.setArguments(arguments)
        watcher = QDBusPendingCallWatcher(self._bus.asyncCall(message), self)
        self._pending.add(watcher)  # a call that fails at once ends before anybody could listen to its signal
        if watcher.isFinished():
            self._finish(watcher, answered)
        else:
            watcher.finished.connect(lambda _: self._finish(watcher, answered))

    def _finish(self, watcher: QDBusPendingCallWatcher, answered: Callable[[object], object]) -> None:
        self._pending.discard(watcher)
        reply = QDBusPendingReply(watcher)
        if reply.isError() and not self._told:
            self._told = True
            log.info("there are no notifications of the desktop: %s", reply.error().name())
        arguments = [] if reply.isError() else reply.reply().arguments()
        watcher.deleteLater()
        answered(arguments[0] if arguments else None)

    @pyqtSlot(QDBusMessage)
    def _on_closed(self, message: QDBusMessage) -> None:
        number, reason = message.arguments()
        self.closed.emit(number, reason)

    @pyqtSlot(QDBusMessage)
    def _on_invoked(self, message: QDBusMessage) -> None:
        number, key = message.arguments()
        self.invoked.emit(number, key)

    @pyqtSlot(str)
    def _on_lost(self, _: str) -> None:
        self._capabilities = None
        self.lost.emit()


def escaped(text: str) -> str:
    """Plain text as the markup that services understand."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _as(value: object, kind: QMetaType.Type) -> QVariant:
    """A value that goes over the bus with this type; Python's own would go as another one."""
    variant = QVariant(value)
    variant.convert(QMetaType(cast(int, kind.value)))
    return variant
