"""A field for numbers with a unit and bounds."""

from __future__ import annotations

from math import floor, log10
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from arvis.ui.settings.catalogue import unit_of
from arvis.ui.settings.field import HEIGHT, Field, WheelGuard
from config.schema import Key
from config.validation import is_valid

_TRIES = 100
"""Most steps to the other side of a gap between numbers that are allowed."""


class NumberEdit(QAbstractSpinBox):
    """A line for a number, which the arrow keys change. Anything can be typed, so that what is wrong can be said.

    Args:
        key: The setting.
    """

    #: What was entered, and whether that is finished.
    entered = pyqtSignal(object, bool)

    def __init__(self, key: Key, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self._least, self._most = key.spec["minimum"], key.spec["maximum"]
        self._step = step_of(key)
        line = self.lineEdit()
        assert isinstance(line, QLineEdit)
        self._line = line
        line.textEdited.connect(lambda _: self.entered.emit(self.value(), False))
        self.editingFinished.connect(lambda: self.entered.emit(self.value(), True))
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0" * 9) + 36)

    def value(self) -> Any:
        """The number; the text where it is none."""
        text = self._line.text().strip()
        for read in (int, float):
            try:
                return read(text.replace(",", "."))
            except ValueError:
                continue
        return text

    def show_number(self, value: float) -> None:
        """Show a number."""
        if self.value() != value:
            self._line.setText(in_words(value))

    def stepBy(self, steps: int) -> None:
        """Go up or down, to a number that is allowed."""
        value = self.value()
        value = value if isinstance(value, int | float) else self._key.default
        for _ in range(_TRIES):
            value = min(self._most, max(self._least, round(value + steps * self._step, 6)))
            if self._key.kind == "integer":
                value = int(value)
            if is_valid(self._key, value):
                self._line.setText(in_words(value))
                self._line.selectAll()
                self.entered.emit(self.value(), False)
                return

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Where it can go."""
        value = self.value()
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if not isinstance(value, int | float) or value < self._most:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if not isinstance(value, int | float) or value > self._least:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags


class NumberField(Field):
    """A number with its unit, and what is allowed."""

    def __init__(self, key: Key, parent: QWidget | None = None) -> None:
        super().__init__(key, parent)
        self.edit = NumberEdit(key)
        self.edit.entered.connect(self.entered)
        self.edit.setMinimumHeight(HEIGHT)
        WheelGuard(self).guard(self.edit)
        self.unit = QLabel(unit_of(key))
        self.bounds = QLabel(bounds(key))
        self.bounds.setProperty("role", "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.edit)
        if self.unit.text():
            row.addWidget(self.unit)
        row.addWidget(self.bounds)
        row.addStretch(1)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """The line."""
        return (self.edit,)

    def show_value(self, value: Any) -> None:
        """Show the number."""
        self.edit.show_number(value)

    def describe(self, name: str, description: str) -> None:
        """Say to a screen reader what this is, in which unit and between which bounds."""
        in_unit = f" in {self.unit.text()}" if self.unit.text() else ""
        super().describe(name + in_unit, f"{description} {self.bounds.text()}.")


def in_words(value: float) -> str:
    """A number as a person writes it: 20 rather than 20.0."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def bounds(key: Key) -> str:
    """Which numbers are allowed, in words."""
    if "x-allowed" in key.spec:
        return str(key.spec["x-allowed"])
    return f"{in_words(key.spec['minimum'])} to {in_words(key.spec['maximum'])}"


def step_of(key: Key) -> float:
    """How far the arrow keys go: the largest power of ten in half the default, or in 1/20 of the range if that is 0."""
    width = key.spec["maximum"] - key.spec["minimum"]
    size = abs(key.default) / 2 or width / 20
    step = float(10.0 ** floor(log10(min(size, width / 5))))
    return max(1.0, step) if key.kind == "integer" else step
