from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from arvis.services import open_services
from arvis.ui.main_window import MainWindow
from arvis.ui.settings.dialog import SettingsDialog
from arvis.ui.settings.opening import settings_door
from config.loader import load
from tests.unit.arvis.fakes import Desk


def test_the_window_opens_the_settings_once_they_are_wanted(
    window: MainWindow, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    services = open_services(load(tmp_path / "none.toml", {}))
    door = settings_door(services, desk.core, window)

    def shown() -> SettingsDialog | None:
        return door.dialog

    assert shown() is None
    window.settings_wanted.emit()
    first = shown()
    assert first is not None
    assert first.isVisible()
    first.recording_changed.emit(True)
    desk.core.hotkey_pressed.emit()
    assert desk.calls == []
    first.close()
    window.settings_wanted.emit()
    assert shown() is first
    first.close()
    services.close()
