"""Arvis on the session bus, so that any desktop can bind keys to it.

The name is org.arvis.Arvis, the object /org/arvis/Arvis, the interface org.arvis.Arvis1.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import cast

from PyQt6.QtCore import (  # type: ignore[attr-defined]  # the stubs lack pyqtProperty
    QMetaType,
    QObject,
    QVariant,
    pyqtClassInfo,
    pyqtProperty,
    pyqtSlot,
)
from PyQt6.QtDBus import QDBusAbstractAdaptor, QDBusConnection, QDBusMessage

from arvis.desktop.verbs import Verb
from arvis.ui.mode import Mode

SERVICE = "org.arvis.Arvis"
PATH = "/org/arvis/Arvis"
INTERFACE = "org.arvis.Arvis1"
REFUSED = "org.arvis.Error.Refused"
"""The error of a call that was not carried out; its message says why."""

log = logging.getLogger(__name__)


class DBusService(QObject):
    """Offers the verbs and the state. Where there is no bus, or somebody else has the name, a line of the log says so.

    Args:
        act: Does what is wanted, and returns why not, or "".
        mode: What Arvis is doing.
        connection: The session bus, unless a test has one of its own.
        parent: Qt parent.
    """

    def __init__(
        self,
        act: Callable[[Verb], str],
        mode: Mode,
        connection: QDBusConnection | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bus = connection if connection is not None else QDBusConnection.sessionBus()
        self._adaptor = _Adaptor(self, act, self._bus, state_of(mode))
        self.is_there = self._bus.registerObject(PATH, self) and self._bus.registerService(SERVICE)
        """Whether others find it."""
        if not self.is_there:
            log.info("no keys of the desktop by D-Bus: %s", self._bus.lastError().message() or "the name is taken")

    @pyqtSlot(Mode)
    def show_mode(self, mode: Mode) -> None:
        """Tell whoever listens that Arvis does something else."""
        self._adaptor.state = state_of(mode)
        if not self.is_there:
            return
        none = QVariant([])
        none.convert(QMetaType(cast(int, QMetaType.Type.QStringList.value)))  # else an empty list has no type
        message = QDBusMessage.createSignal(PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged")
        message.setArguments([INTERFACE, {"State": self._adaptor.state}, none])
        self._bus.send(message)

    def close(self) -> None:
        """Be found no more."""
        if self.is_there:
            self._bus.unregisterService(SERVICE)
        self._bus.unregisterObject(PATH)


@pyqtClassInfo("D-Bus Interface", INTERFACE)  # type: ignore[func-returns-value]  # so the stubs say; it decorates
class _Adaptor(QDBusAbstractAdaptor):  # type: ignore[misc]  # the base class is untyped
    """The interface; the names of the methods are those on the bus."""

    def __init__(self, parent: QObject, act: Callable[[Verb], str], bus: QDBusConnection, state: str) -> None:
        super().__init__(parent)
        self._act = act
        self._bus = bus
        self.state = state

    @pyqtSlot(QDBusMessage)
    def Talk(self, message: QDBusMessage) -> None:
        self._do(Verb.TALK, message)

    @pyqtSlot(QDBusMessage)
    def Release(self, message: QDBusMessage) -> None:
        self._do(Verb.RELEASE, message)

    @pyqtSlot(QDBusMessage)
    def ToggleTalk(self, message: QDBusMessage) -> None:
        self._do(Verb.TOGGLE_TALK, message)

    @pyqtSlot(QDBusMessage)
    def Stop(self, message: QDBusMessage) -> None:
        self._do(Verb.STOP, message)

    @pyqtSlot(bool, QDBusMessage)
    def Mute(self, muted: bool, message: QDBusMessage) -> None:
        self._do(Verb.MUTE if muted else Verb.UNMUTE, message)

    @pyqtSlot(QDBusMessage)
    def Show(self, message: QDBusMessage) -> None:
        self._do(Verb.SHOW, message)

    @pyqtSlot(QDBusMessage)
    def Hide(self, message: QDBusMessage) -> None:
        self._do(Verb.HIDE, message)

    @pyqtSlot(QDBusMessage)
    def Quit(self, message: QDBusMessage) -> None:
        self._do(Verb.QUIT, message)

    @pyqtProperty(str)  # type: ignore[untyped-decorator]  # missing in the stubs
    def State(self) -> str:
        return self.state

    def _do(self, verb: Verb, message: QDBusMessage) -> None:
        refusal = self._act(verb)
        if refusal:
            message.setDelayedReply(True)  # else Qt answers that it was done
            self._bus.send(message.createErrorReply(REFUSED, refusal))


def state_of(mode: Mode) -> str:
    """A mode by its name on the bus: "starting", "ready", "listening" and so on."""
    return mode.name.lower()
