from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtGui import QAction

from arvis.desktop.tray_menu import TrayMenu
from modules.security.roles import Role
from modules.turn.events import ListeningModeChanged, PhaseChanged
from modules.turn.machine import Phase
from modules.turn.settings import ListeningMode
from tests.unit.arvis.desktop.conftest import Around, Opened
from tests.unit.arvis.locks import PASSPHRASE, locked_for


@pytest.fixture
def menu(around: Around) -> TrayMenu:
    around.desk.make_ready()
    return around.with_tray().menu()


def listen(around: Around, mode: ListeningMode) -> None:
    around.desk.tell(ListeningModeChanged(mode))


def words(menu: TrayMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isVisible() and not action.isSeparator()]


def test_what_is_in_it(menu: TrayMenu) -> None:
    assert words(menu) == ["Hide Arvis", "Talk", "Stop", "Mute the microphone", "Listening", "Quit"]


def test_the_window_is_hidden_and_shown(around: Around, menu: TrayMenu) -> None:
    menu.window_action.trigger()
    assert not around.window.isVisible()
    assert menu.window_action.text() == "Show Arvis"
    menu.window_action.trigger()
    assert around.window.isVisible()
    assert menu.window_action.text() == "Hide Arvis"


def test_talking_begins_and_ends(around: Around, menu: TrayMenu) -> None:
    menu.talk.trigger()
    around.desk.tell(PhaseChanged(1, 0, Phase.LISTENING))
    assert menu.talk.text() == "Finish talking"
    menu.talk.trigger()
    around.desk.tell(PhaseChanged(1, 0, Phase.COMMITTED))
    assert menu.talk.text() == "Talk"
    assert around.desk.calls == ["press", "release"]


def test_only_a_turn_can_be_stopped(around: Around, menu: TrayMenu) -> None:
    assert not menu.stop.isEnabled()
    around.desk.tell(PhaseChanged(1, 0, Phase.SPEAKING))
    assert menu.stop.isEnabled()
    menu.stop.trigger()
    assert around.desk.calls == ["stop"]


def test_muting(around: Around, menu: TrayMenu) -> None:
    menu.mute.trigger()
    assert menu.mute.isChecked()
    assert not menu.talk.isEnabled()
    around.window.mute.setChecked(False)
    assert not menu.mute.isChecked()
    assert around.desk.calls == ["mute", "unmute"]


def checked(actions: dict[ListeningMode, QAction]) -> list[ListeningMode]:
    return [mode for mode, action in actions.items() if action.isChecked()]


def test_a_way_to_listen_is_chosen_as_in_the_window(around: Around, menu: TrayMenu) -> None:
    chosen: list[ListeningMode] = []
    around.window.header.listening.listening_chosen.connect(chosen.append)
    menu.ways[ListeningMode.HANDS_FREE].trigger()
    assert chosen == [ListeningMode.HANDS_FREE]
    assert around.desk.calls == ["listen hands-free"]
    assert checked(menu.ways) == [ListeningMode.PUSH_TO_TALK], "until the session has taken it"
    listen(around, ListeningMode.HANDS_FREE)
    assert checked(menu.ways) == [ListeningMode.HANDS_FREE]


@pytest.mark.parametrize(
    ("mode", "text"),
    [(ListeningMode.HANDS_FREE, "Pause listening"), (ListeningMode.WAKE_WORD, "Pause the wake word")],
)
def test_listening_is_paused_and_goes_on(around: Around, menu: TrayMenu, mode: ListeningMode, text: str) -> None:
    chosen: list[ListeningMode] = []
    around.window.header.listening.listening_chosen.connect(chosen.append)
    listen(around, mode)
    assert text in words(menu)
    menu.pause.trigger()
    listen(around, ListeningMode.PUSH_TO_TALK)
    assert menu.pause.isChecked()
    assert text in words(menu)
    menu.pause.trigger()
    listen(around, mode)
    assert not menu.pause.isChecked()
    assert around.desk.calls == ["listen push-to-talk", f"listen {mode}"]
    assert chosen == [], "a pause is not kept for the next start"


def test_another_choice_ends_the_pause(around: Around, menu: TrayMenu) -> None:
    listen(around, ListeningMode.WAKE_WORD)
    menu.pause.trigger()
    listen(around, ListeningMode.PUSH_TO_TALK)
    listen(around, ListeningMode.HANDS_FREE)
    assert not menu.pause.isChecked()
    listen(around, ListeningMode.PUSH_TO_TALK)
    assert not menu.pause.isVisible()


def test_a_locked_arvis_can_neither_be_talked_to_nor_changed(opened: Opened, tmp_path: Path) -> None:
    lock = locked_for(tmp_path, Role.GUEST)
    around = opened(lock=lock)
    around.desk.make_ready()
    menu = around.menu()
    for action in (menu.talk, menu.listening.menuAction()):
        assert action is not None
        assert not action.isEnabled()
    assert "Lock" not in words(menu)
    lock.unlock(PASSPHRASE)
    around.desk.core.follow_lock()
    assert menu.talk.isEnabled()
    assert "Lock" in words(menu)
    menu.lock.trigger()
    assert lock.is_locked
    assert "Lock" not in words(menu)


def test_quitting(around: Around, menu: TrayMenu, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(around.presence, "quit", lambda: ended.append("quit"))
    menu.quit.trigger()
    assert ended == ["quit"]
