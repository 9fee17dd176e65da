"""The loudness of the microphone, as it was over the last second and a half."""

from __future__ import annotations

from collections import deque
from math import log10

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from arvis.ui.theme import Theme

FLOOR_DB = -55.0
"""Decibels below full scale at which the meter shows nothing: about the noise of a quiet room at a laptop."""
BAR_PIXELS = 4
STEP_PIXELS = 8
HISTORY = 64
"""Levels that are kept; at 30 a second a little more than two seconds."""


def loudness(rms: float) -> float:
    """A root mean square of 0 to 1 as a height of 0 to 1, even to the ear."""
    if rms <= 0.0:
        return 0.0
    return min(1.0, max(0.0, 1.0 - 20.0 * log10(rms) / FLOOR_DB))


class LevelMeter(QWidget):
    """Bars that run away from the talk button; a row of dots while the microphone is closed.

    Args:
        theme: Where the colours come from.
        toward_left: Whether the newest bar is at the right end.
    """

    def __init__(self, theme: Theme, *, toward_left: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._toward_left = toward_left
        self._hears = True
        self._levels: deque[float] = deque(maxlen=HISTORY)
        self.setAccessibleName("Microphone level")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.update)

    @property
    def levels(self) -> tuple[float, ...]:
        """The heights shown, 0 to 1, newest first."""
        return tuple(self._levels)

    def add(self, rms: float) -> None:
        """Show a new loudness; root mean square, 0 to 1."""
        self._levels.appendleft(loudness(rms))
        self.update()

    def set_hears(self, hears: bool) -> None:
        """Say whether what the microphone hears belongs to the user's turn; otherwise it is shown in gray."""
        self._hears = hears
        self.update()

    def clear(self) -> None:
        """The microphone is closed."""
        self._levels.clear()
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for a second of speech."""
        return QSize(200, 56)

    def minimumSizeHint(self) -> QSize:
        """Small windows have room for a few bars only."""
        return QSize(32, 40)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        count = self.width() // STEP_PIXELS
        for index in range(count):
            level = self._levels[index] if index < len(self._levels) else 0.0
            painter.setBrush(self._color(level, index / max(1, count)))
            height = BAR_PIXELS + level * (self.height() * 0.8 - BAR_PIXELS)
            left = index * STEP_PIXELS + BAR_PIXELS / 2
            x = self.width() - left - BAR_PIXELS if self._toward_left else left
            bar = QRectF(x, (self.height() - height) / 2, BAR_PIXELS, height)
            painter.drawRoundedRect(bar, BAR_PIXELS / 2, BAR_PIXELS / 2)
        painter.end()

    def _color(self, level: float, age: float) -> QColor:
        token = "state_listening" if self._hears else "state_idle"
        color = self._theme.color(token if self._levels else "border")
        color.setAlphaF((1.0 - 0.75 * age) * (1.0 if level > 0 or not self._levels else 0.4))
        return color
