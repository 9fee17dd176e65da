"""Key combinations as text, and which of their keys are down."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from modules.hotkey.base import HotkeyError, KeyCallback

MODIFIERS = ("ctrl", "alt", "shift", "super")
"""The modifiers, left or right, in the order in which they are written."""

_SIDED = {
    "ctrl_l": "Left Ctrl",
    "ctrl_r": "Right Ctrl",
    "alt_l": "Left Alt",
    "alt_r": "Right Alt",
    "alt_gr": "AltGr",
    "shift_l": "Left Shift",
    "shift_r": "Right Shift",
    "super_l": "Left Super",
    "super_r": "Right Super",
}
_GENERIC = {name: name.rpartition("_")[0] for name in _SIDED} | {"alt_gr": "alt_gr"}
_TYPING = {"space": "Space", "tab": "Tab", "enter": "Enter", "backspace": "Backspace", "delete": "Delete"}
_NAMED = {f"f{number}": f"F{number}" for number in range(1, 21)} | {
    "caps_lock": "Caps Lock",
    "end": "End",
    "home": "Home",
    "insert": "Insert",
    "menu": "Menu",
    "page_down": "Page Down",
    "page_up": "Page Up",
    "pause": "Pause",
    "print_screen": "Print",
    "scroll_lock": "Scroll Lock",
}
_ALIASES = {
    "control": "ctrl",
    "strg": "ctrl",
    "win": "super",
    "meta": "super",
    "cmd": "super",
    "return": "enter",
    "pageup": "page_up",
    "pagedown": "page_down",
    "altgr": "alt_gr",
    "del": "delete",
    "ins": "insert",
    "print": "print_screen",
}


@dataclass(frozen=True, slots=True)
class Combination:
    """Keys that are held together."""

    keys: frozenset[str]
    """Names of the keys: "f9", "space", "a", "ctrl", "ctrl_r" ..."""

    @property
    def label(self) -> str:
        """The combination in words for the user, for example "Ctrl+Alt+Space"."""
        modifiers = [name.capitalize() for name in MODIFIERS if name in self.keys]
        others = sorted(self.keys - set(MODIFIERS))
        names = _SIDED | _TYPING | _NAMED
        return "+".join([*modifiers, *(names.get(key, key.upper()) for key in others)])

    def name_of(self, key: str) -> str:
        """The name under which this combination knows a key: a right Ctrl is "ctrl" unless the side matters."""
        return key if key in self.keys else _GENERIC.get(key, key)


def parse_combination(text: str) -> Combination:
    """Read a combination such as "f9", "ctrl+alt+space" or "ctrl_r"; case and spaces do not matter.

    Raises:
        HotkeyError: A key has no such name, or the combination would fire while the user types.
    """
    parts = [part.strip().replace(" ", "_") for part in text.casefold().split("+")]
    names = [_ALIASES.get(part, part) for part in parts]
    for name in names:
        if not _is_known(name):
            raise HotkeyError(
                "unknown-key",
                f"The hotkey '{text}' is not a key that Arvis knows. "
                "Use for example f9, pause, ctrl_r or ctrl+alt+space in the setting talk.hotkey.",
            )
    keys = frozenset(names)
    if len(keys) != len(names):
        raise HotkeyError("repeated-key", f"The hotkey '{text}' names one key twice. Change the setting talk.hotkey.")
    _check_typing(text, keys)
    return Combination(keys)


def _is_known(name: str) -> bool:
    return name in MODIFIERS or name in _SIDED or name in _TYPING or name in _NAMED or _is_character(name)


def _is_character(name: str) -> bool:
    return len(name) == 1 and name.isascii() and name.isalnum()


def _check_typing(text: str, keys: frozenset[str]) -> None:
    typed = [key for key in keys if key in _TYPING or _is_character(key)]
    held = {_GENERIC.get(key, key) for key in keys} & {"ctrl", "alt", "super"}
    if typed and not held:
        raise HotkeyError(
            "typing-key",
            f"The hotkey '{text}' would go off while you type. "
            "Add ctrl, alt or super, for example ctrl+alt+space, in the setting talk.hotkey.",
        )
    if "shift" in keys and any(key.isdigit() for key in typed):
        raise HotkeyError(
            "typing-key",
            f"The hotkey '{text}' cannot be told apart: shift turns a digit into another character. "
            "Use ctrl or alt in the setting talk.hotkey.",
        )


class HeldKeys:
    """Follows the keys that are down and says when the combination begins and ends. May be fed from any thread.

    The combination begins when exactly its keys are down among all modifiers and its own keys, so that F9 does not
    go off for Ctrl+F9. It ends when any of its keys goes up.
    """

    def __init__(self, combination: Combination, on_press: KeyCallback, on_release: KeyCallback) -> None:
        self._combination = combination
        self._on_press = on_press
        self._on_release = on_release
        self._down: set[str] = set()
        self._active = False
        self._lock = threading.Lock()

    def press(self, key: str) -> None:
        """A key went down, or is repeated by the keyboard."""
        name = self._combination.name_of(key)
        if name not in self._combination.keys and name not in MODIFIERS and name not in _SIDED:
            return
        with self._lock:
            self._down.add(name)
            begins = not self._active and self._down == self._combination.keys
            self._active = self._active or begins
        if begins:
            self._on_press()

    def release(self, key: str) -> None:
        """A key went up."""
        name = self._combination.name_of(key)
        with self._lock:
            self._down.discard(name)
            ends = self._active and name in self._combination.keys
            self._active = self._active and not ends
        if ends:
            self._on_release()

    def release_all(self) -> None:
        """Take every key as up, because what happens to them is no longer seen."""
        with self._lock:
            self._down.clear()
            ends, self._active = self._active, False
        if ends:
            self._on_release()
