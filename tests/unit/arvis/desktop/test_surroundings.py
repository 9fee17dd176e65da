"""When what is around the window is made, and where the window is then. No bus and no tray here but those of fakes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PyQt6 import sip
from PyQt6.QtCore import Qt
from PyQt6.QtDBus import QDBusConnection
from PyQt6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from arvis.desktop import surroundings as module
from arvis.desktop.instance import Request, find_instance
from arvis.desktop.surroundings import Surroundings
from arvis.desktop.verbs import TOKEN, Verb
from arvis.ui.main_window import MainWindow
from arvis.ui.theme import Theme
from arvis.ui.wording import Wording
from config.settings import UiSettings
from modules.hotkey.combination import parse_combination
from tests.unit.arvis.fakes import Desk

NO_BUS = QDBusConnection.connectToBus("unix:path=/nowhere", "surroundings")


class Scene:
    """A window that is not shown yet, on a desktop with a tray or without."""

    def __init__(self, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = Desk()
        self.window = MainWindow(self.desk.core, theme, parse_combination("f9"), Wording(key="F9"))
        self.settings = UiSettings()
        self.tray = True
        monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: self.tray)
        self.around = Surroundings(self.window, self.desk.core, lambda: self.settings, None, NO_BUS)

    def set(self, **settings: Any) -> None:
        self.settings = replace(self.settings, **settings)
        self.desk.core.settings_changed.emit(object())


@pytest.fixture
def scene(qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    made = Scene(theme, monkeypatch)
    yield made
    made.around.close()
    sip.delete(made.window)
    QApplication.setQuitOnLastWindowClosed(True)


@pytest.fixture
def begun(scene: Scene, qtbot: QtBot) -> Callable[..., None]:
    """Begins, and waits until there is what there will be."""

    def begin(hidden: bool = False) -> None:
        scene.around.open(hidden)
        if not hidden and not scene.settings.start_hidden:
            qtbot.waitUntil(scene.window.isVisible)
        qtbot.waitUntil(lambda: not scene.around._beginning.isActive())

    return begin


def test_the_window_comes_first(scene: Scene, begun: Callable[..., None]) -> None:
    scene.around.open()
    assert scene.window.isVisible()
    assert scene.around.tray is None


def test_then_comes_the_icon(scene: Scene, begun: Callable[..., None]) -> None:
    begun()
    assert scene.around.tray is not None
    assert scene.around.tray.icon.isVisible()


def test_a_window_that_is_never_drawn_has_one_too(scene: Scene, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNDRAWN_MS", 1)
    scene.window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    scene.around.open()
    qtbot.waitUntil(lambda: scene.around.tray is not None)


@pytest.mark.parametrize("by_setting", [True, False])
def test_hidden_it_is_an_icon_only(scene: Scene, begun: Callable[..., None], by_setting: bool) -> None:
    if by_setting:
        scene.set(start_hidden=True)
    begun(hidden=not by_setting)
    assert scene.around.tray is not None
    assert not scene.window.isVisible()
    scene.around.do(Request(Verb.SHOW))
    assert scene.window.isVisible()


def test_without_a_tray_it_does_not_hide(scene: Scene, begun: Callable[..., None]) -> None:
    scene.tray = False
    begun(hidden=True)
    assert scene.around.tray is None
    assert scene.window.isVisible()


def test_who_wants_no_icon_has_a_window(scene: Scene, begun: Callable[..., None]) -> None:
    scene.set(tray=False, start_hidden=True)
    scene.around.open()
    assert scene.window.isVisible()


def test_the_icon_comes_and_goes_with_its_setting(scene: Scene, begun: Callable[..., None]) -> None:
    begun()
    scene.around.do(Request(Verb.HIDE))
    assert not scene.window.isVisible()
    scene.set(tray=False)
    assert scene.around.tray is None
    shown = scene.window.isVisible()
    scene.set(tray=True)
    assert shown
    assert scene.around.tray is not None


def test_the_window_comes_back_when_the_tray_has_gone(scene: Scene, begun: Callable[..., None], qtbot: QtBot) -> None:
    begun()
    scene.around._watch.setInterval(1)
    scene.around.do(Request(Verb.HIDE))
    assert scene.around._watch.isActive()
    scene.tray = False
    qtbot.waitUntil(scene.window.isVisible)
    assert not scene.around._watch.isActive()


def test_closing_follows_the_setting_of_the_moment(scene: Scene, begun: Callable[..., None]) -> None:
    begun()
    scene.set(close_to_tray=True)
    assert not scene.window.close()
    scene.around.presence.show()
    scene.set(close_to_tray=False)
    assert scene.window.close()


def test_another_start_lends_its_right_to_the_front(
    scene: Scene, begun: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, "old")
    scene.around.do(Request(Verb.STOP))
    assert os.environ[TOKEN] == "old"
    scene.around.do(Request(Verb.SHOW, "new"))
    assert os.environ[TOKEN] == "new"


def test_it_can_be_told_something_while_it_has_the_claim(
    scene: Scene, begun: Callable[..., None], tmp_path: Path
) -> None:
    claim = find_instance(tmp_path, tmp_path, "", {"XDG_RUNTIME_DIR": str(tmp_path)}).claim()
    assert claim is not None
    scene.around._claim = claim
    begun()
    assert claim.instance.path.exists()
    scene.around.close()
    assert not claim.instance.path.exists()
    claim.close()
