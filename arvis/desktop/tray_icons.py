"""The icon in the tray: the shape of the mode on a disc of its colour."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QIcon, QPainter, QPixmap

from arvis.ui.mode import Mode, paint_shape
from arvis.ui.theme import Theme

SIZES = (16, 22, 24, 32, 48, 64)
"""Pixels; trays take the one that fits them."""
_MOMENT = 0.25
"""The second at which moving shapes are drawn; trays show no films, and each picture goes over the bus."""
_SHAPE = 0.6
"""Part of the disc that the shape takes."""


def tray_icon(mode: Mode, theme: Theme) -> QIcon:
    """The icon of a mode.

    The disc stands out from a light tray and from a dark one, and the shape from the disc, so that neither the colour
    of the tray need be known nor colours be told apart.
    """
    result = QIcon()
    for size in SIZES:
        result.addPixmap(_picture(mode, theme, size))
    return result


def _picture(mode: Mode, theme: Theme, size: int) -> QPixmap:
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(mode.token))
    painter.drawEllipse(QRectF(0, 0, size, size))
    paint_shape(painter, mode, QPointF(size / 2, size / 2), size * _SHAPE, theme.color("surface"), _MOMENT)
    painter.end()
    return picture
