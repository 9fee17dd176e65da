"""The talk key while the window has focus: until the whole desktop's keys are watched, or where they cannot be."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from modules.hotkey.combination import Combination, HeldKeys

_NAMES: dict[int, str] = {
    Qt.Key.Key_Control: "ctrl_l",
    Qt.Key.Key_Alt: "alt_l",
    Qt.Key.Key_AltGr: "alt_gr",
    Qt.Key.Key_Shift: "shift_l",
    Qt.Key.Key_Meta: "super_l",
    Qt.Key.Key_Space: "space",
    Qt.Key.Key_Tab: "tab",
    Qt.Key.Key_Backtab: "tab",
    Qt.Key.Key_Return: "enter",
    Qt.Key.Key_Enter: "enter",
    Qt.Key.Key_Backspace: "backspace",
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_CapsLock: "caps_lock",
    Qt.Key.Key_End: "end",
    Qt.Key.Key_Home: "home",
    Qt.Key.Key_Insert: "insert",
    Qt.Key.Key_Menu: "menu",
    Qt.Key.Key_PageDown: "page_down",
    Qt.Key.Key_PageUp: "page_up",
    Qt.Key.Key_Pause: "pause",
    Qt.Key.Key_Print: "print_screen",
    Qt.Key.Key_ScrollLock: "scroll_lock",
}
# Qt does not tell left from right, so a side that matters to the combination is taken from X11's and evdev's codes.
_RIGHT = {105: "ctrl_r", 108: "alt_r", 62: "shift_r", 134: "super_r"}


class WindowHotkey(QObject):
    """Watches the keys of one window; a key that is down when the window loses focus is released.

    Args:
        combination: The talk key.
        window: The window.
    """

    #: The combination is complete.
    pressed = pyqtSignal()
    #: A key of the combination went up.
    released = pyqtSignal()

    def __init__(self, combination: Combination, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._held = HeldKeys(combination, self._on_press, self._on_release)
        self._is_down = False
        self._is_left = False

    def watch(self) -> None:
        """Begin to watch, unless the key was left to another; the window must have been shown."""
        handle = self._window.windowHandle()
        if handle is not None and not self._is_left:
            handle.installEventFilter(self)

    def leave(self) -> None:
        """Leave the key to who watches the whole desktop, but not while it is down: he has not seen it go down."""
        self._is_left = True
        handle = self._window.windowHandle()
        if handle is not None and not self._is_down:
            handle.removeEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """See the window's keys before its widgets do; they get them all the same."""
        if isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            if event.type() == QEvent.Type.KeyPress:
                self._held.press(key_name(event))
            elif event.type() == QEvent.Type.KeyRelease:
                self._held.release(key_name(event))
        elif event is not None and event.type() == QEvent.Type.FocusOut:
            self._held.release_all()
        return False

    def _on_press(self) -> None:
        self._is_down = True
        self.pressed.emit()

    def _on_release(self) -> None:
        self._is_down = False
        self.released.emit()
        if self._is_left:
            self.leave()


def key_name(event: QKeyEvent) -> str:
    """The key as the setting of the talk key calls it."""
    if event.nativeScanCode() in _RIGHT:
        return _RIGHT[event.nativeScanCode()]
    key = event.key()
    if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F20:
        return f"f{key - Qt.Key.Key_F1 + 1}"
    if Qt.Key.Key_0 <= key <= Qt.Key.Key_Z:
        return chr(key).lower()
    return _NAMES.get(key, "")
