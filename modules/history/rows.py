"""Records as rows of the tables, and back. Imports SQLAlchemy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from modules.history import schema
from modules.history.base import (
    EngineCall,
    FailureNote,
    PhaseEntry,
    SessionRecord,
    SoundKind,
    SoundNote,
    TurnRecord,
    kept_text,
)
from modules.turn.latency import LatencyRecord

_CHUNK = 500
"""Values in one statement; databases have limits."""
_STAGES = frozenset(field.name for field in fields(LatencyRecord))
_COLUMNS = tuple(column for column in schema.turns.columns)


def turn_values(turn: TurnRecord) -> dict[str, Any]:
    """The columns of a turn, without those that say which one it is."""
    return {
        "started": turn.started,
        "ended": turn.ended,
        "said": kept_text(turn.said),
        "heard": kept_text(turn.heard),
        "interrupted": turn.interrupted,
        "typed": turn.typed,
        "spoken": turn.spoken,
        "language": kept_text(turn.language),
        "trace_id": kept_text(turn.trace_id),
        "phases": [[entry.phase, entry.revision, round(entry.milliseconds, 1)] for entry in turn.phases],
        "latency": {stage: value for stage, value in turn.latency.as_dict().items() if value is not None},
    }


def call_values(turn: int, calls: Sequence[EngineCall]) -> list[dict[str, Any]]:
    """The rows of the engine calls of the turn with this ID."""
    return [
        {
            "turn": turn,
            "position": position,
            "stage": call.stage,
            "engine": call.engine,
            "started": call.started,
            "milliseconds": call.milliseconds,
            "error_code": call.error_code,
        }
        for position, call in enumerate(calls)
    ]


def session_of(row: Row[Any]) -> SessionRecord:
    """The session of a row that has its columns."""
    return SessionRecord(id=row.id, started=row.started, ended=row.ended, title=row.title, version=row.version)


def read_turns(connection: Connection, chosen: Select[Any]) -> list[TurnRecord]:
    """The turns that a selection of IDs means, in its order, with their engine calls and recordings."""
    ids = [row[0] for row in connection.execute(chosen)]
    found: dict[int, TurnRecord] = {}
    for some in _chunked(ids):
        calls, sounds = _calls(connection, some), _sounds(connection, some)
        for row in connection.execute(select(*_COLUMNS).where(schema.turns.c.id.in_(some))):
            found[row.id] = replace(_turn(row), calls=tuple(calls[row.id]), sounds=tuple(sounds[row.id]))
    return [found[id_] for id_ in ids if id_ in found]


def read_failures(connection: Connection, session: str) -> list[FailureNote]:
    """What failed in a session, in the order of time."""
    failures, turns = schema.failures.c, schema.turns.c
    chosen = select(failures.at, failures.code, failures.text, turns.number).select_from(
        schema.failures.outerjoin(schema.turns, failures.turn == turns.id)
    )
    rows = connection.execute(chosen.where(failures.session == session).order_by(failures.at))
    return [FailureNote(row.at, row.code, row.text, row.number) for row in rows]


def _turn(row: Row[Any]) -> TurnRecord:
    return TurnRecord(
        id=row.id,
        session=row.session,
        number=row.number,
        started=row.started,
        ended=row.ended,
        said=row.said,
        heard=row.heard,
        interrupted=row.interrupted,
        typed=row.typed,
        spoken=row.spoken,
        language=row.language,
        trace_id=row.trace_id,
        phases=tuple(PhaseEntry(*entry) for entry in row.phases),
        latency=LatencyRecord(**{stage: value for stage, value in row.latency.items() if stage in _STAGES}),
        version=row.version,
    )


def _calls(connection: Connection, turns: Sequence[int]) -> dict[int, list[EngineCall]]:
    columns = schema.engine_calls.c
    found: dict[int, list[EngineCall]] = defaultdict(list)
    chosen = select(schema.engine_calls).where(columns.turn.in_(turns)).order_by(columns.turn, columns.position)
    for row in connection.execute(chosen):
        found[row.turn].append(EngineCall(row.stage, row.engine, row.started, row.milliseconds, row.error_code))
    return found


def _sounds(connection: Connection, turns: Sequence[int]) -> dict[int, list[SoundNote]]:
    columns = schema.sounds.c
    found: dict[int, list[SoundNote]] = defaultdict(list)
    chosen = select(schema.sounds).where(columns.turn.in_(turns)).order_by(columns.turn, columns.kind.desc())
    for row in connection.execute(chosen):
        found[row.turn].append(SoundNote(SoundKind(row.kind), row.file, row.seconds))
    return found


def _chunked(ids: Sequence[int]) -> Iterator[list[int]]:
    waiting = iter(ids)
    while some := list(islice(waiting, _CHUNK)):
        yield some
