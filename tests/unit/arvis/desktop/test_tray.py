from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QSystemTrayIcon

from arvis.desktop.tray import Tray
from arvis.ui.mode import Mode
from modules.turn.events import PhaseChanged
from modules.turn.machine import Phase
from tests.unit.arvis.desktop.conftest import Around


@pytest.fixture
def tray(around: Around) -> Tray:
    around.desk.make_ready()
    return Tray(around.window, around.with_tray().presence, around.menu(), around.window)


def test_it_shows_and_says_what_arvis_is_doing(around: Around, tray: Tray) -> None:
    before = tray.icon.icon().cacheKey()
    assert tray.icon.toolTip() == "Arvis: Ready"
    around.desk.tell(PhaseChanged(1, 0, Phase.SPEAKING))
    assert tray.icon.toolTip() == f"Arvis: {Mode.SPEAKING.word}"
    assert tray.icon.icon().cacheKey() != before


def test_other_colours_are_another_icon(around: Around, tray: Tray) -> None:
    before = tray.icon.icon().pixmap(22, 22).toImage()
    around.window.theme.choose("dark")
    assert tray.icon.icon().pixmap(22, 22).toImage() != before


def test_a_click_brings_the_window_and_other_buttons_do_not(around: Around, tray: Tray) -> None:
    around.presence.hide()
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.MiddleClick)
    hidden = around.window.isVisible()
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert (hidden, around.window.isVisible()) == (False, True)


def test_it_goes(tray: Tray) -> None:
    tray.close()
    assert not tray.icon.isVisible()
