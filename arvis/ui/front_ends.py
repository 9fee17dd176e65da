"""Where notifications go in the running application: window, desktop, voice and sound."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from arvis.core.core import ArvisCore
from arvis.desktop.notification_bus import NotificationBus
from arvis.desktop.notifications import DesktopNotifications
from arvis.desktop.relay import NotificationRelay
from arvis.ui.main_window import MainWindow
from config.settings import NotificationsSettings
from modules.notifications.base import Channel
from modules.notifications.events import from_notice
from modules.notifications.manager import NotificationManager
from modules.turn.events import Notice


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
        self._popups: DesktopNotifications | None = None
        core.notice.connect(self._publish)
        self._relay.told.connect(window.notices.tell)
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
        self._window.notices.set_seconds(settings.toast_seconds)
        if self._popups is not None:
            self._popups.close_all()
            self._popups.deleteLater()
            self._popups = None
        if settings.desktop:
            self._popups = self._make_popups(settings.toast_seconds)

    def close(self) -> None:
        """Show nothing any more."""
        self._relay.close()
        while self.ends:
            self.ends.pop()()
        if self._popups is not None:
            self._popups.close_all()

    def _make_popups(self, seconds: float) -> DesktopNotifications:
        popups = DesktopNotifications(NotificationBus(parent=self), seconds, self._is_unseen, self)
        self._relay.told.connect(popups.show)
        self._relay.changed.connect(popups.follow)
        popups.acknowledged.connect(self._manager.acknowledge)
        popups.activated.connect(self._show_window)
        return popups

    def _publish(self, notice: Notice) -> None:
        self._manager.publish(from_notice(notice))

    def _is_unseen(self) -> bool:
        return not self._window.isActiveWindow()

    def _show_window(self) -> None:
        self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()
