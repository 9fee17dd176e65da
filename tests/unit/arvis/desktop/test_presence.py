from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.unit.arvis.desktop.conftest import Around
from tests.unit.arvis.ui.hands import hands


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes that the application was asked to end."""
    asked: list[str] = []
    monkeypatch.setattr(QApplication, "quit", lambda: asked.append("quit"))
    return asked


def test_without_a_tray_the_window_is_minimised_only(around: Around) -> None:
    around.presence.hide()
    assert around.window.isVisible()
    assert around.window.isMinimized()
    assert not around.presence.is_shown
    around.presence.show()
    assert not around.window.isMinimized()
    assert around.presence.is_shown


def test_in_the_tray_it_is_gone_and_nothing_ends_with_a_dialog(around: Around) -> None:
    seen: list[bool] = []
    around.presence.changed.connect(seen.append)
    around.with_tray().presence.hide()
    assert not around.window.isVisible()
    assert not QApplication.quitOnLastWindowClosed()
    around.presence.show()
    assert around.window.isVisible()
    assert QApplication.quitOnLastWindowClosed()
    assert seen == [False, True]


@pytest.mark.parametrize(("wanted", "tray", "hides"), [(True, True, True), (True, False, False), (False, True, False)])
def test_closing_hides_where_that_is_wanted_and_there_is_a_tray(
    around: Around, wanted: bool, tray: bool, hides: bool
) -> None:
    around.closes_to_tray = wanted
    if tray:
        around.with_tray()
    closed = around.window.close()
    assert not around.window.isVisible()
    assert closed is not hides
    assert QApplication.quitOnLastWindowClosed() is not hides


def test_quitting_closes_whatever_closing_means(around: Around, ended: list[str]) -> None:
    around.closes_to_tray = True
    around.with_tray().presence.quit()
    assert ended == ["quit"]
    assert around.window.close()


def test_ctrl_q_ends_arvis(around: Around, ended: list[str], qtbot: QtBot) -> None:
    hands.keyClick(around.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: ended == ["quit"])


def test_toggling_hides_what_is_in_use_and_shows_what_is_not(around: Around, qtbot: QtBot) -> None:
    around.with_tray()
    around.window.activateWindow()
    qtbot.waitUntil(around.window.isActiveWindow)
    around.presence.toggle()
    assert not around.window.isVisible()
    around.presence.toggle()
    assert around.window.isVisible()
    around.window.showMinimized()
    around.presence.toggle()
    assert around.presence.is_shown
