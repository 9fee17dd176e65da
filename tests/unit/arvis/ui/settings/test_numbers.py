from __future__ import annotations

import math

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from arvis.ui.settings.numbers import NumberField, bounds, in_words, step_of
from config.schema import keys
from config.validation import is_valid
from tests.unit.arvis.ui.hands import hands

NUMBERS = [key for key in keys().values() if key.kind in ("integer", "number")]


@pytest.fixture
def field(qtbot: QtBot) -> NumberField:
    return made(qtbot, "talk.debounce_seconds")


def made(qtbot: QtBot, path: str) -> NumberField:
    field = NumberField(keys()[path])
    field.show_value(keys()[path].default)
    qtbot.addWidget(field)
    field.show()
    return field


def test_unit_and_bounds_are_shown(field: NumberField) -> None:
    assert field.unit.text() == "seconds"
    assert field.bounds.text() == "0, or a number from 0.4 to 1.2"
    assert bounds(keys()["llm.threads"]) == "1 to 32"
    field.describe("Silence", "What ends your turn.")
    assert field.edit.accessibleName() == "Silence in seconds"
    assert field.edit.accessibleDescription().endswith("1.2.")


@pytest.mark.parametrize(("text", "value"), [("0,5", 0.5), ("7", 7), (" 1.25 ", 1.25), ("a lot", "a lot"), ("", "")])
def test_what_is_typed_is_told_at_every_key(field: NumberField, text: str, value: object) -> None:
    told: list[tuple[object, bool]] = []
    field.entered.connect(lambda value, finished: told.append((value, finished)))
    field.edit.selectAll()
    hands.keyClick(field.edit, Qt.Key.Key_Delete)
    hands.keyClicks(field.edit, text)
    assert told[-1] == (value, False)
    hands.keyClick(field.edit, Qt.Key.Key_Return)
    assert told[-1] == (value, True)


def test_what_is_no_number_at_all_is_a_number_nowhere(field: NumberField) -> None:
    hands.keyClicks(field.edit, "nan")
    assert field.edit.value() == "0nan"
    field.edit.selectAll()
    hands.keyClicks(field.edit, "nan")
    value = field.edit.value()
    assert isinstance(value, float)
    assert math.isnan(value)
    assert not is_valid(field.key, value)


def test_arrow_keys_jump_over_what_is_not_allowed(field: NumberField) -> None:
    hands.keyClick(field.edit, Qt.Key.Key_Up)
    assert field.edit.value() == 0.4
    hands.keyClick(field.edit, Qt.Key.Key_Down)
    assert field.edit.value() == 0
    hands.keyClick(field.edit, Qt.Key.Key_Down)
    assert field.edit.value() == 0


def test_arrow_keys_begin_at_the_default_where_there_is_no_number(qtbot: QtBot) -> None:
    field = made(qtbot, "llm.threads")
    field.edit.selectAll()
    hands.keyClicks(field.edit, "many")
    hands.keyClick(field.edit, Qt.Key.Key_Up)
    assert field.edit.value() == 3
    field.show_value(32)
    hands.keyClick(field.edit, Qt.Key.Key_Up)
    assert field.edit.value() == 32


@pytest.mark.parametrize("key", NUMBERS, ids=lambda key: key.path)
def test_every_number_has_a_step_that_leads_through_what_is_allowed(qtbot: QtBot, key: object) -> None:
    path = key.path  # type: ignore[attr-defined]
    field = made(qtbot, path)
    spec = keys()[path].spec
    assert 0 < step_of(keys()[path]) <= (spec["maximum"] - spec["minimum"]) / 5
    for steps in (1, 10, 1000, -1, -10, -(10**6)):
        field.edit.stepBy(steps)
        value = field.edit.value()
        assert is_valid(keys()[path], value)
    assert value in (spec["minimum"], 0.0)


def test_the_wheel_scrolls_the_page_unless_the_field_has_the_focus(qtbot: QtBot, qapp: QApplication) -> None:
    field = made(qtbot, "llm.threads")
    with qtbot.waitActive(field):
        field.activateWindow()

    def turn() -> None:
        here, nothing = QPointF(5, 5), Qt.KeyboardModifier.NoModifier
        phase = Qt.ScrollPhase.NoScrollPhase
        turned = QWheelEvent(here, here, QPoint(0, 120), QPoint(0, 120), Qt.MouseButton.NoButton, nothing, phase, False)
        qapp.sendEvent(field.edit, turned)

    field.edit.clearFocus()
    turn()
    assert field.edit.value() == 2
    field.edit.setFocus()
    turn()
    assert field.edit.value() == 3


def test_numbers_are_written_as_people_do() -> None:
    assert [in_words(value) for value in (20.0, 0.5, 131072, 0.05, 36500)] == ["20", "0.5", "131072", "0.05", "36500"]
