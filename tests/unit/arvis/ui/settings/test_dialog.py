from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QApplication, QMainWindow, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from arvis.ui.settings.catalogue import groups, matches
from arvis.ui.settings.choices import ChoiceField
from arvis.ui.settings.dialog import SettingsDialog
from arvis.ui.settings.numbers import NumberField
from arvis.ui.settings.pages import AT_ONCE
from arvis.ui.settings.recorder import HotkeyField
from arvis.ui.settings.row import SettingRow
from arvis.ui.settings.secret_row import SecretRow
from arvis.ui.settings.texts import TextField
from arvis.ui.settings.trials import Trial
from config import schema
from modules.security.lock import LockState
from modules.security.roles import Permission
from modules.turn.events import Notice
from tests.unit.arvis.fakes import Desk
from tests.unit.arvis.ui.hands import hands
from tests.unit.arvis.ui.settings.conftest import Build
from tests.unit.arvis.ui.settings.secrets import FakeSecrets


def setting(dialog: SettingsDialog, path: str) -> SettingRow:
    row = dialog.pages.rows[path]
    assert isinstance(row, SettingRow)
    return row


def visible(dialog: SettingsDialog) -> list[str]:
    return [path for path, row in dialog.pages.rows.items() if row.isVisible()]


def wait(qtbot: QtBot, dialog: SettingsDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.changes.pending)


def type_number(dialog: SettingsDialog, path: str, text: str, *, finish: bool = True) -> None:
    field = setting(dialog, path).field
    assert isinstance(field, NumberField)
    field.edit.selectAll()
    hands.keyClicks(field.edit, text)
    if finish:
        hands.keyClick(field.edit, Qt.Key.Key_Return)


def kept(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text())


def test_it_has_every_setting_and_shows_one_group_of_them(dialog: SettingsDialog) -> None:
    assert sorted(dialog.pages.rows) == sorted([*schema.keys(), *schema.secrets()])
    assert [dialog.groups.item(row).text() for row in range(dialog.groups.count())] == list(groups())  # type: ignore[union-attr]
    assert not dialog.isModal()
    assert dialog.search.hasFocus()
    for row, (group, inside) in enumerate(groups().items()):
        dialog.groups.setCurrentRow(row)
        assert sorted(visible(dialog)) == sorted(key.path for key in inside)
        assert dialog.pages.group == group


def test_rows_stand_in_their_order_whenever_they_were_built(dialog: SettingsDialog, qapp: QApplication) -> None:
    dialog.open_at("Talking")
    qapp.processEvents()
    places = [dialog.pages.rows[key.path].y() for key in groups()["Talking"]]
    assert places == sorted(places)
    assert len(set(places)) == len(places)
    lines = [dialog.pages.rows[key.path].line.isVisible() for key in groups()["Talking"]]
    assert lines == [True] * (len(lines) - 1) + [False]


def test_building_it_puts_no_other_window_on_the_screen(build: Build, qapp: QApplication, qtbot: QtBot) -> None:
    shown: list[str] = []
    real = QWidget.setVisible

    def watch(self: QWidget, on: bool) -> None:
        if on and self.parent() is None:
            shown.append(type(self).__name__)
        real(self, on)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QWidget, "setVisible", watch)
        build(trials=(Trial("Sound", "Try", lambda level, over: "", Permission.TALK, True),))
    windows = [type(each).__name__ for each in qapp.topLevelWidgets() if each.isVisible()]
    assert shown == []
    assert sorted(windows) == ["QMainWindow", "SettingsDialog"]


def test_a_search_goes_across_groups_and_back(dialog: SettingsDialog) -> None:
    dialog.groups.setCurrentRow(list(groups()).index("Voice"))
    hands.keyClicks(dialog.search, "threads")
    assert sorted(visible(dialog)) == ["llm.threads", "stt.threads"]
    names = [dialog.groups.item(row) for row in range(dialog.groups.count())]
    assert [item.text() for item in names if item and not item.isHidden()] == ["Speech to text", "Language model"]
    assert not dialog.reset.isEnabled()
    hands.keyClicks(dialog.search, " zzz")
    assert visible(dialog) == []
    assert dialog.pages.nothing.text() == "No setting has “threads zzz” in it."
    dialog.search.clear()
    assert dialog.pages.group == "Voice"
    assert "tts.voice" in visible(dialog)
    current = dialog.groups.currentItem()
    assert current is not None
    assert current.text() == "Voice"


