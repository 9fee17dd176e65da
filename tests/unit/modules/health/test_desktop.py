"""Screen and global key."""

from __future__ import annotations

import pytest

from modules.health.base import Status
from modules.health.desktop import ScreenProbe, check_hotkey, check_screen, told_hotkey
from modules.hotkey.base import Hotkey, HotkeyError, KeyCallback


class FakeHotkey:
    def __init__(self, error: HotkeyError | None = None) -> None:
        self.error = error
        self.watching = 0
        self.started = 0

    def start(self, on_press: KeyCallback, on_release: KeyCallback) -> None:
        if self.error is not None:
            raise self.error
        self.started += 1
        self.watching += 1
        on_press()
        on_release()

    def stop(self) -> None:
        self.watching -= 1


def never() -> ScreenProbe:
    raise AssertionError("nothing to start")


def test_no_screen_leaves_the_command_line() -> None:
    found = check_screen(False, never)
    assert found.status is Status.DEGRADED
    assert "arvis ask" in found.remedy


@pytest.mark.parametrize(("tray", "words"), [(True, "with a tray"), (False, "without a tray")])
def test_a_screen_that_works(tray: bool, words: str) -> None:
    found = check_screen(True, lambda: ScreenProbe("xcb", tray))
    assert found.status is Status.HEALTHY
    assert f"(xcb, {words}" in found.reason


def test_a_toolkit_that_does_not_start() -> None:
    found = check_screen(True, lambda: ScreenProbe("", error="no plugin."))
    assert (found.status, found.reason) == (Status.UNHEALTHY, "The window cannot be shown: no plugin.")


def test_a_key_that_can_be_watched_is_let_go_again() -> None:
    hotkey = FakeHotkey()
    found = check_hotkey("f9", lambda: hotkey)
    assert (found.status, found.reason) == (Status.HEALTHY, "f9 works while any window has the focus.")
    assert (hotkey.started, hotkey.watching) == (1, 0)


def test_a_desktop_without_global_keys() -> None:
    found = check_hotkey("f9", lambda: FakeHotkey(HotkeyError("wayland", "Wayland does not let us.")))
    assert (found.status, found.reason) == (Status.DEGRADED, "Wayland does not let us.")


def test_a_key_that_does_not_exist() -> None:
    def build() -> Hotkey:
        raise HotkeyError("unknown-key", "There is no such key.")

    with pytest.raises(HotkeyError, match="There is no such key"):
        check_hotkey("f99", build)


@pytest.mark.parametrize(
    ("everywhere", "words", "status", "reason"),
    [
        (True, "f9", Status.HEALTHY, "f9 works while any window has the focus."),
        (False, "Wayland does not let us.", Status.DEGRADED, "Wayland does not let us."),
    ],
)
def test_what_the_application_knows_of_its_key(everywhere: bool, words: str, status: Status, reason: str) -> None:
    found = told_hotkey(everywhere, words)
    assert (found.status, found.reason) == (status, reason)
