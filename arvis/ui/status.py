"""The state in words, colour and shape, and the line with the last turn's latency."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QSize
from PyQt6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from arvis.core.snapshot import HotkeyState
from arvis.ui.mode import Mode, paint_shape
from arvis.ui.theme import Theme
from arvis.ui.ticker import Ticker
from modules.turn.events import ModelMeasured, SpeculationMeasured, TurnMeasured
from modules.turn.latency import LatencyRecord

STAGES = {
    "final_transcript": "transcript",
    "end_decided": "pause",
    "first_token": "language model",
    "first_clause": "first clause",
    "first_audio": "voice",
    "first_audible": "speaker",
    "total": "end of the answer",
}
"""The stages of a latency record, in words."""


class ShapeView(QWidget):
    """The shape of a mode."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mode = Mode.STARTING
        self._ticker = Ticker(self)
        self.setFixedSize(QSize(16, 16))
        theme.changed.connect(self.update)

    def show_mode(self, mode: Mode) -> None:
        """Show another mode."""
        self._mode = mode
        self._ticker.want(mode.moves)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the shape."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color(self._mode.token)
        paint_shape(painter, self._mode, QPointF(8, 8), 14, color, self._ticker.seconds)
        painter.end()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Move while it is seen."""
        self._ticker.follow()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Rest while it is not seen."""
        self._ticker.follow()


class StateBadge(QFrame):
    """The mode as a pill; its word is read by screen readers each time it changes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("badge")
        self.setFixedHeight(28)
        self.shape = ShapeView(theme)
        self.word = QLabel(Mode.STARTING.word)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 14, 0)
        row.setSpacing(8)
        row.addWidget(self.shape)
        row.addWidget(self.word)
        self.show_mode(Mode.STARTING)

    def show_mode(self, mode: Mode) -> None:
        """Show another mode."""
        self.shape.show_mode(mode)
        self.word.setText(mode.word)


class StatusLine(QWidget):
    """How fast the last answer was, and where the talk key works."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self._table = ""
        self._speculation = ""
        self._model = ""
        self.latency = QLabel("")
        self.hotkey = QLabel("")
        for label in (self.latency, self.hotkey):
            label.setProperty("role", "small")
        self.latency.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.latency, 1)
        row.addWidget(self.hotkey)

    def show_latency(self, event: TurnMeasured) -> None:
        """Show a turn's latency, with every stage in the tooltip."""
        self.latency.setText(latency_line(event.record))
        self._table = latency_table(event.record)
        self._show_details()

    def show_speculation(self, event: SpeculationMeasured) -> None:
        """Show in the tooltip what answers cost and gained that were begun early."""
        self._speculation = speculation_table(event)
        self._show_details()

    def show_model(self, event: ModelMeasured) -> None:
        """Show in the tooltip how fast the language model writes."""
        self._model = model_line(event)
        self._show_details()

    def show_hotkey(self, state: HotkeyState) -> None:
        """Show where the talk key works."""
        self.hotkey.setText(f"{self._key} works {'in every window' if state.everywhere else 'in this window'}")
        self.hotkey.setToolTip(state.reason)

    def _show_details(self) -> None:
        self.latency.setToolTip("\n\n".join(part for part in (self._table, self._model, self._speculation) if part))


def latency_line(record: LatencyRecord) -> str:
    """One line: how long the answer took to be heard (or seen), and the stage that took longest; empty without one."""
    reached = next(
        (value for value in (record.first_audible, record.first_audio, record.first_token) if value is not None),
        None,
    )
    if reached is None:
        return ""
    line = f"Answered in {_milliseconds(reached)}"
    slowest = record.slowest()
    return line if slowest is None else f"{line}  ·  slowest: {STAGES[slowest[0]]}, {_milliseconds(slowest[1])}"


def latency_table(record: LatencyRecord) -> str:
    """Every stage in the order in which it was reached, one to a line, counted from the end of speech."""
    reached = sorted((value, name) for name, value in record.as_dict().items() if value is not None)
    lines = [f"{STAGES[name].capitalize()}: {_milliseconds(value)}" for value, name in reached]
    return "\n".join(["After you finished speaking:", *lines])


def model_line(measured: ModelMeasured) -> str:
    """How fast the language model writes; empty before it has written."""
    if measured.first_token_ms is None:
        return ""
    parts = [f"{_milliseconds(measured.first_token_ms)} to the first token"]
    if measured.tokens_per_second is not None:
        parts.append(f"{measured.tokens_per_second:.0f} tokens a second")
    return f"Language model, last {measured.generations} answers: {', '.join(parts)}"


def speculation_table(measured: SpeculationMeasured) -> str:
    """How many answers were begun early, how many of them were of use, and what the others cost; empty before any."""
    if measured.hit_rate is None:
        return ""
    return "\n".join(
        [
            "Answers begun before you had surely finished:",
            f"Used: {measured.used} of {measured.used + measured.wasted} ({measured.hit_rate:.0%})",
            f"Dropped: {measured.wasted} ({measured.wasted_tokens} tokens, {_milliseconds(measured.wasted_ms)})",
        ]
    )


def _milliseconds(value: float) -> str:
    return f"{value:.0f} ms" if value < 10_000 else f"{value / 1000:.1f} s"
