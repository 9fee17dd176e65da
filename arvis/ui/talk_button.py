"""The large button that is held to talk."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFocusEvent, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from arvis.ui.icons import renderer
from arvis.ui.level_meter import loudness
from arvis.ui.mode import Mode, paint_shape
from arvis.ui.theme import Theme
from arvis.ui.ticker import Ticker

_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TalkButton(QAbstractButton):
    """Talk while it is held, by mouse or by the space bar or Enter; each press is followed by exactly one release.

    It shows the mode by colour and shape, and while the microphone is open a ring that swells with the voice.
    """

    #: The user begins to hold the button.
    talk_pressed = pyqtSignal()
    #: The user lets go, or the button can no longer be held (hidden, disabled, focus lost).
    talk_released = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mode = Mode.STARTING
        self._level = 0.0
        self._key: int | None = None
        self._talking = False
        self._diameter = 88
        self._ticker = Ticker(self)
        self._drawing = renderer("microphone")
        self._drawn = ("", "")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Talk")
        self.pressed.connect(self._begin)
        self.released.connect(self._end)
        theme.changed.connect(self.update)

    def show_mode(self, mode: Mode) -> None:
        """Show another mode."""
        self._mode = mode
        self._level = 0.0
        self._ticker.want(mode.moves and mode.is_turn)
        self.update()

    def show_level(self, rms: float) -> None:
        """Let the ring swell with the voice; root mean square, 0 to 1."""
        self._level = max(loudness(rms), self._level * 0.8)

    def set_compact(self, compact: bool) -> None:
        """Be smaller in a low window."""
        self._diameter = 60 if compact else 88
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The disc and the room for its ring."""
        side = round(self._diameter * 1.36)
        return QSize(side, side)

    def hitButton(self, pos: QPoint) -> bool:
        """Only the disc and its ring answer to the mouse."""
        away = pos - self.rect().center()
        return away.x() ** 2 + away.y() ** 2 <= (self.width() / 2) ** 2

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Hold by keyboard; the keyboard's auto-repeat is not a new press."""
        if event is None or event.key() not in _KEYS:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat() and self._key is None:
            self._key = event.key()
            self._begin()

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        """Let go by keyboard."""
        if event is None or event.key() not in _KEYS:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat() and self._key == event.key():
            self._end()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """A key that is released elsewhere is not seen here: let go now."""
        super().focusOutEvent(event)
        if self._key is not None:
            self._end()

    def changeEvent(self, event: QEvent | None) -> None:
        """A disabled button is not held."""
        super().changeEvent(event)
        if not self.isEnabled():
            self._end()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Move while it is seen."""
        super().showEvent(event)
        self._ticker.follow()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """A hidden button is not held, and rests."""
        super().hideEvent(event)
        self._end()
        self._ticker.follow()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw ring, disc, shape and focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        center = QPointF(self.width() / 2, self.height() / 2)
        radius = self._diameter / 2
        color = self._disc_color()
        self._paint_ring(painter, center, radius, color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(center, radius, radius)
        self._paint_symbol(painter, center, radius)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("text"), 2))
            painter.drawEllipse(center, radius + 4, radius + 4)
        painter.end()

    def _begin(self) -> None:
        if not self._talking:
            self._talking = True
            self.talk_pressed.emit()

    def _end(self) -> None:
        self._key = None
        if self._talking:
            self._talking = False
            self.talk_released.emit()

    def _disc_color(self) -> QColor:
        if not self.isEnabled():
            return self._theme.color("sunken")
        if self._mode in (Mode.STARTING, Mode.READY):
            return self._theme.color("accent_hover" if self.underMouse() else "accent")
        return self._theme.color("state_idle" if self._mode is Mode.MUTED else self._mode.token)

    def _paint_ring(self, painter: QPainter, center: QPointF, radius: float, color: QColor) -> None:
        if not self._mode.is_turn:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        for part, alpha in ((1.0, 0.16), (0.55, 0.22)):
            ring = QColor(color)
            ring.setAlphaF(alpha)
            painter.setBrush(ring)
            reach = radius * (1.07 + 0.27 * part * self._level)
            painter.drawEllipse(center, reach, reach)

    def _paint_symbol(self, painter: QPainter, center: QPointF, radius: float) -> None:
        color = self._theme.color("on_accent" if self.isEnabled() else "border_strong")
        if self._mode.is_turn and not self._mode.hears:
            paint_shape(painter, self._mode, center, radius * 0.8, color, self._ticker.seconds)
            return
        name = "microphone_muted" if self._mode is Mode.MUTED else "microphone"
        if self._drawn != (name, color.name()):
            self._drawn = (name, color.name())
            self._drawing = renderer(name, color)
        half = radius * 0.46
        self._drawing.render(painter, QRectF(center.x() - half, center.y() - half, 2 * half, 2 * half))
