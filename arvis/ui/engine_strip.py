"""The engines while they load."""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from arvis.core.snapshot import EngineStatus
from arvis.ui.restyle import restyle
from modules.turn.events import Role

TITLES: dict[Role, str] = {
    "stt": "Speech recognition",
    "llm": "Language model",
    "tts": "Voice",
    "vad": "Speech detection",
    "echo": "Echo cancellation",
    "endpoint": "End of turn",
    "wake": "Wake word",
}
_SHOWN_LOADING: tuple[Role, ...] = ("stt", "llm", "tts")
"""The others are loaded in no time; they are shown only when they are broken."""
GONE_AFTER_MS = 1600
"""How long the strip stays when everything is ready."""

WIDEST = 340
"""Pixels that a card may take."""


class EngineCard(QFrame):
    """One engine: what it is for, its name, what it is doing, how far it is."""

    def __init__(self, role: Role, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("engine")
        self.stage = "waiting"
        self._words = "Waiting"
        self.title = QLabel(TITLES[role])
        self.title.setObjectName("engine_title")
        self.note = QLabel(self._words)
        self.note.setProperty("role", "small")
        self.note.setMinimumWidth(0)
        self.progress = QProgressBar()
        self.progress.setObjectName("engine_progress")
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 100)
        self.progress.setAccessibleName(f"{TITLES[role]}: loading")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(3)
        column.addWidget(self.title)
        column.addWidget(self.note)
        column.addSpacing(3)
        column.addWidget(self.progress)

    def show_status(self, status: EngineStatus) -> None:
        """Show how the engine is doing."""
        self.stage = status.stage
        words = {
            "loading": status.note or "Loading",
            "ready": f"✓ Ready · {status.name}",
            "failed": f"✗ Not available · {status.name}",
        }[status.stage]
        self._set_note(words)
        self.setToolTip(f"{status.name}: {status.note}" if status.note else status.name)
        self.progress.setVisible(status.stage != "failed")
        if status.fraction is None:
            self.progress.setRange(0, 0)
        else:
            self.progress.setRange(0, 100)
            self.progress.setValue(round(status.fraction * 100))
        if self.property("stage") != status.stage:
            self.setProperty("stage", status.stage)
            restyle(self, self.progress)

    def set_compact(self, compact: bool) -> None:
        """Leave the note out, in a low window."""
        self.note.setVisible(not compact)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Shorten the note to the width there is."""
        super().resizeEvent(event)
        self._set_note(self._words)

    def _set_note(self, words: str) -> None:
        self._words = words
        width = max(20, self.width() - 26)
        self.note.setText(self.note.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, width))


class EngineStrip(QWidget):
    """A card for each engine; goes away when all are ready, and stays for those that are broken."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: dict[Role, EngineCard] = {}
        self._finished = False
        self._compact = False
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 12, 16, 0)
        self._row.setSpacing(8)
        self._row.addStretch(1)
        for role in _SHOWN_LOADING:
            self._add(role)
        self._gone = QTimer(self)
        self._gone.setSingleShot(True)
        self._gone.setInterval(GONE_AFTER_MS)
        self._gone.timeout.connect(self._leave)

    def show_status(self, status: EngineStatus) -> None:
        """Show how an engine is doing."""
        if status.role not in self.cards:
            if status.stage != "failed":
                return
            self._add(status.role)
        card = self.cards[status.role]
        card.show_status(status)
        card.show()
        self.show()
        if self._finished:
            self._gone.start()

    def finish(self) -> None:
        """Loading is over; engines that nobody spoke of are not part of this session."""
        self._finished = True
        for card in self.cards.values():
            card.setVisible(card.stage != "waiting")
        self._gone.start()

    def set_compact(self, compact: bool) -> None:
        """Take less room, in a low window."""
        self._compact = compact
        for card in self.cards.values():
            card.set_compact(compact)
        if self._finished and not self._gone.isActive():
            self._leave()

    def _add(self, role: Role) -> None:
        card = self.cards[role] = EngineCard(role)
        card.setMaximumWidth(WIDEST)
        card.set_compact(self._compact)
        # All of the room, up to their widest; the rest is left empty.
        self._row.insertWidget(self._row.count() - 1, card, 1000)

    def _leave(self) -> None:
        for card in self.cards.values():
            card.setVisible(card.stage in ("failed", "loading"))
        self.setVisible(not self._compact and any(not card.isHidden() for card in self.cards.values()))
