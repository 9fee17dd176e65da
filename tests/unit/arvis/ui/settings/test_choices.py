from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from arvis.ui.settings.choices import ChoiceField, OrderField, SwitchField
from arvis.ui.settings.field import Field
from config.schema import keys
from tests.unit.arvis.ui.hands import hands

ALT = Qt.KeyboardModifier.AltModifier


def watched(qtbot: QtBot, field: Field) -> list[object]:
    qtbot.addWidget(field)
    with qtbot.waitActive(field):
        field.show()
        field.activateWindow()
    field.controls[0].setFocus()
    told: list[object] = []
    field.entered.connect(lambda value, finished: told.append(value) if finished else None)
    return told


def test_a_switch_says_how_it_is(qtbot: QtBot) -> None:
    field = SwitchField(keys()["talk.barge_in"])
    told = watched(qtbot, field)
    field.show_value(True)
    assert field.box.text() == "On"
    hands.keyClick(field.box, Qt.Key.Key_Space)
    assert field.box.text() == "Off"
    assert told == [False]


def test_a_choice_is_made_by_keyboard(qtbot: QtBot) -> None:
    field = ChoiceField(keys()["talk.listening"])
    told = watched(qtbot, field)
    field.show_value("hands-free")
    hands.keyClick(field.box, Qt.Key.Key_Down)
    assert told == ["wake-word"]
    assert [field.box.itemText(row) for row in range(field.box.count())] == keys()["talk.listening"].spec["enum"]


@pytest.fixture
def order(qtbot: QtBot) -> OrderField:
    field = OrderField(keys()["tts.fallback"])
    field.show_value(("piper", "espeak-ng"))
    return field


def test_what_is_chosen_stands_first_in_its_order(order: OrderField, qtbot: QtBot) -> None:
    told = watched(qtbot, order)
    assert [item.text() for item in order._items()] == ["piper", "espeak-ng", "hibari"]
    assert order.value() == ["piper", "espeak-ng"]
    order.list.setCurrentRow(0)
    hands.keyClick(order.list, Qt.Key.Key_Down, ALT)
    assert told == [["espeak-ng", "piper"]]
    assert order.list.currentRow() == 1
    hands.keyClick(order.list, Qt.Key.Key_Space)
    assert told[-1] == ["espeak-ng"]


def test_buttons_move_an_entry_and_stop_at_the_ends(order: OrderField, qtbot: QtBot) -> None:
    told = watched(qtbot, order)
    order.list.setCurrentRow(0)
    assert not order.earlier.isEnabled()
    order._move(-1)
    order.later.click()
    order.later.click()
    assert not order.later.isEnabled()
    assert told == [["espeak-ng", "piper"]]  # below what is not chosen it is still the second
    assert order.list.count() == 3


def test_a_value_from_elsewhere_keeps_the_entry_that_was_at_work_on(order: OrderField, qtbot: QtBot) -> None:
    told = watched(qtbot, order)
    order.list.setCurrentRow(1)
    order.show_value(("hibari", "espeak-ng"))
    assert order.value() == ["hibari", "espeak-ng"]
    current = order.list.currentItem()
    assert current is not None
    assert current.text() == "espeak-ng"
    assert told == []


def test_each_control_has_a_name_of_its_own(order: OrderField, qtbot: QtBot) -> None:
    qtbot.addWidget(order)
    order.describe("Stand-ins", "They stand in.")
    assert [control.accessibleName() for control in order.controls] == [
        "Stand-ins",
        "Stand-ins: earlier",
        "Stand-ins: later",
    ]
