from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from arvis.ui.window_hotkey import WindowHotkey
from modules.hotkey.combination import parse_combination
from tests.unit.arvis.ui.hands import hands

Start = Callable[[str], tuple[QLineEdit, list[str]]]


@pytest.fixture
def start(qtbot: QtBot) -> Start:
    def begin(text: str) -> tuple[QLineEdit, list[str]]:
        window = QLineEdit()
        qtbot.addWidget(window)
        hotkey = WindowHotkey(parse_combination(text), window)
        seen: list[str] = []
        hotkey.pressed.connect(lambda: seen.append("press"))
        hotkey.released.connect(lambda: seen.append("release"))
        hotkey.watch()  # too early: nothing to watch yet, and no failure
        with qtbot.waitExposed(window):
            window.show()
        hotkey.watch()
        return window, seen

    return begin


def send(window: QLineEdit, kind: QEvent.Type, key: Qt.Key, *, scan: int = 0, repeat: bool = False) -> None:
    event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, scan, 0, 0, "", repeat)
    QApplication.sendEvent(window.windowHandle(), event)


PRESS, RELEASE = QEvent.Type.KeyPress, QEvent.Type.KeyRelease


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("f9", [Qt.Key.Key_F9]),
        ("ctrl+alt+space", [Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Space]),
        ("super+a", [Qt.Key.Key_Meta, Qt.Key.Key_A]),
        ("ctrl+1", [Qt.Key.Key_Control, Qt.Key.Key_1]),
        ("pause", [Qt.Key.Key_Pause]),
    ],
)
def test_the_combination_is_seen(start: Start, text: str, keys: list[Qt.Key]) -> None:
    window, seen = start(text)
    for key in keys:
        assert seen == []
        send(window, PRESS, key)
    assert seen == ["press"]
    send(window, RELEASE, keys[0])
    assert seen == ["press", "release"]


def test_auto_repeat_and_other_keys_are_ignored(start: Start) -> None:
    window, seen = start("f9")
    send(window, PRESS, Qt.Key.Key_F9)
    for _ in range(25):
        send(window, RELEASE, Qt.Key.Key_F9, repeat=True)
        send(window, PRESS, Qt.Key.Key_F9, repeat=True)
    send(window, PRESS, Qt.Key.Key_X)
    send(window, RELEASE, Qt.Key.Key_VolumeUp)
    assert seen == ["press"]


def test_a_key_left_down_when_the_focus_goes_is_released(start: Start) -> None:
    window, seen = start("f9")
    send(window, PRESS, Qt.Key.Key_F9)
    QApplication.sendEvent(window.windowHandle(), QFocusEvent(QEvent.Type.FocusOut))
    assert seen == ["press", "release"]


def test_a_key_that_was_left_to_another_is_watched_until_it_is_up(qtbot: QtBot) -> None:
    window = QLineEdit()
    qtbot.addWidget(window)
    hotkey = WindowHotkey(parse_combination("f9"), window)
    seen: list[str] = []
    hotkey.pressed.connect(lambda: seen.append("press"))
    hotkey.released.connect(lambda: seen.append("release"))
    with qtbot.waitExposed(window):
        window.show()
    hotkey.watch()
    send(window, PRESS, Qt.Key.Key_F9)
    hotkey.leave()
    send(window, RELEASE, Qt.Key.Key_F9)
    assert seen == ["press", "release"]
    hotkey.watch()
    for kind in (PRESS, RELEASE):
        send(window, kind, Qt.Key.Key_F9)
    assert seen == ["press", "release"]


def test_a_side_that_matters_is_told_by_its_scan_code(start: Start) -> None:
    window, seen = start("ctrl_r")
    send(window, PRESS, Qt.Key.Key_Control, scan=37)
    send(window, RELEASE, Qt.Key.Key_Control, scan=37)
    assert seen == []
    send(window, PRESS, Qt.Key.Key_Control, scan=105)
    assert seen == ["press"]


def test_the_focused_field_gets_its_keys_all_the_same(start: Start) -> None:
    window, seen = start("f9")
    hands.keyClick(window.windowHandle(), Qt.Key.Key_A)
    assert window.text() == "a"
    assert seen == []
