"""A window on fakes, and what is around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6 import sip
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from arvis.desktop.commands import Commands
from arvis.desktop.presence import Presence
from arvis.desktop.tray_menu import TrayMenu
from arvis.ui.main_window import MainWindow
from arvis.ui.theme import Theme
from arvis.ui.wording import Wording
from modules.hotkey.combination import parse_combination
from tests.unit.arvis.fakes import Desk
from tests.unit.arvis.ui.conftest import no_timer_left, theme

__all__ = ["no_timer_left", "theme"]


class Around:
    """A window over a core on fakes, with a tray or without."""

    def __init__(self, theme: Theme, **desk: Any) -> None:
        self.desk = Desk(**desk)
        self.window = MainWindow(self.desk.core, theme, parse_combination("f9"), Wording(key="F9"))
        self.closes_to_tray = False
        self.presence = Presence(self.window, lambda: self.closes_to_tray, self.window)
        self.commands = Commands(self.desk.core, self.presence, self.window)

    def with_tray(self) -> Around:
        """As on a desktop that has a tray."""
        self.presence.has_tray = lambda: True
        return self

    def menu(self) -> TrayMenu:
        """The menu of the tray."""
        return TrayMenu(self.desk.core, self.window, self.presence, self.commands)


Opened = Callable[..., Around]


@pytest.fixture
def opened(qtbot: QtBot, theme: Theme) -> Iterator[Opened]:
    made: list[Around] = []

    def make(**desk: Any) -> Around:
        made.append(Around(theme, **desk))
        with qtbot.waitExposed(made[-1].window):
            made[-1].window.show()
        return made[-1]

    yield make
    for around in made:
        sip.delete(around.window)
    QApplication.setQuitOnLastWindowClosed(True)


@pytest.fixture
def around(opened: Opened) -> Around:
    return opened()


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sockets of the test's own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path
