from __future__ import annotations

from itertools import combinations
from typing import cast

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication

from arvis.desktop.tray_icons import SIZES, tray_icon
from arvis.ui.mode import Mode
from arvis.ui.theme import Theme, ThemeName


def picture(mode: Mode, theme: Theme, size: int = 22) -> QImage:
    return tray_icon(mode, theme).pixmap(QSize(size, size), 1.0).toImage().convertToFormat(QImage.Format.Format_ARGB32)


def luminances(image: QImage) -> list[int]:
    return [
        image.pixelColor(x, y).lightness() if image.pixelColor(x, y).alpha() == 255 else -1
        for y in range(image.height())
        for x in range(image.width())
    ]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_every_mode_has_an_icon_of_its_own(qapp: QApplication, theme: Theme, name: str) -> None:
    theme.choose(cast(ThemeName, name))
    for one, other in combinations(Mode, 2):
        assert picture(one, theme) != picture(other, theme), (one, other)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_modes_can_be_told_apart_without_colours(qapp: QApplication, theme: Theme, name: str) -> None:
    theme.choose(cast(ThemeName, name))
    for one, other in combinations(Mode, 2):
        a, b = luminances(picture(one, theme)), luminances(picture(other, theme))
        different = sum(abs(x - y) > 30 for x, y in zip(a, b, strict=True))
        assert different >= 8, (one, other, different)


def test_there_is_one_for_every_tray(qapp: QApplication, theme: Theme) -> None:
    assert {size.width() for size in tray_icon(Mode.READY, theme).availableSizes()} == set(SIZES)


def test_the_disc_has_the_colour_of_the_mode(qapp: QApplication, theme: Theme) -> None:
    for mode in Mode:
        assert picture(mode, theme, 64).pixelColor(32, 3) == theme.color(mode.token)
        assert picture(mode, theme, 64).pixelColor(0, 0).alpha() == 0
