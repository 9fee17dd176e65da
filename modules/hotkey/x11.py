"""A global key on X11, seen through pynput."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from modules.hotkey.base import HotkeyError, KeyCallback
from modules.hotkey.combination import Combination, HeldKeys

JOIN_SECONDS = 2.0
"""How long `stop` waits for the listener's thread."""

# pynput's enumeration names the left one of two modifiers without its side.
_PYNPUT_NAMES = {"ctrl": "ctrl_l", "alt": "alt_l", "shift": "shift_l", "cmd": "super_l", "cmd_r": "super_r"}
# X11 keysyms (keysymdef.h) that pynput passes on as numbers: Alt and Tab while Shift is down, and today's AltGr.
_KEYSYM_NAMES = {0xFFE7: "alt_l", 0xFFE8: "alt_r", 0xFE20: "tab", 0xFE03: "alt_gr"}


def _import_keyboard() -> Any:
    return importlib.import_module("pynput.keyboard")


def _can_record() -> bool:
    errors = importlib.import_module("Xlib.error")
    try:
        display = importlib.import_module("Xlib.display").Display()
    except errors.DisplayError:
        return False
    try:
        return bool(display.has_extension("RECORD"))
    finally:
        display.close()


class X11Hotkey:
    """Listens to the X server's own record of the keyboard, so the focused window gets the key too.

    Args:
        combination: The keys to watch.
        import_keyboard: Returns the module that has `Listener`; pynput connects to the screen when it is imported.
        can_record: Whether the X server can be reached and lets a program record the keyboard. Without it the listener
            would wait for ever.
    """

    def __init__(
        self,
        combination: Combination,
        import_keyboard: Callable[[], Any] = _import_keyboard,
        can_record: Callable[[], bool] = _can_record,
    ) -> None:
        self._combination = combination
        self._import_keyboard = import_keyboard
        self._can_record = can_record
        self._listener: Any = None
        self._held: HeldKeys | None = None

    def start(self, on_press: KeyCallback, on_release: KeyCallback) -> None:
        """Watch the keyboard; see `Hotkey.start`."""
        if self._listener is not None:
            return
        keyboard = self._reach_keyboard()
        held = HeldKeys(self._combination, on_press, on_release)
        self._held = held
        self._listener = keyboard.Listener(
            on_press=lambda key: held.press(_name(key)), on_release=lambda key: held.release(_name(key))
        )
        self._listener.start()
        self._listener.wait()

    def _reach_keyboard(self) -> Any:
        try:
            keyboard = self._import_keyboard()
            if self._can_record():
                return keyboard
            cause: ImportError | None = None
        except ImportError as error:
            cause = error
        raise HotkeyError(
            "no-keyboard",
            f"The global hotkey {self._combination.label} is not available: this screen does not let Arvis watch the "
            "keyboard. Use the talk button, or the key while the Arvis window has focus.",
        ) from cause

    def stop(self) -> None:
        """Watch no longer, releasing the key first where it is down."""
        if self._listener is None or self._held is None:
            return
        listener = self._listener
        listener.stop()
        # pynput asks the server to end the recording through the connection that is busy recording, where the request
        # stays until the next key comes. The listener's other connection is free.
        listener._display_stop.record_disable_context(listener._context)
        listener._display_stop.flush()
        listener.join(JOIN_SECONDS)
        self._held.release_all()
        self._listener = self._held = None


def _name(key: Any) -> str:
    """The name of pynput's Key or KeyCode, or "" for a key that has none."""
    special = getattr(key, "name", None)
    if special is not None:
        return _PYNPUT_NAMES.get(special, str(special))
    return _KEYSYM_NAMES.get(getattr(key, "vk", None) or 0, str(getattr(key, "char", None) or "").lower())
