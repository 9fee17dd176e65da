"""The way to the settings dialog, which is built when it is wanted first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from arvis.core.base import CoreBase
from modules.security.roles import Permission

if TYPE_CHECKING:
    from arvis.ui.settings.dialog import SettingsDialog


class SettingsDoor(QObject):
    """Opens the dialog for who may change settings.

    Args:
        core: Says who may.
        make: Makes the dialog; called once, and may import what it needs.
        parent: Qt parent.
    """

    def __init__(self, core: CoreBase, make: Callable[[], SettingsDialog], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._make = make
        self.dialog: SettingsDialog | None = None
        """The dialog, as soon as it was wanted."""

    def open(self, group: str = "") -> None:
        """Show the settings, those of one group if it is named; or say why they may not be changed."""
        refusal = self._core.may(Permission.CHANGE_SETTINGS)
        if refusal is not None:
            self._core.notice.emit(refusal)
            return
        if self.dialog is None:
            self.dialog = self._make()
        self.dialog.open_at(group)
