"""Asks for the passphrase of the file of secrets, for those who need one of them."""

from __future__ import annotations

import threading

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QDialog, QInputDialog, QLineEdit, QWidget


class SecretPrompt(QObject):
    """A dialog that a worker thread can wait for. It keeps nobody from using the window meanwhile.

    Args:
        window: Above which it appears.
    """

    #: A worker thread wants the passphrase.
    _wanted = pyqtSignal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._one_at_a_time = threading.Lock()
        self._answered = threading.Event()
        self._answer = ""
        self._closed = False
        self.dialog: QInputDialog | None = None
        """What is on the screen."""
        self._wanted.connect(self._show)

    def __call__(self, new: bool) -> str:
        """Ask, and wait for the answer; "" when the user gives none. Never on the GUI thread.

        Args:
            new: Whether the file is to be made; it is made on the command line only, so nothing is asked then.
        """
        with self._one_at_a_time:
            if new or self._closed:
                return ""
            self._answer = ""
            self._answered.clear()
            self._wanted.emit()
            self._answered.wait()
            answer, self._answer = self._answer, ""
            return answer

    def close(self) -> None:
        """Let nobody wait any more."""
        self._closed = True
        if self.dialog is not None:
            self.dialog.reject()
        self._answered.set()

    @pyqtSlot()
    def _show(self) -> None:
        if self._closed:
            return
        dialog = self.dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Arvis")
        dialog.setLabelText("A key is kept in the encrypted file of secrets.\nPassphrase of that file:")
        dialog.setTextEchoMode(QLineEdit.EchoMode.Password)
        dialog.finished.connect(self._on_finished)
        dialog.open()

    @pyqtSlot(int)
    def _on_finished(self, result: int) -> None:
        dialog, self.dialog = self.dialog, None
        assert dialog is not None
        self._answer = dialog.textValue() if result == QDialog.DialogCode.Accepted else ""
        dialog.setTextValue("")
        dialog.deleteLater()
        self._answered.set()
