"""The lock as the core carries it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from modules.security.lock import Lock, LockState
from modules.security.roles import Permission, Role
from modules.turn.events import Notice, PhaseChanged
from modules.turn.machine import Phase
from modules.turn.settings import ListeningMode
from tests.unit.arvis.fakes import Desk, collect
from tests.unit.arvis.locks import PASSPHRASE, locked_for
from tests.unit.modules.security.cheap import Clock


class Room:
    """A core that begins locked, and a clock."""

    def __init__(self, folder: Path, role: Role = Role.GUEST, minutes: float = 0.0) -> None:
        self.clock = Clock()
        self.lock: Lock = locked_for(folder, role, minutes=minutes, clock=self.clock)
        self.desk = Desk(lock=self.lock)
        self.core = self.desk.core
        self.seen = collect(self.core)

    def told(self) -> list[LockState]:
        return [event for event in self.seen if isinstance(event, LockState)]

    def codes(self) -> list[str]:
        return [event.code for event in self.seen if isinstance(event, Notice)]


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.fixture
def worker(room: Room, qtbot: QtBot) -> Iterator[Callable[[Callable[[], None]], None]]:
    """Does something that is answered from another thread, and waits for the answer."""
    room.desk.bridge.start()

    def act(deed: Callable[[], None]) -> None:
        with qtbot.waitSignal(room.desk.bridge.published, timeout=10_000):
            deed()

    yield act
    room.desk.bridge.stop()


def test_a_locked_microphone_is_closed_before_the_session_opens(room: Room) -> None:
    room.core.open()
    assert room.desk.calls[:2] == ["mute", "open"]


def test_what_the_role_may_not_is_refused_with_a_sentence(room: Room) -> None:
    room.core.press()
    room.core.submit("hello")
    room.core.set_listening(ListeningMode.HANDS_FREE)
    room.core.set_debounce(0.8)
    assert room.codes() == ["locked"] * 4
    assert room.desk.calls == []
    room.core.stop()
    assert room.desk.calls == ["stop"]


def test_a_user_may_talk_and_type_but_not_change_how_arvis_listens(qtbot: QtBot, tmp_path: Path) -> None:
    room = Room(tmp_path, Role.USER)
    room.core.press()
    room.core.release()
    room.core.submit("hello")
    room.core.set_listening(ListeningMode.HANDS_FREE)
    assert room.desk.calls == ["press", "release", "submit hello"]
    assert room.codes() == ["locked"]
    assert room.core.may(Permission.READ_HISTORY) is None


def test_the_passphrase_unlocks_on_another_thread(room: Room, worker: Callable[[Callable[[], None]], None]) -> None:
    worker(lambda: room.core.unlock(PASSPHRASE))
    assert room.told() == [LockState(can_lock=True)]
    assert room.desk.calls == ["unmute"]
    room.core.press()
    assert room.desk.calls == ["unmute", "press"]


def test_a_wrong_passphrase_is_told_with_the_wait(room: Room, worker: Callable[[Callable[[], None]], None]) -> None:
    for _ in range(4):
        worker(lambda: room.core.unlock("wrong one"))
    last = room.told()[-1]
    assert (last.locked, last.wait, last.refusal) == (True, 2.0, "That is not the passphrase. Try again.")
    worker(lambda: room.core.unlock(PASSPHRASE))
    assert room.told()[-1].refusal == "Too many wrong tries. Try again in 2 seconds."
    assert room.desk.calls == ["mute"] * 5


def test_muted_by_the_user_it_stays_muted_when_unlocked(
    room: Room, worker: Callable[[Callable[[], None]], None]
) -> None:
    room.core.set_muted(True)
    worker(lambda: room.core.unlock(PASSPHRASE))
    room.core.set_muted(False)
    assert room.desk.calls == ["mute", "mute", "unmute"]


def test_unmuted_while_locked_it_stays_closed(room: Room) -> None:
    room.core.set_muted(True)
    room.core.set_muted(False)
    assert room.desk.calls == ["mute", "mute"]


def test_locking_ends_the_turn(room: Room) -> None:
    room.lock.unlock(PASSPHRASE)
    room.core.follow_lock()
    room.desk.calls.clear()
    room.desk.tell(PhaseChanged(1, 0, Phase.SPEAKING))
    room.core.lock()
    assert room.desk.calls == ["stop", "mute"]
    assert room.told()[-1].locked


def test_why_it_cannot_be_locked_is_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    room = Room(tmp_path, Role.OWNER)
    room.core.lock()
    assert room.codes() == ["nothing-to-lock"]
    assert not room.told()[-1].locked


def test_it_locks_itself_when_nobody_is_there_but_not_in_a_turn(qtbot: QtBot, tmp_path: Path) -> None:
    room = Room(tmp_path, minutes=5.0)
    room.lock.unlock(PASSPHRASE)
    room.core.follow_lock()
    room.desk.tell(PhaseChanged(1, 0, Phase.SPEAKING))
    room.clock.now += 1000.0
    room.core.watch_lock()
    room.desk.tell(PhaseChanged(1, 0, Phase.IDLE))
    room.clock.now += 299.0
    room.core.watch_lock()
    room.core.touch()
    room.clock.now += 299.0
    room.core.watch_lock()
    assert len(room.told()) == 1
    room.clock.now += 1.0
    room.core.watch_lock()
    room.core.watch_lock()
    assert [state.locked for state in room.told()] == [False, True]
    assert room.desk.calls == ["unmute", "stop", "mute"]


@pytest.mark.parametrize("sign", ["key", "word"])
def test_who_comes_back_after_that_time_finds_it_locked_though_nothing_has_looked(
    qtbot: QtBot, tmp_path: Path, sign: str
) -> None:
    room = Room(tmp_path, minutes=5.0)
    room.lock.unlock(PASSPHRASE)
    room.core.follow_lock()
    room.clock.now += 7200.0  # the machine slept
    if sign == "key":
        room.core.touch()
    else:
        room.desk.tell(PhaseChanged(1, 0, Phase.LISTENING))
    assert room.lock.is_locked
    assert [state.locked for state in room.told()] == [False, True]
    assert room.desk.calls == ["unmute", "stop", "mute"]
    room.core.touch()
    assert room.lock.is_locked


def test_a_passphrase_that_was_removed_elsewhere_unlocks(room: Room, tmp_path: Path) -> None:
    (tmp_path / "passphrase.json").unlink()
    room.core.watch_lock()
    assert room.told() == [LockState()]


def test_the_passphrase_is_changed_and_removed(room: Room, worker: Callable[[Callable[[], None]], None]) -> None:
    worker(lambda: room.core.set_passphrase(PASSPHRASE, "new sesame"))
    worker(lambda: room.core.set_passphrase(PASSPHRASE, "third sesame"))
    worker(lambda: room.core.set_passphrase("new sesame", ""))
    assert room.codes() == ["passphrase", "wrong-passphrase", "passphrase"]
    assert [state.can_lock for state in room.told()] == [True, False]
