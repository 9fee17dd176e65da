from __future__ import annotations

import threading
from pathlib import Path

import pytest

from modules.security.base import LockError
from modules.security.lock import Lock, LockState, in_words
from modules.security.roles import Permission, Role
from tests.unit.modules.security.cheap import CHEAP, Clock, Told


class Door:
    """A lock with a clock, on a folder of its own."""

    def __init__(self, folder: Path, role: Role = Role.GUEST, minutes: float = 0.0) -> None:
        self.folder = folder
        self.clock = Clock()
        self.told = Told()
        self.role = role
        self.minutes = minutes
        self.lock = self.again()

    def again(self) -> Lock:
        """As Arvis starts the next time."""
        return Lock(
            self.folder,
            role=self.role,
            idle_minutes=self.minutes,
            record=self.told,
            clock=self.clock,
            cost=CHEAP,
        )


@pytest.fixture
def door(tmp_path: Path) -> Door:
    """Locked, with the passphrase "open sesame"; who has not given it is a guest."""
    door = Door(tmp_path)
    door.lock.set_passphrase("", "open sesame")
    door.lock.lock()
    door.told.records.clear()
    return door


def fails(lock: Lock, passphrase: str) -> str:
    with pytest.raises(LockError) as caught:
        lock.unlock(passphrase)
    assert "sesame" not in caught.value.message
    return caught.value.code


def test_without_a_passphrase_everybody_is_the_owner(tmp_path: Path) -> None:
    lock = Door(tmp_path).lock
    assert lock.state() == LockState()
    assert lock.may(Permission.CHANGE_SETTINGS)
    with pytest.raises(LockError, match="arvis lock set") as caught:
        lock.lock()
    assert caught.value.code == "no-passphrase"
    lock.unlock("anything")
    assert list(tmp_path.iterdir()) == []


def test_with_the_owners_role_for_everybody_there_is_nothing_to_lock(tmp_path: Path) -> None:
    lock = Door(tmp_path, Role.OWNER).lock
    lock.set_passphrase("", "open sesame")
    with pytest.raises(LockError, match=r"security\.role") as caught:
        lock.lock()
    assert caught.value.code == "nothing-to-lock"
    assert not lock.state().can_lock
    assert not Door(tmp_path, Role.OWNER).lock.is_locked


def test_locked_a_guest_may_do_what_a_guest_may(door: Door) -> None:
    assert door.lock.state() == LockState(True, True, Role.GUEST, (Permission.LOCK,))
    assert not door.lock.may(Permission.TALK)
    assert not door.lock.may("fly")


def test_locked_a_user_may_converse(tmp_path: Path) -> None:
    door = Door(tmp_path, Role.USER)
    door.lock.set_passphrase("", "open sesame")
    door.lock.lock()
    assert [door.lock.may(permission) for permission in (Permission.TALK, Permission.CHANGE_SETTINGS)] == [True, False]


def test_the_passphrase_opens_it(door: Door) -> None:
    door.lock.unlock("open sesame")
    assert door.lock.state() == LockState(can_lock=True)
    assert door.told.records == [("unlocked", {})]


def test_a_wrong_one_does_not_and_is_written_down(door: Door) -> None:
    assert fails(door.lock, "open barley") == "wrong-passphrase"
    assert door.lock.is_locked
    assert door.told.records == [("wrong-passphrase", {"failures": 1})]


def test_it_is_locked_when_arvis_starts(door: Door) -> None:
    door.lock.unlock("open sesame")
    assert door.again().is_locked


def test_after_wrong_tries_even_the_right_one_has_to_wait(door: Door) -> None:
    codes = [fails(door.lock, f"wrong one {number}") for number in range(5)]
    assert codes == ["wrong-passphrase"] * 4 + ["too-many-tries"]
    assert door.lock.state().wait == 2.0
    assert fails(door.again(), "open sesame") == "too-many-tries"
    door.clock.now += 2.0
    door.lock.unlock("open sesame")
    assert not door.lock.is_locked
    assert door.told.events == ["wrong-passphrase"] * 4 + ["unlocked"]


