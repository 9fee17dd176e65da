"""One setting in the dialog: its name, what it does, its field, where its value comes from, and what is wrong."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QPushButton, QVBoxLayout, QWidget

from arvis.ui.settings.catalogue import description_of, group_of, title_of
from arvis.ui.settings.field import Field
from arvis.ui.settings.standing import Standing
from config.schema import Key
from config.validation import complaint

WRITE_MS = 700
"""So long after the last key what is typed is written, if the user has not gone elsewhere before."""


class RowFrame(QFrame):
    """What rows of settings and of secrets have in common.

    Args:
        key: The setting, or the secret.
        restarts: Whether a change counts only after a restart.
    """

    def __init__(self, key: Key, restarts: bool) -> None:
        super().__init__()
        self.key = key
        self.restarts = restarts
        self.setObjectName("setting")
        self.setAccessibleName(f"{title_of(key)}, {group_of(key)}")
        self.title = QLabel(title_of(key))
        self.title.setProperty("role", "setting")
        self.title.setToolTip(key.path)
        self.waiting = wrapped("Start Arvis again to use the new value.", "waiting")
        self.waiting.hide()
        self.description = wrapped(description_of(key), "small")
        self.source = wrapped("", "small")
        self.trouble = wrapped("", "trouble")
        self.trouble.hide()
        self.top = QHBoxLayout()
        self.top.setSpacing(8)
        self.top.addWidget(self.title, 1)
        self.line = QFrame()
        self.line.setObjectName("line")

    def lay_out(self, *fields: QWidget | QLayout) -> None:
        """Put the fields between the name and what there is to say."""
        column = QVBoxLayout()
        column.setContentsMargins(0, 9, 0, 10)
        column.setSpacing(4)
        column.addLayout(self.top)
        for field in fields:
            if isinstance(field, QWidget):
                column.addWidget(field)
            else:
                column.addLayout(field)
        for label in (self.trouble, self.description, self.source, self.waiting):
            column.addWidget(label)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 0, 14, 0)
        outer.setSpacing(0)
        outer.addLayout(column)
        outer.addWidget(self.line)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What can have the focus, in its order."""
        raise NotImplementedError

    def show_source(self, words: str, fixed: str = "") -> None:
        """Say where the value comes from, and when another one would count, or why there can be no other one."""
        told = fixed or ("A change counts after a restart." if self.restarts else "")
        self.source.setText(f"{words}. {told}".strip())

    def show_waiting(self, waits: bool) -> None:
        """Say whether there is another value that counts only after a restart."""
        self.waiting.setVisible(waits and self.restarts)

    def show_trouble(self, sentence: str) -> None:
        """Say what is wrong; empty for nothing."""
        self.trouble.setText(sentence)
        self.trouble.setVisible(bool(sentence))


class SettingRow(RowFrame):
    """A setting, which is checked at every key and handed on as soon as it is allowed.

    Args:
        key: The setting.
        field: Its field.
        before: The value with which Arvis was started.
        restarts: Whether a change counts only after a restart.
    """

    #: The user wants this value: path and value, which is allowed.
    wanted = pyqtSignal(str, object)
    #: The user wants the default: the path.
    unwanted = pyqtSignal(str)

    def __init__(self, key: Key, field: Field, before: Any, restarts: bool) -> None:
        super().__init__(key, restarts)
        self.field = field
        self._before = before
        self._standing = Standing(key.default, "")
        self._draft: Any = None
        self.is_drafted = False
        """Whether the field has something else in it than what is in force."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_MS)
        self._timer.timeout.connect(self.hand_on)
        self.reset = QPushButton("Reset")
        self.reset.setObjectName("reset")
        self.reset.setAutoDefault(False)
        self.reset.setAccessibleName(f"Reset {title_of(key)}")
        self.reset.setToolTip("Take the default again")
        self.reset.clicked.connect(self._reset)
        keeps_room = self.reset.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keeps_room)
        self.title.setBuddy(field.controls[0])
        field.entered.connect(self._on_entered)
        field.cleared.connect(self._reset)
        self.top.addWidget(self.reset)
        self.lay_out(field)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """The field and the button; behind it, where the value comes from if nobody can change it."""
        return (*self.field.controls, self.reset)

    def show_standing(self, standing: Standing) -> None:
        """Show what is in force, unless the user is at work here."""
        self._standing = standing
        self.field.set_fixed(bool(standing.fixed))
        self.show_source(standing.source, standing.fixed)
        self.source.setToolTip(standing.place)
        # A field that cannot be used cannot be reached by keyboard, and the reason should be.
        self.source.setFocusPolicy(Qt.FocusPolicy.StrongFocus if standing.fixed else Qt.FocusPolicy.NoFocus)
        QWidget.setTabOrder(self.reset, self.source)
        self.show_waiting(standing.value != self._before)
        if not self.is_drafted:
            self.field.show_value(standing.value)
            self.show_trouble(standing.trouble)
        self._follow()

    def show_refusal(self, sentence: str) -> None:
        """Say why a change was not made, and show what is in force."""
        if not self.is_drafted:
            self.field.show_value(self._standing.value)
        self.show_trouble(sentence)
        self._follow()

    def hand_on(self) -> None:
        """Have what the user has entered written, if it is allowed and another value than before."""
        self._timer.stop()
        if not self.is_drafted or self._wrong(self._draft):
            return
        self.is_drafted = False
        value = self.key.native(self._draft)
        if value != self._standing.value or self._standing.trouble:
            self.wanted.emit(self.key.path, value)

    def discard(self) -> None:
        """Forget what the user has entered."""
        self._timer.stop()
        self.is_drafted = False
        self.show_standing(self._standing)

    def _on_entered(self, value: Any, finished: bool) -> None:
        if finished and not self.is_drafted and value == _as_toml(self._standing.value):
            return  # the focus passed by
        self._draft, self.is_drafted = value, True
        wrong = self._wrong(value)
        self.show_trouble(wrong)
        self._follow()
        if wrong:
            self._timer.stop()
        elif finished:
            self.hand_on()
        else:
            self._timer.start()

    def _wrong(self, value: Any) -> str:
        wrong = complaint(self.key, value)
        return f"{wrong}." if wrong else self.field.objection(value)

    def _reset(self) -> None:
        in_file = self._standing.in_file
        self.discard()
        if in_file:
            self.unwanted.emit(self.key.path)

    def _follow(self) -> None:
        standing = self._standing
        had_focus = self.reset.hasFocus()
        self.reset.setVisible(self.is_drafted or (standing.in_file and not standing.fixed))
        if had_focus and self.reset.isHidden():
            self.field.controls[0].setFocus()
        told = " ".join(filter(None, (self.trouble.text(), description_of(self.key), self.source.text())))
        self.field.describe(title_of(self.key), told)


def wrapped(text: str, role: str) -> QLabel:
    """A text that takes as many lines as it needs, and is nothing but text."""
    label = QLabel(text)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _as_toml(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
