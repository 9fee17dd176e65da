"""SIGINT and SIGTERM while Qt's event loop runs."""

from __future__ import annotations

import signal
import socket
from typing import Any

from PyQt6.QtCore import QObject, QSocketNotifier, pyqtSignal

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class QuitSignals(QObject):
    """Turns the signals that ask a process to end into a Qt signal.

    Python runs its handlers only between two of its own instructions, and there are none while Qt waits; so the
    interpreter writes a byte to a socket, and Qt wakes up for that.
    """

    #: The process was asked to end.
    requested = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        descriptor = self._reader.fileno()
        self._notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self)  # type: ignore[call-overload]  # the stubs know descriptors as pointers only
        self._notifier.activated.connect(self._on_byte)
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._before: dict[signal.Signals, Any] = {
            number: signal.signal(number, lambda *_: None) for number in _SIGNALS
        }

    def close(self) -> None:
        """Give the signals back their handlers from before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def _on_byte(self) -> None:
        if any(number in _SIGNALS for number in self._reader.recv(64)):
            self.requested.emit()
