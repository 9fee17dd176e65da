from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import pytest

from modules.hotkey.base import HotkeyError
from modules.hotkey.combination import parse_combination
from modules.hotkey.x11 import X11Hotkey
from modules.hotkey.x11_screen import X11Screen


class Key(enum.Enum):
    """The part of pynput's enumeration that is used; `ctrl` is the left one there."""

    ctrl = 1
    shift = 2
    f9 = 3
    cmd = 4


class KeyCode:
    def __init__(self, vk: int | None = None, char: str | None = None) -> None:
        self.vk = vk
        self.char = char


class Listener:
    def __init__(self, on_press: Callable[[Any], None], on_release: Callable[[Any], None]) -> None:
        self.on_press = on_press
        self.on_release = on_release
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def wait(self) -> None:
        self.calls.append("wait")

    def stop(self) -> None:
        self.calls.append("stop")

    def join(self, timeout: float) -> None:
        self.calls.append("join")


class Keyboard:
    """Stands in for the module pynput.keyboard."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def Listener(self, **callbacks: Any) -> Listener:
        self.listeners.append(Listener(**callbacks))
        return self.listeners[-1]


class Screen:
    def __init__(self, keyboard: Keyboard | None, *, records: bool = True) -> None:
        self.keyboard = keyboard
        self.records = records

    def import_keyboard(self) -> Any:
        if self.keyboard is None:
            raise ImportError("this platform is not supported: Bad display name")
        return self.keyboard

    def can_record(self) -> bool:
        return self.records

    def end_recording(self, listener: Listener) -> None:
        listener.calls.append("end")


def started(text: str, keyboard: Keyboard, seen: list[str]) -> X11Hotkey:
    hotkey = X11Hotkey(parse_combination(text), Screen(keyboard))
    hotkey.start(lambda: seen.append("press"), lambda: seen.append("release"))
    return hotkey


def test_presses_and_releases_pass_through_once() -> None:
    keyboard, seen = Keyboard(), list[str]()
    started("f9", keyboard, seen)
    (listener,) = keyboard.listeners
    for _ in range(25):
        listener.on_press(Key.f9)
    listener.on_release(Key.f9)
    assert seen == ["press", "release"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("ctrl+shift+x", [Key.ctrl, Key.shift, KeyCode(vk=0x58, char="X")]),
        ("super+a", [Key.cmd, KeyCode(vk=0x61, char="a")]),
        ("shift+alt+f9", [Key.shift, KeyCode(vk=0xFFE7), Key.f9]),
        ("ctrl_l+tab", [Key.ctrl, KeyCode(vk=0xFE20)]),
    ],
)
def test_the_names_of_x11_are_understood(text: str, keys: list[Any]) -> None:
    keyboard, seen = Keyboard(), list[str]()
    started(text, keyboard, seen)
    for key in keys:
        assert seen == []
        keyboard.listeners[0].on_press(key)
    keyboard.listeners[0].on_release(keys[-1])
    assert seen == ["press", "release"]


@pytest.mark.parametrize("key", [None, KeyCode(), KeyCode(vk=0x1008FF11)])
def test_keys_without_a_name_are_ignored(key: Any) -> None:
    keyboard, seen = Keyboard(), list[str]()
    started("f9", keyboard, seen)
    keyboard.listeners[0].on_press(key)
    keyboard.listeners[0].on_release(key)
    assert seen == []


def test_a_key_left_down_is_released_when_the_listener_stops() -> None:
    keyboard, seen = Keyboard(), list[str]()
    hotkey = started("f9", keyboard, seen)
    keyboard.listeners[0].on_press(Key.f9)
    hotkey.stop()
    hotkey.stop()
    assert seen == ["press", "release"]
    assert keyboard.listeners[0].calls == ["start", "wait", "stop", "end", "join"]


def test_it_starts_once_and_can_start_again_after_stopping() -> None:
    keyboard = Keyboard()
    hotkey = started("f9", keyboard, [])
    hotkey.start(lambda: None, lambda: None)
    assert len(keyboard.listeners) == 1
    hotkey.stop()
    hotkey.start(lambda: None, lambda: None)
    assert len(keyboard.listeners) == 2


@pytest.mark.parametrize("screen", [Screen(None), Screen(Keyboard(), records=False)])
def test_a_screen_that_cannot_be_watched_is_one_sentence_and_no_listener(screen: Screen) -> None:
    with pytest.raises(HotkeyError, match="F9 is not available") as caught:
        X11Hotkey(parse_combination("f9"), screen).start(lambda: None, lambda: None)
    assert caught.value.code == "no-keyboard"
    assert "talk button" in caught.value.message
    assert screen.keyboard is None or screen.keyboard.listeners == []


def test_stopping_what_was_not_started_does_nothing() -> None:
    keyboard = Keyboard()
    X11Hotkey(parse_combination("f9"), Screen(keyboard)).stop()
    assert keyboard.listeners == []


def test_without_a_screen_the_real_listener_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", "")
    with pytest.raises(HotkeyError) as caught:
        X11Hotkey(parse_combination("f9")).start(lambda: None, lambda: None)
    assert caught.value.code == "no-keyboard"


def test_a_screen_that_has_gone_cannot_be_recorded_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", "")
    screen = X11Screen()
    assert not screen.can_record()
    screen.end_recording(None)
