"""Notifications of the desktop, with a service that takes them as the specification says."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from arvis.desktop.notification_bus import NotificationBus
from arvis.desktop.notifications import DesktopNotifications
from arvis.desktop.relay import NotificationRelay
from modules.notifications.base import Change, Delivery, Entry, Held, Notification, Priority
from modules.notifications.history import History
from modules.notifications.manager import NotificationManager
from tests.integration.desktop.bus import Service, notification_service

NOW = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture
def desktop(connection: QDBusConnection) -> Iterator[DesktopNotifications]:
    desktop = DesktopNotifications(NotificationBus(connection), seconds=5)
    yield desktop
    desktop.deleteLater()


def delivery(
    text: str = "The microphone was lost.", priority: Priority = Priority.ERROR, held: Held | None = None
) -> Delivery:
    return Delivery(Entry(Notification("code", text, priority, "test"), NOW, NOW), held)


def again(told: Delivery, held: Held | None = Held.REPEATED) -> Delivery:
    return Delivery(told.entry.again(told.entry.notification, NOW), held)


def answered(qtbot: QtBot, desktop: DesktopNotifications) -> None:
    """Wait until the service has answered everything."""
    qtbot.waitUntil(lambda: not desktop._bus._pending)


def called(qtbot: QtBot, desktop: DesktopNotifications, service: Service) -> dict[str, Any]:
    answered(qtbot, desktop)
    return service.call()


def test_it_is_shown_as_the_specification_says(qtbot: QtBot, desktop: DesktopNotifications, service: Service) -> None:
    desktop.show(delivery("The <microphone> & its cable were lost.", Priority.WARNING))
    assert called(qtbot, desktop, service) == {
        "call": "Notify", "id": 1, "app": "Arvis", "replaces": 0, "icon": "arvis", "summary": "Arvis: warning",
        "body": "The &lt;microphone&gt; &amp; its cable were lost.",
        "actions": ["default", "Show Arvis", "acknowledge", "Got it"],
        "hints": {"urgency": 1, "desktop-entry": "arvis"}, "types": {"urgency": "y", "desktop-entry": "s"},
        "expires": 5000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("priority", "summary", "urgency", "expires"),
    [
        (Priority.INFO, "Arvis", 0, 5000),
        (Priority.WARNING, "Arvis: warning", 1, 5000),
        (Priority.ERROR, "Arvis: error", 1, -1),
        (Priority.CRITICAL, "Arvis: urgent", 2, 0),
    ],
)
def test_what_is_urgent_stays(
    qtbot: QtBot, desktop: DesktopNotifications, service: Service,
    priority: Priority, summary: str, urgency: int, expires: int,
) -> None:  # fmt: skip
    desktop.show(delivery(priority=priority))
    call = called(qtbot, desktop, service)
    assert (call["summary"], call["hints"]["urgency"], call["expires"]) == (summary, urgency, expires)


def test_a_plain_service_gets_plain_text_and_no_buttons(
    qtbot: QtBot, desktop: DesktopNotifications, address: str
) -> None:
    with notification_service(address, "body") as service:
        desktop.show(delivery("Salt & pepper."))
        call = called(qtbot, desktop, service)
    assert (call["body"], call["actions"]) == ("Salt & pepper.", [])


def test_what_is_told_again_takes_its_own_place(qtbot: QtBot, desktop: DesktopNotifications, service: Service) -> None:
    first = delivery()
    second = again(first)
    desktop.show(first)
    assert called(qtbot, desktop, service)["replaces"] == 0
    desktop.show(delivery("The disk is full."))
    assert called(qtbot, desktop, service)["id"] == 2
    desktop.show(second)
    call = called(qtbot, desktop, service)
    assert (call["replaces"], call["id"], call["body"]) == (1, 1, "The microphone was lost (2 times).")
    desktop.show(first)  # an old one that comes late
    desktop.show(delivery("Third."))
    assert called(qtbot, desktop, service)["body"] == "Third."


def test_a_storm_while_the_service_answers_becomes_one_change(
    qtbot: QtBot, desktop: DesktopNotifications, service: Service
) -> None:
    told = delivery()
    for _ in range(50):
        desktop.show(told)
        told = again(told)
    bodies = [called(qtbot, desktop, service)["body"] for _ in range(2)]
    assert bodies == ["The microphone was lost.", "The microphone was lost (50 times)."]


def test_what_is_held_back_does_not_pop_up(qtbot: QtBot, desktop: DesktopNotifications, service: Service) -> None:
    for held in Held:
        desktop.show(delivery(f"Held by {held}.", held=held))
    desktop.show(delivery("Free."))
    assert called(qtbot, desktop, service)["body"] == "Free."


def test_while_the_window_is_looked_at_nothing_pops_up(
    qtbot: QtBot, connection: QDBusConnection, service: Service
) -> None:
    active = [True]
    desktop = DesktopNotifications(NotificationBus(connection), wanted=lambda: not active[0])
    desktop.show(delivery("Seen in the window."))
    active[0] = False
    desktop.show(delivery("Not seen."))
    assert called(qtbot, desktop, service)["body"] == "Not seen."


def test_what_the_user_does_is_told(qtbot: QtBot, desktop: DesktopNotifications, service: Service) -> None:
    entries = [delivery(f"Number {number}.") for number in range(4)]
    for told in entries:
        desktop.show(told)
        called(qtbot, desktop, service)
    seen: list[str] = []
    desktop.acknowledged.connect(seen.append)
    with qtbot.waitSignal(desktop.activated):
        service.do("act 1 default")
    with qtbot.waitSignal(desktop.acknowledged):
        service.do("act 2 acknowledge")
    assert called(qtbot, desktop, service) == {"call": "CloseNotification", "id": 2}
    with qtbot.waitSignal(desktop._bus.closed):
        service.do("close 3 1")  # it expired
    with qtbot.waitSignal(desktop._bus.closed):
        service.do("close 77 2")  # another program's
    with qtbot.waitSignal(desktop._bus.invoked):
        service.do("act 77 acknowledge")
    with qtbot.waitSignal(desktop.acknowledged):
        service.do("close 4 2")  # the user closed it
    assert seen == [entries[1].entry.id, entries[3].entry.id]


def test_what_is_gone_does_not_come_back_with_a_repetition_but_with_news(
    qtbot: QtBot, desktop: DesktopNotifications, service: Service
) -> None:
    told = delivery()
    desktop.show(told)
    called(qtbot, desktop, service)
    with qtbot.waitSignal(desktop._bus.closed):
        service.do("close 1 1")
    desktop.show(again(told))
    desktop.show(again(again(told), held=None))
    call = called(qtbot, desktop, service)
    assert (call["replaces"], call["body"]) == (0, "The microphone was lost (3 times).")


def test_what_was_seen_elsewhere_is_taken_away(qtbot: QtBot, desktop: DesktopNotifications, service: Service) -> None:
    first, second, third = delivery("First."), delivery("Second."), delivery("Third.")
    for told in (first, second):
        desktop.show(told)
        called(qtbot, desktop, service)
    desktop.follow(Change(1, (first.entry.id, "unknown")))
    assert called(qtbot, desktop, service) == {"call": "CloseNotification", "id": 1}
    desktop.show(third)
    desktop.follow(Change(1, (third.entry.id,)))  # before the service has answered
    assert called(qtbot, desktop, service)["body"] == "Third."
    assert called(qtbot, desktop, service) == {"call": "CloseNotification", "id": 3}
    desktop.close_all()
    assert called(qtbot, desktop, service) == {"call": "CloseNotification", "id": 2}


def test_without_a_service_one_line_of_the_log_says_so_until_there_is_one(
    qtbot: QtBot, desktop: DesktopNotifications, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for number in range(3):
        desktop.show(delivery(f"Number {number}."))
        answered(qtbot, desktop)
    assert [record.getMessage() for record in caplog.records] == [
        "there are no notifications of the desktop: org.freedesktop.DBus.Error.ServiceUnknown"
    ]
    with notification_service(address) as service:
        desktop.show(delivery("Later."))
        assert called(qtbot, desktop, service)["body"] == "Later."


def test_a_service_that_begins_anew_is_asked_anew(qtbot: QtBot, desktop: DesktopNotifications, address: str) -> None:
    told = delivery("Salt & pepper.")
    with notification_service(address) as service:
        desktop.show(told)
        called(qtbot, desktop, service)
        with qtbot.waitSignal(desktop._bus.lost):
            service.end()
    with notification_service(address, "body") as service:
        desktop.show(again(told, held=None))
        call = called(qtbot, desktop, service)
    assert (call["replaces"], call["body"], call["actions"]) == (0, "Salt & pepper (2 times).", [])


def test_without_a_bus_nothing_happens(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    none = QDBusConnection.connectToBus("unix:path=/nowhere", "none")
    desktop = DesktopNotifications(NotificationBus(none))
    for _ in range(2):
        desktop.show(delivery())
        answered(qtbot, desktop)
    assert len(caplog.records) == 1


def test_from_any_thread_to_the_desktop_and_back(
    qtbot: QtBot, desktop: DesktopNotifications, service: Service, tmp_path: Path
) -> None:
    manager = NotificationManager(History(tmp_path / "notifications.jsonl", 10))
    relay = NotificationRelay(manager)
    relay.told.connect(desktop.show)
    relay.changed.connect(desktop.follow)
    desktop.acknowledged.connect(manager.acknowledge)
    threads: list[str] = []
    relay.told.connect(noting(threads))
    teller = threading.Thread(
        target=lambda: manager.publish(Notification("lost", "Lost.", Priority.ERROR, "test")), name="teller"
    )
    with qtbot.waitSignal(relay.told):
        teller.start()
    teller.join()
    assert called(qtbot, desktop, service)["body"] == "Lost."
    with qtbot.waitSignal(relay.changed, check_params_cb=lambda change: change.unread == 0):
        service.do("act 1 acknowledge")
    assert [entry.acknowledged for entry in manager.entries()] == [True]
    relay.close()
    manager.publish(Notification("other", "Other.", Priority.ERROR, "test"))
    manager.close()
    assert threads == ["MainThread"]


def noting(threads: list[str]) -> Callable[[object], None]:
    return lambda _: threads.append(threading.current_thread().name)
