"""Which texts are key combinations: the grammar of `talk.hotkey`, as `modules.hotkey` reads it."""

from __future__ import annotations

_SIDES = ("ctrl_l", "ctrl_r", "alt_l", "alt_r", "shift_l", "shift_r", "super_l", "super_r")
_MODIFIERS = frozenset(("ctrl", "alt", "shift", "super", "alt_gr", *_SIDES))
_TYPING = frozenset(("space", "tab", "enter", "backspace", "delete"))
_OTHERS = frozenset(f"f{number}" for number in range(1, 21)) | {
    "caps_lock",
    "end",
    "home",
    "insert",
    "menu",
    "page_down",
    "page_up",
    "pause",
    "print_screen",
    "scroll_lock",
}
_ALIASES = {
    "altgr": "alt_gr",
    "cmd": "super",
    "control": "ctrl",
    "del": "delete",
    "ins": "insert",
    "meta": "super",
    "pagedown": "page_down",
    "pageup": "page_up",
    "print": "print_screen",
    "return": "enter",
    "strg": "ctrl",
    "win": "super",
}


def is_hotkey(text: str) -> bool:
    """Whether `text` is one key or some that are held together, and does not go off while the user types."""
    parts = [part.strip().replace(" ", "_") for part in text.casefold().split("+")]
    names = [_ALIASES.get(part, part) for part in parts]
    typed = [name for name in names if name in _TYPING or _is_character(name)]
    if not all(name in _MODIFIERS or name in _OTHERS or name in typed for name in names):
        return False
    if len(set(names)) < len(names):
        return False
    held = any(name.partition("_")[0] in ("ctrl", "alt", "super") and name != "alt_gr" for name in names)
    shifted_digit = "shift" in names and any(name.isdigit() for name in typed)
    return (held or not typed) and not shifted_digit


def _is_character(name: str) -> bool:
    return len(name) == 1 and name.isascii() and name.isalnum()
