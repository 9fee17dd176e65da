"""Fields for text: a line, some lines, and a list of texts."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QFocusEvent
from PyQt6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from arvis.ui.settings.field import Field
from config.schema import Key


class TextField(Field):
    """One line of text."""

    def __init__(self, key: Key, parent: QWidget | None = None) -> None:
        super().__init__(key, parent)
        self.line = QLineEdit()
        self.line.textEdited.connect(lambda text: self.entered.emit(text, False))
        self.line.editingFinished.connect(lambda: self.entered.emit(self.line.text(), True))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.line)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """The line."""
        return (self.line,)

    def show_value(self, value: Any) -> None:
        """Show the text."""
        if value != self.line.text():
            self.line.setText(value)
            self.line.setCursorPosition(0)


class _Pad(QPlainTextEdit):
    """Some lines to write on; Tab leaves it."""

    #: The focus goes elsewhere.
    left = pyqtSignal()

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 18)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Tell that the user has finished."""
        super().focusOutEvent(event)
        self.left.emit()

    def show_text(self, text: str) -> None:
        """Show a text without telling that it was entered."""
        self.blockSignals(True)
        self.setPlainText(text)
        self.blockSignals(False)


class _PadField(Field):
    """Some lines of text."""

    LINES = 4

    def __init__(self, key: Key, parent: QWidget | None = None) -> None:
        super().__init__(key, parent)
        self.pad = _Pad(self.LINES)
        self.pad.textChanged.connect(lambda: self.entered.emit(self.value(), False))
        self.pad.left.connect(lambda: self.entered.emit(self.value(), True))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self.pad)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """The lines."""
        return (self.pad,)

    def value(self) -> Any:
        """What is written there."""
        return self.pad.toPlainText()


class ProseField(_PadField):
    """A longer text."""

    def show_value(self, value: Any) -> None:
        """Show the text."""
        if value != self.value():
            self.pad.show_text(value)


class ListField(_PadField):
    """A list of texts, each on a line of its own."""

    LINES = 3

    def __init__(self, key: Key, parent: QWidget | None = None) -> None:
        super().__init__(key, parent)
        hint = QLabel("Each on a line of its own")
        hint.setProperty("role", "small")
        self._column.addWidget(hint)

    def value(self) -> list[str]:
        """The lines that are not blank."""
        return [line.strip() for line in self.pad.toPlainText().splitlines() if line.strip()]

    def show_value(self, value: Any) -> None:
        """Show the texts."""
        if list(value) != self.value():
            self.pad.show_text("\n".join(value))

    def describe(self, name: str, description: str) -> None:
        """Say to a screen reader what this is."""
        super().describe(name, f"{description} Each on a line of its own.")
