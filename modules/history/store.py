"""The history in a database. Imports SQLAlchemy: `modules.history.opening` opens one without that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from modules.history import schema
from modules.history.base import (
    ConflictError,
    Conversation,
    FailureNote,
    HistoryError,
    Resumed,
    SearchHit,
    Selection,
    SessionRecord,
    SessionSummary,
    SoundKind,
    SoundNote,
    TurnRecord,
    kept_text,
)
from modules.history.database import Database
from modules.history.rows import call_values, read_failures, read_turns, session_of, turn_values
from modules.history.sounds import SoundFolder
from modules.history.words import fts5_query, snippet, ts_query

OPENING_CHARACTERS = 80
RESUMED_TURNS = 200
"""The most that are gone on with; a language model has less room anyway."""
_DAY = 86_400.0


class HistoryStore:
    """Reads and writes the history. Blocking; several threads and processes may use the same history.

    Every method raises `modules.history.base.HistoryError` when the database cannot be used.

    Args:
        database: Where it is.
        sounds: Where recordings are.
    """

    def __init__(self, database: Database, sounds: SoundFolder) -> None:
        self._database = database
        self.sounds = sounds

    # --- reading ------------------------------------------------------------------------------------------------

    def sessions(self, limit: int = 100, offset: int = 0) -> list[SessionSummary]:
        """The sessions, the one that was used last first."""
        turns, sessions = schema.turns.c, schema.sessions.c
        used = (
            select(
                turns.session,
                func.count().label("kept"),
                func.max(turns.started).label("last"),
                func.min(turns.number).label("first"),
            )
            .group_by(turns.session)
            .subquery()
        )
        last = func.coalesce(used.c.last, sessions.started)
        chosen = (
            select(schema.sessions, used.c.kept, last.label("last"), func.substr(turns.said, 1, OPENING_CHARACTERS))
            .select_from(
                schema.sessions.outerjoin(used, used.c.session == sessions.id).outerjoin(
                    schema.turns, (turns.session == sessions.id) & (turns.number == used.c.first)
                )
            )
            .order_by(last.desc(), sessions.id)
            .limit(limit)
            .offset(offset)
        )
        with self._database.reading() as connection:
            return [
                SessionSummary(session=session_of(row), turns=row.kept or 0, last=row.last, opening=row[-1] or "")
                for row in connection.execute(chosen)
            ]

    def matching(self, beginning: str) -> list[str]:
        """The IDs of the sessions that begin like that."""
        id_ = schema.sessions.c.id
        chosen = select(id_).where(func.substr(id_, 1, len(beginning)) == kept_text(beginning)).order_by(id_)
        with self._database.reading() as connection:
            return [row.id for row in connection.execute(chosen)]

    def session(self, id_: str) -> Conversation | None:
        """A session with its turns, the oldest first; None where there is none of this ID."""
        with self._database.reading() as connection:
            row = connection.execute(select(schema.sessions).where(schema.sessions.c.id == id_)).one_or_none()
            return None if row is None else _conversation(connection, session_of(row))

    def conversations(self, selection: Selection) -> Iterator[Conversation]:
        """The sessions that have turns that are meant, with those turns, the oldest session first."""
        where = _meant(selection)
        sessions = schema.sessions.c
        chosen = select(schema.sessions).where(sessions.id.in_(select(schema.turns.c.session).where(*where)))
        with self._database.reading() as connection:
            found = [session_of(row) for row in connection.execute(chosen.order_by(sessions.started, sessions.id))]
        for session in found:
            with self._database.reading() as connection:
                yield _conversation(connection, session, *where)

    def turn(self, id_: int) -> TurnRecord | None:
        """The turn of this ID; None where there is none."""
        with self._database.reading() as connection:
            return next(iter(read_turns(connection, _ids().where(schema.turns.c.id == id_))), None)

    def stored(self, session: str, number: int) -> TurnRecord | None:
        """A turn as it is stored; None where it is not."""
        turns = schema.turns.c
        with self._database.reading() as connection:
            chosen = _ids().where(turns.session == session, turns.number == number)
            return next(iter(read_turns(connection, chosen)), None)

    def count(self, selection: Selection) -> int:
        """How many turns are meant."""
        with self._database.reading() as connection:
            return _count(connection, selection)

    def search(
        self, query: str, limit: int = 50, *, since: float | None = None, until: float | None = None
    ) -> list[SearchHit]:
        """The turns that have every word of a query, in what was said or heard; the newest first.

        Case and diacritics make no difference, and the last word may go on. No text is a mistake; one without a word
        finds nothing.

        Args:
            query: Words.
            limit: The most that are found.
            since: Unix seconds: turns that began then or later.
            until: Unix seconds: turns that began earlier.
        """
        wanted = fts5_query(kept_text(query)) if self._database.is_file else ts_query(kept_text(query))
        if not wanted:
            return []
        chosen = _ids().where(self._has_words(), *_between(since, until))
        chosen = chosen.order_by(schema.turns.c.id.desc()).limit(limit).params(wanted=wanted)
        with self._database.reading() as connection:
            turns = read_turns(connection, chosen)
        return [SearchHit(turn, *snippet((turn.said, turn.heard), query)) for turn in turns]

    def _has_words(self) -> ColumnElement[bool]:
        if self._database.is_file:
            return schema.turns.c.id.in_(text("SELECT rowid FROM words WHERE words MATCH :wanted"))
        return text("turns.words @@ to_tsquery('simple', :wanted)")  # type: ignore[return-value]  # it may stand there

    def last_session(self, max_age: float, now: float) -> Resumed | None:
        """The session to go on with: the one of the last turn, if that began at most `max_age` seconds before `now`."""
        turns = schema.turns.c
        newest = select(turns.session).where(turns.started >= now - max_age).order_by(turns.id.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(
                select(schema.sessions).where(schema.sessions.c.id == newest.scalar_subquery())
            ).one_or_none()
            if row is None:
                return None
            last = _ids().where(turns.session == row.id).order_by(turns.number.desc()).limit(RESUMED_TURNS)
            return Resumed(session_of(row), tuple(reversed(read_turns(connection, last))))

    # --- writing ------------------------------------------------------------------------------------------------

    def save(self, session: SessionRecord, turns: Sequence[TurnRecord]) -> Mapping[int, TurnRecord]:
        """Store turns of a session, all or none; by number, as they are stored. Those that were erased are left out.

        The session is made if it is not there. A turn that has no ID yet and is there already is stored again if it
        has the same trace: then it was stored, and only the answer of the database was lost.

        Raises:
            ConflictError: Somebody else has stored one of them.
        """
        saved: dict[int, TurnRecord] = {}
        with self._database.writing() as connection:
            self._make(connection, session)
            for turn in turns:
                kept = self._insert(connection, turn) if turn.id is None else _update(connection, turn)
                if kept is not None:
                    saved[turn.number] = kept
                    self._add(connection, schema.engine_calls, call_values(kept.id or 0, kept.calls))
        return saved

    def note(self, session: str, failures: Sequence[FailureNote]) -> None:
        """Store what failed in a session that is stored, each once, however often it is told."""
        turns = schema.turns.c
        with self._database.writing() as connection:
            numbers = [failure.turn_number for failure in failures if failure.turn_number is not None]
            chosen = select(turns.number, turns.id).where(turns.session == session, turns.number.in_(numbers))
            ids = {row.number: row.id for row in connection.execute(chosen)}
            rows = [
                {
                    "session": session,
                    "at": failure.at,
                    "code": failure.code,
                    "text": kept_text(failure.text),
                    "turn": ids.get(failure.turn_number),
                }
                for failure in failures
            ]
            if connection.execute(select(schema.sessions.c.id).where(schema.sessions.c.id == session)).first():
                self._add(connection, schema.failures, rows)

    def end(self, session: str, ended: float | None) -> None:
        """Store when a session ended; None when it goes on."""
        with self._database.writing() as connection:
            connection.execute(update(schema.sessions).where(schema.sessions.c.id == session).values(ended=ended))

    def rename(self, session: SessionRecord, title: str) -> SessionRecord:
        """Call a session otherwise.

        Raises:
            ConflictError: Somebody else has renamed it since it was read, or it was erased.
        """
        renamed = replace(session, title=kept_text(title.strip()), version=session.version + 1)
        sessions = schema.sessions.c
        with self._database.writing() as connection:
            known = (sessions.id == session.id) & (sessions.version == session.version)
            values = {"title": renamed.title, "version": renamed.version}
            if not connection.execute(update(schema.sessions).where(known).values(values)).rowcount:
                raise ConflictError("changed", "The conversation was renamed or erased meanwhile. Look at it again.")
        return renamed

    def keep_sound(self, turn: int, kind: SoundKind, wav: bytes, seconds: float) -> SoundNote:
        """Store a recording of the turn with this ID; one of the same kind gives way.

        Raises:
            HistoryError: "no-turn": There is no such turn.
            utils.files.FileError: The recording cannot be written.
        """
        note = SoundNote(kind, self.sounds.keep(wav), seconds)
        columns = schema.sounds.c
        with self._database.writing() as connection:
            if not connection.execute(_ids().where(schema.turns.c.id == turn)).first():
                self.sounds.remove([note.file])
                raise HistoryError("no-turn", "The turn of the recording was erased.")
            mine = (columns.turn == turn) & (columns.kind == kind.value)
            before = [row.file for row in connection.execute(select(columns.file).where(mine))]
            connection.execute(delete(schema.sounds).where(mine))
            self._add(
                connection, schema.sounds, [{"turn": turn, "kind": kind.value, "file": note.file, "seconds": seconds}]
            )
        self.sounds.remove(before)
        return note

    # --- erasing ------------------------------------------------------------------------------------------------

    def erase(self, selection: Selection) -> int:
        """Remove turns, and sessions that have none left, so that nothing of them is left on the disk; how many turns.

        Raises:
            HistoryError: "busy": They are removed, but as another program reads the file, their words are still in it.
            utils.files.FileError: A recording cannot be removed.
        """
        where = _meant(selection)
        sounds = select(schema.sounds.c.file).where(schema.sounds.c.turn.in_(_ids().where(*where)))
        with self._database.writing() as connection:
            files = [row.file for row in connection.execute(sounds)]
            count = _count(connection, selection)
            connection.execute(delete(schema.turns).where(*where))
            empty = schema.sessions.c.id.not_in(select(schema.turns.c.session))
            connection.execute(delete(schema.sessions).where(empty))
            if self._database.is_file:
                # What is deleted from the index stays in it, marked as deleted, until it is built anew.
                connection.exec_driver_sql("INSERT INTO words(words) VALUES ('rebuild')")
        self.sounds.remove(files)
        self._database.scrub()
        return count

    def retain(self, *, days: int, turns: int, now: float) -> int:
        """Remove what is older than so many days, and what is more than so many turns; 0 for no limit. How many went.

        Recordings that belong to no turn go as well.
        """
        columns = schema.turns.c
        with self._database.reading() as connection:
            known = {row.file for row in connection.execute(select(schema.sounds.c.file))}
            oldest = select(columns.started).order_by(columns.started.desc()).offset(turns - 1).limit(1)
            begin = connection.execute(oldest).scalar() if turns > 0 else None
        self.sounds.sweep(known, now)
        limits = [*([now - days * _DAY] if days > 0 else []), *([] if begin is None else [begin])]
        if not limits or not self.count(Selection(until=max(limits))):
            return 0
        return self.erase(Selection(until=max(limits)))

    def close(self) -> None:
        """Let the file or the server go."""
        self._database.close()

    # --- how ----------------------------------------------------------------------------------------------------

    def _insert_into(self, table: Any) -> Any:
        return sqlite.insert(table) if self._database.is_file else postgresql.insert(table)

    def _add(self, connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows that are not there yet."""
        if rows:
            connection.execute(self._insert_into(table).on_conflict_do_nothing(), list(rows))

    def _make(self, connection: Connection, session: SessionRecord) -> None:
        self._add(connection, schema.sessions, [{"id": session.id, "started": session.started}])

    def _insert(self, connection: Connection, turn: TurnRecord) -> TurnRecord:
        values = turn_values(turn)
        insert = self._insert_into(schema.turns).values(session=turn.session, number=turn.number, version=1, **values)
        turns = schema.turns.c
        stored = connection.execute(
            insert.on_conflict_do_update(
                index_elements=[turns.session, turns.number],
                set_={**{name: insert.excluded[name] for name in values}, "version": turns.version + 1},
                where=turns.trace_id == insert.excluded.trace_id,
            ).returning(turns.id, turns.version)
        ).one_or_none()
        if stored is None:
            raise _conflict()
        return replace(turn, id=stored.id, version=stored.version)


