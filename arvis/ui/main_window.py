"""The main window."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMainWindow, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from arvis.core.core import ArvisCore
from arvis.core.snapshot import HotkeyState
from arvis.ui.composer import Composer
from arvis.ui.conversation import Conversation, Welcome
from arvis.ui.engine_strip import EngineStrip
from arvis.ui.icons import app_icon, icon
from arvis.ui.level_meter import LevelMeter
from arvis.ui.mode import Mode, mode_of
from arvis.ui.notices import NoticeBar
from arvis.ui.status import StateBadge, StatusLine
from arvis.ui.talk_button import TalkButton
from arvis.ui.theme import Theme
from arvis.ui.window_hotkey import WindowHotkey
from modules.hotkey.combination import Combination
from modules.turn.events import Notice, PhaseChanged

LOW = 560
"""Height in pixels below which everything but the conversation takes less room."""


class MainWindow(QMainWindow):
    """Shows what the core tells, and tells the core what the user does; knows nothing else.

    Args:
        core: The core.
        theme: Where the colours come from.
        combination: The talk key, to be named and, unless it works everywhere, to be watched in this window.
    """

    #: The window was drawn for the first time.
    drawn = pyqtSignal()

    def __init__(self, core: ArvisCore, theme: Theme, combination: Combination) -> None:
        super().__init__()
        self._core = core
        self._theme = theme
        self._key = combination.label
        self._is_drawn = False
        self._is_compact = False
        self.setWindowTitle("Arvis")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(480, 420)
        self.resize(900, 640)
        self._make_parts(combination)
        self._lay_out()
        self._connect()
        self._show_icons()
        self._show_mode()
        self.composer.entry.setFocus()

    # --- building -----------------------------------------------------------------------------------------------

    def _make_parts(self, combination: Combination) -> None:
        self.badge = StateBadge(self._theme)
        self.engines = EngineStrip()
        self.notices = NoticeBar(self._theme)
        self.conversation = Conversation(self._theme, Welcome(self._headline(), self._hint()))
        self.meters = (LevelMeter(self._theme, toward_left=True), LevelMeter(self._theme, toward_left=False))
        self.talk = TalkButton(self._theme)
        self.caption = QLabel()
        self.caption.setProperty("role", "small")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.mute = _side_button("Mute", "Mute the microphone (Ctrl+M)", checkable=True)
        self.stop = _side_button("Stop", "Stop the answer (Esc)")
        self.composer = Composer(self._theme)
        self.status = StatusLine(self._key)
        self.window_hotkey = WindowHotkey(combination, self)

    def _lay_out(self) -> None:
        central = QWidget()
        central.setObjectName("central")
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header())
        column.addWidget(self.engines)
        column.addWidget(self.notices)
        column.addWidget(self.conversation, 1)
        column.addWidget(self._dock())
        self.setCentralWidget(central)
        chain = (self.composer.entry, self.composer.send, self.mute, self.talk, self.stop)
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _header(self) -> QWidget:
        header = QFrame()
        header.setObjectName("header")
        row = QHBoxLayout(header)
        row.setContentsMargins(16, 9, 16, 9)
        row.setSpacing(10)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(26, 26))
        brand = QLabel("Arvis")
        brand.setProperty("role", "brand")
        row.addWidget(picture)
        row.addWidget(brand)
        row.addStretch(1)
        row.addWidget(self.badge)
        return header

    def _dock(self) -> QWidget:
        dock = QFrame()
        dock.setObjectName("dock")
        dock.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(dock)
        column.setContentsMargins(16, 8, 16, 10)
        column.setSpacing(3)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.mute)
        row.addWidget(self.meters[0], 1)
        row.addWidget(self.talk)
        row.addWidget(self.meters[1], 1)
        row.addWidget(self.stop)
        column.addLayout(row)
        column.addWidget(self.caption)
        column.addSpacing(4)
        column.addWidget(self.composer)
        column.addSpacing(3)
        column.addWidget(self.status)
        return dock

    def _connect(self) -> None:
        core = self._core
        core.phase_changed.connect(self._on_phase)
        core.user_text.connect(self.conversation.show_user)
        core.reply_text.connect(self.conversation.show_reply)
        core.reply_ended.connect(self.conversation.end_reply)
        core.turn_measured.connect(self.status.show_latency)
        core.input_level.connect(self._on_level)
        core.notice.connect(self.notices.add)
        core.turn_measured.connect(lambda measured: self.notices.end_turn(measured.turn_id))
        core.notice.connect(self.conversation.show_failure)
        core.engine_changed.connect(self.engines.show_status)
        core.opened.connect(self._on_opened)
        core.muted_changed.connect(self._on_muted)
        core.hotkey_changed.connect(self._on_hotkey)
        self.talk.talk_pressed.connect(core.press)
        self.talk.talk_released.connect(core.release)
        self.window_hotkey.pressed.connect(core.press)
        self.window_hotkey.released.connect(core.release)
        self.mute.toggled.connect(core.set_muted)
        self.stop.clicked.connect(core.stop)
        self.composer.submitted.connect(core.submit)
        self.composer.refused.connect(lambda reason: self.notices.add(Notice("info", "not-available", reason)))
        self._theme.changed.connect(self._show_icons)
        self._shortcut("Esc", core.stop)
        self._shortcut("Ctrl+M", self.mute.toggle)
        self._shortcut("Ctrl+Q", self.close)

    def _shortcut(self, keys: str, act: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(act)

    # --- what the core tells ------------------------------------------------------------------------------------

    def _on_phase(self, event: PhaseChanged) -> None:
        self.conversation.show_phase(event)
        self._show_mode()

    def _on_level(self, rms: float) -> None:
        for meter in self.meters:
            meter.add(rms)
        self.talk.show_level(rms)

    def _on_opened(self, obstacle: str) -> None:
        self.engines.finish()
        self.composer.set_obstacle(obstacle)
        self._show_mode()

    def _on_muted(self, muted: bool) -> None:
        self.mute.setChecked(muted)
        self._show_icons()
        self._show_mode()

    def _on_hotkey(self, state: HotkeyState) -> None:
        self.status.show_hotkey(state)
        if state.everywhere:
            self.window_hotkey.leave()
        else:
            self.notices.add(Notice("info", "hotkey", state.reason))

    # --- showing ------------------------------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        """What the window shows itself to be doing."""
        return mode_of(self._core.snapshot, self._core.gate.muted)

    def _show_mode(self) -> None:
        mode = self.mode
        obstacle = self._core.snapshot.obstacle
        self.badge.show_mode(mode)
        self.talk.show_mode(mode)
        self.talk.setEnabled(not obstacle)
        self.talk.setToolTip(obstacle or self._hint_for_talk())
        self.caption.setText(obstacle or self._caption(mode))
        self.stop.setEnabled(mode.is_turn)
        if mode is not Mode.LISTENING:
            for meter in self.meters:
                meter.clear()

    def _show_icons(self) -> None:
        muted = self._core.gate.muted
        self.mute.setIcon(icon("microphone_muted" if muted else "microphone", self._theme.color("text_muted"), 20))
        self.mute.setText("Unmute" if muted else "Mute")
        self.stop.setIcon(icon("stop", self._theme.color("text_muted"), 20))

    def _caption(self, mode: Mode) -> str:
        toggles = self._core.talk.mode == "toggle"
        match mode:
            case Mode.LISTENING | Mode.SPECULATIVE:
                return "Press again to finish" if toggles else "Let go to finish"
            case Mode.COMMITTED if self._core.snapshot.loading:
                return "Arvis answers as soon as it is ready; Esc stops it"
            case Mode.COMMITTED | Mode.SPEAKING:
                return f"Esc or a tap on {self._key} stops the answer"
            case Mode.MUTED:
                return "The microphone is muted"
            case Mode.STARTING:
                return "Getting ready; you can speak already"
            case _:
                return self._hint_for_talk()

    def _hint_for_talk(self) -> str:
        if self._core.talk.mode == "toggle":
            return f"Press {self._key} or this button to talk, and again to finish"
        return f"Hold {self._key} or this button and speak"

    def _headline(self) -> str:
        toggles = self._core.talk.mode == "toggle"
        return f"Press {self._key} and speak" if toggles else f"Hold {self._key} and speak"

    def _hint(self) -> str:
        return "Arvis answers aloud. You can type as well; Esc stops the answer."

    # --- Qt -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Tell when the window has been drawn for the first time, and watch the talk key from then on."""
        super().paintEvent(event)
        if not self._is_drawn:
            self._is_drawn = True
            self.window_hotkey.watch()
            self.drawn.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave the conversation enough of a low window."""
        super().resizeEvent(event)
        compact = self.height() < LOW
        if compact != self._is_compact:
            self._is_compact = compact
            for part in (self.talk, self.engines, self.notices):
                part.set_compact(compact)


def _side_button(text: str, tip: str, *, checkable: bool = False) -> QToolButton:
    button = QToolButton()
    button.setObjectName("side")
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(checkable)
    button.setIconSize(QSize(20, 20))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
