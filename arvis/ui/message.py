"""One message of the conversation."""

from __future__ import annotations

from math import ceil
from typing import Literal, cast

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QTextBlockFormat, QTextCursor, QTextDocument, QTextOption, QWheelEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from arvis.ui.icons import pixmap
from arvis.ui.restyle import restyle
from arvis.ui.theme import Theme

LINE_HEIGHT = 120.0
"""Percent of the font's own line height."""
_PADDING = (14, 10, 14, 7)
"""Pixels between a bubble's edge and its words: left, top, right, bottom. The line height leaves room below already."""
_NAMES = {"user": "You", "reply": "Arvis"}


class Words(QTextEdit):
    """Text that is selected by mouse and keyboard and is exactly as large as its words."""

    #: The keyboard came to the words, or went away.
    focused = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("words")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._words.setDocumentMargin(0)

    def replace(self, text: str) -> None:
        """Show other words."""
        self.setPlainText(text)
        spacing = QTextBlockFormat()
        spacing.setLineHeight(LINE_HEIGHT, cast(int, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value))
        cursor = QTextCursor(self._words)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spacing)

    def append_words(self, text: str) -> None:
        """Add words at the end; a selection that the user has made stays."""
        chosen = self.textCursor()
        anchor, position = chosen.anchor(), chosen.position()
        cursor = QTextCursor(self._words)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)
        if anchor != position:
            chosen.setPosition(anchor)
            chosen.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(chosen)

    def fit(self, most: int) -> None:
        """Take the size of the words, at most this many pixels wide."""
        self.ensurePolished()  # the style sheet sets the font
        self._words.setTextWidth(most)
        width = min(most, ceil(self._words.idealWidth()) + 1)
        self._words.setTextWidth(width)
        self.setFixedSize(width, ceil(self._words.size().height()))

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """The conversation scrolls, not the message."""
        if event is not None:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """The keyboard comes."""
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """The keyboard goes."""
        super().focusOutEvent(event)
        self.focused.emit(False)

    @property
    def _words(self) -> QTextDocument:
        document = self.document()
        assert document is not None
        return document


class Message(QWidget):
    """Who speaks, a bubble with the words, and a mark when the reply was cut off.

    Args:
        author: "user" at the right, "reply" at the left.
        theme: Where the colours come from.
    """

    def __init__(self, author: Literal["user", "reply"], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.author = author
        self._theme = theme
        self._most = 400
        self.name = QLabel(_NAMES[author])
        self.name.setProperty("role", "small")
        self.words = Words()
        self.words.setAccessibleName("You said" if author == "user" else "Arvis answered")
        self.bubble = QFrame()
        self.bubble.setProperty("bubble", author)
        inside = QHBoxLayout(self.bubble)
        inside.setContentsMargins(*_PADDING)
        inside.addWidget(self.words)
        self.words.focused.connect(self._show_focus)
        self.mark: Mark | None = None
        """Says why the reply ends before its end; None when it does not."""
        side = Qt.AlignmentFlag.AlignRight if author == "user" else Qt.AlignmentFlag.AlignLeft
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self.name, 0, side)
        self._column.addWidget(self.bubble, 0, side)

    @property
    def text(self) -> str:
        """The words that are shown."""
        return self.words.toPlainText()

    @property
    def partial(self) -> bool:
        """Whether the words may still change."""
        return bool(self.words.property("partial"))

    def show_text(self, text: str, *, partial: bool) -> None:
        """Show other words: gray and italic while they may still change."""
        if partial != self.partial:
            self.words.setProperty("partial", partial)
            self.bubble.setProperty("bubble", "partial" if partial and self.author == "user" else self.author)
            restyle(self.words, self.bubble)
        self.words.replace(text)
        self.words.fit(self._most)

    def append_text(self, text: str) -> None:
        """Add words at the end."""
        self.words.append_words(text)
        self.words.fit(self._most)

    def show_mark(self, word: str) -> None:
        """Say below the words why the reply ends there."""
        if self.mark is None:
            self.mark = Mark(self._theme)
            self._column.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignLeft)
        self.mark.word.setText(word)

    def _show_focus(self, focused: bool) -> None:
        self.bubble.setProperty("focused", focused)
        restyle(self.bubble)

    def fit(self, width: int) -> None:
        """Be at most this many pixels wide."""
        most = width - _PADDING[0] - _PADDING[2] - 2
        if most != self._most:
            self._most = most
            self.words.fit(most)


class Mark(QWidget):
    """A word for a reply that is not whole."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._icon = QLabel()
        self.word = QLabel()
        self.word.setProperty("role", "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(self._icon)
        row.addWidget(self.word)
        self._paint_icon()
        theme.changed.connect(self._paint_icon)

    def _paint_icon(self) -> None:
        self._icon.setPixmap(pixmap("interrupted", self._theme.color("text_muted"), 14, self.devicePixelRatioF()))
