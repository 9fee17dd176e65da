from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from arvis.ui.settings.dialog import SettingsDialog
from arvis.ui.settings.door import SettingsDoor
from modules.turn.events import Notice
from tests.unit.arvis.fakes import Desk
from tests.unit.arvis.ui.settings.conftest import Build


def test_it_makes_the_dialog_once_and_shows_it(desk: Desk, build: Build) -> None:
    made: list[SettingsDialog] = []

    def make() -> SettingsDialog:
        made.append(build())
        return made[-1]

    door = SettingsDoor(desk.core, make)
    assert made == []
    door.open()
    assert door.dialog is made[0]
    made[0].close()
    door.open("Voice")
    assert len(made) == 1
    assert made[0].isVisible()
    assert made[0].pages.group == "Voice"


def test_who_may_not_change_settings_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    told: list[Notice] = []
    desk.core.notice.connect(told.append)
    monkeypatch.setattr(desk.core.gate, "refusal", lambda permission: Notice("info", "locked", "Locked."))

    def make() -> SettingsDialog:
        raise AssertionError("not wanted")

    SettingsDoor(desk.core, make).open()
    assert [notice.text for notice in told] == ["Locked."]
