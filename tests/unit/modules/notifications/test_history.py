from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from modules.notifications.base import Entry, Priority
from modules.notifications.history import History, count_unread
from tests.unit.modules.notifications.told import NOON, entry, notification
from utils.files import FileError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "arvis" / "notifications.jsonl"


def test_nothing_was_told_yet(path: Path) -> None:
    assert History(path, 10).entries() == ()
    assert not path.exists()


def test_an_entry_comes_back_as_it_was(path: Path) -> None:
    told = Entry(
        replace(notification(turn_id=3), keep_text=True), NOON, NOON + timedelta(milliseconds=1500), 4, True, "abc"
    )
    History(path, 10).record(told)
    assert History(path, 10).entries() == (told,)
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_kept_that_the_user_may_have_said(path: Path) -> None:
    told = Entry(
        notification(text="The voice failed: cannot say 'open the doors'", details="open the doors"), NOON, NOON
    )
    history = History(path, 10)
    history.record(told)
    assert "open the doors" not in path.read_text()
    (kept,) = History(path, 10).entries()
    assert (kept.notification.text, kept.notification.details) == ("The voice failed.", None)


def test_a_secret_is_not_kept(path: Path) -> None:
    History(path, 10).record(entry(text="It says Bearer abc.def"))
    assert "abc.def" not in path.read_text()


def test_the_newest_state_counts_and_moves_to_the_end(path: Path) -> None:
    history = History(path, 10)
    first, second = entry(text="First."), entry(text="Second.")
    for told in (first, second, first.again(first.notification, NOON)):
        history.record(told)
    for one in (history, History(path, 10)):
        assert [(each.notification.text, each.count) for each in one.entries()] == [("Second.", 1), ("First.", 2)]


def test_what_was_seen_stays_seen(path: Path) -> None:
    history = History(path, 10)
    entries = [entry(text=f"{number}.") for number in range(3)]
    for told in entries:
        history.record(told)
    history.acknowledge([entries[0].id, entries[2].id, "unknown"])
    again = History(path, 10)
    assert [one.acknowledged for one in again.entries()] == [True, False, True]
    assert count_unread(again.entries()) == 1


def test_what_was_forgotten_stays_forgotten(path: Path) -> None:
    history = History(path, 10)
    history.record(entry())
    history.clear()
    kept = entry(text="Later.")
    history.record(kept)
    assert [one.id for one in History(path, 10).entries()] == [kept.id]


def test_it_is_bounded_in_memory_and_on_the_disk(path: Path) -> None:
    history = History(path, 10)
    ids = []
    for number in range(100):
        told = entry(text=f"Number {number}.")
        ids.append(told.id)
        history.record(told)
        assert len(path.read_bytes().splitlines()) <= 20
    assert [one.id for one in history.entries()] == ids[-10:]
    assert [one.id for one in History(path, 10).entries()] == ids[-10:]


def test_a_smaller_limit_keeps_the_newest(path: Path) -> None:
    for number in range(5):
        History(path, 10).record(entry(text=f"Number {number}."))
    assert [one.notification.text for one in History(path, 2).entries()] == ["Number 3.", "Number 4."]


def test_two_processes_see_what_the_other_did(path: Path) -> None:
    window, command = History(path, 10), History(path, 10)
    told = entry()
    window.record(told)
    command.acknowledge([told.id])
    assert [one.acknowledged for one in window.entries()] == [True]
    command.clear()
    window.record(entry(text="Later."))
    assert [one.notification.text for one in window.entries()] == ["Later."]
    assert [one.notification.text for one in command.entries()] == ["Later."]


GOOD = (
    '{"id":"a","code":"c","text":"t","priority":"info","source":"s","turn":1,"first":"2025-06-01T12:00:00+00:00",'
    '"last":"2025-06-01T12:00:00+00:00","count":1,"seen":false}'
)


@pytest.mark.parametrize(
    "line",
    ["", "nonsense", "[1]", "{}", GOOD.replace('"info"', '"loud"'), GOOD.replace('"count":1', '"count":[]'),
     GOOD.replace('"count":1', '"count":1e999'),
     GOOD.replace('"turn":1', '"turn":"x"'), GOOD.replace("2025-06-01T12", "later"), GOOD.replace('"first"', '"begin"'),
     '{"acknowledged":3}', '{"acknowledged":[1,null]}', GOOD[:-1]],
)  # fmt: skip
def test_a_line_that_means_nothing_is_passed_over(path: Path, line: str) -> None:
    path.parent.mkdir()
    path.write_text("\n".join([GOOD, line, GOOD.replace('"a"', '"b"'), ""]))
    assert [one.id for one in History(path, 10).entries()] == ["a", "b"]


def test_a_file_that_cannot_be_written_is_told_and_the_entry_is_there_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    history = History(tmp_path / "link", 10)
    with pytest.raises(FileError):
        history.record(entry(Priority.INFO))
    assert (tmp_path / "target").read_text() == ""
    assert len(history.entries()) == 1
