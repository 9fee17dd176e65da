"""The interface of global keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from utils.errors import ArvisError

KeyCallback = Callable[[], None]
"""Called on the listener's own thread; must return at once."""


class HotkeyError(ArvisError):
    """The text does not name a key, or the key cannot be watched on this desktop."""

    stage = "hotkey"


class Hotkey(Protocol):
    """A key, or a combination of keys, that works while another window has focus."""

    def start(self, on_press: KeyCallback, on_release: KeyCallback) -> None:
        """Watch the key until `stop`; may take some tenths of a second.

        Args:
            on_press: Called once when the combination is complete; the keyboard's auto-repeat does not call it again.
            on_release: Called once for each `on_press`, when any key of the combination goes up.

        Raises:
            HotkeyError: This desktop does not let a program watch the key.
        """
        ...

    def stop(self) -> None:
        """Watch no longer; a key that is still down is released first. Does nothing when it was not started."""
        ...
