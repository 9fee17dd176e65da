from __future__ import annotations

from importlib.resources import files

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication

from arvis.ui.icons import app_icon, icon, pixmap, renderer

NAMES = sorted(
    entry.name.removesuffix(".svg")
    for entry in files("assets").joinpath("icons").iterdir()
    if entry.name[-4:] == ".svg"
)


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_is_drawn_in_its_colour(qapp: QApplication, name: str) -> None:
    assert renderer(name).isValid()
    image = pixmap(name, QColor("#ff0000"), 24, 2.0).toImage()
    assert (image.width(), image.height()) == (48, 48)
    drawn = [image.pixelColor(x, y) for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255]
    assert len(drawn) > 20
    if name != "arvis":
        assert {color.name() for color in drawn} == {"#ff0000"}


def test_an_icon_is_sharp_on_every_screen(qapp: QApplication) -> None:
    drawn = icon("send", QColor("black"), 20)
    assert [drawn.pixmap(QSize(20, 20), scale).width() for scale in (1.0, 2.0, 3.0)] == [20, 40, 60]


def test_the_application_has_an_icon_for_every_place(qapp: QApplication) -> None:
    assert {size.width() for size in app_icon().availableSizes()} == {16, 32, 48, 128, 256}
