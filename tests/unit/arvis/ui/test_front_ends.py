"""From a notice of the core to the user's eyes and ears."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QObject, Qt, pyqtSignal
from pytestqt.qtbot import QtBot

from arvis.ui.front_ends import FrontEnds
from arvis.ui.main_window import MainWindow
from config.settings import NotificationsSettings
from modules.notifications.base import Change, Delivery, Priority
from modules.notifications.history import History
from modules.notifications.manager import NotificationManager
from modules.notifications.routing import Routes
from modules.turn.events import Notice
from tests.unit.arvis.fakes import Desk

GONE = Notice("error", "no-device", "The microphone is gone.")


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[NotificationManager]:
    manager = NotificationManager(History(tmp_path / "history.jsonl", 10), Routes(speak_from=Priority.ERROR))
    yield manager
    manager.close()


@pytest.fixture
def front_ends(window: MainWindow, desk: Desk, manager: NotificationManager, qtbot: QtBot) -> Iterator[FrontEnds]:
    desk.core.notice.disconnect(window.notices.add)
    front_ends = FrontEnds(manager, desk.core, window, NotificationsSettings(desktop=False))
    yield front_ends
    front_ends.close()
    qtbot.wait(1)


def texts(window: MainWindow) -> list[str]:
    return [card.notice.text for card in window.notices.cards]


def test_a_notice_is_shown_kept_spoken_and_sounds(
    front_ends: FrontEnds, window: MainWindow, desk: Desk, manager: NotificationManager, qtbot: QtBot
) -> None:
    desk.core.notice.emit(GONE)
    qtbot.waitUntil(lambda: texts(window) == ["The microphone is gone."])
    assert [entry.notification.code for entry in manager.entries()] == ["no-device"]
    assert sorted(desk.calls) == ["chime no-device", "speak no-device"]


def test_the_same_again_is_counted_in_its_place(
    front_ends: FrontEnds, window: MainWindow, desk: Desk, qtbot: QtBot
) -> None:
    for _ in range(5):
        desk.core.notice.emit(GONE)
    qtbot.waitUntil(lambda: texts(window) == ["The microphone is gone (5 times)."])


def test_what_the_user_dismisses_is_acknowledged(
    front_ends: FrontEnds, window: MainWindow, desk: Desk, manager: NotificationManager, qtbot: QtBot
) -> None:
    desk.core.notice.emit(GONE)
    qtbot.waitUntil(lambda: len(window.notices.cards) == 1)
    window.notices.cards[0].dismiss.click()
    qtbot.waitUntil(lambda: manager.unread == 0)


def test_what_is_acknowledged_elsewhere_goes(
    front_ends: FrontEnds, window: MainWindow, desk: Desk, manager: NotificationManager, qtbot: QtBot
) -> None:
    desk.core.notice.emit(GONE)
    qtbot.waitUntil(lambda: len(window.notices.cards) == 1)
    manager.acknowledge()
    qtbot.waitUntil(lambda: window.notices.cards == [])


class Popups(QObject):
    """Stands for the notifications of the desktop."""

    acknowledged = pyqtSignal(str)
    activated = pyqtSignal()

    def __init__(self, _bus: object, seconds: float, _wanted: object, parent: QObject) -> None:
        super().__init__(parent)
        self.seconds = seconds
        self.shown: list[Delivery] = []

    def show(self, delivery: Delivery) -> None:
        self.shown.append(delivery)

    def follow(self, change: Change) -> None:
        """Nothing is taken away here."""

    def close_all(self) -> None:
        self.shown.clear()


def test_popups_come_and_go_with_the_setting(
    front_ends: FrontEnds, window: MainWindow, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arvis.desktop.notifications.DesktopNotifications", Popups)
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    front_ends.configure(NotificationsSettings(desktop=True, toast_seconds=2.0))
    desk.core.notice.emit(GONE)
    desk.core.notice.emit(Notice("info", "hint", "A hint."))
    (popups,) = front_ends.findChildren(Popups)
    assert [told.entry.notification.code for told in popups.shown] == ["no-device", "hint"]
    assert popups.seconds == 2.0
    front_ends.configure(NotificationsSettings(desktop=False))
    assert popups.shown == []
    desk.core.notice.emit(Notice("info", "hint", "Another hint."))
    assert popups.shown == []


def test_nothing_pops_up_before_the_user_s_eyes(
    front_ends: FrontEnds, window: MainWindow, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "isActiveWindow", lambda: True)
    front_ends.configure(NotificationsSettings(desktop=True))
    desk.core.notice.emit(GONE)
    assert front_ends.findChildren(QObject, "", Qt.FindChildOption.FindDirectChildrenOnly) == [front_ends._relay]


def test_at_the_end_nothing_is_shown_any_more(
    front_ends: FrontEnds, window: MainWindow, desk: Desk, qtbot: QtBot
) -> None:
    front_ends.close()
    desk.core.notice.emit(GONE)
    qtbot.wait(1)
    assert texts(window) == []
    assert desk.calls == []
