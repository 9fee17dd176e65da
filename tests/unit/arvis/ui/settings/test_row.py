from __future__ import annotations

from typing import Any

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from arvis.ui.settings import row as rows
from arvis.ui.settings.field_kinds import field_for
from arvis.ui.settings.numbers import NumberField
from arvis.ui.settings.row import SettingRow
from arvis.ui.settings.standing import Standing
from arvis.ui.settings.texts import TextField
from config.schema import keys
from tests.unit.arvis.ui.hands import hands


class Place:
    """A row, shown, and what it told."""

    def __init__(self, qtbot: QtBot, path: str, before: Any) -> None:
        key = keys()[path]
        self.row = SettingRow(key, field_for(key, tuple), before, key.restart)
        self.wanted: list[Any] = []
        self.unwanted: list[str] = []
        self.row.wanted.connect(lambda path, value: self.wanted.append(value))
        self.row.unwanted.connect(self.unwanted.append)
        self.row.show_standing(Standing(before, "Default"))
        qtbot.addWidget(self.row)
        with qtbot.waitActive(self.row):
            self.row.show()
            self.row.activateWindow()

    def type(self, text: str, *, finish: bool = False) -> None:
        field = self.row.field
        control = field.controls[0]
        control.setFocus()
        if isinstance(field, NumberField):
            field.edit.selectAll()
        elif isinstance(field, TextField):
            field.line.selectAll()
        hands.keyClicks(control, text)
        if finish:
            hands.keyClick(control, Qt.Key.Key_Return)


@pytest.fixture
def threads(qtbot: QtBot) -> Place:
    return Place(qtbot, "llm.threads", 2)


def test_the_row_says_all_there_is_to_say(threads: Place) -> None:
    row = threads.row
    assert row.title.text() == "Threads"
    assert row.title.buddy() is row.field.controls[0]
    assert row.description.text() == keys()["llm.threads"].spec["description"]
    assert row.source.text() == "Default. A change counts after a restart."
    assert not row.reset.isVisible()
    assert row.accessibleName() == "Threads, Language model"
    assert row.field.controls[0].accessibleName() == "Threads in threads"
    assert "Default." in row.field.controls[0].accessibleDescription()


def test_what_is_allowed_is_handed_on_when_it_is_finished(threads: Place) -> None:
    threads.type("4", finish=True)
    assert threads.wanted == [4]
    assert type(threads.wanted[0]) is int


def test_what_is_typed_is_handed_on_after_a_while(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "WRITE_MS", 1)
    place = Place(qtbot, "tts.speed", 1.0)
    place.type("1.5")
    qtbot.waitUntil(lambda: place.wanted == [1.5])


def test_what_is_not_allowed_is_said_at_once_and_never_handed_on(threads: Place) -> None:
    threads.type("99")
    row = threads.row
    assert row.trouble.isVisible()
    assert row.trouble.text() == "llm.threads is 99, but must be a whole number from 1 to 32."
    assert "but must be" in row.field.controls[0].accessibleDescription()
    hands.keyClick(row.field.controls[0], Qt.Key.Key_Return)
    row.hand_on()
    assert threads.wanted == []
    threads.type("9", finish=True)
    assert not row.trouble.isVisible()
    assert threads.wanted == [9]


def test_passing_by_hands_nothing_on(threads: Place) -> None:
    threads.type("", finish=True)
    assert threads.wanted == []
    assert not threads.row.is_drafted
    threads.type("2", finish=True)
    assert threads.wanted == []


def test_what_others_change_is_shown_but_never_over_what_the_user_types(threads: Place) -> None:
    row = threads.row
    row.show_standing(Standing(5, "Set in config.toml, line 3", in_file=True))
    assert isinstance(row.field, NumberField)
    assert row.field.edit.value() == 5
    assert row.reset.isVisible()
    assert row.waiting.isVisible()
    threads.type("99")
    row.show_standing(Standing(6, "Set in config.toml, line 3", in_file=True))
    assert row.field.edit.value() == 99
    row.discard()
    assert row.field.edit.value() == 6
    assert not row.trouble.isVisible()


def test_reset_wants_the_default_and_forgets_what_was_typed(threads: Place) -> None:
    row = threads.row
    threads.type("99")
    assert row.reset.isVisible()
    row.reset.setFocus()
    hands.keyClick(row.reset, Qt.Key.Key_Space)
    assert isinstance(row.field, NumberField)
    assert row.field.edit.value() == 2
    assert threads.unwanted == []
    assert row.field.edit.hasFocus()  # the button has gone
    row.show_standing(Standing(5, "Set in config.toml, line 3", in_file=True))
    row.reset.click()
    assert threads.unwanted == ["llm.threads"]


def test_what_wins_elsewhere_can_be_read_and_reached_but_not_changed(threads: Place) -> None:
    row = threads.row
    row.show_standing(Standing(4, "Set by environment X", fixed="It cannot be changed here.", in_file=True))
    assert not row.field.controls[0].isEnabled()
    assert row.source.text() == "Set by environment X. It cannot be changed here."
    assert row.source.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert not row.reset.isVisible()
    row.show_standing(Standing(4, "Default"))
    assert row.field.controls[0].isEnabled()
    assert not row.source.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_trouble_in_the_file_is_mended_by_entering_even_the_same_value(threads: Place) -> None:
    threads.row.show_standing(Standing(2, "Default", in_file=True, trouble="It is 99, but must be less."))
    assert threads.row.trouble.text() == "It is 99, but must be less."
    threads.type("3")
    threads.type("2", finish=True)
    assert threads.wanted == [2]


def test_a_refusal_is_said_and_the_old_value_shown(threads: Place) -> None:
    threads.type("4", finish=True)
    threads.row.show_refusal("The disk is full.")
    assert isinstance(threads.row.field, NumberField)
    assert threads.row.field.edit.value() == 2
    assert threads.row.trouble.text() == "The disk is full."


def test_a_talk_key_that_a_shortcut_has_is_not_handed_on(qtbot: QtBot) -> None:
    place = Place(qtbot, "talk.hotkey", "f9")
    place.row.field.entered.emit("a", True)
    assert "would go off while you type" not in place.row.trouble.text()  # the schema's own rule comes first
    assert 'talk.hotkey is "a", but must be' in place.row.trouble.text()
    assert place.wanted == []
    place.row.field.entered.emit("f8", True)
    assert place.wanted == ["f8"]
    place.row.show_standing(Standing("f8", "Set in config.toml, line 2", in_file=True))
    place.row.field.cleared.emit()
    assert place.unwanted == ["talk.hotkey"]


def test_lists_are_handed_on_as_settings_hold_them(qtbot: QtBot) -> None:
    place = Place(qtbot, "tts.fallback", ("piper", "espeak-ng"))
    place.row.field.entered.emit(["piper", "espeak-ng"], True)
    place.row.field.entered.emit(["piper"], True)
    assert place.wanted == [("piper",)]
