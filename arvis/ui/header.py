"""The top of the window: how Arvis listens, whether the microphone is open, and what is going on."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSlot
from PyQt6.QtGui import QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from arvis.ui.icons import app_icon, icon, pixmap
from arvis.ui.listening_button import ListeningButton
from arvis.ui.lock import LockButton
from arvis.ui.restyle import restyle
from arvis.ui.status import StateBadge
from arvis.ui.theme import Theme
from arvis.ui.wording import Wording
from modules.network.base import RemoteUse
from modules.security.lock import LockState
from modules.security.roles import Permission

SETTINGS_KEYS = "Ctrl+,"
"""Opens the settings."""


class MicrophoneSign(QFrame):
    """Says whether the device is open, by word, colour and shape: what the session tells, not what was asked for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("microphone")
        self._theme = theme
        self._is_open = False
        self._icon = QLabel()
        self.word = QLabel()
        self.word.setObjectName("microphone_word")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 2, 0)
        row.setSpacing(4)
        row.addWidget(self._icon)
        row.addWidget(self.word)
        self.show_open(False)
        theme.changed.connect(self._paint_icon)

    def show_open(self, is_open: bool) -> None:
        """Show whether the microphone is open."""
        self._is_open = is_open
        self.word.setText("Mic on" if is_open else "Mic off")
        self.word.setToolTip(
            "The microphone is open: Arvis hears the room."
            if is_open
            else "The microphone is closed: nothing is read from it."
        )
        self.word.setProperty("open", is_open)
        restyle(self.word)
        self._paint_icon()

    def _paint_icon(self) -> None:
        name = "microphone" if self._is_open else "microphone_muted"
        color = self._theme.color("state_listening" if self._is_open else "text_muted")
        self._icon.setPixmap(pixmap(name, color, 18, self.devicePixelRatioF()))


class RemoteSign(QLabel):
    """Says which other machines get to know something: always those that the settings name, others while in use."""

    SHOWN_MS = 4000
    """How long one stays after its last use, so that it can be read."""
    WIDEST = 220
    """Pixels; where there is less room for it the end is left out, and the tooltip has all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote")
        self._words = ""
        self._expected: tuple[str, ...] = ()
        self._uses: tuple[RemoteUse, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(lambda: self._show(()))
        self.hide()

    def expect(self, hosts: tuple[str, ...]) -> None:
        """Show these even before they are used: words will go there."""
        self._expected = hosts
        self._show(self._uses)

    @pyqtSlot(tuple)
    def show_uses(self, uses: tuple[RemoteUse, ...]) -> None:
        """Show what is in use."""
        if uses:
            self._timer.stop()
            self._show(uses)
        else:
            self._timer.start(self.SHOWN_MS)

    def _show(self, uses: tuple[RemoteUse, ...]) -> None:
        self._uses = uses
        hosts = list(dict.fromkeys([*(use.host for use in uses), *self._expected]))
        self._words = f"Remote: {', '.join(hosts)}"
        self.setAccessibleDescription(self._words)
        told = [f"{use.host} is in use for {use.purpose}." for use in uses]
        told += [f"The settings name {host}: what you say goes there." for host in self._expected]
        self.setToolTip("\n".join(told))
        self.setProperty("active", bool(uses))
        restyle(self)
        self.setVisible(bool(hosts))
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        """Room for all of it, up to a bound."""
        return QSize(min(self.WIDEST, self._width(self._words)), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for the word alone."""
        return QSize(min(self.sizeHint().width(), self._width("Remote…")), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _width(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + 2

    def _fit(self) -> None:
        text = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, max(self.width(), 1))
        if text != self.text():
            self.setText(text)


class SettingsButton(QToolButton):
    """Opens the settings."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("open_settings")
        self.setAccessibleName("Settings")
        self.setToolTip(f"Settings ({SETTINGS_KEYS})")
        self.setIconSize(QSize(18, 18))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._paint_icon()
        theme.changed.connect(self._paint_icon)

    def _paint_icon(self) -> None:
        self.setIcon(icon("settings", self._theme.color("text_muted"), 18))


class Brand(QLabel):
    """The name, which gives way where there is no room for all of it."""

    def __init__(self) -> None:
        super().__init__("Arvis")
        self.setProperty("role", "brand")

    def minimumSizeHint(self) -> QSize:
        """No width at all."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw all of it, or nothing."""
        if self.width() >= super().minimumSizeHint().width():
            super().paintEvent(event)


class Header(QFrame):
    """The name, the menu of listening, the microphone, the state, the settings and the lock."""

    def __init__(self, theme: Theme, wording: Wording, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.listening = ListeningButton(wording)
        self.microphone = MicrophoneSign(theme)
        self.remote = RemoteSign()
        self.badge = StateBadge(theme)
        self.settings = SettingsButton(theme)
        self.lock = LockButton(theme)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(26, 26))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 9, 16, 9)
        row.setSpacing(8)
        row.addWidget(picture)
        row.addWidget(Brand())
        row.addWidget(self.listening)
        row.addStretch(1)
        row.addWidget(self.remote)
        row.addWidget(self.microphone)
        row.addWidget(self.badge)
        row.addWidget(self.settings)
        row.addWidget(self.lock)

    def show_lock(self, state: LockState) -> None:
        """Leave out what is of no use to who is locked out."""
        self.lock.show_state(state)
        takes_part = Permission.TALK in state.allowed or Permission.TYPE in state.allowed
        self.listening.setVisible(takes_part)
        self.badge.setVisible(takes_part)
        self.settings.setVisible(Permission.CHANGE_SETTINGS in state.allowed)
