from __future__ import annotations

import pytest

from modules.hotkey.base import HotkeyError
from modules.hotkey.combination import parse_combination
from modules.hotkey.desktop import hotkey_for
from modules.hotkey.x11 import X11Hotkey

F9 = parse_combination("f9")


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "wayland"),
        ({"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, "wayland"),
        ({}, "no-display"),
        ({"DISPLAY": ""}, "no-display"),
    ],
)
def test_a_desktop_without_global_keys_says_what_works_instead(environment: dict[str, str], code: str) -> None:
    hotkey = hotkey_for(F9, environment)
    with pytest.raises(HotkeyError) as caught:
        hotkey.start(lambda: None, lambda: None)
    assert caught.value.code == code
    assert "F9" in caught.value.message
    assert "talk button" in caught.value.message
    hotkey.stop()


def test_x11_is_listened_to() -> None:
    assert isinstance(hotkey_for(F9, {"DISPLAY": ":0", "XDG_SESSION_TYPE": "x11"}), X11Hotkey)