def _update(connection: Connection, turn: TurnRecord) -> TurnRecord | None:
    turns = schema.turns.c
    known = (turns.id == turn.id) & (turns.version == turn.version)
    values = {**turn_values(turn), "version": turn.version + 1}
    if connection.execute(update(schema.turns).where(known).values(values)).rowcount:
        return replace(turn, version=turn.version + 1)
    if connection.execute(_ids().where(turns.id == turn.id)).first():
        raise _conflict()
    return None


def _conflict() -> ConflictError:
    return ConflictError("changed", "Another window of Arvis has stored this turn.")


def _ids() -> Select[Any]:
    return select(schema.turns.c.id)


def _conversation(connection: Connection, session: SessionRecord, *where: ColumnElement[bool]) -> Conversation:
    turns = schema.turns.c
    chosen = _ids().where(turns.session == session.id, *where).order_by(turns.number)
    return Conversation(session, tuple(read_turns(connection, chosen)), tuple(read_failures(connection, session.id)))


def _meant(selection: Selection) -> list[ColumnElement[bool]]:
    turns = schema.turns.c
    found = _between(selection.since, selection.until)
    if selection.turns:
        found.append(turns.id.in_(selection.turns))
    if selection.sessions:
        found.append(turns.session.in_(selection.sessions))
    return found


def _between(since: float | None, until: float | None) -> list[ColumnElement[bool]]:
    started = schema.turns.c.started
    return [*([] if since is None else [started >= since]), *([] if until is None else [started < until])]


def _count(connection: Connection, selection: Selection) -> int:
    chosen = select(func.count()).select_from(schema.turns).where(*_meant(selection))
    return int(connection.execute(chosen).one()[0])
