"""Sentences for the user, above the conversation and never in the way."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from arvis.ui.icons import icon, pixmap
from arvis.ui.theme import Theme
from modules.turn.events import Notice

SHOWN_MS = {"info": 8_000, "warning": 0, "error": 0}
"""How long a notice stays by its severity; 0 stays until it is dismissed."""
MOST = 3
"""How many notices are shown at once; the oldest makes room."""
_WORDS = {"info": "Information", "warning": "Warning", "error": "Error"}


class NoticeCard(QFrame):
    """One notice, with a shape, a colour and a name for its severity."""

    def __init__(self, notice: Notice, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self._theme = theme
        self.setObjectName("notice")
        self.setProperty("severity", notice.severity)
        self.mark = QLabel()
        self.mark.setAccessibleName(_WORDS[notice.severity])
        self.text = QLabel(notice.text)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.dismiss = QToolButton()
        self.dismiss.setObjectName("dismiss")
        self.dismiss.setAccessibleName("Dismiss this notice")
        self.dismiss.setToolTip("Dismiss")
        self.dismiss.setIconSize(QSize(16, 16))
        self.dismiss.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.dismiss.clicked.connect(self.close_notice)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.close_notice)
        if SHOWN_MS[notice.severity]:
            self._timer.start(SHOWN_MS[notice.severity])
        self._paint_icons()
        theme.changed.connect(self._paint_icons)

    def close_notice(self) -> None:
        """Go away."""
        self._timer.stop()
        self.setParent(None)
        self.deleteLater()

    def _paint_icons(self) -> None:
        color = self._theme.color(f"notice_{self.notice.severity}_mark")
        self.mark.setPixmap(pixmap(self.notice.severity, color, 20, self.devicePixelRatioF()))
        self.dismiss.setIcon(icon("close", self._theme.color("text_muted"), 16))


class NoticeBar(QWidget):
    """The notices, newest last; one that is told again takes the place of its earlier self."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._most = MOST
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 4)
        self._column.setSpacing(8)
        self.hide()

    @property
    def cards(self) -> list[NoticeCard]:
        """The notices that are shown, oldest first."""
        return self.findChildren(NoticeCard, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def add(self, notice: Notice) -> None:
        """Show a notice."""
        for card in self.cards:
            if (card.notice.code, card.notice.text) == (notice.code, notice.text):
                card.close_notice()
        card = NoticeCard(notice, self._theme, self)
        card.destroyed.connect(self._follow)
        self._column.addWidget(card)
        self._make_room()
        self.show()

    def end_turn(self, turn_id: int) -> None:
        """Let go of what earlier turns failed with: one has been answered since."""
        for card in self.cards:
            if card.notice.turn_id is not None and card.notice.turn_id < turn_id:
                card.close_notice()

    def set_compact(self, compact: bool) -> None:
        """Show the newest notice only, in a low window."""
        self._most = 1 if compact else MOST
        self._make_room()

    def _make_room(self) -> None:
        cards = self.cards
        for index, card in enumerate(cards):
            if index < len(cards) - MOST:
                card.close_notice()
            card.setVisible(index >= len(cards) - self._most)

    def _follow(self) -> None:
        self._make_room()
        self.setVisible(bool(self.cards))
