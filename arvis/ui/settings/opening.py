"""Puts the settings dialog together with the running application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arvis.core.core import ArvisCore
from arvis.services import Services
from arvis.ui.main_window import MainWindow
from arvis.ui.settings.door import SettingsDoor

if TYPE_CHECKING:
    from arvis.ui.settings.dialog import SettingsDialog


def settings_door(services: Services, core: ArvisCore, window: MainWindow) -> SettingsDoor:
    """The way from the window to the dialog; nothing of the dialog is imported before it is wanted."""
    started_with = services.settings

    def make() -> SettingsDialog:
        from arvis.security import secret_store
        from arvis.ui.settings.dialog import SettingsDialog

        dialog = SettingsDialog(
            core,
            services.loaded,
            started_with,
            lambda waiting: secret_store(services.ask, services.record, waiting),
            parent=window,
        )
        dialog.recording_changed.connect(core.ignore_hotkey)
        return dialog

    door = SettingsDoor(core, make, window)
    window.settings_wanted.connect(lambda: door.open())
    return door
