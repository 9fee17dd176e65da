"""What is around the window: the tray, other starts of Arvis, and the session bus."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSlot
from PyQt6.QtWidgets import QSystemTrayIcon

from arvis.core.core import ArvisCore
from arvis.desktop.commands import Commands
from arvis.desktop.instance import Claim, Request
from arvis.desktop.presence import Presence
from arvis.desktop.tray import Tray
from arvis.desktop.tray_host import TrayHost
from arvis.desktop.verbs import TOKEN
from arvis.ui.main_window import MainWindow

if TYPE_CHECKING:
    from PyQt6.QtDBus import QDBusConnection

    from arvis.desktop.dbus_service import DBusService
    from arvis.desktop.instance_server import InstanceServer
    from config.settings import UiSettings

BEGIN_MS = 50
"""How long after the window has been drawn the rest is made: the engines go first."""
UNDRAWN_MS = 1000
"""The rest is made after this long even when the window is never drawn, because it starts minimised for example."""
LOST_MS = 10_000
"""How often a hidden window looks whether the tray is still there; a panel that is restarted is back by then."""


class Surroundings(QObject):
    """Makes them after the window has been drawn, so that they do not keep it waiting.

    Args:
        window: The window.
        core: The core.
        settings: The settings of the window that are in force.
        claim: Being the only one; None listens to no other start.
        connection: The session bus, unless a test has one of its own.
    """

    def __init__(
        self,
        window: MainWindow,
        core: ArvisCore,
        settings: Callable[[], UiSettings],
        claim: Claim | None = None,
        connection: QDBusConnection | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._core = core
        self._settings = settings
        self._claim = claim
        self._bus = connection
        self._is_hidden_start = False
        self._service: DBusService | None = None
        self._server: InstanceServer | None = None
        self.tray: Tray | None = None
        self.presence = Presence(window, lambda: self._settings().close_to_tray, self)
        self.presence.has_tray = self._has_tray
        self.commands = Commands(core, self.presence, self)
        self._host = TrayHost(connection, self)
        self._host.decided.connect(self._on_host)
        self._watch = QTimer(self)
        self._watch.setInterval(LOST_MS)
        self._watch.timeout.connect(self._look_for_tray)
        self._beginning = QTimer(self)
        self._beginning.setSingleShot(True)
        self._beginning.timeout.connect(self._begin)
        self.presence.changed.connect(self._on_presence)
        core.settings_changed.connect(self._on_settings)

    def open(self, hidden: bool = False) -> None:
        """Show the window, or only the icon in the tray; where there is no tray, the window all the same.

        Args:
            hidden: Whether the icon is wanted only; the setting says the same.
        """
        settings = self._settings()
        self._is_hidden_start = (hidden or settings.start_hidden) and settings.tray
        if self._is_hidden_start:
            self.presence.put_away()
            self._beginning.start(0)
            return
        self._window.drawn.connect(lambda: self._beginning.start(BEGIN_MS) if self._beginning.isActive() else None)
        self._beginning.start(UNDRAWN_MS)
        self._window.show()

    def close(self) -> None:
        """Be there no more."""
        for timer in (self._beginning, self._watch):
            timer.stop()
        self._host.close()
        if self._service is not None:
            self._service.close()
        if self._server is not None:
            self._server.close()
        self._drop_tray()

    def do(self, request: Request) -> str:
        """Do what another start of Arvis wants; returns why not, or ""."""
        if request.token:
            os.environ[TOKEN] = request.token  # Qt takes it from there when the window is activated
        return self.commands.do(request.verb)

    @pyqtSlot()
    def _begin(self) -> None:
        if self._claim is not None:
            from arvis.desktop.instance_server import InstanceServer

            user = os.getuid() if sys.platform != "win32" else None
            self._server = InstanceServer(self._claim.instance, self.do, user, self)
        if sys.platform == "linux":
            from arvis.desktop.dbus_service import DBusService

            self._service = DBusService(self.commands.do, self._window.mode, self._bus, self)
            self._window.mode_changed.connect(self._service.show_mode)
        if self._settings().tray:
            self._host.find(patient=self._is_hidden_start)

    @pyqtSlot(bool)
    def _on_host(self, is_there: bool) -> None:
        """There is a tray, or there is none."""
        if is_there and self._settings().tray:
            self._make_tray()
        elif not self._window.isVisible():
            self.presence.show()

    def _make_tray(self) -> None:
        from arvis.desktop.tray_menu import TrayMenu

        if self.tray is None:
            menu = TrayMenu(self._core, self._window, self.presence, self.commands)
            self.tray = Tray(self._window, self.presence, menu, self)

    def _drop_tray(self) -> None:
        if self.tray is not None:
            self.tray.close()
            self.tray = None

    def _has_tray(self) -> bool:
        return self.tray is not None and QSystemTrayIcon.isSystemTrayAvailable()

    @pyqtSlot(bool)
    def _on_presence(self, shown: bool) -> None:
        if shown:
            self._watch.stop()
        else:
            self._watch.start()

    @pyqtSlot()
    def _look_for_tray(self) -> None:
        """Bring the window back when the tray that it went into has gone."""
        if self.tray is not None and not self._has_tray():
            self.presence.show()

    @pyqtSlot(object)
    def _on_settings(self, _: object) -> None:
        wanted = self._settings().tray
        if wanted and self.tray is None:
            self._host.find()
        elif not wanted:
            self._drop_tray()
            if not self._window.isVisible():
                self.presence.show()
