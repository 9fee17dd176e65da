"""Real keys on a real X server without a screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from queue import Empty, Queue
from typing import Any

import pytest

from modules.hotkey.combination import parse_combination
from modules.hotkey.x11 import X11Hotkey

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="there is no X server: Xvfb is not installed")

PATIENCE = 10.0
"""Seconds in which a key must arrive."""


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An X server; it picks a free number itself."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "320x240x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as number:
        monkeypatch.setenv("DISPLAY", f":{number.readline().strip()}")
        monkeypatch.delenv("XAUTHORITY", raising=False)
    yield
    server.terminate()
    server.wait()


class Keyboard:
    """Presses keys as a person does."""

    def __init__(self) -> None:
        self._names: Any = import_module("Xlib.XK")
        self._kinds: Any = import_module("Xlib.X")
        self._xtest: Any = import_module("Xlib.ext.xtest")
        self._display: Any = import_module("Xlib.display").Display()

    def press(self, name: str) -> None:
        self._send(self._kinds.KeyPress, name)

    def release(self, name: str) -> None:
        self._send(self._kinds.KeyRelease, name)

    def close(self) -> None:
        self._display.close()

    def _send(self, kind: int, name: str) -> None:
        code = self._display.keysym_to_keycode(self._names.string_to_keysym(name))
        self._xtest.fake_input(self._display, kind, code)
        self._display.sync()


@pytest.fixture
def keyboard(screen: None) -> Iterator[Keyboard]:
    keyboard = Keyboard()
    yield keyboard
    keyboard.close()


def start(keyboard: Keyboard, text: str, *names: str) -> tuple[X11Hotkey, Queue[str]]:
    """A hotkey that has been seen to work; `names` are its keys for X11."""
    hotkey, seen = X11Hotkey(parse_combination(text)), Queue[str]()
    hotkey.start(lambda: seen.put("press"), lambda: seen.put("release"))
    # The server begins to record a moment after the listener says that it is ready: a first key may be missed.
    for _ in range(50):
        for name in names:
            keyboard.press(name)
        for name in reversed(names):
            keyboard.release(name)
        with suppress(Empty):
            assert seen.get(timeout=0.2) == "press"
            break
    else:
        pytest.fail("the listener never saw a key")
    assert seen.get(timeout=PATIENCE) == "release"
    return hotkey, seen


def test_a_held_key_is_seen_once_and_a_stopped_listener_ends_without_another_key(keyboard: Keyboard) -> None:
    before = set(threading.enumerate())
    hotkey, seen = start(keyboard, "f9", "F9")
    for _ in range(10):
        keyboard.press("F9")
        keyboard.press("F9")
        keyboard.press("a")
        keyboard.release("a")
        assert seen.get(timeout=PATIENCE) == "press"
        keyboard.release("F9")
        assert seen.get(timeout=PATIENCE) == "release"
    hotkey.stop()
    assert seen.empty()
    assert [thread for thread in threading.enumerate() if thread not in before] == []


def test_a_combination_in_any_order_but_not_with_another_modifier(keyboard: Keyboard) -> None:
    hotkey, seen = start(keyboard, "ctrl+alt+space", "Control_L", "Alt_L", "space")
    for name in ("Shift_L", "Control_L", "Alt_L", "space"):
        keyboard.press(name)
    for name in ("space", "Alt_L", "Control_L", "Shift_L"):
        keyboard.release(name)
    for name in ("Alt_L", "Control_R", "space"):
        keyboard.press(name)
    assert seen.get(timeout=PATIENCE) == "press"
    keyboard.release("Alt_L")
    assert seen.get(timeout=PATIENCE) == "release"
    for name in ("space", "Control_R"):
        keyboard.release(name)
    hotkey.stop()
    assert seen.empty()


def test_a_key_left_down_is_released_by_stopping(keyboard: Keyboard) -> None:
    hotkey, seen = start(keyboard, "f9", "F9")
    keyboard.press("F9")
    assert seen.get(timeout=PATIENCE) == "press"
    hotkey.stop()
    assert seen.get(timeout=PATIENCE) == "release"
    keyboard.release("F9")
    assert seen.empty()
