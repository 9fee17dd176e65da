"""What all fields of the dialog have in common."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QAbstractSpinBox, QComboBox, QWidget

from config.schema import Key

HEIGHT = 28
"""Pixels of a field of one line."""


class Field(QWidget):
    """Shows the value of one setting and lets the user enter another one; whoever listens checks it.

    Args:
        key: The setting.
    """

    #: What the user has entered so far, as TOML gives it, and whether he has finished entering it.
    entered = pyqtSignal(object, bool)
    #: The user wants the default.
    cleared = pyqtSignal()
    #: Something is wrong with what the user does, in one sentence; empty when it is right.
    complained = pyqtSignal(str)

    def __init__(self, key: Key, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What can have the focus, in its order; the first one stands for the field."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Show a value, as `config.settings` holds it."""
        raise NotImplementedError

    def objection(self, value: Any) -> str:
        """What speaks against a value that the schema allows, in one sentence; empty if nothing."""
        return ""

    def set_fixed(self, fixed: bool) -> None:
        """Let the user only look."""
        self.setEnabled(not fixed)

    def describe(self, name: str, description: str) -> None:
        """Say to a screen reader what this is."""
        for control in self.controls:
            if not control.accessibleName():
                control.setAccessibleName(name)
            control.setAccessibleDescription(description)


class WheelGuard(QObject):
    """Leaves the wheel to the page, unless the user is at work in the field under the mouse."""

    def guard(self, widget: QWidget) -> None:
        """Guard this field."""
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep the wheel from changing a value while the page is scrolled."""
        if event is None or event.type() != QEvent.Type.Wheel:
            return False
        if isinstance(watched, QComboBox | QAbstractSpinBox) and not watched.hasFocus():
            event.ignore()
            return True
        return False
