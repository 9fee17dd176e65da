"""What stands in place of the conversation while Arvis is locked, and what notices that nobody is there."""

from __future__ import annotations

import math

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from arvis.core.core import ArvisCore
from arvis.ui.icons import icon
from arvis.ui.theme import Theme
from modules.security.lock import LockState, in_words
from modules.security.passphrase import LONGEST
from modules.security.roles import Permission

KEYS = "Ctrl+Shift+L"
WATCH_MS = 5_000
"""How often the lock is looked at; it locks itself at most so much late."""
WIDEST = 420
"""Width of the field in pixels."""
_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class LockPage(QFrame):
    """Asks for the passphrase, and says what may be done without it."""

    #: The user gave a passphrase.
    submitted = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lock_page")
        self._state = LockState()
        self._seconds = 0
        self.title = _label("Arvis is locked", "headline")
        self.allowed = _label("", "muted")
        self.answer = _label("", "small")
        self.answer.setAccessibleName("Answer of the lock")
        self.entry = QLineEdit()
        self.entry.setObjectName("entry")
        self.entry.setAccessibleName("Passphrase")
        self.entry.setPlaceholderText("Passphrase")
        self.entry.setEchoMode(QLineEdit.EchoMode.Password)
        self.entry.setMaxLength(LONGEST)
        self.entry.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self.entry.returnPressed.connect(self._submit)
        self.button = QPushButton("Unlock")
        self.button.setObjectName("unlock")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._submit)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._count_down)
        self._lay_out()
        self.setFocusProxy(self.entry)
        self.hide()

    def show_state(self, state: LockState) -> None:
        """Show how the lock is; the page is there only while it is locked."""
        opened = self._state.locked and not state.locked
        self._state, self._seconds = state, math.ceil(state.wait)
        self.setVisible(state.locked)
        covers = Permission.READ_HISTORY not in state.allowed
        height = QSizePolicy.Policy.Expanding if covers else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Preferred, height)
        words = [permission.words for permission in state.allowed if permission is not Permission.LOCK]
        self.allowed.setText(
            f"Without the passphrase you may {_listed(words)}." if words else "Nothing works without the passphrase."
        )
        self.answer.setText(state.refusal)
        if opened or not state.locked:
            self.entry.clear()
        self._show_wait()
        if self._seconds:
            self._timer.start()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.entry, 8)
        row.addWidget(self.button)
        row.addStretch(1)
        self.entry.setMaximumWidth(WIDEST)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(10)
        column.addStretch(1)
        column.addWidget(self.title)
        column.addWidget(self.allowed)
        column.addLayout(row)
        column.addWidget(self.answer)
        column.addStretch(1)

    def _submit(self) -> None:
        passphrase = self.entry.text()
        if passphrase and not self._seconds:
            self.entry.clear()
            self.answer.setText("Checking the passphrase")
            self.submitted.emit(passphrase)

    def _count_down(self) -> None:
        self._seconds = max(0, self._seconds - 1)
        self._show_wait()

    def _show_wait(self) -> None:
        if not self._seconds or not self._state.locked:
            self._timer.stop()
        self.button.setEnabled(not self._seconds)
        if self._seconds:
            self.answer.setText(f"Too many wrong tries. Try again in {in_words(self._seconds)}.")
        elif self._state.wait:
            self.answer.setText("")


class LockButton(QToolButton):
    """Locks; there only where there is something to lock."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("lock")
        self.setAccessibleName("Lock")
        self.setToolTip(f"Lock Arvis ({KEYS})")
        self.setIconSize(QSize(18, 18))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_state(LockState())
        self._paint_icon()
        theme.changed.connect(self._paint_icon)

    def show_state(self, state: LockState) -> None:
        """Be there, or not."""
        self.setVisible(state.can_lock and not state.locked)

    def _paint_icon(self) -> None:
        self.setIcon(icon("lock", self._theme.color("text_muted"), 18))


class LockWatch(QObject):
    """Tells the core of keys and mouse, and has it look at the lock now and then.

    Args:
        core: The core.
        parent: Qt parent.
    """

    def __init__(self, core: ArvisCore, parent: QObject) -> None:
        super().__init__(parent)
        self._core = core
        self._listens = False
        self.timer = QTimer(self)
        self.timer.setInterval(WATCH_MS)
        self.timer.timeout.connect(self._look)
        self.timer.start()
        self._look()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """See what the user does, and let it pass."""
        if event is not None and event.type() in _SIGNS_OF_LIFE:
            self._core.touch()
        return False

    def _look(self) -> None:
        """Every event of the application passes the filter, so it is there only while it is needed."""
        self._core.watch_lock()
        wanted = self._core.gate.lock is not None and self._core.gate.lock.watches
        application = QApplication.instance()
        if application is not None and wanted != self._listens:
            self._listens = wanted
            (application.installEventFilter if wanted else application.removeEventFilter)(self)


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    return label


def _listed(words: list[str]) -> str:
    """As in a sentence: "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
