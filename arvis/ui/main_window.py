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
from arvis.ui.conversation import Conversation
from arvis.ui.engine_strip import EngineStrip
from arvis.ui.header import SETTINGS_KEYS, Header
from arvis.ui.icons import app_icon, icon
from arvis.ui.level_meter import LevelMeter
from arvis.ui.listening_button import KEYS as LISTENING_KEYS
from arvis.ui.lock import KEYS as LOCK_KEYS
from arvis.ui.lock import LockPage, LockWatch
from arvis.ui.mode import Mode, mode_of
from arvis.ui.notices import NoticeBar
from arvis.ui.status import StatusLine
from arvis.ui.talk_button import TalkButton
from arvis.ui.theme import Theme
from arvis.ui.window_hotkey import WindowHotkey
from arvis.ui.wording import Wording
from modules.hotkey.combination import Combination
from modules.security.lock import LockState
from modules.security.roles import Permission
from modules.turn.events import Notice, PhaseChanged
from modules.turn.settings import ListeningMode

LOW = 560
"""Height in pixels below which everything but the conversation takes less room."""


class MainWindow(QMainWindow):
    """Shows what the core tells, and tells the core what the user does; knows nothing else.

    Args:
        core: The core.
        theme: Where the colours come from.
        combination: The talk key, to be watched in this window unless it works everywhere.
        wording: What is said about talking.
    """

    #: The window was drawn for the first time.
    drawn = pyqtSignal()
    #: It shows itself to be doing something else: a `Mode`.
    mode_changed = pyqtSignal(Mode)
    #: The user wants to end Arvis, not only to close the window.
    quit_wanted = pyqtSignal()
    #: The user wants to see the settings.
    settings_wanted = pyqtSignal()

    def __init__(self, core: ArvisCore, theme: Theme, combination: Combination, wording: Wording) -> None:
        super().__init__()
        self._core = core
        self.theme = theme
        self.wording = wording
        self._is_drawn = False
        self._is_compact = False
        self._told_mode: Mode | None = None
        self.setWindowTitle("Arvis")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(540, 420)
        self.resize(900, 640)
        self._make_parts(combination)
        self._lay_out()
        self._connect()
        self._show_icons()
        self._on_listening(core.snapshot.listening)
        self.composer.entry.setFocus()
        if core.gate.told.locked:
            self._on_lock(core.gate.told)
        self._lock_watch = LockWatch(core, self)

    # --- building -----------------------------------------------------------------------------------------------

    def _make_parts(self, combination: Combination) -> None:
        self.header = Header(self.theme, self.wording)
        self.badge = self.header.badge
        self.engines = EngineStrip()
        self.notices = NoticeBar(self.theme)
        self.conversation = Conversation(self.theme)
        self.lock = LockPage()
        self.meters = (LevelMeter(self.theme, toward_left=True), LevelMeter(self.theme, toward_left=False))
        self.talk = TalkButton(self.theme)
        self.caption = QLabel()
        self.caption.setProperty("role", "small")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.mute = _side_button("Mute", "Mute the microphone (Ctrl+M)", checkable=True)
        self.stop = _side_button("Stop", "Stop the answer (Esc)")
        self.composer = Composer(self.theme)
        self.status = StatusLine(self.wording.key)
        self.window_hotkey = WindowHotkey(combination, self)

    def _lay_out(self) -> None:
        central = QWidget()
        central.setObjectName("central")
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.engines)
        column.addWidget(self.notices)
        column.addWidget(self.lock)
        column.addWidget(self.conversation, 1)
        self.dock = self._dock()
        column.addWidget(self.dock)
        self.setCentralWidget(central)
        chain = (self.composer.entry, self.composer.send, self.mute, self.talk, self.stop, self.header.listening)
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

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
        self._connect_turns()
        self._connect_microphone()
        self._connect_lock()
        core = self._core
        core.notice.connect(self.conversation.show_failure)
        core.engine_changed.connect(self.engines.show_status)
        core.remote_changed.connect(self.header.remote.show_uses)
        core.opened.connect(self._on_opened)
        core.hotkey_changed.connect(self._on_hotkey)
        self.talk.talk_pressed.connect(core.press)
        self.talk.talk_released.connect(core.release)
        self.window_hotkey.pressed.connect(core.press)
        self.window_hotkey.released.connect(core.release)
        self.stop.clicked.connect(core.stop)
        self.composer.submitted.connect(core.submit)
        self.composer.refused.connect(lambda reason: core.notice.emit(Notice("info", "not-available", reason)))
        self.theme.changed.connect(self._show_icons)
        self._shortcut("Esc", core.stop)
        self._shortcut("Ctrl+M", self.mute.toggle)
        self._shortcut(LISTENING_KEYS, self.header.listening.open_menu)
        self._shortcut("Ctrl+Q", self.quit_wanted.emit)
        self._shortcut(SETTINGS_KEYS, self.settings_wanted.emit)
        self.header.settings.clicked.connect(self.settings_wanted)

    def _connect_turns(self) -> None:
        core, conversation = self._core, self.conversation
        core.phase_changed.connect(self._on_phase)
        core.overlap_changed.connect(self._show_mode)
        core.resumed.connect(conversation.show_resumed)
        core.user_text.connect(conversation.show_user)
        core.reply_text.connect(conversation.show_reply)
        core.reply_ended.connect(conversation.end_reply)
        core.reply_dropped.connect(conversation.drop_reply)
        core.utterance_dropped.connect(conversation.drop_utterance)
        core.turn_measured.connect(self.status.show_latency)
        core.turn_measured.connect(lambda measured: self.notices.end_turn(measured.turn_id))
        core.speculation_measured.connect(self.status.show_speculation)
        core.model_measured.connect(self.status.show_model)

    def _connect_microphone(self) -> None:
        core, listening = self._core, self.header.listening
        core.input_level.connect(self._on_level)
        core.muted_changed.connect(self._on_muted)
        core.microphone_changed.connect(self._on_microphone)
        core.listening_changed.connect(self._on_listening)
        core.debounce_changed.connect(listening.show_debounce)
        core.debounce_changed.connect(self._show_mode)
        listening.listening_chosen.connect(core.set_listening)
        listening.pause_chosen.connect(core.set_debounce)
        self.mute.toggled.connect(core.set_muted)

    def _connect_lock(self) -> None:
        core = self._core
        core.lock_changed.connect(self._on_lock)
        self.lock.submitted.connect(core.unlock)
        self.header.lock.clicked.connect(core.lock)
        self._shortcut(LOCK_KEYS, core.lock)

    def _shortcut(self, keys: str, act: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(act)

    # --- what the core tells ------------------------------------------------------------------------------------

    def _on_phase(self, event: PhaseChanged) -> None:
        self.conversation.show_phase(event)
        self._show_mode()

    def _on_level(self, rms: float) -> None:
        for meter in self.meters:
            meter.add(rms)
        if self.mode.hears:
            self.talk.show_level(rms)

    def _on_microphone(self, is_open: bool) -> None:
        self.header.microphone.show_open(is_open)
        if not is_open:
            for meter in self.meters:
                meter.clear()
        self._show_mode()

    def _on_listening(self, mode: ListeningMode) -> None:
        self.header.listening.show_listening(mode)
        self.conversation.welcome.show_words(self.wording.headline(mode), self.wording.hint(mode))
        self._show_mode()

    def _on_opened(self) -> None:
        self.engines.finish()
        self._show_obstacle()
        self._show_mode()

    def _on_lock(self, state: LockState) -> None:
        """Cover what may not be seen, and take away what may not be used."""
        opened = self.lock.isVisibleTo(self) and not state.locked
        self.lock.show_state(state)
        self.header.show_lock(state)
        self.conversation.setVisible(Permission.READ_HISTORY in state.allowed)
        self.dock.setVisible(Permission.TALK in state.allowed or Permission.TYPE in state.allowed)
        if state.locked and not self._core.gate.may(Permission.TYPE):
            self.lock.entry.setFocus()
        elif opened:
            self.composer.entry.setFocus()
        self._show_obstacle()
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
            self._core.notice.emit(Notice("info", "hotkey", state.reason))

    # --- showing ------------------------------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        """What the window shows itself to be doing."""
        return mode_of(self._core.snapshot, self._core.gate.is_closed)

    def set_wording(self, wording: Wording) -> None:
        """Say it like this from now on."""
        self.wording = wording
        self.header.listening.set_wording(wording)
        self._on_listening(self._core.snapshot.listening)

    def _show_mode(self) -> None:
        mode, snapshot = self.mode, self._core.snapshot
        self.badge.show_mode(mode)
        self.talk.show_mode(mode)
        self.talk.setEnabled(not snapshot.obstacle and self._core.gate.may(Permission.TALK))
        self.talk.setToolTip(snapshot.obstacle or self.wording.how_to_talk())
        by_key = self._core.talk.owns(snapshot.turn_id)
        self.caption.setText(self.wording.caption(mode, snapshot, by_key=by_key))
        self.stop.setEnabled(mode.is_turn)
        for meter in self.meters:
            meter.set_hears(mode.hears)
        if mode is not self._told_mode:
            self._told_mode = mode
            self.mode_changed.emit(mode)

    def _show_obstacle(self) -> None:
        locked = "" if self._core.gate.may(Permission.TYPE) else "Unlock Arvis to type."
        self.composer.set_obstacle(self._core.snapshot.obstacle or locked)

    def _show_icons(self) -> None:
        muted = self._core.gate.muted
        self.mute.setIcon(icon("microphone_muted" if muted else "microphone", self.theme.color("text_muted"), 20))
        self.mute.setText("Unmute" if muted else "Mute")
        self.stop.setIcon(icon("stop", self.theme.color("text_muted"), 20))

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
