from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from tests.integration.desktop.bus import Service, notification_service, session_bus

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with session_bus(tmp_path) as address:
        yield address


@pytest.fixture
def connection(address: str, qtbot: QtBot) -> Iterator[QDBusConnection]:
    connection = QDBusConnection.connectToBus(address, address)
    assert connection.isConnected(), connection.lastError().message()
    yield connection
    QDBusConnection.disconnectFromBus(address)


@pytest.fixture
def service(address: str) -> Iterator[Service]:
    with notification_service(address) as service:
        yield service
