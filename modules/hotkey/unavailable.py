"""The global key of a desktop that has none."""

from __future__ import annotations

from modules.hotkey.base import HotkeyError, KeyCallback


class UnavailableHotkey:
    """Says why there is no global key.

    Args:
        code: Machine-readable reason.
        reason: One sentence for the user, with what works instead.
    """

    def __init__(self, code: str, reason: str) -> None:
        self._code = code
        self._reason = reason

    def start(self, on_press: KeyCallback, on_release: KeyCallback) -> None:
        """Raise the reason as `HotkeyError`."""
        raise HotkeyError(self._code, self._reason)

    def stop(self) -> None:
        """Nothing was started."""
