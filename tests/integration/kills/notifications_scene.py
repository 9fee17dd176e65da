"""Tells notifications, some of them again, and acknowledges some, with a history that is compacted often."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from modules.notifications.base import Entry, Notification, Priority
from modules.notifications.history import History

LIMIT = 40
_AT = datetime(2025, 6, 1, tzinfo=UTC)


def write(folder: Path, committed: Callable[[str], object]) -> None:
    history = History(folder / "notifications.jsonl", LIMIT)
    for number in itertools.count():
        name = f"{os.getpid()}-{number}"
        notification = Notification("code", f"Something happened {'x' * (number * 797 % 300)}.", Priority.ERROR, "test")
        entry = Entry(notification, _AT, _AT, 1, id=name)
        history.record(entry)
        committed(f"{name} 1 0")
        if number % 3 == 0:
            history.record(entry.again(notification, _AT))
            committed(f"{name} 2 0")
        if number % 5 == 0:
            history.acknowledge([name])
            committed(f"{name} {2 if number % 3 == 0 else 1} 1")


def verify(folder: Path, committed: list[str]) -> None:
    found = {entry.id: entry for entry in History(folder / "notifications.jsonl", LIMIT).entries()}
    states: dict[str, tuple[int, bool]] = {}
    for line in committed:
        name, count, seen = line.split()
        states.pop(name, None)
        states[name] = int(count), seen == "1"
    # What was kept but never told of, as the writer died in between, takes the place of something older.
    newest = list(states)[-(LIMIT - len(set(found) - set(states))) :]
    assert set(newest) <= set(found), set(newest) - set(found)
    for name in newest:
        least, acknowledged = states[name]
        assert found[name].count >= least
        assert found[name].acknowledged or not acknowledged
    assert len(found) <= LIMIT
