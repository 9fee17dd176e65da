"""Fields for yes and no, for one out of some, and for some in an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from arvis.ui.settings.field import HEIGHT, Field, WheelGuard
from config.schema import Key

ROW_HEIGHT = 28
"""Pixels of an entry of a list, with what is around it."""


class SwitchField(Field):
    """Yes or no."""

    def __init__(self, key: Key, parent: QWidget | None = None) -> None:
        super().__init__(key, parent)
        self.box = QCheckBox()
        self.box.toggled.connect(self._show_word)
        self.box.clicked.connect(lambda checked: self.entered.emit(checked, True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        row.addStretch(1)
        self._show_word(False)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """The box."""
        return (self.box,)

    def show_value(self, value: Any) -> None:
        """Show yes or no."""
        self.box.setChecked(bool(value))

    def _show_word(self, on: bool) -> None:
        self.box.setText("On" if on else "Off")


class ChoiceField(Field):
    """One out of the values that the schema names."""

    def __init__(self, key: Key, parent: QWidget | None = None) -> None:
        super().__init__(key, parent)
        self.box = QComboBox()
        self.box.addItems(key.spec["enum"])
        self.box.activated.connect(lambda _: self.entered.emit(self.box.currentText(), True))
        self.box.setMinimumHeight(HEIGHT)
        WheelGuard(self).guard(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        row.addStretch(1)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """The box."""
        return (self.box,)

    def show_value(self, value: Any) -> None:
        """Show the choice."""
        self.box.setCurrentText(value)


class OrderField(Field):
    """Some out of the values that the schema names, in an order: those with a mark count, from the top."""

    def __init__(self, key: Key, parent: QWidget | None = None) -> None:
        super().__init__(key, parent)
        self.list = QListWidget()
        self.list.itemChanged.connect(lambda _: self.entered.emit(self.value(), True))
        self.list.currentRowChanged.connect(self._show_moves)
        self.earlier = self._button("Earlier", -1, "Alt+Up")
        self.later = self._button("Later", 1, "Alt+Down")
        column = QVBoxLayout()
        column.addWidget(self.earlier)
        column.addWidget(self.later)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.list, 1)
        row.addLayout(column)
        self.show_value(())
        self.list.setFixedHeight(max(self.list.count(), 2) * ROW_HEIGHT + 16)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """The list and the buttons that move its entries."""
        return (self.list, self.earlier, self.later)

    def value(self) -> list[str]:
        """What is chosen."""
        return [item.text() for item in self._items() if item.checkState() == Qt.CheckState.Checked]

    def show_value(self, value: Any) -> None:
        """Show the choice at the top, and what else could be chosen below."""
        current = self.list.currentItem()
        name = current.text() if current is not None else ""
        if list(value) == self.value() and self.list.count():
            return
        rest = [each for each in self.key.spec["items"]["enum"] if each not in value]
        self.list.blockSignals(True)
        self.list.clear()
        for each in (*value, *rest):
            item = QListWidgetItem(each, self.list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            item.setCheckState(Qt.CheckState.Checked if each in value else Qt.CheckState.Unchecked)
        self.list.setCurrentRow(next((row for row, item in enumerate(self._items()) if item.text() == name), -1))
        self.list.blockSignals(False)
        self._show_moves(self.list.currentRow())

    def describe(self, name: str, description: str) -> None:
        """Say to a screen reader what this is."""
        self.earlier.setAccessibleName(f"{name}: earlier")
        self.later.setAccessibleName(f"{name}: later")
        super().describe(name, description)

    def _button(self, text: str, by: int, keys: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setToolTip(f"Try it {text.lower()} ({keys})")
        button.clicked.connect(lambda: self._move(by))
        shortcut = QShortcut(QKeySequence(keys), self.list, context=Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(lambda: self._move(by))
        return button

    def _items(self) -> Sequence[QListWidgetItem]:
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item for item in items if item is not None]

    def _move(self, by: int) -> None:
        row = self.list.currentRow()
        if not 0 <= row + by < self.list.count():
            return
        before = self.value()
        self.list.blockSignals(True)
        self.list.insertItem(row + by, self.list.takeItem(row))
        self.list.setCurrentRow(row + by)
        self.list.blockSignals(False)
        self._show_moves(row + by)
        if self.value() != before:
            self.entered.emit(self.value(), True)

    def _show_moves(self, row: int) -> None:
        self.earlier.setEnabled(row > 0)
        self.later.setEnabled(0 <= row < self.list.count() - 1)
