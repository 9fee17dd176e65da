"""The global key that fits the desktop Arvis runs on."""

from __future__ import annotations

from collections.abc import Mapping

from modules.hotkey.base import Hotkey
from modules.hotkey.combination import Combination
from modules.hotkey.unavailable import UnavailableHotkey
from modules.hotkey.x11 import X11Hotkey

_INSTEAD = "Use the talk button, or the key while the Arvis window has focus."


def hotkey_for(combination: Combination, environment: Mapping[str, str]) -> Hotkey:
    """Choose by the environment variables of the session; nothing is connected before `start`.

    Under Wayland the X server that older programs use sees the keys of those programs only, so a key that works now
    and then is not offered.
    """
    if environment.get("WAYLAND_DISPLAY") or environment.get("XDG_SESSION_TYPE") == "wayland":
        return UnavailableHotkey(
            "wayland", f"Wayland does not let Arvis watch {combination.label} in other windows. {_INSTEAD}"
        )
    if not environment.get("DISPLAY"):
        return UnavailableHotkey(
            "no-display", f"There is no X11 screen on which to watch {combination.label}. {_INSTEAD}"
        )
    return X11Hotkey(combination)
