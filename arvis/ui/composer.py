"""The field in which the user types."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from arvis.ui.icons import icon
from arvis.ui.theme import Theme

LONGEST = 4000
"""Characters that can be typed into one message."""


class Composer(QWidget):
    """A text field and a button that sends it. What cannot be sent stays in the field."""

    #: The user sent this text.
    submitted = pyqtSignal(str)
    #: The user wanted to send, but cannot: the reason in one sentence.
    refused = pyqtSignal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._obstacle = ""
        self.entry = QLineEdit()
        self.entry.setObjectName("entry")
        self.entry.setAccessibleName("Message")
        self.entry.setPlaceholderText("Type a message")
        self.entry.setMaxLength(LONGEST)
        self.entry.returnPressed.connect(self._send)
        self.entry.textChanged.connect(self._follow)
        self.send = QPushButton()
        self.send.setObjectName("send")
        self.send.setAccessibleName("Send")
        self.send.setIconSize(QSize(20, 20))
        self.send.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.send.clicked.connect(self._send)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.entry, 1)
        row.addWidget(self.send)
        theme.changed.connect(self._follow)
        self.set_obstacle("")

    def set_obstacle(self, obstacle: str) -> None:
        """Say why nothing can be sent, or that it can (nothing)."""
        self._obstacle = obstacle
        self._follow()

    def _send(self) -> None:
        text = self.entry.text().strip()
        if not text:
            return
        if self._obstacle:
            self.refused.emit(self._obstacle)
            return
        self.entry.clear()
        self.submitted.emit(text)

    def _follow(self) -> None:
        enabled = not self._obstacle and bool(self.entry.text().strip())
        self.send.setEnabled(enabled)
        self.send.setToolTip(self._obstacle or "Send (Enter)")
        self.send.setIcon(icon("send", self._theme.color("on_accent" if enabled else "border_strong"), 20))
