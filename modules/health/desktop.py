"""Checks of the desktop: screen, tray and global key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modules.health.base import Finding, Status
from modules.hotkey.base import Hotkey, HotkeyError


@dataclass(frozen=True, slots=True)
class ScreenProbe:
    """What a trial start of the window toolkit on the user's screen found out."""

    platform: str
    """The toolkit's name for the screen, for example "xcb" or "wayland"; empty when it did not start."""
    tray: bool = False
    """Whether the desktop has a tray for icons."""
    error: str = ""
    """Why it did not start."""


def check_screen(has_screen: bool, probe: Callable[[], ScreenProbe]) -> Finding:
    """Whether the window can be shown.

    Args:
        has_screen: Whether the session has a screen at all.
        probe: Starts the toolkit in a process of its own, because it may end the process.
    """
    if not has_screen:
        return Finding(Status.DEGRADED, "There is no screen, so there is no window.", "Talk to Arvis with: arvis ask")
    found = probe()
    if not found.platform:
        return Finding(
            Status.UNHEALTHY,
            f"The window cannot be shown: {found.error}",
            "Install the system libraries with: make setup",
        )
    tray = "with a tray" if found.tray else "without a tray, which Arvis does not need"
    return Finding(Status.HEALTHY, f"The window can be shown ({found.platform}, {tray}).")


def check_hotkey(label: str, build: Callable[[], Hotkey]) -> Finding:
    """Whether the global key can be watched: it is, for a moment.

    Args:
        label: The key as the user wrote it.
        build: Makes the key; raises HotkeyError when there is no such key, which no window knows either.

    Raises:
        HotkeyError: There is no such key.
    """
    hotkey = build()
    try:
        hotkey.start(lambda: None, lambda: None)
    except HotkeyError as error:
        return told_hotkey(False, error.message)
    hotkey.stop()
    return told_hotkey(True, label)


def told_hotkey(everywhere: bool, words: str) -> Finding:
    """What is known of the talk key already.

    Args:
        everywhere: Whether it works in other windows too.
        words: The key; or why it does not, and what works instead.
    """
    if everywhere:
        return Finding(Status.HEALTHY, f"{words} works while any window has the focus.")
    return Finding(Status.DEGRADED, words)
