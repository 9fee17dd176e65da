"""Icons, drawn from the SVG files in assets in any colour."""

from __future__ import annotations

from importlib.resources import files

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

SCALES = (1.0, 2.0, 3.0)
"""Device pixels per pixel for which an icon is drawn; Qt takes the one that fits the screen."""


def renderer(name: str, color: QColor | None = None) -> QSvgRenderer:
    """The drawing `name`, with its current colour set to `color`."""
    source = files("assets").joinpath("icons", f"{name}.svg").read_text("utf-8")
    if color is not None:
        source = source.replace("currentColor", color.name())
    return QSvgRenderer(QByteArray(source.encode()))


def icon(name: str, color: QColor | None = None, size: int = 24) -> QIcon:
    """The drawing as an icon of `size` pixels."""
    drawing = renderer(name, color)
    result = QIcon()
    for scale in SCALES:
        result.addPixmap(_pixmap(drawing, size, scale))
    return result


def pixmap(name: str, color: QColor, size: int, scale: float) -> QPixmap:
    """The drawing as a picture of `size` pixels for a screen with `scale` device pixels per pixel."""
    return _pixmap(renderer(name, color), size, scale)


def app_icon() -> QIcon:
    """The application's own icon."""
    drawing = renderer("arvis")
    result = QIcon()
    for size in (16, 32, 48, 128, 256):
        result.addPixmap(_pixmap(drawing, size, 1.0))
    return result


def _pixmap(drawing: QSvgRenderer, size: int, scale: float) -> QPixmap:
    side = round(size * scale)
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    drawing.render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture
