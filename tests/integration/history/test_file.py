"""The file: who may read it, and what happens when something is wrong with it or with the disk."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import event

from modules.history import database
from modules.history.base import HistoryError, Selection, SessionRecord
from modules.history.opening import open_history
from modules.history.store import HistoryStore
from modules.history.writer import HistoryWriter
from tests.unit.modules.history.keeping import told, turn
from utils.errors import ArvisError
from utils.files import FileError


def filled(path: Path, session: SessionRecord) -> HistoryStore:
    store = open_history(path)
    store.save(session, [turn(session, 1)])
    return store


def test_only_its_owner_can_read_it(path: Path, session: SessionRecord) -> None:
    store = filled(path, session)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    names = ("history.db", "history.db-wal", "history.db-shm", ".history.db.lock")
    assert modes == dict.fromkeys(names, 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.close()


def test_a_file_that_others_could_read_is_closed_to_them(path: Path, session: SessionRecord) -> None:
    filled(path, session).close()
    path.chmod(0o644)
    open_history(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["history.db", "history.db-wal", "history.db-shm", "history.db-journal"])
def test_no_link_is_followed(path: Path, tmp_path: Path, name: str) -> None:
    path.parent.mkdir()
    (path.parent / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileError, match="link"):
        open_history(path)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(HistoryError, match="damaged") as caught:
        open_history(path)
    assert (caught.value.code, caught.value.retryable) == ("damaged", False)
    assert str(path) in caught.value.message
    assert path.read_bytes() == content


def test_a_folder_in_its_place_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(FileError):
        open_history(path)


def test_a_damaged_page_is_told_and_quotes_nobody(path: Path, session: SessionRecord) -> None:
    store = open_history(path)
    store.save(session, [turn(session, number, "A secret." * 100) for number in range(1, 200)])
    store.close()
    data = bytearray(path.read_bytes())
    data[4096 * 10 : -4096] = b"\xa5" * (len(data) - 4096 * 11)
    path.write_bytes(data)
    with pytest.raises(HistoryError) as caught:
        open_history(path).session(session.id)
    assert caught.value.code == "damaged"
    assert "secret" not in str(caught.value.__cause__)


def test_another_who_writes_is_waited_for_and_then_told(
    path: Path, session: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PRAGMAS", ("PRAGMA busy_timeout=20", *database._PRAGMAS[1:]))
    store = filled(path, session)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryError) as caught:
        store.save(session, [turn(session, 2)])
    assert (caught.value.code, caught.value.retryable) == ("busy", True)
    assert store.count(Selection(everything=True)) == 1  # who reads need not wait
    other.close()
    store.save(session, [turn(session, 2)])
    assert store.count(Selection(everything=True)) == 2
    store.close()


def full_disk(store: HistoryStore, pages: int) -> None:
    """Let the file of the store become no bigger than so many pages."""
    engine = store._database._engine
    engine.dispose()

    def limit(raw: sqlite3.Connection, _: object) -> None:
        raw.execute(f"PRAGMA max_page_count={pages}").close()

    event.listen(engine, "connect", limit)


def test_a_full_disk_loses_nothing_of_what_was_stored(path: Path, session: SessionRecord) -> None:
    store = filled(path, session)
    full_disk(store, 40)
    with pytest.raises(HistoryError) as caught:
        store.save(session, [turn(session, 2), turn(session, 3, heard="x" * 500_000)])
    assert (caught.value.code, caught.value.retryable) == ("disk-full", True)
    assert store.count(Selection(everything=True)) == 1
    store.save(session, [turn(session, 2)])
    assert store.count(Selection(everything=True)) == 2
    store.close()


def test_a_conversation_goes_on_while_the_disk_is_full_and_is_stored_when_there_is_room(path: Path) -> None:
    from modules.history.saver import Pace

    complaints: list[ArvisError] = []
    stores: list[HistoryStore] = []

    def opening() -> HistoryStore:
        stores.append(open_history(path))
        full_disk(stores[-1], 40)
        return stores[-1]

    writer = HistoryWriter(opening, complaints.append, pace=Pace(first_retry=0.01, longest_retry=0.01))
    writer.start()
    for number in range(1, 11):
        for happening in told(number, f"Question {number}.", "word " * 20_000):
            writer(happening)
    assert not writer.flush(0.5)
    assert [error.code for error in complaints] == ["disk-full"]
    (store,) = stores
    full_disk(store, 100_000)
    assert writer.flush(30.0)
    assert store.count(Selection(everything=True)) == 10
    assert [hit.turn.number for hit in store.search("question 10")] == [10]
    assert len(complaints) == 1
    assert writer.close(30.0)


def test_a_lock_of_another_process_delays_nobody(path: Path, session: SessionRecord) -> None:
    filled(path, session).close()
    other = sqlite3.connect(path, isolation_level=None)
    complaints: list[ArvisError] = []
    writer = HistoryWriter(lambda: open_history(path), complaints.append, resume_seconds=9e9)
    other.execute("BEGIN IMMEDIATE")
    writer.start()
    for happening in told(1):
        writer(happening)
    assert not writer.flush(0.2)
    other.execute("COMMIT")
    other.close()
    assert writer.flush(30.0)
    assert writer.close(30.0)
    store = open_history(path)
    found = store.session(session.id)
    assert found is not None
    assert [kept.number for kept in found.turns] == [1, 2]
    assert found.session.ended is not None
    assert complaints == []
    store.close()
