"""How the window leads to the settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6 import sip
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage
from pytestqt.qtbot import QtBot

from arvis.ui.header import Brand, Header
from arvis.ui.main_window import MainWindow
from arvis.ui.theme import Theme
from arvis.ui.wording import Wording
from modules.hotkey.combination import parse_combination
from modules.security.lock import LockState
from modules.security.roles import Role, default_policy
from tests.unit.arvis.fakes import Desk
from tests.unit.arvis.ui.hands import hands


@pytest.fixture
def main(qtbot: QtBot, desk: Desk, theme: Theme) -> Iterator[MainWindow]:
    main = MainWindow(desk.core, theme, parse_combination("f9"), Wording(key="F9"))
    with qtbot.waitActive(main):
        main.show()
        main.activateWindow()
    yield main
    main.close()
    sip.delete(main)


def test_the_settings_are_wanted_by_the_button_and_by_the_keyboard(main: MainWindow) -> None:
    wanted: list[bool] = []
    main.settings_wanted.connect(lambda: wanted.append(True))
    main.header.settings.click()
    hands.keyClick(main, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert wanted == [True, True]
    assert main.header.settings.accessibleName() == "Settings"
    assert "Ctrl+," in main.header.settings.toolTip()


def test_who_may_not_change_settings_is_offered_none(main: MainWindow) -> None:
    main.header.show_lock(LockState(True, True, Role.USER, default_policy().allowed(Role.USER)))
    assert not main.header.settings.isVisible()
    main.header.show_lock(LockState())
    assert main.header.settings.isVisible()


def test_the_name_gives_way_as_a_whole(qtbot: QtBot, theme: Theme) -> None:
    header = Header(theme, Wording(key="F9"))
    qtbot.addWidget(header)
    header.show()
    brand = header.findChild(Brand)
    assert brand is not None

    def ink(width: int) -> bool:
        brand.setFixedWidth(width)
        picture = QImage(brand.size(), QImage.Format.Format_ARGB32)
        picture.fill(Qt.GlobalColor.transparent)
        brand.render(picture, flags=brand.RenderFlag(0))
        return any(picture.pixelColor(x, y).alpha() for x in range(picture.width()) for y in range(picture.height()))

    full = brand.sizeHint().width()
    assert ink(full)
    assert not ink(full - 8)
