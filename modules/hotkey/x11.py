"""A global key on X11, seen through pynput."""

from __future__ import annotations

from typing import Any, Protocol

from modules.hotkey.base import HotkeyError, KeyCallback
from modules.hotkey.combination import Combination, HeldKeys
from modules.hotkey.x11_screen import X11Screen

JOIN_SECONDS = 2.0
"""How long `stop` waits for the listener's thread."""

# pynput's enumeration names the left one of two modifiers without its side.
_PYNPUT_NAMES = {"ctrl": "ctrl_l", "alt": "alt_l", "shift": "shift_l", "cmd": "super_l", "cmd_r": "super_r"}
# X11 keysyms (keysymdef.h) that pynput passes on as numbers: Alt and Tab while Shift is down, and today's AltGr.
_KEYSYM_NAMES = {0xFFE7: "alt_l", 0xFFE8: "alt_r", 0xFE20: "tab", 0xFE03: "alt_gr"}


class Screen(Protocol):
    """What is needed of the X server; see `X11Screen`."""

    def import_keyboard(self) -> Any:
        """The module with `Listener`."""
        ...

    def can_record(self) -> bool:
        """Whether a listener can work."""
        ...

    def end_recording(self, listener: Any) -> None:
        """Let a listener's thread end at once."""
        ...


class X11Hotkey:
    """Listens to the X server's own record of the keyboard, so the focused window gets the key too.

    Args:
        combination: The keys to watch.
        screen: The X server.
    """

    def __init__(self, combination: Combination, screen: Screen | None = None) -> None:
        self._combination = combination
        self._screen: Screen = screen or X11Screen()
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
            keyboard = self._screen.import_keyboard()
            if self._screen.can_record():
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
        self._listener.stop()
        self._screen.end_recording(self._listener)
        self._listener.join(JOIN_SECONDS)
        self._held.release_all()
        self._listener = self._held = None


def _name(key: Any) -> str:
    """The name of pynput's Key or KeyCode, or "" for a key that has none."""
    special = getattr(key, "name", None)
    if special is not None:
        return _PYNPUT_NAMES.get(special, str(special))
    return _KEYSYM_NAMES.get(getattr(key, "vk", None) or 0, str(getattr(key, "char", None) or "").lower())
