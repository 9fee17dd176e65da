from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from arvis.ui.mode import Mode
from arvis.ui.talk_button import TalkButton
from arvis.ui.theme import Theme
from tests.unit.arvis.ui.hands import hands


@pytest.fixture
def button(qtbot: QtBot, theme: Theme) -> Iterator[TalkButton]:
    button = TalkButton(theme)
    with qtbot.waitExposed(button):
        button.show()
    button.show_mode(Mode.READY)
    yield button
    sip.delete(button)


@pytest.fixture
def seen(button: TalkButton) -> list[str]:
    seen: list[str] = []
    button.talk_pressed.connect(lambda: seen.append("press"))
    button.talk_released.connect(lambda: seen.append("release"))
    return seen


def middle(button: TalkButton) -> QPoint:
    return QPoint(button.width() // 2, button.height() // 2)


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_it_is_held_by_keyboard_and_auto_repeat_is_not_a_new_press(
    button: TalkButton, seen: list[str], qtbot: QtBot, key: Qt.Key
) -> None:
    hands.keyPress(button, key)
    for _ in range(25):
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
            QApplication.sendEvent(button, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "", True))
    assert seen == ["press"]
    hands.keyRelease(button, key)
    assert seen == ["press", "release"]


def test_other_keys_do_nothing(button: TalkButton, seen: list[str], qtbot: QtBot) -> None:
    hands.keyClick(button, Qt.Key.Key_A)
    assert seen == []


def test_the_other_key_does_not_let_go(button: TalkButton, seen: list[str], qtbot: QtBot) -> None:
    hands.keyPress(button, Qt.Key.Key_Space)
    hands.keyClick(button, Qt.Key.Key_Return)
    assert seen == ["press"]


def test_the_mouse_holds_it_and_may_leave_it_before_letting_go(
    button: TalkButton, seen: list[str], qtbot: QtBot
) -> None:
    hands.mousePress(button, Qt.MouseButton.LeftButton, pos=middle(button))
    assert seen == ["press"]
    hands.mouseRelease(button, Qt.MouseButton.LeftButton, pos=middle(button))
    assert seen == ["press", "release"]


def test_the_corner_outside_the_circle_is_not_the_button(button: TalkButton, seen: list[str], qtbot: QtBot) -> None:
    hands.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert seen == []


@pytest.mark.parametrize("way", ["focus", "disable", "hide"])
def test_a_button_that_can_no_longer_be_held_lets_go_once(
    button: TalkButton, seen: list[str], qtbot: QtBot, way: str
) -> None:
    hands.keyPress(button, Qt.Key.Key_Space)
    match way:
        case "focus":
            QApplication.sendEvent(button, QFocusEvent(QEvent.Type.FocusOut))
        case "disable":
            button.setEnabled(False)
        case _:
            button.hide()
    assert seen == ["press", "release"]
    hands.keyRelease(button, Qt.Key.Key_Space)
    assert seen == ["press", "release"]


def test_a_disabled_button_held_by_mouse_lets_go(button: TalkButton, seen: list[str], qtbot: QtBot) -> None:
    hands.mousePress(button, Qt.MouseButton.LeftButton, pos=middle(button))
    button.setEnabled(False)
    assert seen == ["press", "release"]


@pytest.mark.parametrize("mode", list(Mode))
def test_each_mode_is_drawn_in_its_own_colour(button: TalkButton, theme: Theme, mode: Mode) -> None:
    button.show_mode(mode)
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    edge = button.grab().toImage().pixelColor(middle(button) - QPoint(0, 38))
    token = {Mode.STARTING: "accent", Mode.READY: "accent", Mode.MUTED: "state_idle"}.get(mode, mode.token)
    assert edge.name() == theme.color(token).name()


def test_the_ring_swells_with_the_voice(button: TalkButton) -> None:
    button.show_mode(Mode.LISTENING)
    quiet = button.grab().toImage()
    button.show_level(1.0)
    loud = button.grab().toImage()
    outside = middle(button) - QPoint(0, 56)
    assert quiet.pixelColor(outside) != loud.pixelColor(outside)


def test_focus_is_visible(button: TalkButton, qtbot: QtBot) -> None:
    button.clearFocus()
    before = button.grab().toImage()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    assert button.grab().toImage() != before


def test_it_rests_when_nothing_moves_or_nobody_looks(button: TalkButton) -> None:
    assert not button._ticker.isActive()
    button.show_mode(Mode.LISTENING)
    assert button._ticker.isActive()
    button.hide()
    assert not button._ticker.isActive()
    button.show()
    assert button._ticker.isActive()


def test_it_is_smaller_in_a_low_window(button: TalkButton) -> None:
    large = button.sizeHint().width()
    button.set_compact(True)
    assert button.sizeHint().width() < 0.75 * large
