"""What is erased is gone, to the last byte."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from modules.history import database
from modules.history.base import FailureNote, HistoryError, Selection, SessionRecord, SoundKind, new_session
from modules.history.sounds import ORPHAN_SECONDS
from modules.history.store import HistoryStore
from tests.integration.history.conftest import Open
from tests.integration.history.server import Server
from tests.unit.modules.history.keeping import NOW, turn

SECRET = "Zwiebelkuchen"
DAY = 86_400.0


def traces(folder: Path, words: str) -> list[str]:
    """The files in which these words are, in any spelling of the index's."""
    found = []
    for file in folder.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            if any(form.encode() in data for form in (words, words.lower(), words[2:], words.lower()[2:])):
                found.append(file.name)
    return found


def fill(store: HistoryStore, session: SessionRecord) -> dict[int, int]:
    """Thirty turns, with a secret in two of them; ID by number."""
    turns = [turn(session, number, f"Question {number}", f"Answer {number} " * 50) for number in range(1, 31)]
    turns[9] = turn(session, 10, f"My {SECRET} please", f"Your {SECRET} is ready.")
    turns[19] = turn(session, 20, SECRET, "No.")
    return {number: kept.id or 0 for number, kept in store.save(session, turns).items()}


@pytest.mark.parametrize("others", [0, 1])
def test_of_turns_that_are_erased_no_byte_is_left(
    opened: Open, session: SessionRecord, path: Path, place: str, others: int
) -> None:
    store = opened()
    other = [opened() for _ in range(others)]
    ids = fill(store, session)
    assert store.search(SECRET)
    for reader in other:
        assert reader.count(Selection(everything=True)) == 30
    if not place:
        assert traces(path.parent, SECRET)
    assert store.erase(Selection(turns=(ids[10], ids[20], 999_999))) == 2
    assert store.search(SECRET) == []
    assert store.count(Selection(everything=True)) == 28
    if not place:
        assert traces(path.parent, SECRET) == []
        assert traces(path.parent, "Question 11")
    store.close()
    if not place:
        assert traces(path.parent, SECRET) == []


def test_on_a_server_the_tables_keep_no_byte(url: str, server: Server, session: SessionRecord, path: Path) -> None:
    from modules.history.opening import open_history

    store = open_history(path, url)
    ids = fill(store, session)
    server.call("psql", "-q", "-h", "127.0.0.1", "-p", server.port, "-U", "arvis", "-c", "CHECKPOINT", "postgres")
    assert traces(server.data / "base", SECRET)
    store.erase(Selection(turns=(ids[10], ids[20])))
    store.close()
    server.call("psql", "-q", "-h", "127.0.0.1", "-p", server.port, "-U", "arvis", "-c", "CHECKPOINT", "postgres")
    assert traces(server.data / "base", SECRET) == []


def test_an_answer_that_has_changed_leaves_nothing_of_how_it_was(
    opened: Open, session: SessionRecord, path: Path, place: str
) -> None:
    store = opened()
    saved = store.save(session, [turn(session, 1, heard=f"{SECRET} {SECRET}"), turn(session, 2)])
    store.save(session, [turn(session, 1, heard="Short.", id=saved[1].id, version=1)])
    assert store.erase(Selection(turns=(saved[2].id or 0,))) == 1
    if not place:
        assert traces(path.parent, SECRET) == []
    assert [hit.turn.heard for hit in store.search("short")] == ["Short."]


def test_a_session_goes_with_everything_of_it(opened: Open, session: SessionRecord, path: Path) -> None:
    store, other = opened(), new_session(NOW + 9 * DAY)
    ids = fill(store, session)
    store.save(other, [turn(other, 1)])
    store.note(session.id, [FailureNote(NOW, "code", "Text."), FailureNote(NOW + 1, "code", "Text.", 1)])
    store.keep_sound(ids[10], SoundKind.SAID, b"RIFF", 1.0)
    assert store.erase(Selection(sessions=(session.id,))) == 30
    assert store.session(session.id) is None
    assert [entry.session.id for entry in store.sessions()] == [other.id]
    assert list(store.sounds.folder.iterdir()) == []


def test_a_span_of_time_goes(store: HistoryStore, session: SessionRecord) -> None:
    fill(store, session)
    assert store.erase(Selection(since=NOW + 60 * 5, until=NOW + 60 * 25)) == 20
    found = store.session(session.id)
    assert found is not None
    assert [kept.number for kept in found.turns] == [1, 2, 3, 4, *range(25, 31)]


def test_everything_goes(opened: Open, session: SessionRecord, path: Path, place: str) -> None:
    store = opened()
    fill(store, session)
    assert store.erase(Selection(everything=True)) == 30
    assert store.sessions() == []
    if not place:
        assert traces(path.parent, "Question") == []
        assert path.with_name("history.db-wal").stat().st_size == 0
    assert store.erase(Selection(everything=True)) == 0


def test_who_reads_the_file_keeps_its_words_and_that_is_told(
    path: Path, session: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modules.history.opening import open_history

    monkeypatch.setattr(database, "ERASING_SECONDS", 0.05)
    store = open_history(path)
    ids = fill(store, session)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM turns").fetchone() == (30,)
    with pytest.raises(HistoryError, match="another program") as caught:
        store.erase(Selection(turns=(ids[10], ids[20])))
    assert (caught.value.code, caught.value.retryable) == ("busy", True)
    reader.close()
    assert store.count(Selection(everything=True)) == 28
    assert store.erase(Selection(turns=(ids[10],))) == 0
    assert traces(path.parent, SECRET) == []
    store.close()


def test_what_is_too_old_goes(store: HistoryStore, session: SessionRecord) -> None:
    for days in range(10):
        store.save(session, [turn(session, days + 1, started=NOW - days * DAY - 1)])
    assert store.retain(days=0, turns=0, now=NOW) == 0
    assert store.retain(days=30, turns=0, now=NOW) == 0
    assert store.retain(days=7, turns=0, now=NOW) == 3
    assert store.retain(days=7, turns=5, now=NOW) == 2
    assert store.retain(days=0, turns=5, now=NOW) == 0
    assert store.retain(days=2, turns=100, now=NOW) == 3
    found = store.session(session.id)
    assert found is not None
    assert [kept.number for kept in found.turns] == [1, 2]


def test_recordings_without_a_turn_go_after_a_while(store: HistoryStore, session: SessionRecord) -> None:
    ids = fill(store, session)
    note = store.keep_sound(ids[1], SoundKind.SAID, b"RIFF", 1.0)
    orphan = store.sounds.keep(b"RIFF")
    torn = store.sounds.folder / f".{orphan}.abc.new"
    torn.touch()
    mine = store.sounds.folder / "notes.txt"
    mine.touch()
    now = mine.stat().st_mtime
    store.retain(days=0, turns=0, now=now + ORPHAN_SECONDS / 2)
    assert len(list(store.sounds.folder.iterdir())) == 4
    store.retain(days=0, turns=0, now=now + ORPHAN_SECONDS + 60)
    assert {file.name for file in store.sounds.folder.iterdir()} == {note.file, "notes.txt"}
