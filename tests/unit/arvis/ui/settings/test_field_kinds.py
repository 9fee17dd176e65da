from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from arvis.ui.settings.choices import ChoiceField, OrderField, SwitchField
from arvis.ui.settings.field import Field
from arvis.ui.settings.field_kinds import field_for
from arvis.ui.settings.numbers import NumberField
from arvis.ui.settings.recorder import HotkeyField
from arvis.ui.settings.texts import ListField, ProseField, TextField
from config.schema import keys


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("talk.barge_in", SwitchField),
        ("talk.listening", ChoiceField),
        ("talk.hotkey", HotkeyField),
        ("llm.threads", NumberField),
        ("llm.temperature", NumberField),
        ("llm.model", TextField),
        ("llm.system_prompt", ProseField),
        ("llm.fallback", OrderField),
        ("notifications.routes", ListField),
    ],
)
def test_each_kind_has_its_field(qtbot: QtBot, path: str, kind: type[Field]) -> None:
    field = field_for(keys()[path], tuple)
    qtbot.addWidget(field)
    assert type(field) is kind


@pytest.mark.parametrize("path", list(keys()))
def test_every_setting_has_a_field_that_shows_its_default_without_telling(qtbot: QtBot, path: str) -> None:
    field = field_for(keys()[path], tuple)
    qtbot.addWidget(field)
    told: list[object] = []
    field.entered.connect(lambda value, finished: told.append(value))
    field.show_value(keys()[path].default)
    field.describe("Name", "What it does.")
    assert told == []
    assert field.controls
    for control in field.controls:
        assert control.accessibleName()
        assert control.accessibleDescription()
    field.set_fixed(True)
    assert not any(control.isEnabled() for control in field.controls)
