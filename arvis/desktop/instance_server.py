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
            connection.disconnected.connect(connection.deleteLater)
            if not self._is_same_user(connection):
                log.warning("another user wanted to tell something")
                connection.abort()
                continue
            connection.readyRead.connect(lambda connection=connection: self._read(connection))
            silence = QTimer(connection)
            silence.setSingleShot(True)
            silence.timeout.connect(lambda connection=connection: self._give_up(connection))
            silence.start(SILENCE_MS)
            self._read(connection)

    def _read(self, connection: QLocalSocket) -> None:
        if not connection.canReadLine():
            if connection.bytesAvailable() >= MESSAGE_BYTES:
                connection.abort()
            return
        request = parse_request(connection.readLine(MESSAGE_BYTES + 1))
        connection.readyRead.disconnect()  # one message a connection
        connection.write(answer_line(_NOT_UNDERSTOOD if request is None else self._act(request)))
        connection.flush()  # the last one may have ended the event loop
        connection.disconnectFromServer()

    def _give_up(self, connection: QLocalSocket) -> None:
        """Send somebody away, unless it was this thread that had no time."""
        if connection.waitForReadyRead(0):
            self._read(connection)
        if connection.state() is QLocalSocket.LocalSocketState.ConnectedState:
            connection.abort()

    def _is_same_user(self, connection: QLocalSocket) -> bool:
        if self._user is None or not hasattr(socket, "SO_PEERCRED"):
            return True  # the folder of the socket lets nobody else in
        with socket.socket(fileno=os.dup(int(connection.socketDescriptor()))) as peer:
            found: bytes = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        return bool(_PEER.unpack(found)[1] == self._user)
