from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence, QShortcut
from PyQt6.QtWidgets import QLineEdit, QMainWindow, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from arvis.ui.settings.recorder import HELP, HotkeyField, label_of, shortcuts_of, written
from config.schema import keys
from tests.unit.arvis.ui.hands import hands

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


class Place:
    """The field in a window with something to go to, and what it told."""

    def __init__(self, qtbot: QtBot) -> None:
        self.page = QWidget()
        self.other = QLineEdit()
        self.field = HotkeyField(keys()["talk.hotkey"], lambda: (QKeySequence("Ctrl+M"), QKeySequence("Ctrl+,")))
        column = QVBoxLayout(self.page)
        column.addWidget(self.field)
        column.addWidget(self.other)
        qtbot.addWidget(self.page)
        with qtbot.waitActive(self.page):
            self.page.show()
            self.page.activateWindow()
        self.entered: list[str] = []
        self.cleared: list[bool] = []
        self.recording: list[bool] = []
        self.field.entered.connect(lambda value, finished: self.entered.append(value))
        self.field.cleared.connect(lambda: self.cleared.append(True))
        self.field.recording_changed.connect(self.recording.append)
        self.button = self.field.button
        self.field.show_value("f9")
        self.button.setFocus()

    def record(self) -> None:
        hands.keyClick(self.button, Qt.Key.Key_Space)
        assert self.button.is_recording


@pytest.fixture
def place(qtbot: QtBot) -> Place:
    return Place(qtbot)


def test_it_shows_the_keys_and_records_others(place: Place) -> None:
    assert place.button.text() == "F9"
    place.record()
    assert place.button.text() == "Press the keys…"
    assert place.field.hint.isVisible()
    assert place.field.hint.text() == HELP
    hands.keyPress(place.button, Qt.Key.Key_Control, CTRL)
    assert place.button.text() == "Left Ctrl…"
    hands.keyPress(place.button, Qt.Key.Key_Alt, CTRL | ALT)
    hands.keyPress(place.button, Qt.Key.Key_Space, CTRL | ALT)
    assert place.entered == ["ctrl+alt+space"]
    assert place.recording == [True, False]
    assert not place.field.hint.isVisible()


def test_a_key_alone_and_a_modifier_alone(place: Place) -> None:
    place.record()
    hands.keyClick(place.button, Qt.Key.Key_Pause)
    place.record()
    hands.keyPress(place.button, Qt.Key.Key_Control, CTRL)
    hands.keyRelease(place.button, Qt.Key.Key_Control)
    assert place.entered == ["pause", "ctrl_l"]


def test_escape_cancels_and_backspace_takes_the_default(place: Place) -> None:
    place.record()
    hands.keyClick(place.button, Qt.Key.Key_Escape)
    assert (place.entered, place.cleared, place.recording) == ([], [], [True, False])
    assert place.button.text() == "F9"
    place.record()
    hands.keyClick(place.button, Qt.Key.Key_Backspace)
    assert (place.entered, place.cleared) == ([], [True])


def test_tab_leaves_and_ends_the_recording(place: Place) -> None:
    place.record()
    hands.keyClick(place.button, Qt.Key.Key_Tab)
    assert not place.button.is_recording
    assert place.other.hasFocus()
    assert place.entered == []
    place.button.setFocus()
    place.record()
    hands.keyPress(place.button, Qt.Key.Key_Control, CTRL)
    hands.keyPress(place.button, Qt.Key.Key_Tab, CTRL)
    assert place.entered == ["ctrl+tab"]


def test_keys_do_nothing_else_while_they_are_recorded(place: Place) -> None:
    pressed: list[bool] = []
    QShortcut(QKeySequence("Ctrl+K"), place.page).activated.connect(lambda: pressed.append(True))
    hands.keyClick(place.button, Qt.Key.Key_K, CTRL)
    assert pressed == [True]
    place.record()
    hands.keyPress(place.button, Qt.Key.Key_Control, CTRL)
    hands.keyPress(place.button, Qt.Key.Key_K, CTRL)
    assert pressed == [True]
    assert place.entered == ["ctrl+k"]


@pytest.mark.parametrize(
    ("value", "objection"),
    [
        ("f8", ""),
        ("ctrl+alt+space", ""),
        ("ctrl+m", "Ctrl+M does something else in this window already"),
        ("a", "would go off while you type"),
        ("ctrl+shift+1", "shift turns a digit into another character"),
        ("?", "is not a key that Arvis knows"),
    ],
)
def test_what_cannot_be_the_talk_key_is_said(place: Place, value: str, objection: str) -> None:
    said = place.field.objection(value)
    assert objection in said
    assert bool(said) == bool(objection)


def test_the_shortcuts_of_a_window_are_found(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    QShortcut(QKeySequence("Ctrl+M"), window)
    action = QAction(window)
    action.setShortcuts([QKeySequence("F5")])
    window.addAction(action)
    assert {sequence.toString() for sequence in shortcuts_of(window)} == {"Ctrl+M", "F5"}


def test_the_side_matters_only_where_a_modifier_is_alone() -> None:
    assert written({"ctrl_r"}) == "ctrl_r"
    assert written({"shift_l", "ctrl_r", "f5"}) == "ctrl+shift+f5"
    assert written({"alt_gr", "a"}) == "a+alt_gr"
    assert label_of("nonsense key") == "nonsense key"


def test_a_screen_reader_is_told_the_keys(place: Place) -> None:
    place.field.describe("Talk key", "It talks.")
    assert place.button.accessibleName() == "Talk key: F9"
    assert HELP in place.button.accessibleDescription()
