"""Tells a history what a session tells: turns that are stored in pieces, in one session that is resumed each time."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from modules.history.base import FILE_NAME
from modules.history.database import Database
from modules.history.sounds import SoundFolder
from modules.history.store import HistoryStore
from modules.history.writer import HistoryWriter
from modules.turn.events import ReplyText
from tests.unit.modules.history.keeping import begun, over
from utils.errors import ArvisError


def write(folder: Path, committed: Callable[[str], object]) -> None:
    writer = HistoryWriter(lambda: _store(folder), _fail, resume_seconds=9e9)
    writer.start()
    for number in itertools.count(1):
        name = f"{os.getpid()}x{number}"
        answer = f"{name} {'word ' * (number * 797 % 60)}".strip()
        for event in (*begun(number, name), ReplyText(number, 0, answer[:20])):
            writer(event)
        if number % 3 == 0:
            assert writer.flush(30.0)
            committed(f"begun {name}")
        for event in over(number, answer):
            writer(event)
        assert writer.flush(30.0)
        committed(f"over {name}")


def verify(folder: Path, committed: list[str]) -> None:
    with sqlite3.connect(folder / FILE_NAME) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.execute("INSERT INTO words(words, rank) VALUES ('integrity-check', 1)")  # against the turns, too
        answers = dict(connection.execute("SELECT said, heard FROM turns"))
        count = connection.execute("SELECT count(*), count(DISTINCT session) FROM turns").fetchone()
        found = [row[0] for row in connection.execute("SELECT rowid FROM words WHERE words MATCH 'word'")]
    connection.close()
    for line in committed:
        what, name = line.split()
        assert name in answers, name
        assert what == "begun" or answers[name].startswith(name)
    assert count == (len(answers), 1)
    assert len(found) == sum("word" in answer for answer in answers.values())


def _store(folder: Path) -> HistoryStore:
    return HistoryStore(Database(folder / FILE_NAME), SoundFolder(folder / "sounds"))


def _fail(error: ArvisError) -> None:
    raise error
