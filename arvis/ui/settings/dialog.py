"""The settings dialog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from PyQt6.QtCore import QSize, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from arvis.core.base import CoreBase
from arvis.ui.settings.catalogue import group_of, groups, matches, title_of
from arvis.ui.settings.changes import Changes
from arvis.ui.settings.field_kinds import field_for
from arvis.ui.settings.jobs import Jobs
from arvis.ui.settings.pages import Pages
from arvis.ui.settings.recorder import HotkeyField, shortcuts_of
from arvis.ui.settings.row import RowFrame, SettingRow
from arvis.ui.settings.secret_row import OpenStore, SecretRow
from arvis.ui.settings.standing import Standing, standing
from arvis.ui.settings.trials import Trial, TrialPanel
from config.loader import Loaded
from config.schema import Key, keys, secrets
from config.settings import Settings
from modules.security.lock import LockState
from modules.security.roles import Permission


class SettingsDialog(QDialog):
    """Every setting, as the schema describes it. What is allowed counts at once; nothing else is ever written.

    Args:
        core: Says what is allowed, and tells when settings change and when Arvis is locked.
        loaded: The settings that are in force.
        started: Those with which Arvis was started.
        open_store: Opens the secrets.
        trials: What can be tried out.
        parent: The window whose shortcuts the talk key must not have.
    """

    #: Whether the keys that are pressed are recorded, so that the talk key should do nothing.
    recording_changed = pyqtSignal(bool)

    def __init__(
        self,
        core: CoreBase,
        loaded: Loaded,
        started: Settings,
        open_store: OpenStore,
        trials: Sequence[Trial] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._started = started
        self._open_store = open_store
        self._trials = trials
        self._secret_jobs = Jobs("settings-secrets", parent=self)
        self._trial_jobs = Jobs("settings-trials", parent=self)
        self.changes = Changes(loaded, self)
        self.panels: list[TrialPanel] = []
        self.setObjectName("settings")
        self.setWindowTitle("Settings")
        self.setModal(False)
        self.resize(880, 640)
        self._make_parts()
        self._lay_out()
        self._connect()
        self.groups.setCurrentRow(0)

    # --- building -----------------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self.search = QLineEdit()
        self.search.setObjectName("settings_search")
        self.search.setAccessibleName("Search settings")
        self.search.setPlaceholderText("Search settings (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.groups = QListWidget()
        self.groups.setObjectName("settings_groups")
        self.groups.setAccessibleName("Groups of settings")
        self.groups.addItems(list(groups()))
        self.groups.setFixedWidth(self.groups.sizeHintForColumn(0) + 32)
        self.groups.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pages = Pages(self._make_row, self._make_panels)
        self.status = QLabel()
        self.status.setProperty("role", "small")
        self.reset = _button("Reset this group…")
        self.closing = _button("Close")
        self.question = QMessageBox(QMessageBox.Icon.Question, "Settings", "", parent=self)
        self.question.setStandardButtons(QMessageBox.StandardButton.Reset | QMessageBox.StandardButton.Cancel)
        self.question.setDefaultButton(QMessageBox.StandardButton.Cancel)

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(self.groups, 1)
        main = QVBoxLayout()
        main.setSpacing(10)
        main.addWidget(self.search)
        main.addWidget(self.pages, 1)
        middle = QHBoxLayout()
        middle.setSpacing(14)
        middle.addLayout(side)
        middle.addLayout(main, 1)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        bottom.addWidget(self.reset)
        bottom.addWidget(self.status, 1)
        bottom.addWidget(self.closing)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 12)
        column.setSpacing(10)
        column.addLayout(middle, 1)
        column.addLayout(bottom)

    def _set_tab_order(self) -> None:
        """Lead the focus through the rows as they stand, in whatever order they were built."""
        chain: list[QWidget] = [self.search, self.groups, *(panel.button for panel in self.panels)]
        for inside in groups().values():
            chain += [control for key in inside for control in self.pages.rows[key.path].controls]
        for before, after in pairwise((*chain, self.reset, self.closing)):
            QWidget.setTabOrder(before, after)
        for row in self.pages.rows.values():
            if isinstance(row, SettingRow):
                QWidget.setTabOrder(row.reset, row.source)

    def _connect(self) -> None:
        self.pages.completed.connect(self._set_tab_order)
        self.search.textChanged.connect(self._on_search)
        self.groups.currentItemChanged.connect(self._on_group)
        self.reset.clicked.connect(self._ask_reset)
        self.closing.clicked.connect(self.close)
        self.question.finished.connect(self._on_answer)
        self.changes.read.connect(self._show_standings)
        self.changes.refused.connect(self._show_refusal)
        self.changes.written.connect(self._show_written)
        self._core.settings_changed.connect(self._look)
        self._core.lock_changed.connect(self._on_lock)
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self._begin_search)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close)

    def _make_row(self, key: Key) -> RowFrame:
        if key.path in secrets():
            return SecretRow(key, self._open_store, self._secret_jobs, lambda: self._may(Permission.MANAGE_SECRETS))
        field = field_for(key, self._shortcuts)
        restarts = key.restart or not self._started.flags.live_reload
        row = SettingRow(key, field, self._started.get(key.path), restarts)
        row.show_standing(standing(self.changes.loaded, key.path))
        row.wanted.connect(self._put)
        row.unwanted.connect(self._unset)
        if isinstance(field, HotkeyField):
            field.recording_changed.connect(self.recording_changed)
        return row

    def _make_panels(self, group: str) -> Iterable[QWidget]:
        made = [TrialPanel(trial, self._trial_jobs, self._may) for trial in self._trials if trial.group == group]
        self.panels += made
        return made

    def _shortcuts(self) -> tuple[QKeySequence, ...]:
        window = self.parentWidget()
        return shortcuts_of(window.window() or window) if window is not None else ()

    # --- opening and closing ------------------------------------------------------------------------------------

    def open_at(self, group: str = "") -> None:
        """Show it, at this group if one is named, or else as it was left."""
        self.search.clear()
        for item in self.groups.findItems(group, Qt.MatchFlag.MatchExactly):
            self.groups.setCurrentItem(item)
        self.status.setText("")
        self.show()
        self.raise_()
        self.activateWindow()
        self.search.setFocus()
        self.pages.start()
        self._look()

    def done(self, result: int) -> None:
        """Have written what is allowed, forget what is not, and close."""
        for row in self.pages.rows.values():
            if isinstance(row, SettingRow):
                row.hand_on()
        self._leave()
        super().done(result)

    def _leave(self) -> None:
        self.pages.stop()
        self.question.reject()
        for panel in self.panels:
            panel.stop()
        for row in self.pages.rows.values():
            if isinstance(row, SecretRow):
                row.forget_entry()
            elif isinstance(row, SettingRow) and row.is_drafted:
                row.discard()

    @pyqtSlot(LockState)
    def _on_lock(self, state: LockState) -> None:
        if state.locked and self.isVisible():
            self._leave()  # before anything is handed on: whoever locked it wants nothing changed any more
            self.close()

    # --- what the user does -------------------------------------------------------------------------------------

    def _may(self, permission: Permission) -> bool:
        refusal = self._core.may(permission)
        if refusal is not None:
            self._core.notice.emit(refusal)
            self.status.setText(refusal.text)
        return refusal is None

    @pyqtSlot(str, object)
    def _put(self, path: str, value: Any) -> None:
        if self._may(Permission.CHANGE_SETTINGS):
            self.changes.put(path, value)

    @pyqtSlot(str)
    def _unset(self, path: str) -> None:
        if self._may(Permission.CHANGE_SETTINGS):
            self.changes.unset(path)

    @pyqtSlot(str)
    def _on_search(self, query: str) -> None:
        query = query.strip()
        self.reset.setEnabled(not query)
        for row, inside in enumerate(groups().values()):
            item = self.groups.item(row)
            assert item is not None
            item.setHidden(bool(query) and not any(matches(key, query) for key in inside))
        self.groups.blockSignals(True)
        self.groups.setCurrentRow(-1 if query else list(groups()).index(self.pages.group))
        self.groups.blockSignals(False)
        if query:
            self.pages.show_matches(query)
        else:
            self.pages.show_group(self.pages.group)

    @pyqtSlot(QListWidgetItem, QListWidgetItem)
    def _on_group(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if item is not None:
            self.pages.show_group(item.text())
            self.search.clear()

    def _begin_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _ask_reset(self) -> None:
        names = [title_of(keys()[path]) for path in self._to_reset()]
        if not names:
            self.status.setText(f"{self.pages.group}: every setting has its default.")
            return
        self.question.setText(f"Take the defaults again for {self.pages.group}?")
        self.question.setInformativeText(f"{', '.join(names)}. A copy of the settings file is kept.")
        self.question.open()

    @pyqtSlot(int)
    def _on_answer(self, answer: int) -> None:
        names = self._to_reset()
        if answer == QMessageBox.StandardButton.Reset and names and self._may(Permission.CHANGE_SETTINGS):
            for path in names:
                self._row(path).discard()
            self.changes.reset(names)

    def _to_reset(self) -> tuple[str, ...]:
        loaded = self.changes.loaded
        inside = (key.path for key in groups()[self.pages.group] if key.path in keys())
        return tuple(path for path in inside if standing(loaded, path).in_file)

    def _row(self, path: str) -> SettingRow:
        row = self.pages.rows[path]
        assert isinstance(row, SettingRow)
        return row

    # --- what comes of it ---------------------------------------------------------------------------------------

    @pyqtSlot(object)
    def _look(self, _change: object = None) -> None:
        if self.isVisible():
            self.changes.look()

    @pyqtSlot(object)
    def _show_standings(self, standings: Mapping[str, Standing]) -> None:
        for path, row in self.pages.rows.items():
            if isinstance(row, SettingRow):
                row.show_standing(standings[path])

    @pyqtSlot(tuple)
    def _show_written(self, paths: tuple[str, ...]) -> None:
        key = keys()[paths[0]]
        what = title_of(key) if len(paths) == 1 else group_of(key)
        self.status.setText(f"Saved: {what}")

    @pyqtSlot(tuple, str)
    def _show_refusal(self, paths: tuple[str, ...], sentence: str) -> None:
        self.status.setText("" if paths else sentence)
        for path in paths:
            if path in self.pages.rows:
                self._row(path).show_refusal(sentence)

    def sizeHint(self) -> QSize:
        """Room for a group at a glance."""
        return QSize(880, 640)


def _button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    return button