def test_a_search_that_finds_much_shows_it_little_by_little(dialog: SettingsDialog, qtbot: QtBot) -> None:
    wanted = sorted(key.path for inside in groups().values() for key in inside if matches(key, "the"))
    assert len(wanted) > 2 * AT_ONCE
    dialog.search.setText("the")
    assert AT_ONCE <= len(visible(dialog)) < len(wanted)
    qtbot.waitUntil(lambda: sorted(visible(dialog)) == wanted)
    dialog.search.clear()
    dialog.search.setText("the")
    dialog.search.setText("threads")  # what is still to be shown of the last one is not wanted any more
    qtbot.waitUntil(lambda: not dialog.pages._timer.isActive())
    assert sorted(visible(dialog)) == ["llm.threads", "stt.threads"]


def test_choosing_a_group_ends_a_search(dialog: SettingsDialog) -> None:
    hands.keyClicks(dialog.search, "threads")
    dialog.groups.setCurrentRow(list(groups()).index("Language model"))
    assert dialog.search.text() == ""
    assert sorted(visible(dialog)) == sorted(key.path for key in groups()["Language model"])


def test_a_change_is_written_and_shown_with_its_place(dialog: SettingsDialog, qtbot: QtBot, file: Path) -> None:
    type_number(dialog, "llm.threads", "3")
    wait(qtbot, dialog)
    assert kept(file) == {"version": 2, "llm": {"threads": 3}}
    row = setting(dialog, "llm.threads")
    assert row.source.text().startswith("Set in config.toml, line ")
    assert not row.waiting.isHidden()
    assert dialog.status.text() == "Saved: Threads"
    row.reset.click()
    wait(qtbot, dialog)
    assert kept(file) == {"version": 2}
    assert row.source.text().startswith("Default.")
    assert row.waiting.isHidden()


def test_what_is_not_allowed_is_never_written(dialog: SettingsDialog, qtbot: QtBot, file: Path) -> None:
    type_number(dialog, "llm.threads", "99")
    assert "must be a whole number from 1 to 32" in setting(dialog, "llm.threads").trouble.text()
    dialog.close()
    wait(qtbot, dialog)
    assert file.read_text() == "version = 2\n"
    field = setting(dialog, "llm.threads").field
    assert isinstance(field, NumberField)
    assert field.edit.value() == 2


def test_closing_writes_what_is_allowed(dialog: SettingsDialog, qtbot: QtBot, file: Path) -> None:
    dialog.open_at("Voice")
    field = setting(dialog, "tts.voice").field
    assert isinstance(field, TextField)
    hands.keyClicks(field.line, "amy")
    hands.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    wait(qtbot, dialog)
    assert kept(file)["tts"] == {"voice": "amy"}


def test_what_others_change_is_followed(dialog: SettingsDialog, qtbot: QtBot, desk: Desk, file: Path) -> None:
    file.write_text('version = 2\n[talk]\nlistening = "hands-free"\n')
    desk.core.settings_changed.emit(None)
    wait(qtbot, dialog)
    field = setting(dialog, "talk.listening").field
    assert isinstance(field, ChoiceField)
    assert field.box.currentText() == "hands-free"


def test_while_it_is_closed_it_reads_nothing_and_looks_when_it_opens(
    dialog: SettingsDialog, qtbot: QtBot, desk: Desk, file: Path
) -> None:
    dialog.close()
    file.write_text("version = 2\n[llm]\nthreads = 5\n")
    desk.core.settings_changed.emit(None)
    assert dialog.changes.pending == 0
    dialog.open_at("Language model")
    wait(qtbot, dialog)
    field = setting(dialog, "llm.threads").field
    assert isinstance(field, NumberField)
    assert field.edit.value() == 5
    assert dialog.pages.group == "Language model"


