"""Settings that change while the window is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from arvis.services import Services, open_services
from arvis.ui.front_ends import FrontEnds
from arvis.ui.live_settings import LiveSettings
from arvis.ui.main_window import MainWindow
from config.loader import load, reload
from config.watcher import Change, SettingsWatcher
from modules.turn.events import ListeningModeChanged, Notice
from modules.turn.settings import ListeningMode
from tests.unit.arvis.fakes import Desk
from utils import logging
from utils.discretion import allow_words, words_allowed


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    path = tmp_path / "config.toml"
    path.write_text("version = 2\n")
    return path


@pytest.fixture
def services(file: Path) -> Iterator[Services]:
    services = open_services(load(file, {}))
    yield services
    services.close()


@pytest.fixture
def live(window: MainWindow, desk: Desk, services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveSettings]:
    def at_once(function: Callable[..., object], *arguments: Any) -> None:
        function(*arguments)

    monkeypatch.setattr(desk.core.bridge, "run_blocking", at_once)
    front_ends = FrontEnds(services.notifications, desk.core, window, services.settings.notifications)
    yield LiveSettings(services, desk.core, window, front_ends)
    front_ends.close()
    logging.tear_down()


def change(services: Services, file: Path, text: str) -> Change:
    watcher = SettingsWatcher(services.loaded)
    file.write_text("version = 2\n" + text)
    found = watcher.look()
    assert found is not None
    return found


def test_the_window_follows_the_file(
    live: LiveSettings, window: MainWindow, desk: Desk, services: Services, file: Path
) -> None:
    text = '[ui]\ntheme = "dark"\n[talk]\nmode = "toggle"\nbarge_in = false\n[logging]\nlevel = "debug"\n'
    desk.core.settings_changed.emit(change(services, file, text + "[notifications]\ntoast_seconds = 9\n"))
    assert window.theme.name == "dark"
    assert desk.core.talk.mode == "toggle"
    assert window.wording.toggles
    assert not window.wording.barge_in
    assert "Press F9" in window.talk.toolTip()


def test_another_level_of_the_log_leaves_the_words_as_they_were_wanted(
    live: LiveSettings, desk: Desk, services: Services, file: Path
) -> None:
    allow_words()
    desk.core.settings_changed.emit(change(services, file, '[logging]\nlevel = "debug"\n'))
    assert words_allowed()
    allow_words(False)
    desk.core.settings_changed.emit(change(services, file, '[logging]\nlevel = "error"\n'))
    assert not words_allowed()


def test_what_takes_a_restart_and_what_is_wrong_is_said(
    live: LiveSettings, desk: Desk, services: Services, file: Path
) -> None:
    told: list[Notice] = []
    desk.core.notice.connect(told.append)
    desk.core.settings_changed.emit(change(services, file, "[llm]\nthreads = 1\ntemperature = 99\n"))
    assert [notice.code for notice in told] == ["settings", "restart"]
    assert "llm.temperature is 99" in told[0].text
    assert told[1].text == "Start Arvis again for the new value of llm.threads."


def test_a_choice_in_the_window_is_kept_once_the_session_has_taken_it(
    live: LiveSettings, window: MainWindow, desk: Desk, file: Path
) -> None:
    window.header.listening.ways[ListeningMode.HANDS_FREE].trigger()
    assert "hands-free" not in file.read_text()
    desk.tell(ListeningModeChanged(ListeningMode.HANDS_FREE))
    assert load(file, {}).settings.talk.listening == "hands-free"
    window.header.listening.pauses[0.8].trigger()
    assert load(file, {}).settings.talk.debounce_seconds == 0.8
    window.header.listening.automatic.trigger()
    assert load(file, {}).settings.talk.debounce_seconds == 0.0


def test_a_choice_that_the_session_has_not_taken_is_not_kept(
    live: LiveSettings, window: MainWindow, desk: Desk, file: Path
) -> None:
    window.header.listening.ways[ListeningMode.HANDS_FREE].trigger()
    desk.tell(ListeningModeChanged(ListeningMode.PUSH_TO_TALK))
    desk.tell(ListeningModeChanged(ListeningMode.HANDS_FREE))  # not the user's choice
    assert file.read_text() == "version = 2\n"


def test_a_choice_that_the_environment_overrides_is_not_written(
    live: LiveSettings, window: MainWindow, services: Services, file: Path
) -> None:
    services.loaded = load(file, {"ARVIS_TALK_DEBOUNCE_SECONDS": "0.6"})
    window.header.listening.pauses[0.8].trigger()
    assert file.read_text() == "version = 2\n"
    card = window.notices.cards[-1]
    assert "takes talk.debounce_seconds from the environment again" in card.notice.text
    services.loaded = reload(load(file, {}))
    window.header.listening.pauses[0.8].trigger()
    assert "0.8" in file.read_text()


def test_a_choice_belongs_to_the_profile_that_is_in_use(
    live: LiveSettings, window: MainWindow, services: Services, file: Path
) -> None:
    profile = file.parent / "profiles" / "work.toml"
    profile.parent.mkdir()
    profile.write_text("version = 2\n[talk]\ndebounce_seconds = 0.5\n")
    services.loaded = load(file, {}, profile="work")
    window.header.listening.pauses[0.8].trigger()
    assert file.read_text() == "version = 2\n"
    assert load(file, {}, profile="work").settings.talk.debounce_seconds == 0.8


def test_what_is_mended_is_shown_no_more(
    live: LiveSettings, window: MainWindow, desk: Desk, services: Services, file: Path, qtbot: QtBot
) -> None:
    desk.core.notice.disconnect(window.notices.add)
    first = change(services, file, "[llm]\nthreads = 1\ntemperature = 99\n")
    desk.core.settings_changed.emit(first)
    qtbot.waitUntil(lambda: len(window.notices.cards) == 2)
    services.loaded = first.new
    desk.core.settings_changed.emit(change(services, file, "[llm]\n"))
    qtbot.waitUntil(lambda: window.notices.cards == [])


def test_who_is_locked_out_changes_nothing(
    live: LiveSettings, window: MainWindow, desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(desk.core.gate, "may", lambda permission: False)
    window.header.listening.pauses[0.8].trigger()
    assert file.read_text() == "version = 2\n"
