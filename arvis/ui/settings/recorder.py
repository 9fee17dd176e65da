"""A field that records which keys are pressed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from arvis.ui.settings.field import Field
from arvis.ui.window_hotkey import key_name
from config.schema import Key
from modules.hotkey.base import HotkeyError
from modules.hotkey.combination import MODIFIERS, Combination, parse_combination

HELP = "Esc cancels, Backspace takes the default."
_SIDES = tuple(f"{name}_{side}" for name in MODIFIERS for side in "lr")
_MODIFIERS = frozenset((*MODIFIERS, *_SIDES, "alt_gr"))


class KeyButton(QPushButton):
    """Shows a combination; pressed, it records another one.

    That is complete when a key goes down that is no modifier, or when one of some modifiers goes up.
    """

    #: A combination was pressed: its names, as the setting has them.
    recorded = pyqtSignal(str)
    #: Backspace was pressed.
    cleared = pyqtSignal()
    #: Whether keys are recorded.
    recording_changed = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self.is_recording = False
        self._label = ""
        self._down: set[str] = set()
        self.clicked.connect(self.start)

    def show_label(self, label: str) -> None:
        """Show a combination."""
        self._label = label
        self._show()

    def start(self) -> None:
        """Record what is pressed from now on."""
        self._down.clear()
        self._set_recording(True)

    def cancel(self) -> None:
        """Record nothing any more."""
        if self.is_recording:
            self._set_recording(False)

    def event(self, event: QEvent | None) -> bool:
        """Get the keys before shortcuts do; Tab alone leaves, so that nobody is caught here."""
        if not self.is_recording or not isinstance(event, QKeyEvent):
            return super().event(event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            if key_name(event) == "tab" and not self._down - {"shift_l", "shift_r"}:
                self.cancel()
                return super().event(event)
            self.keyPressEvent(event)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Take a key that goes down."""
        if not self.is_recording or event is None:
            super().keyPressEvent(event)
            return
        if event.isAutoRepeat():
            return
        if not self._down and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace):
            self.cancel()
            if event.key() == Qt.Key.Key_Backspace:
                self.cleared.emit()
            return
        self._down.add(key_name(event) or event.text() or "?")
        self._show()
        if not self._down <= _MODIFIERS:
            self._finish()

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        """Take a key that goes up: modifiers alone are complete then."""
        if not self.is_recording or event is None:
            super().keyReleaseEvent(event)
        elif self._down and not event.isAutoRepeat():
            self._finish()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Give up when the user is elsewhere."""
        super().focusOutEvent(event)
        self.cancel()

    def _finish(self) -> None:
        names = written(self._down)
        self._set_recording(False)
        self.recorded.emit(names)

    def _set_recording(self, recording: bool) -> None:
        self.is_recording = recording
        self.setProperty("recording", recording)
        self._show()
        self.recording_changed.emit(recording)

    def _show(self) -> None:
        if self.is_recording:
            self.setText(label_of(written(self._down)) + "…" if self._down else "Press the keys…")
        else:
            self.setText(self._label)


class HotkeyField(Field):
    """The talk key.

    Args:
        key: The setting.
        shortcuts: The shortcuts of the window, with which it must not collide.
    """

    #: Whether keys are recorded, so that they should do nothing else.
    recording_changed = pyqtSignal(bool)

    def __init__(
        self, key: Key, shortcuts: Callable[[], Iterable[QKeySequence]], parent: QWidget | None = None
    ) -> None:
        super().__init__(key, parent)
        self._shortcuts = shortcuts
        self.button = KeyButton()
        self.button.recorded.connect(lambda text: self.entered.emit(text, True))
        self.button.cleared.connect(self.cleared)
        self.button.recording_changed.connect(self._on_recording)
        self.hint = QLabel(HELP)
        self.hint.setProperty("role", "small")
        self.hint.setWordWrap(True)
        self.hint.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.button)
        row.addWidget(self.hint, 1)
        row.addStretch(0)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """The button."""
        return (self.button,)

    def show_value(self, value: Any) -> None:
        """Show the combination."""
        self.button.show_label(label_of(value))

    def objection(self, value: Any) -> str:
        """Whether the keys mean nothing, are typed all the time, or belong to a shortcut of the window."""
        try:
            combination = parse_combination(value)
        except HotkeyError as error:
            return error.message
        if any(combination == _combination_of(each) for each in self._shortcuts()):
            return f"{combination.label} does something else in this window already. Choose another combination."
        return ""

    def describe(self, name: str, description: str) -> None:
        """Say to a screen reader what this is; the button's text has the keys."""
        self.button.setAccessibleName(f"{name}: {self.button.text()}")
        super().describe(name, f"{description} Press it to record other keys. {HELP}")

    def _on_recording(self, recording: bool) -> None:
        self.hint.setVisible(recording)
        self.button.setAccessibleName(f"{self.key.spec['title']}: {self.button.text()}")
        self.recording_changed.emit(recording)


def shortcuts_of(window: QWidget) -> tuple[QKeySequence, ...]:
    """The keys that do something in a window."""
    actions = [sequence for action in window.findChildren(QAction) for sequence in action.shortcuts()]
    return (*(shortcut.key() for shortcut in window.findChildren(QShortcut)), *actions)


def written(names: Iterable[str]) -> str:
    """A combination as the setting has it; the side of a modifier matters only where it is alone."""
    found = set(names)
    if len(found) > 1:
        found = {name.rpartition("_")[0] if name in _SIDES else name for name in found}
    modifiers = [name for name in MODIFIERS if name in found]
    return "+".join([*modifiers, *sorted(found - set(modifiers))])


def label_of(text: str) -> str:
    """A combination in words for the user."""
    try:
        return parse_combination(text).label
    except HotkeyError:
        return text


def _combination_of(sequence: QKeySequence) -> Combination | None:
    """The keys of a shortcut, where the talk key could be the same."""
    try:
        return parse_combination(sequence.toString(QKeySequence.SequenceFormat.PortableText))
    except HotkeyError:
        return None