def test_a_file_that_cannot_be_written_is_said_at_the_setting(dialog: SettingsDialog, qtbot: QtBot, file: Path) -> None:
    file.write_text("version = 2\n[llm\n")
    type_number(dialog, "llm.threads", "3")
    wait(qtbot, dialog)
    row = setting(dialog, "llm.threads")
    assert row.trouble.text()
    assert isinstance(row.field, NumberField)
    assert row.field.edit.value() == 2
    assert file.read_text() == "version = 2\n[llm\n"


def test_a_group_is_reset_after_a_question(build: Build, qtbot: QtBot, file: Path) -> None:
    dialog = build('[llm]\nthreads = 3\nmodel = "x"\n[tts]\nspeed = 2.0\n')
    dialog.open_at("Language model")
    dialog.reset.click()
    assert dialog.question.isVisible()
    assert dialog.question.informativeText().startswith("Model, Threads.")
    dialog.question.done(QMessageBox.StandardButton.Cancel)
    assert kept(file)["llm"] == {"threads": 3, "model": "x"}
    dialog.reset.click()
    dialog.question.done(QMessageBox.StandardButton.Reset)
    wait(qtbot, dialog)
    assert kept(file) == {"version": 2, "tts": {"speed": 2.0}}
    assert dialog.status.text() == "Saved: Language model"
    dialog.reset.click()
    assert not dialog.question.isVisible()
    assert dialog.status.text() == "Language model: every setting has its default."


def test_what_the_environment_or_a_profile_sets_cannot_be_changed(build: Build, file: Path) -> None:
    dialog = build("[llm]\nthreads = 3\n", {"ARVIS_LLM_THREADS": "4"}, overrides={"tts.speed": "1.5"})
    for path, words in (("llm.threads", "ARVIS_LLM_THREADS"), ("tts.speed", "the command line")):
        row = setting(dialog, path)
        assert not row.field.isEnabled()
        assert words in row.source.text()
        assert "cannot be changed here" in row.source.text()


def test_quiet_hours_can_be_set_one_after_the_other(dialog: SettingsDialog, qtbot: QtBot, file: Path) -> None:
    dialog.open_at("Notifications")
    for path, hour in (("notifications.quiet_from", "22:00"), ("notifications.quiet_to", "07:00")):
        field = setting(dialog, path).field
        assert isinstance(field, TextField)
        hands.keyClicks(field.line, hour)
        hands.keyClick(field.line, Qt.Key.Key_Return)
        wait(qtbot, dialog)
        assert field.line.text() == hour
        trouble = setting(dialog, "notifications.quiet_from").trouble.text()
        assert ("is set without" in trouble) == (path == "notifications.quiet_from")
    assert kept(file)["notifications"] == {"quiet_from": "22:00", "quiet_to": "07:00"}


def test_it_closes_and_changes_nothing_more_when_arvis_locks(
    dialog: SettingsDialog, qtbot: QtBot, desk: Desk, file: Path
) -> None:
    type_number(dialog, "llm.threads", "3", finish=False)
    secret = dialog.pages.rows["llm.api_key"]
    assert isinstance(secret, SecretRow)
    hands.keyClicks(secret.entry, "half a key")
    desk.core.lock_changed.emit(LockState(can_lock=True))
    assert dialog.isVisible()
    desk.core.lock_changed.emit(LockState(locked=True))
    assert not dialog.isVisible()
    assert secret.entry.text() == ""
    wait(qtbot, dialog)
    assert file.read_text() == "version = 2\n"


