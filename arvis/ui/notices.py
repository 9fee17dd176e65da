"""Sentences for the user, above the conversation and never in the way."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Literal

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from arvis.ui.icons import icon, pixmap
from arvis.ui.restyle import restyle
from arvis.ui.theme import Theme
from modules.notifications.base import Change, Delivery, Entry, Held, Priority
from modules.turn.events import Notice

SECONDS = 5.0
"""How long information is shown."""
TIMES_SHOWN = {"info": 1, "warning": 3, "error": 0}
"""How long a notice stays by its severity, in multiples of that; 0 stays until it is dismissed."""
MOST = 3
"""How many notices are shown at once; the oldest makes room."""
_SEVERITIES: Mapping[Priority, Literal["info", "warning", "error"]] = {
    Priority.DEBUG: "info",
    Priority.INFO: "info",
    Priority.WARNING: "warning",
    Priority.ERROR: "error",
    Priority.CRITICAL: "error",
}
_WORDS = {"info": "Information", "warning": "Warning", "error": "Error"}


class NoticeCard(QFrame):
    """One notice, with a shape, a colour and a name for its severity.

    It goes by itself after a while, but not while the mouse is over it or the keyboard in it.
    """

    #: The user has dismissed it.
    dismissed = pyqtSignal()

    def __init__(self, notice: Notice, theme: Theme, seconds: float = SECONDS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry_id = ""
        """Which entry of the history it shows; empty for none."""
        self._theme = theme
        self._seconds = seconds
        self.setObjectName("notice")
        self.mark = QLabel()
        self.text = QLabel()
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
        self.dismiss.clicked.connect(self._on_dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time)
        self.show_notice(notice)
        theme.changed.connect(self._paint_icons)

    def show_notice(self, notice: Notice, details: str | None = None) -> None:
        """Show this one from now on, in the same place."""
        self.notice = notice
        self.setProperty("severity", notice.severity)
        restyle(self)
        self.setAccessibleName(f"{_WORDS[notice.severity]}: {notice.text}")
        self.mark.setAccessibleName(_WORDS[notice.severity])
        self.text.setText(notice.text)
        self.text.setToolTip(f"<p>{escape(details)}</p>" if details else "")
        if times := TIMES_SHOWN[notice.severity]:
            self._timer.start(round(1000 * self._seconds * times))
        else:
            self._timer.stop()
        self._paint_icons()

    def close_notice(self) -> None:
        """Go away."""
        self._timer.stop()
        self.setParent(None)
        self.deleteLater()

    def _on_dismiss(self) -> None:
        self.dismissed.emit()
        self.close_notice()

    def _on_time(self) -> None:
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._timer.start()
        else:
            self.close_notice()

    def _paint_icons(self) -> None:
        color = self._theme.color(f"notice_{self.notice.severity}_mark")
        self.mark.setPixmap(pixmap(self.notice.severity, color, 20, self.devicePixelRatioF()))
        self.dismiss.setIcon(icon("close", self._theme.color("text_muted"), 16))


class NoticeBar(QWidget):
    """The notices, newest last; one that is told again takes the place of its earlier self."""

    #: The user has dismissed an entry of the history: its id.
    dismissed = pyqtSignal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._most = MOST
        self._seconds = SECONDS
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 4)
        self._column.setSpacing(8)
        self.hide()

    @property
    def cards(self) -> list[NoticeCard]:
        """The notices that are shown, oldest first."""
        return self.findChildren(NoticeCard, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def set_seconds(self, seconds: float) -> None:
        """Show information for so long from now on."""
        self._seconds = seconds

    def add(self, notice: Notice) -> None:
        """Show a notice."""
        for card in self.cards:
            if (card.notice.code, card.notice.text) == (notice.code, notice.text):
                card.close_notice()
        self._append(notice)

    @pyqtSlot(object)
    def tell(self, delivery: Delivery) -> None:
        """Show an entry of the history; one that is shown already changes in its place."""
        entry = delivery.entry
        notice, details = _notice(entry), entry.notification.details
        card = next((card for card in self.cards if card.entry_id == entry.id), None)
        if card is not None:
            card.show_notice(notice, details)
        elif delivery.held is not Held.RATE:
            card = self._append(notice)
            card.show_notice(notice, details)
            card.entry_id = entry.id
            card.dismissed.connect(lambda: self.dismissed.emit(entry.id))

    @pyqtSlot(object)
    def follow(self, change: Change) -> None:
        """Let go of what the user has seen elsewhere."""
        for card in self.cards:
            if card.entry_id in change.acknowledged:
                card.close_notice()

    def end_turn(self, turn_id: int) -> None:
        """Let go of what earlier turns failed with: one has been answered since."""
        for card in self.cards:
            if card.notice.turn_id is not None and card.notice.turn_id < turn_id:
                card.close_notice()

    def set_compact(self, compact: bool) -> None:
        """Show the newest notice only, in a low window."""
        self._most = 1 if compact else MOST
        self._make_room()

    def _append(self, notice: Notice) -> NoticeCard:
        card = NoticeCard(notice, self._theme, self._seconds, self)
        card.destroyed.connect(self._follow)
        self._column.addWidget(card)
        self._make_room()
        self.show()
        return card

    def _make_room(self) -> None:
        cards = self.cards
        for index, card in enumerate(cards):
            if index < len(cards) - MOST:
                card.close_notice()
            card.setVisible(index >= len(cards) - self._most)

    def _follow(self) -> None:
        self._make_room()
        self.setVisible(bool(self.cards))


def _notice(entry: Entry) -> Notice:
    notification = entry.notification
    severity = _SEVERITIES[notification.priority]
    return Notice(severity, notification.code, entry.sentence, notification.turn_id)
