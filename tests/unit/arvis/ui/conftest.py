"""A window on fakes, and nothing left ticking after a test."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QEvent, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from arvis.ui.main_window import MainWindow
from arvis.ui.theme import Theme
from arvis.ui.wording import Wording
from modules.hotkey.combination import parse_combination
from tests.unit.arvis.fakes import Desk


@pytest.fixture(autouse=True)
def no_timer_left(qapp: QApplication) -> Iterator[None]:
    yield
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [
        timer
        for timer in gc.get_objects()
        if isinstance(timer, QTimer) and not sip.isdeleted(timer) and timer.isActive()
    ]
    assert [repr(timer.parent()) for timer in left] == [], "timers still running after the test"


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    yield theme
    sip.delete(theme)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


@pytest.fixture
def window(qtbot: QtBot, desk: Desk, theme: Theme) -> Iterator[MainWindow]:
    window = MainWindow(desk.core, theme, parse_combination("f9"), Wording(key="F9"))
    desk.core.notice.connect(window.notices.add)  # in the application by way of the notification manager
    with qtbot.waitExposed(window):
        window.show()
    window.repaint()
    yield window
    window.close()
    sip.delete(window)
