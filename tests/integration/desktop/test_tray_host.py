"""Waiting for the tray of a desktop that is just starting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtDBus import QDBusConnection
from PyQt6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from arvis.desktop import tray_host
from arvis.desktop.tray_host import WATCHER, TrayHost


@pytest.fixture
def panel(address: str) -> Iterator[QDBusConnection]:
    """The connection of a panel."""
    connection = QDBusConnection.connectToBus(address, "panel")
    yield connection
    QDBusConnection.disconnectFromBus("panel")


@pytest.fixture
def host(connection: QDBusConnection, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrayHost]:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    host = TrayHost(connection)
    yield host
    host.close()


def test_a_tray_that_comes_late_is_waited_for(host: TrayHost, panel: QDBusConnection, qtbot: QtBot) -> None:
    decided: list[bool] = []
    host.decided.connect(decided.append)
    host.find(patient=True)
    assert decided == []
    with qtbot.waitSignal(host.decided):
        assert panel.registerService(WATCHER)
    assert decided == [True]


@pytest.mark.parametrize("patient", [True, False])
def test_a_tray_that_is_there_is_not_waited_for(
    host: TrayHost, panel: QDBusConnection, qtbot: QtBot, patient: bool
) -> None:
    assert panel.registerService(WATCHER)
    with qtbot.waitSignal(host.decided, timeout=0):
        host.find(patient)


def test_who_does_not_wait_has_the_answer_at_once(host: TrayHost, qtbot: QtBot) -> None:
    with qtbot.waitSignal(host.decided, timeout=0):
        host.find()


def test_it_is_not_waited_for_for_ever(host: TrayHost, qtbot: QtBot) -> None:
    assert 2_000 <= tray_host.PATIENCE_MS <= 15_000
    host._timer.setInterval(1)
    with qtbot.waitSignal(host.decided):
        host.find(patient=True)


def test_where_there_is_no_bus_nobody_waits(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    host = TrayHost(QDBusConnection.connectToBus("unix:path=/nowhere", "no tray"))
    with qtbot.waitSignal(host.decided, timeout=0):
        host.find(patient=True)
