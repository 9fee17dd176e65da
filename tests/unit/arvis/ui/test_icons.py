from __future__ import annotations

from importlib.resources import files

import pytest
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
    sizes = [size.width() for size in icon("send", QColor("black"), 20).availableSizes()]
    assert 20 in sizes
    assert (
        icon("send", QColor("black"), 20).pixmap(icon("send").actualSize(app_icon().availableSizes()[0]), 3.0).width()
        > 0
    )


def test_the_application_has_an_icon_for_every_place(qapp: QApplication) -> None:
    assert {size.width() for size in app_icon().availableSizes()} == {16, 32, 48, 128, 256}
