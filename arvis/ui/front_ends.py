"""Where notifications go in the running application: window, desktop, voice and sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSlot

from arvis.core.core import ArvisCore
from arvis.desktop.relay import NotificationRelay
from arvis.ui.main_window import MainWindow
from config.settings import NotificationsSettings
from modules.notifications.base import Channel, Delivery
from modules.notifications.events import from_notice
from modules.notifications.manager import NotificationManager
from modules.turn.events import Notice

if TYPE_CHECKING:
    from arvis.desktop.notifications import DesktopNotifications


class FrontEnds(QObject):
    """Takes every notice of the core to the notification manager, and what comes of it to the user.

    Args:
        manager: The one door.
        core: Tells notices, and carries voice and sounds to the session.
        window: Shows notifications.
        settings: How they are shown.
    """

    def __init__(
        self, manager: NotificationManager, core: ArvisCore, window: MainWindow, settings: NotificationsSettings
    ) -> None:
        super().__init__(window)
        self._manager = manager
        self._window = window
        self._relay = NotificationRelay(manager, self)
        self._settings = settings
        self._popups: DesktopNotifications | None = None
        self._told: dict[str, set[str]] = {}
        core.notice.connect(self._publish)
        self._relay.told.connect(window.notices.tell)
        self._relay.told.connect(self._pop_up)
        self._relay.changed.connect(window.notices.follow)
        window.notices.dismissed.connect(manager.acknowledge)
        self.ends = [
            manager.subscribe(Channel.TTS, core.session.speak_notice),
            manager.subscribe(Channel.AUDIO, core.session.chime),
        ]
        """What is to be called at the end."""
        self.configure(settings)

    def configure(self, settings: NotificationsSettings) -> None:
        """Show notifications like this from now on."""
        self._settings = settings
        self._window.notices.set_seconds(settings.toast_seconds)
        if self._popups is not None:
            self._popups.close_all()
            self._popups.deleteLater()
            self._popups = None

    def settle(self, code: str) -> None:
        """What was told with this code is the case no longer: show it no more."""
        for name in self._told.pop(code, ()):
            self._manager.acknowledge(name)

    def close(self) -> None:
        """Show nothing any more."""
        self._relay.close()
        while self.ends:
            self.ends.pop()()
        if self._popups is not None:
            self._popups.close_all()

    @pyqtSlot(object)
    def _pop_up(self, delivery: Delivery) -> None:
        """Have the desktop show it; not before there is something to show is its bus looked for."""
        if self._popups is None:
            if not self._settings.desktop or delivery.held is not None or not self._is_unseen():
                return
            self._popups = self._make_popups()
        self._popups.show(delivery)

    def _make_popups(self) -> DesktopNotifications:
        from arvis.desktop.notification_bus import NotificationBus
        from arvis.desktop.notifications import DesktopNotifications

        popups = DesktopNotifications(NotificationBus(parent=self), self._settings.toast_seconds, self._is_unseen, self)
        self._relay.changed.connect(popups.follow)
        popups.acknowledged.connect(self._manager.acknowledge)
        popups.activated.connect(self._show_window)
        return popups

    def _publish(self, notice: Notice) -> None:
        entry = self._manager.publish(from_notice(notice))
        self._told.setdefault(notice.code, set()).add(entry.id)

    def _is_unseen(self) -> bool:
        return not self._window.isActiveWindow()

    def _show_window(self) -> None:
        self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()
