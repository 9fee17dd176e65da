"""The conversation, both sides of it."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from arvis.ui.icons import app_icon
from arvis.ui.message import Message
from arvis.ui.theme import Theme
from modules.history.base import Resumed
from modules.turn.events import Notice, PhaseChanged, ReplyDropped, ReplyEnded, ReplyText, UserText, UtteranceDropped
from modules.turn.machine import Phase

WIDEST = 760
"""Pixels; wider lines are hard to read."""
MARGIN = 20
MOST = 200
"""Messages that are kept on the screen; older ones make room. Each takes about 150 KB."""
ROOM_FOR_PICTURE = 170
"""Height in pixels."""
_PENDING = "…"


class Welcome(QWidget):
    """What stands in place of a conversation that has not begun."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = picture = QLabel()
        picture.setPixmap(app_icon().pixmap(56, 56))
        self.headline = QLabel()
        self.headline.setProperty("role", "headline")
        self.hint = QLabel()
        self.hint.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addStretch(1)
        for label in (picture, self.headline, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(label is not picture)
            column.addWidget(label)
        column.addStretch(1)

    def show_words(self, headline: str, hint: str) -> None:
        """Say how to begin."""
        self.headline.setText(headline)
        self.hint.setText(hint)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave the picture out where there is no room for it."""
        super().resizeEvent(event)
        self._picture.setVisible(self.height() >= ROOM_FOR_PICTURE)


class Conversation(QStackedWidget):
    """Messages in a column that keeps to the latest one unless the user has scrolled away."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.welcome = Welcome()
        self._users: dict[int, Message] = {}
        self._replies: dict[int, Message] = {}
        self._follows = True
        self._content = QWidget()
        self._content.setObjectName("column")
        self._column = QVBoxLayout(self._content)
        self._column.setSpacing(14)
        self._column.addStretch(1)
        self.scroller = QScrollArea()
        self.scroller.setWidgetResizable(True)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setWidget(self._content)
        self.scroller.setAccessibleName("Conversation")
        self.addWidget(self.welcome)
        self.addWidget(self.scroller)
        bar = self.scroller.verticalScrollBar()
        assert bar is not None
        self._bar = bar
        bar.rangeChanged.connect(self._on_range)
        bar.valueChanged.connect(self._on_scrolled)

    @property
    def messages(self) -> list[Message]:
        """The messages, oldest first."""
        return self._content.findChildren(Message, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def show_resumed(self, resumed: Resumed) -> None:
        """Show an earlier conversation that is gone on with; its turns have numbers below those of this session."""
        for number, turn in enumerate(resumed.turns, -len(resumed.turns)):
            self.show_user(UserText(number, 0, turn.said, final=True, typed=turn.typed))
            self.end_reply(ReplyEnded(number, 0, turn.heard, turn.interrupted, spoken=False))

    def show_user(self, event: UserText) -> None:
        """Show what the user said or typed so far; words that were final change again when the user goes on."""
        message = self._users.get(event.turn_id)
        if message is None:
            message = self._users[event.turn_id] = self._add(Message("user", self._theme))
        message.show_text(event.text, partial=not event.final)
        if event.final:
            self._reply(event.turn_id)
        else:
            self._drop_unbegun(event.turn_id)

    def show_reply(self, event: ReplyText) -> None:
        """Append a piece of the reply."""
        message = self._reply(event.turn_id)
        if message.partial:
            if event.text.strip():
                message.show_text(event.text.lstrip(), partial=False)
        else:
            message.append_text(event.text)

    def drop_reply(self, event: ReplyDropped) -> None:
        """Withdraw a reply that nobody has heard."""
        self._drop(self._replies, event.turn_id)

    def drop_utterance(self, event: UtteranceDropped) -> None:
        """Take away what was shown of a turn that was none."""
        for messages in (self._users, self._replies):
            self._drop(messages, event.turn_id)

    def end_reply(self, event: ReplyEnded) -> None:
        """Show what is kept of a reply, and whether it was cut off."""
        if not event.text:
            self._drop(self._replies, event.turn_id)
            return
        message = self._reply(event.turn_id)
        if message.partial or message.text != event.text:
            message.show_text(event.text, partial=False)
        if event.interrupted:
            message.show_mark("Interrupted")

    def show_failure(self, notice: Notice) -> None:
        """Tell a reply that failed from one that was interrupted; the notice itself is shown elsewhere."""
        message = self._replies.get(notice.turn_id) if notice.turn_id is not None else None
        if notice.severity == "error" and message is not None and message.mark is not None:
            message.show_mark("Incomplete")

    def show_phase(self, event: PhaseChanged) -> None:
        """Drop what came to nothing: words that never became final, and a reply that never began."""
        for turn, message in list(self._users.items()):
            if message.partial and (turn < event.turn_id or event.phase is Phase.IDLE):
                self._drop(self._users, turn)
        for turn in list(self._replies):
            if turn < event.turn_id or event.phase is Phase.IDLE:
                self._drop_unbegun(turn)

    def minimumSizeHint(self) -> QSize:
        """A line, so that in the smallest window nothing around it is squeezed."""
        return QSize(200, 24)

    def hasHeightForWidth(self) -> bool:
        """No: the wrapped lines of the welcome must not ask for more than that."""
        return False

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the messages to the width."""
        super().resizeEvent(event)
        self._fit()

    def _reply(self, turn_id: int) -> Message:
        message = self._replies.get(turn_id)
        if message is None:
            message = self._replies[turn_id] = self._add(Message("reply", self._theme))
            message.show_text(_PENDING, partial=True)
        return message

    def _add(self, message: Message) -> Message:
        message.fit(self._bubble_width())
        self._column.insertWidget(self._column.count() - 1, message)
        self.setCurrentWidget(self.scroller)
        self._follows = True
        for oldest in self.messages[:-MOST]:
            self._remove(oldest)
        return message

    def _drop_unbegun(self, turn_id: int) -> None:
        message = self._replies.get(turn_id)
        if message is not None and message.partial:
            self._drop(self._replies, turn_id)

    def _drop(self, messages: dict[int, Message], turn_id: int) -> None:
        if turn_id in messages:
            self._remove(messages[turn_id])
        if not self.messages:
            self.setCurrentIndex(0)

    def _remove(self, message: Message) -> None:
        for messages in (self._users, self._replies):
            for turn in [turn for turn, kept in messages.items() if kept is message]:
                del messages[turn]
        message.setParent(None)
        message.deleteLater()

    def _bubble_width(self) -> int:
        return round(0.86 * min(WIDEST, max(200, self.width() - 2 * MARGIN)))

    def _fit(self) -> None:
        side = max(MARGIN, (self.width() - WIDEST) // 2)
        self._column.setContentsMargins(side, 18, side, 18)
        for message in self.messages:
            message.fit(self._bubble_width())

    def _on_range(self, lowest: int, highest: int) -> None:
        if self._follows:
            self._bar.setValue(highest)

    def _on_scrolled(self, value: int) -> None:
        self._follows = value >= self._bar.maximum() - 4
