"""Takes verbs from other starts of Arvis; see `arvis.desktop.instance`."""

from __future__ import annotations

import logging
import os
import socket
import struct
from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer, pyqtSlot
from PyQt6.QtNetwork import QLocalServer, QLocalSocket

from arvis.desktop.instance import MESSAGE_BYTES, Instance, Request, answer_line, parse_request

SILENCE_MS = 2000
"""Who has not sent a whole line after that is sent away."""
_NOT_UNDERSTOOD = "That is nothing that Arvis can be told. Both must be of the same version."
_PEER = struct.Struct("3i")
"""Process, user and group of the other side, as Linux tells them; see unix(7)."""

log = logging.getLogger(__name__)


class InstanceServer(QObject):
    """Listens for verbs of the same user. Where it cannot, one line of the log says so.

    Args:
        instance: Where it is found; nobody else listens there.
        act: Does what is wanted, and returns why not, or "".
        user: The number of the user who may tell something; None where the system has none.
        parent: Qt parent.
    """

    def __init__(
        self,
        instance: Instance,
        act: Callable[[Request], str],
        user: int | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._act = act
        self._user = user
        self._callers: set[_Caller] = set()  # else Python takes them for garbage: only Qt knows of them
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        # With these options Qt makes the socket beside and renames it, so that one that was left by a kill is replaced.
        if not self._server.listen(instance.address):
            log.warning("nobody can tell this Arvis anything: %s", self._server.errorString())

    @property
    def listens(self) -> bool:
        """Whether it can be told something."""
        return self._server.isListening()

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    @pyqtSlot()
    def _on_connection(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            if self._is_same_user(connection):
                caller = _Caller(connection, self._act)
                self._callers.add(caller)
                connection.disconnected.connect(self._forget)
                caller.read()
            else:
                log.warning("another user wanted to tell something")
                connection.abort()

    @pyqtSlot()
    def _forget(self) -> None:
        """Let go of those who have gone."""
        gone = {caller for caller in self._callers if not caller.is_there}
        self._callers -= gone
        for caller in gone:
            caller.deleteLater()

    def _is_same_user(self, connection: QLocalSocket) -> bool:
        if self._user is None or not hasattr(socket, "SO_PEERCRED"):
            return True  # the folder of the socket lets nobody else in
        with socket.socket(fileno=os.dup(int(connection.socketDescriptor()))) as peer:
            found: bytes = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        return bool(_PEER.unpack(found)[1] == self._user)


class _Caller(QObject):
    """Another start of Arvis on the other side of a connection, which goes with this.

    Args:
        connection: The connection.
        act: Does what is wanted, and returns why not, or "".
    """

    def __init__(self, connection: QLocalSocket, act: Callable[[Request], str]) -> None:
        super().__init__()
        self._connection = connection
        self._act = act
        self._is_answered = False
        connection.setParent(self)
        connection.readyRead.connect(self.read)
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.timeout.connect(self._give_up)
        self._silence.start(SILENCE_MS)

    @property
    def is_there(self) -> bool:
        """Whether the connection is open."""
        return self._connection.state() is not QLocalSocket.LocalSocketState.UnconnectedState

    @pyqtSlot()
    def read(self) -> None:
        """Answer the first line, if it is there by now."""
        connection = self._connection
        if self._is_answered:
            return
        if connection.canReadLine():
            self._is_answered = True
            request = parse_request(connection.readLine(MESSAGE_BYTES + 1))
            connection.write(answer_line(_NOT_UNDERSTOOD if request is None else self._act(request)))
            connection.flush()  # the last one may have ended the event loop
            connection.disconnectFromServer()
        elif connection.bytesAvailable() >= MESSAGE_BYTES:
            connection.abort()

    @pyqtSlot()
    def _give_up(self) -> None:
        """Send them away, unless it was this thread that had no time."""
        self._connection.waitForReadyRead(0)
        self.read()
        self._connection.abort()
