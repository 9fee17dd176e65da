from __future__ import annotations

import logging
import queue
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from modules.notifications.base import Change, Channel, Delivery, Entry, Held, Priority
from modules.notifications.history import History
from modules.notifications.manager import MERGE_SECONDS, REPEAT_SECONDS, NotificationManager
from modules.notifications.quiet import parse_quiet_hours
from modules.notifications.routing import Routes, parse_routes
from tests.unit.modules.notifications.told import Clock, notification, telling

UI, TTS, AUDIO, LOG, AUDIT = Channel
NIGHT = parse_quiet_hours("22:00", "07:00")[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notifications.jsonl"


def test_it_goes_where_its_route_leads_and_into_the_history(path: Path) -> None:
    with telling(path, Clock()) as told:
        told.manager.publish(notification(priority=Priority.ERROR))
        assert told.channels() == [UI, AUDIO, LOG, AUDIT]
        told.manager.publish(notification("full", "The disk is full.", Priority.CRITICAL))
        assert told.channels() == [UI, TTS, AUDIO, LOG, AUDIT]
        assert [entry.notification.code for entry in told.manager.entries()] == ["microphone-lost", "full"]
        assert told.manager.unread == 2
    assert len(History(path, 10).entries()) == 2


def test_what_no_user_is_told_is_not_in_the_history(path: Path) -> None:
    with telling(path, Clock()) as told:
        told.manager.publish(notification(priority=Priority.DEBUG))
        assert told.channels() == [LOG]
        assert told.manager.entries() == ()
        assert told.changes == []


def test_what_is_told_again_is_one_entry_with_a_count_and_sounds_once(path: Path) -> None:
    clock = Clock()
    with telling(path, clock, Routes(speak_from=Priority.ERROR)) as told:
        for _ in range(5):
            told.manager.publish(notification())
            clock.seconds += 1
        assert (len(told.on(AUDIO)), len(told.on(TTS))) == (1, 1)
        assert [(d.entry.count, d.held) for d in told.on(UI)] == [
            (1, None), (2, Held.REPEATED), (3, Held.REPEATED), (4, Held.REPEATED), (5, Held.REPEATED),
        ]  # fmt: skip
        (kept,) = told.manager.entries()
    assert kept.sentence == "The microphone was lost (5 times)."
    assert kept.last - kept.first == timedelta(seconds=4)


def test_what_goes_on_for_long_sounds_again_every_minute(path: Path) -> None:
    clock = Clock()
    with telling(path, clock) as told:
        while clock.seconds <= 3 * REPEAT_SECONDS:
            told.manager.publish(notification())
            clock.seconds += 10
        assert len(told.on(AUDIO)) == 4
        assert len(told.manager.entries()) == 1


def test_after_a_while_it_is_something_new(path: Path) -> None:
    clock = Clock()
    with telling(path, clock) as told:
        told.manager.publish(notification())
        clock.seconds = MERGE_SECONDS + 1
        told.manager.publish(notification())
        assert [entry.count for entry in told.manager.entries()] == [1, 1]


def test_what_the_user_has_seen_is_something_new_when_it_happens_again(path: Path) -> None:
    with telling(path, Clock()) as told:
        first = told.manager.publish(notification())
        other = told.manager.publish(notification("other", "Other."))
        told.manager.acknowledge(first.id)
        again = told.manager.publish(notification())
        assert again.id != first.id
        assert told.manager.publish(notification("other", "Other.")).id == other.id
        assert [entry.acknowledged for entry in told.manager.entries()] == [True, False, False]


def test_what_was_acknowledged_by_another_program_begins_anew(path: Path) -> None:
    with telling(path, Clock()) as told:
        first = told.manager.publish(notification())
        other = told.manager.publish(notification("other", "Other."))
        assert told.manager.publish(notification()).count == 2
        told.manager.entries()
        History(path, 100).acknowledge([first.id])
        told.manager.publish(notification("third", "Third."))  # whatever is written, the thread notices on the way
        told.manager.entries()
        again = told.manager.publish(notification())
        assert (again.count, again.id != first.id) == (1, True)
        assert told.manager.publish(notification("other", "Other.")).id == other.id
        kept = {entry.id: (entry.count, entry.acknowledged) for entry in told.manager.entries()}
    assert (kept[first.id], kept[again.id]) == ((2, True), (1, False))
    assert (first.id,) in [change.acknowledged for change in told.changes]


def test_what_is_told_again_before_that_is_noticed_is_still_shown(path: Path) -> None:
    with telling(path, Clock()) as told:
        first = told.manager.publish(notification())
        told.manager.entries()
        History(path, 100).acknowledge([first.id])
        told.manager.publish(notification())
        assert [(entry.id, entry.count, entry.acknowledged) for entry in told.manager.entries()] == [
            (first.id, 2, False)
        ]
        assert told.manager.publish(notification()).count == 1
    assert all(change.acknowledged == () for change in told.changes)


def test_what_another_program_forgot_begins_anew(path: Path) -> None:
    with telling(path, Clock()) as told:
        told.manager.publish(notification())
        told.manager.entries()
        History(path, 100).clear()
        told.manager.publish(notification("other", "Other."))
        told.manager.entries()
        assert told.manager.publish(notification()).count == 1


def test_that_another_program_acknowledged_it_is_noticed_by_itself(path: Path) -> None:
    changes: queue.Queue[Change] = queue.Queue()
    manager = NotificationManager(History(path, 10), look_seconds=0.005)
    manager.watch(changes.put)
    entry = manager.publish(notification())
    assert changes.get(timeout=20) == Change(1)
    History(path, 10).acknowledge([entry.id])
    assert changes.get(timeout=20) == Change(0, (entry.id,))
    assert manager.close()


def test_a_history_that_becomes_unreadable_is_complained_of_once(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    looked = threading.Semaphore(0)

    class Counting(History):
        def entries(self) -> tuple[Entry, ...]:
            looked.release()
            return super().entries()

    manager = NotificationManager(Counting(path, 10), look_seconds=0.005)
    manager.publish(notification())
    manager.entries()
    path.unlink()
    path.mkdir()
    for _ in range(10):
        assert looked.acquire(timeout=20)
    assert manager.close()
    assert [record.getMessage() for record in caplog.records] == ["notifications are not kept: cannot-write"]


def test_the_end_does_not_wait_for_a_disk_that_never_answers(path: Path) -> None:
    class Stuck(History):
        go = threading.Event()

        def record(self, entry: Entry) -> None:
            self.go.wait(60)

    manager = NotificationManager(Stuck(path, 10))
    manager.publish(notification())
    assert not manager.close(0.01)
    Stuck.go.set()
    assert manager.close(20.0)


def test_no_more_than_so_many_make_themselves_felt_within_a_minute(path: Path) -> None:
    clock = Clock()
    with telling(path, clock, per_minute=3) as told:
        for number in range(10):
            told.manager.publish(notification(f"code-{number}", f"Trouble {'x' * number}."))
        assert told.codes(AUDIO) == ["code-0", "code-1", "code-2"]
        assert [d.held for d in told.on(UI)] == [None] * 3 + [Held.RATE] * 7
        assert len(told.codes(LOG)) == 10
        assert told.manager.unread == 10
        clock.seconds = 60
        told.manager.publish(notification("code-10", "Later."))
        assert told.codes(AUDIO)[3:] == ["code-10"]


def test_what_is_critical_is_never_held_back_and_takes_no_place(path: Path) -> None:
    with telling(path, Clock(), per_minute=1) as told:
        for number in range(5):
            told.manager.publish(notification(f"code-{number}", f"{'x' * number}.", Priority.CRITICAL))
        told.manager.publish(notification("error", "Error."))
        assert len(told.on(TTS)) == 5
        assert told.codes(AUDIO)[-1] == "error"


def test_what_was_held_back_by_the_limit_is_felt_when_it_is_told_again_later(path: Path) -> None:
    clock = Clock()
    with telling(path, clock, per_minute=1) as told:
        told.manager.publish(notification("first", "First."))
        told.manager.publish(notification("second", "Second."))
        clock.seconds = 61
        told.manager.publish(notification("second", "Second."))
        assert told.codes(AUDIO) == ["first", "second"]
        assert told.on(AUDIO)[1].entry.count == 2


@pytest.mark.parametrize(("hour", "quiet"), [(21, False), (22, True), (3, True), (7, False)])
def test_in_quiet_hours_only_what_is_critical_makes_itself_felt(path: Path, hour: int, quiet: bool) -> None:
    clock = Clock(start=datetime(2025, 6, 1, hour, 0, tzinfo=UTC))
    with telling(path, clock, Routes(speak_from=Priority.ERROR), NIGHT) as told:
        told.manager.publish(notification())
        assert told.on(UI)[0].held is (Held.QUIET if quiet else None)
        assert told.channels() == ([UI, LOG, AUDIT] if quiet else [UI, TTS, AUDIO, LOG, AUDIT])
        told.manager.publish(notification("full", "The disk is full.", Priority.CRITICAL))
        assert told.on(UI)[0].held is None
        assert told.channels() == [UI, TTS, AUDIO, LOG, AUDIT]
        assert told.manager.unread == 2


def test_quiet_hours_are_those_of_the_clock_on_the_wall(path: Path) -> None:
    east = timezone(timedelta(hours=10))
    clock = Clock(start=datetime(2025, 6, 1, 23, 0, tzinfo=east))  # 13:00 in Greenwich
    with telling(path, clock, quiet=NIGHT) as told:
        told.manager.publish(notification())
        assert told.on(UI)[0].held is Held.QUIET


def test_other_rules_hold_from_when_they_are_set(path: Path) -> None:
    routes, _ = parse_routes("never", False, ["microphone-lost=audit"])
    with telling(path, Clock()) as told:
        told.manager.configure(routes, NIGHT, 5)
        told.manager.publish(notification())
        assert told.channels() == [AUDIT]


def test_a_front_end_that_fails_harms_nobody(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    manager = NotificationManager(History(path, 10))
    heard: list[Delivery] = []

    def broken(delivery: Delivery) -> None:
        raise RuntimeError("broken")

    manager.subscribe(UI, broken)
    manager.subscribe(UI, heard.append)
    manager.watch(lambda change: 1 / 0)
    manager.publish(notification())
    assert len(manager.entries()) == len(heard) == 1
    manager.close()
    # The history is written meanwhile, so either may be first.
    assert sorted(record.getMessage() for record in caplog.records if record.levelno == logging.ERROR) == [
        "a front end of notifications failed", "a watcher of notifications failed",
    ]  # fmt: skip


def test_who_no_longer_listens_is_told_nothing(path: Path) -> None:
    manager = NotificationManager(History(path, 10))
    heard: list[object] = []
    ends = [manager.subscribe(UI, heard.append), manager.watch(heard.append)]
    for end in ends:
        end()
    manager.publish(notification())
    manager.close()
    assert heard == []


def test_watchers_learn_what_is_unread_and_what_was_seen(path: Path) -> None:
    with telling(path, Clock()) as told:
        first = told.manager.publish(notification())
        second = told.manager.publish(notification("other", "Other."))
        told.manager.acknowledge(first.id)
        third = told.manager.publish(notification("third", "Third."))
        told.manager.acknowledge()
        told.manager.clear()
        assert told.manager.entries() == ()
    assert [(change.unread, change.acknowledged) for change in told.changes] == [
        (1, ()), (2, ()), (1, (first.id,)), (2, ()), (0, (second.id, third.id)),
        (0, (first.id, second.id, third.id)),
    ]  # fmt: skip


def test_what_was_seen_stays_seen_after_a_restart(path: Path) -> None:
    with telling(path, Clock()) as told:
        told.manager.publish(notification())
        told.manager.acknowledge()
        told.manager.publish(notification("other", "Other."))
    with telling(path, Clock()) as told:
        assert [entry.acknowledged for entry in told.manager.entries()] == [True, False]
        assert told.manager.unread == 1


def test_where_nothing_can_be_kept_everything_else_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with telling(tmp_path / "link", Clock()) as told:
        for number in range(3):
            told.manager.publish(notification(f"code-{number}", f"{'x' * number}."))
        assert len(told.on(UI)) == 3
        assert len(told.manager.entries()) == 3
    assert [record.getMessage() for record in caplog.records] == ["notifications are not kept: is-link"]


def test_a_history_that_cannot_be_read_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "folder").mkdir()
    with telling(tmp_path / "folder", Clock()) as told:
        assert told.manager.entries() == ()
        assert told.manager.unread == 0
    assert [record.getMessage() for record in caplog.records] == ["notifications are not kept: cannot-write"]


def test_what_is_told_after_the_end_is_still_delivered(path: Path) -> None:
    with telling(path, Clock()) as told:
        pass
    told.manager.publish(notification())
    assert told.channels() == [UI, AUDIO, LOG, AUDIT]
    assert told.manager.entries() == ()


def test_any_thread_may_tell(path: Path) -> None:
    with telling(path, Clock(), per_minute=0, limit=1000) as told:

        def work(name: str) -> None:
            for number in range(50):
                told.manager.publish(notification(name, "Same."))
                told.manager.publish(notification(f"{name}-{number}", "Other."))

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = {entry.notification.code: entry.count for entry in told.manager.entries()}
    assert {name: counts.pop(name) for name in "abcd"} == dict.fromkeys("abcd", 50)
    assert len(counts) == 200
    assert set(counts.values()) == {1}


def test_the_clocks_of_the_machine_are_used_by_default(path: Path) -> None:
    manager = NotificationManager(History(path, 10))
    before = datetime.now(UTC)
    entry = manager.publish(notification())
    manager.close()
    assert before <= entry.first <= datetime.now(UTC)
    assert entry.first.tzinfo is not None
