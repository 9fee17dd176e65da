from __future__ import annotations

from pathlib import Path

import pytest

from arvis.core.snapshot import BROKEN, SessionOpened
from arvis.desktop.verbs import Verb
from modules.security.roles import Role
from modules.turn.events import Notice, PhaseChanged
from modules.turn.machine import Phase
from tests.unit.arvis.desktop.conftest import Around, Opened
from tests.unit.arvis.fakes import Desk
from tests.unit.arvis.locks import PASSPHRASE, locked_for


def hear(desk: Desk, turn: int = 1) -> None:
    desk.tell(PhaseChanged(turn, 0, Phase.LISTENING))


def test_talk_and_release_are_the_key(around: Around) -> None:
    desk, commands = around.desk, around.commands
    assert commands.do(Verb.TALK) == ""
    hear(desk)
    assert commands.is_talking
    assert commands.do(Verb.RELEASE) == ""
    assert desk.calls == ["press", "release"]
    assert not commands.is_talking


def test_each_means_something_once(around: Around) -> None:
    desk, commands = around.desk, around.commands
    commands.do(Verb.RELEASE)
    commands.do(Verb.TALK)
    commands.do(Verb.TALK)
    commands.do(Verb.RELEASE)
    commands.do(Verb.RELEASE)
    assert desk.calls == ["press", "release"]


def test_toggling_begins_and_finishes_also_before_the_session_has_followed(around: Around) -> None:
    desk, commands = around.desk, around.commands
    for _ in range(4):
        commands.do(Verb.TOGGLE_TALK)
    assert desk.calls == ["press", "release", "press", "release"]


@pytest.mark.parametrize("phase", [Phase.COMMITTED, Phase.SPEAKING, Phase.IDLE])
def test_toggling_begins_anew_when_the_utterance_was_ended_otherwise(around: Around, phase: Phase) -> None:
    desk, commands = around.desk, around.commands
    commands.do(Verb.TOGGLE_TALK)
    hear(desk)
    desk.tell(PhaseChanged(1, 0, Phase.SPECULATIVE))
    before = commands.is_talking
    desk.tell(PhaseChanged(1, 0, phase))
    assert (before, commands.is_talking) == (True, False)
    commands.do(Verb.TOGGLE_TALK)
    assert desk.calls == ["press", "press"]


def test_what_becomes_of_the_turn_before_changes_nothing(around: Around) -> None:
    desk, commands = around.desk, around.commands
    desk.tell(PhaseChanged(1, 0, Phase.SPEAKING))
    commands.do(Verb.TALK)
    desk.tell(PhaseChanged(1, 0, Phase.IDLE))
    hear(desk, 2)
    assert commands.is_talking
    desk.core.press()  # the key is down already
    assert desk.calls == ["press"]


def test_where_the_key_is_pressed_twice_a_release_ends_it_all_the_same(opened: Opened) -> None:
    around = opened(mode="toggle")
    desk, commands = around.desk, around.commands
    for turn in (1, 2):
        commands.do(Verb.TALK)
        hear(desk, turn)
        commands.do(Verb.RELEASE)
        desk.tell(PhaseChanged(turn, 0, Phase.COMMITTED), PhaseChanged(turn, 0, Phase.IDLE))
    assert desk.calls == ["press", "release", "press", "release"]


def test_nobody_talks_to_a_locked_arvis(opened: Opened, tmp_path: Path) -> None:
    lock = locked_for(tmp_path, Role.GUEST)
    around = opened(lock=lock)
    assert "locked" in around.commands.do(Verb.TOGGLE_TALK)
    assert "press" not in around.desk.calls
    lock.unlock(PASSPHRASE)
    assert around.commands.do(Verb.TOGGLE_TALK) == ""
    assert around.desk.calls[-1] == "press"
    around.desk.core.lock()
    hear(around.desk)
    around.desk.tell(PhaseChanged(1, 0, Phase.IDLE))
    assert not around.commands.is_talking


def test_stop_and_mute(around: Around) -> None:
    desk, commands = around.desk, around.commands
    for verb in (Verb.STOP, Verb.MUTE, Verb.MUTE, Verb.UNMUTE):
        assert commands.do(verb) == ""
    assert desk.calls == ["stop", "mute", "unmute"]


def test_nobody_talks_past_a_muted_microphone(around: Around) -> None:
    desk, commands = around.desk, around.commands
    told: list[Notice] = []
    desk.core.notice.connect(told.append)
    commands.do(Verb.MUTE)
    for verb in (Verb.TALK, Verb.TOGGLE_TALK):
        assert "muted" in commands.do(verb)
    assert [notice.code for notice in told] == ["muted", "muted"]
    assert desk.calls == ["mute"]
    assert not commands.is_talking


def test_nobody_talks_to_what_could_not_start(around: Around) -> None:
    desk, commands = around.desk, around.commands
    desk.tell(SessionOpened(usable=False))
    assert commands.do(Verb.TALK) == BROKEN
    assert desk.calls == []


def test_the_window_comes_and_goes(around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    around.with_tray()
    around.commands.do(Verb.HIDE)
    assert not around.window.isVisible()
    around.commands.do(Verb.SHOW)
    assert around.window.isVisible()
    ended: list[str] = []
    monkeypatch.setattr(around.presence, "quit", lambda: ended.append("quit"))
    around.commands.do(Verb.QUIT)
    assert ended == ["quit"]
