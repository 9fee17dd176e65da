"""What the window shows itself to be doing: a word, a colour and a shape for each mode."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from math import pi, sin

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from arvis.core.snapshot import Snapshot
from modules.turn.machine import Overlap, Phase


class Mode(Enum):
    """A mode: its word, the token of its colour, and whether its shape moves."""

    STARTING = ("Getting ready", "state_idle", True)
    UNAVAILABLE = ("Not available", "state_trouble", False)
    READY = ("Ready", "state_idle", False)
    MUTED = ("Muted", "state_trouble", False)
    LISTENING = ("Listening", "state_listening", True)
    SPECULATIVE = ("Thinking ahead", "state_speculative", False)
    COMMITTED = ("Thinking", "state_committed", True)
    SPEAKING = ("Speaking", "state_speaking", True)
    DUCKED = ("Speaking", "state_speaking", False)
    PAUSED = ("Listening…", "state_speaking", False)

    def __init__(self, word: str, token: str, moves: bool) -> None:
        self.word = word
        self.token = token
        self.moves = moves

    @property
    def is_turn(self) -> bool:
        """Whether a turn is going on that can be stopped."""
        return self.hears or self in (Mode.COMMITTED, Mode.SPEAKING, Mode.DUCKED, Mode.PAUSED)

    @property
    def hears(self) -> bool:
        """Whether what is said belongs to the user's turn."""
        return self in (Mode.LISTENING, Mode.SPECULATIVE)


_OF_PHASE = {
    Phase.LISTENING: Mode.LISTENING,
    Phase.SPECULATIVE: Mode.SPECULATIVE,
    Phase.COMMITTED: Mode.COMMITTED,
}
_OF_OVERLAP = {Overlap.NONE: Mode.SPEAKING, Overlap.DUCKED: Mode.DUCKED, Overlap.PAUSED: Mode.PAUSED}


def mode_of(snapshot: Snapshot, muted: bool) -> Mode:
    """The mode that the state of the conversation and of the microphone add up to."""
    if snapshot.phase is Phase.SPEAKING:
        return _OF_OVERLAP[snapshot.overlap]
    if snapshot.phase in _OF_PHASE:
        return _OF_PHASE[snapshot.phase]
    if snapshot.obstacle:
        return Mode.UNAVAILABLE
    if muted:
        return Mode.MUTED
    return Mode.STARTING if snapshot.loading else Mode.READY


def paint_shape(painter: QPainter, mode: Mode, center: QPointF, size: float, color: QColor, clock: float) -> None:
    """Draw a mode's shape.

    Args:
        painter: Where; its pen and brush are changed.
        mode: Whose shape.
        center: Middle of the shape.
        size: Width and height in pixels.
        color: Colour of the shape.
        clock: Seconds, for shapes that move.
    """
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, max(1.5, size / 9), cap=Qt.PenCapStyle.RoundCap))
    half = size / 2
    box = QRectF(center.x() - half, center.y() - half, size, size)
    match mode:
        case Mode.STARTING:
            painter.drawArc(_inner(box), round(-clock * 360 * 16), 270 * 16)
        case Mode.READY:
            painter.drawEllipse(_inner(box))
        case Mode.MUTED:
            painter.drawEllipse(_inner(box))
            painter.drawLine(_inner(box, 0.24).topLeft(), _inner(box, 0.24).bottomRight())
        case Mode.UNAVAILABLE:
            inner = _inner(box, 0.2)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())
        case Mode.LISTENING:
            _paint_disc(painter, box, color, 0.5 + 0.5 * sin(clock * 2 * pi))
        case Mode.SPECULATIVE:
            painter.drawEllipse(_inner(box))
            painter.setBrush(color)
            painter.drawPie(_inner(box), 90 * 16, 180 * 16)
        case Mode.COMMITTED:
            _paint_dots(painter, box, color, clock)
        case Mode.SPEAKING:
            _paint_bars(painter, box, [0.12 + 0.32 * _wave(clock, index) for index in range(4)])
        case Mode.DUCKED:
            _paint_bars(painter, box, [0.1, 0.16, 0.16, 0.1])
        case Mode.PAUSED:
            _paint_bars(painter, box, [0.0, 0.4, 0.4, 0.0])


def _inner(box: QRectF, part: float = 0.08) -> QRectF:
    margin = box.width() * part
    return box.adjusted(margin, margin, -margin, -margin)


def _paint_disc(painter: QPainter, box: QRectF, color: QColor, pulse: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    halo = QColor(color)
    halo.setAlphaF(0.35)
    painter.setBrush(halo)
    painter.drawEllipse(_inner(box, 0.16 * (1 - pulse) - 0.08))
    painter.setBrush(color)
    painter.drawEllipse(_inner(box, 0.2))


def _paint_dots(painter: QPainter, box: QRectF, color: QColor, clock: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for index in range(3):
        wave = 0.5 + 0.5 * sin(clock * 2 * pi - index * 0.9)
        dot = QColor(color)
        dot.setAlphaF(0.45 + 0.55 * wave)
        painter.setBrush(dot)
        x = box.left() + box.width() * (0.16 + 0.34 * index)
        painter.drawEllipse(QPointF(x, box.center().y() - wave * box.height() * 0.08), box.width() / 8, box.width() / 8)


def _wave(clock: float, index: int) -> float:
    return 0.5 + 0.5 * sin(clock * 2.2 * pi + index * 1.4)


def _paint_bars(painter: QPainter, box: QRectF, reaches: Sequence[float]) -> None:
    """Bars, by how far each reaches up and down, as a part of the height; none for 0."""
    for index, reach in enumerate(reaches):
        if reach > 0.0:
            x, y, far = box.left() + box.width() * (0.11 + 0.26 * index), box.center().y(), box.height() * reach
            painter.drawLine(QPointF(x, y - far), QPointF(x, y + far))