def test_who_may_not_changes_nothing_and_is_told(
    dialog: SettingsDialog, qtbot: QtBot, desk: Desk, file: Path, secrets: FakeSecrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting(dialog, "llm.threads").show_standing(dialog_standing(dialog, "llm.threads", in_file=True))
    refusal, told = Notice("info", "locked", "Arvis is locked."), list[Notice]()
    desk.core.notice.connect(told.append)
    monkeypatch.setattr(desk.core.gate, "refusal", lambda permission: refusal)
    type_number(dialog, "llm.threads", "3")
    setting(dialog, "llm.threads").reset.click()
    secret = dialog.pages.rows["llm.api_key"]
    assert isinstance(secret, SecretRow)
    hands.keyClicks(secret.entry, "key")
    secret.save.click()
    wait(qtbot, dialog)
    assert file.read_text() == "version = 2\n"
    assert secrets.values == {}
    assert told == [refusal] * 3
    assert dialog.status.text() == "Arvis is locked."


def dialog_standing(dialog: SettingsDialog, path: str, *, in_file: bool) -> Any:
    from dataclasses import replace

    from arvis.ui.settings.standing import standing

    return replace(standing(dialog.changes.loaded, path), in_file=in_file)


def test_the_talk_key_must_not_be_a_shortcut_of_the_window(
    dialog: SettingsDialog, window: QMainWindow, qtbot: QtBot, file: Path
) -> None:
    QShortcut(QKeySequence("Ctrl+M"), window)
    field = setting(dialog, "talk.hotkey").field
    assert isinstance(field, HotkeyField)
    dialog.open_at("Talking")
    recording: list[bool] = []
    dialog.recording_changed.connect(recording.append)

    def press(key: Qt.Key) -> None:
        field.button.setFocus()
        hands.keyClick(field.button, Qt.Key.Key_Space)
        hands.keyPress(field.button, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
        hands.keyPress(field.button, key, Qt.KeyboardModifier.ControlModifier)

    press(Qt.Key.Key_M)
    assert "does something else in this window already" in setting(dialog, "talk.hotkey").trouble.text()
    press(Qt.Key.Key_J)
    wait(qtbot, dialog)
    assert kept(file)["talk"] == {"hotkey": "ctrl+j"}
    assert field.button.text() == "Ctrl+J"
    assert recording == [True, False, True, False]


def test_trials_stand_in_their_group_and_end_with_the_dialog(build: Build, qtbot: QtBot) -> None:
    over: list[bool] = []

    def run(level: Callable[[float], object], stop: threading.Event) -> str:
        over.append(stop.wait(10))
        return "done"

    dialog = build(trials=(Trial("Voice", "Hear the voice", run, Permission.TYPE),))
    panel = dialog.panels[0]
    assert not panel.isVisible()
    dialog.open_at("Voice")
    assert panel.isVisible()
    hands.keyClicks(dialog.search, "speed")
    assert not panel.isVisible()
    panel.button.click()
    dialog.close()
    qtbot.waitUntil(lambda: over == [True])


def test_it_works_by_keyboard_alone(build: Build, qapp: QApplication) -> None:
    dialog = build("[tts]\nspeed = 2.0\n", {"ARVIS_TTS_VOICE": "amy"})
    dialog.open_at("Voice")
    seen: list[QWidget] = []
    for _ in range(40):
        focused = qapp.focusWidget()
        if focused is None or focused in seen:
            break
        seen.append(focused)
        hands.keyClick(focused, Qt.Key.Key_Tab)
    wanted = [dialog.search, dialog.groups]
    for key in groups()["Voice"]:
        row = setting(dialog, key.path)
        wanted += [control for control in row.field.controls if control.isEnabled()]
        wanted += [row.reset] if key.path == "tts.speed" else []
        wanted += [row.source] if key.path == "tts.voice" else []
    wanted += [dialog.reset, dialog.closing]
    assert seen == wanted
    hands.keyClick(dialog.closing, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert dialog.search.hasFocus()


def test_every_control_has_a_name_for_screen_readers(dialog: SettingsDialog) -> None:
    for key in groups()["Language model"]:
        row = dialog.pages.rows[key.path]
        if isinstance(row, SettingRow):
            for control in row.field.controls:
                assert control.accessibleName()
                assert key.spec["description"] in control.accessibleDescription()
            assert row.reset.accessibleName().startswith("Reset ")
    assert dialog.groups.accessibleName()
    assert dialog.search.accessibleName()


def test_it_fits_a_small_screen(dialog: SettingsDialog, qapp: QApplication) -> None:
    hint = dialog.minimumSizeHint()
    assert hint.width() <= 640
    assert hint.height() <= 440
    dialog.resize(640, 440)
    for group in groups():
        dialog.open_at(group)
        qapp.processEvents()
        content, viewport = dialog.pages.widget(), dialog.pages.viewport()
        assert content is not None
        assert viewport is not None
        assert content.minimumSizeHint().width() <= viewport.width()


def test_live_settings_that_are_off_make_every_change_wait(build: Build) -> None:
    dialog = build("[flags]\nlive_reload = false\n")
    assert "after a restart" in setting(dialog, "llm.temperature").source.text()
