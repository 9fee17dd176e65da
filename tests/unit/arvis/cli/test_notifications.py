"""`arvis notifications`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from modules.notifications.base import Entry, Notification, Priority
from modules.notifications.history import FILE_NAME, History
from tests.unit.arvis.cli.conftest import Command

AT = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
LOST = Entry(
    Notification("microphone-lost", "The microphone was lost.", Priority.ERROR, "turn", None, 3), AT, AT, 5, id="aa"
)
FULL = Entry(Notification("disk-full", "The disk is full.", Priority.CRITICAL, "health"), AT, AT, id="bb")
SEEN = Entry(Notification("hint", "A hint.", Priority.INFO, "turn"), AT, AT, acknowledged=True, id="cc")


@pytest.fixture
def history(tmp_path: Path) -> History:
    made = History(tmp_path / "home" / "data" / FILE_NAME, 100)
    for entry in (LOST, SEEN, FULL):
        made.record(entry)
    return made


def ids(history: History) -> list[str]:
    return [entry.id for entry in history.entries() if not entry.acknowledged]


def test_what_was_not_seen_is_listed(arvis: Command, history: History) -> None:
    result = arvis("notifications", "list")
    assert result.exit_code == 0
    when = AT.astimezone().strftime("%Y-%m-%d %H:%M")
    assert result.stdout.splitlines() == [
        f"* aa  {when}  error     The microphone was lost (5 times).",
        f"* bb  {when}  critical  The disk is full.",
    ]
    assert f"  cc  {when}  info      A hint." in arvis("notifications", "list", "--all").stdout.splitlines()


def test_nothing_is_said(arvis: Command) -> None:
    assert arvis("notifications", "list").stdout == "Nothing was told.\n"


def test_nothing_new_is_said(arvis: Command, history: History) -> None:
    history.acknowledge(["aa", "bb"])
    assert arvis("notifications", "list").stdout == "Nothing new.\n"


def test_json(arvis: Command, history: History) -> None:
    told = arvis.json("notifications", "list")
    assert told["unread"] == 2
    assert told["notifications"][0] == {
        "id": "aa", "code": "microphone-lost", "text": "The microphone was lost.", "priority": "error",
        "source": "turn", "turn": 3, "first": AT.isoformat(), "last": AT.isoformat(), "count": 5, "acknowledged": False,
    }  # fmt: skip
    assert len(arvis.json("notifications", "list", "--all")["notifications"]) == 3


def test_some_or_all_are_acknowledged(arvis: Command, history: History) -> None:
    assert arvis("notifications", "ack", "bb", "cc").stdout == "Acknowledged: 1\n"
    assert ids(history) == ["aa"]
    assert arvis.json("notifications", "ack", "--all") == {"acknowledged": ["aa"], "unread": 0}
    assert ids(history) == []


def test_one_that_there_is_not_is_told_and_nothing_is_acknowledged(arvis: Command, history: History) -> None:
    assert arvis.fails("notifications", "ack", "aa", "zz") == (
        "There is no notification 'zz'. `arvis notifications list --all` shows which there are."
    )
    assert ids(history) == ["aa", "bb"]


@pytest.mark.parametrize("arguments", [[], ["aa", "--all"]])
def test_either_some_or_all(arvis: Command, history: History, arguments: list[str]) -> None:
    assert "either some IDs or --all" in arvis.misused("notifications", "ack", *arguments)


def test_all_are_forgotten(arvis: Command, history: History) -> None:
    assert arvis("notifications", "clear").stdout == "Forgotten: 3\n"
    assert history.entries() == ()
    assert arvis.json("notifications", "clear") == {"cleared": 0}