def test_a_try_that_is_ended_on_the_way_counts(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("modules.security.passphrase.PassphraseFile.matches", die)
    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            door.lock.unlock("guess")
    assert door.again().state().wait == 2.0


def test_tries_at_the_same_time_count_each(door: Door) -> None:
    codes: list[str] = []
    threads = [threading.Thread(target=lambda: codes.append(fails(door.lock, "guess"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["too-many-tries"] * 4 + ["wrong-passphrase"] * 4


def test_it_locks_itself_when_nobody_is_there(tmp_path: Path) -> None:
    door = Door(tmp_path, minutes=5.0)
    door.lock.set_passphrase("", "open sesame")
    assert door.lock.watches
    door.clock.now += 200.0
    door.lock.touch()
    door.clock.now += 299.0
    assert not door.lock.lock_if_idle()
    door.clock.now += 1.0
    assert door.lock.lock_if_idle()
    assert not door.lock.lock_if_idle()
    assert not door.again().watches
    assert door.told.records[-1] == ("locked", {"reason": "idle", "role": "guest"})
    door.clock.now += 10_000.0
    door.lock.unlock("open sesame")
    assert not door.lock.lock_if_idle()


@pytest.mark.parametrize(("role", "minutes"), [(Role.GUEST, 0.0), (Role.OWNER, 5.0)])
def test_it_does_not_lock_itself_where_that_is_not_wanted(tmp_path: Path, role: Role, minutes: float) -> None:
    door = Door(tmp_path, role, minutes)
    door.lock.set_passphrase("", "open sesame")
    door.clock.now += 100_000.0
    assert not door.lock.watches
    assert not door.lock.lock_if_idle()


def test_other_settings_hold_at_once(door: Door) -> None:
    door.lock.configure(Role.USER, 1.0)
    assert door.lock.may(Permission.TALK)
    door.lock.unlock("open sesame")
    door.clock.now += 60.0
    assert door.lock.lock_if_idle()
    door.lock.configure(Role.OWNER, 0.0)
    assert not door.lock.is_locked


def test_the_passphrase_is_changed_by_who_knows_it(door: Door) -> None:
    with pytest.raises(LockError, match="not the passphrase"):
        door.lock.set_passphrase("wrong one", "new sesame")
    assert door.lock.state().locked
    door.lock.set_passphrase("open sesame", "new sesame")
    assert not door.lock.is_locked
    door.lock.lock()
    assert fails(door.lock, "open sesame") == "wrong-passphrase"
    door.lock.unlock("new sesame")
    assert door.told.records[1] == ("passphrase-set", {"changed": True})


def test_a_bad_new_one_changes_nothing(door: Door) -> None:
    with pytest.raises(LockError, match="8 to 1024"):
        door.lock.set_passphrase("open sesame", "short")
    door.lock.unlock("open sesame")


def test_the_passphrase_is_removed_by_who_knows_it(door: Door) -> None:
    with pytest.raises(LockError, match="not the passphrase"):
        door.lock.remove_passphrase("wrong one")
    door.lock.remove_passphrase("open sesame")
    assert not door.lock.has_passphrase
    assert door.told.events == ["wrong-passphrase", "passphrase-removed"]
    door.lock.remove_passphrase("")


def test_a_forgotten_one_is_gone_with_its_file(door: Door) -> None:
    (door.folder / "passphrase.json").unlink()
    assert not door.lock.is_locked
    assert door.lock.may(Permission.CHANGE_SETTINGS)


def test_a_damaged_passphrase_file_keeps_it_locked(door: Door) -> None:
    (door.folder / "passphrase.json").write_bytes(b"{")
    assert door.again().is_locked
    assert fails(door.lock, "open sesame") == "damaged"
    assert door.lock.is_locked


def test_a_refusal_is_written_down_once_a_minute(door: Door) -> None:
    for _ in range(5):
        door.lock.refuse(Permission.TALK)
    door.lock.refuse(Permission.TYPE)
    door.clock.now += 60.0
    door.lock.refuse(Permission.TALK)
    assert [fields["permission"] for _, fields in door.told.records] == ["talk", "type", "talk"]
    assert door.told.records[0] == ("permission-refused", {"permission": "talk", "role": "guest"})


def test_no_passphrase_is_in_what_is_shown_or_written(door: Door) -> None:
    assert "sesame" not in repr(door.lock) + repr(vars(door.lock)) + repr(door.lock.state())
    door.lock.unlock("open sesame")
    assert "sesame" not in repr(door.told.records)
    assert not [path for path in door.folder.iterdir() if b"sesame" in path.read_bytes()]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 second"), (7.1, "8 seconds"), (119.5, "2 minutes"), (900.0, "15 minutes")]
)
def test_waits_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
