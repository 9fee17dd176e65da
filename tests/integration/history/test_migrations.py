"""Tables of every earlier revision become those of today, with everything that was in them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, inspect, text

from modules.history import migrate, schema
from modules.history.base import HistoryError, SessionRecord, SoundKind
from modules.history.database import Database
from modules.history.opening import open_history
from tests.integration.history.conftest import Open
from tests.unit.modules.history.keeping import turn

REVISIONS = ("0001", "0002", "0003")
ROWS = (
    "INSERT INTO sessions (id, started) VALUES ('s', 1.5)",
    """INSERT INTO turns (session, number, started, said, heard, interrupted, typed, spoken, language, trace_id,
        phases, latency, version) VALUES ('s', 1, 2.5, 'Wo ist das Café?', 'Да, ёлка.', false, true, false, 'de', '',
        '[["idle", 0, 3.5]]', '{"total": 9.5, "of_another_version": 1.0}', 4)""",
    "INSERT INTO engine_calls VALUES (1, 0, 'stt', 'whisper', 2.5, 80.0, '')",
    "INSERT INTO failures VALUES ('s', 3.5, 'code', 'Text.', 1)",
)


@contextmanager
def bare(path: Path, url: str) -> Iterator[Connection]:
    """A transaction on the database as it is."""
    path.parent.mkdir(exist_ok=True)
    engine = create_engine(url.replace("postgresql", "postgresql+psycopg") or f"sqlite:///{path}")
    if not url:
        event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_the_newest_revision_is_the_one_that_the_program_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(files("modules.history") / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [migrate.NEWEST]
    assert tuple(revision.revision for revision in script.walk_revisions())[::-1] == REVISIONS


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_earlier_history_is_brought_up_to_date(opened: Open, path: Path, place: str, revision: str) -> None:
    with bare(path, place) as connection:
        migrate.upgrade(connection, revision)
        assert migrate.revision_of(connection) == revision
        for row in ROWS:
            connection.execute(text(row.replace(":", r"\:")))
    store = opened()
    (hit,) = store.search("cafe елка")
    assert hit.turn.heard == "Да, ёлка."
    assert (hit.turn.version, hit.turn.latency.total, hit.turn.phases[0].milliseconds) == (4, 9.5, 3.5)
    assert [call.engine for call in hit.turn.calls] == ["whisper"]
    assert hit.turn.id is not None
    assert store.keep_sound(hit.turn.id, SoundKind.SAID, b"wav", 1.0).seconds == 1.0
    found = store.session("s")
    assert found is not None
    assert [note.turn_number for note in found.failures] == [1]
    with bare(path, place) as connection:
        assert migrate.revision_of(connection) == migrate.NEWEST


def test_the_tables_are_those_that_the_program_knows(opened: Open, path: Path, place: str) -> None:
    opened()
    ours = set(schema.metadata.tables)

    def is_ours(name: str | None, kind: str, parents: Any) -> bool:
        return kind != "table" or name in ours

    with bare(path, place) as connection:
        options = {"include_name": is_ours, "compare_type": True}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata)
    expected = {"remove_column words", "remove_index turns_by_word"} if place else set()
    assert {f"{change[0]} {getattr(change[-1], 'name', change)}" for change in found} == expected


def test_a_step_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with bare(path, "") as connection:
        migrate.upgrade(connection, "0001")
        connection.execute(text(ROWS[0]))

    def broken(*_: object, **__: object) -> None:
        raise HistoryError("failed", "In the middle.")

    monkeypatch.setattr("alembic.op.create_table", broken)  # of the last step
    with pytest.raises(HistoryError, match="middle"):
        open_history(path)
    monkeypatch.undo()
    with bare(path, "") as connection:
        assert migrate.revision_of(connection) == "0001"
        assert "words" not in inspect(connection).get_table_names()
    open_history(path).close()


def test_two_that_begin_together_do_not_get_in_each_others_way(
    path: Path, place: str, opened: Open, session: SessionRecord
) -> None:
    failed: list[BaseException] = []
    ready = threading.Barrier(4)

    def begin(number: int) -> None:
        try:
            ready.wait(30)
            store = open_history(path, place)
            store.save(session, [turn(session, number)])
            store.close()
        except BaseException as error:  # noqa: BLE001  # told below
            failed.append(error)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    found = opened().session(session.id)
    assert found is not None
    assert [kept.number for kept in found.turns] == [0, 1, 2, 3]


def test_the_history_of_a_newer_version_is_left_alone(path: Path, place: str, opened: Open) -> None:
    opened().close()
    with bare(path, place) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(HistoryError, match="Update Arvis") as caught:
        opened()
    assert (caught.value.code, caught.value.retryable) == ("newer", False)


def test_up_to_date_tables_need_no_alembic(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_history(path).close()
    monkeypatch.setitem(__import__("sys").modules, "alembic.config", None)
    database = Database(path)
    with database.reading() as connection:
        assert migrate.revision_of(connection) == migrate.NEWEST
    database.close()
