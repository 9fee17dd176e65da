"""The tables of the history, as the newest migration leaves them. Imports SQLAlchemy."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

_ID = BigInteger().with_variant(Integer(), "sqlite")

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("started", Double, nullable=False),
    Column("ended", Double),
    Column("title", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="0"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("session", Text, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started", Double, nullable=False),
    Column("ended", Double),
    Column("said", Text, nullable=False),
    Column("heard", Text, nullable=False),
    Column("interrupted", Boolean, nullable=False),
    Column("typed", Boolean, nullable=False),
    Column("spoken", Boolean, nullable=False),
    Column("language", Text, nullable=False),
    Column("trace_id", Text, nullable=False),
    Column("phases", JSON, nullable=False),
    Column("latency", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("session", "number", name="one_turn_of_a_number"),
    Index("turns_by_time", "started"),
    sqlite_autoincrement=True,  # an ID that the window shows never means another turn
)

engine_calls = Table(
    "engine_calls",
    metadata,
    Column("turn", _ID, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("started", Double, nullable=False),
    Column("milliseconds", Double, nullable=False),
    Column("error_code", Text, nullable=False),
)

failures = Table(
    "failures",
    metadata,
    Column("session", Text, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Double, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("turn", _ID, ForeignKey("turns.id", ondelete="CASCADE")),
    Index("failures_by_turn", "turn"),
)

sounds = Table(
    "sounds",
    metadata,
    Column("turn", _ID, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("file", Text, nullable=False, unique=True),
    Column("seconds", Double, nullable=False),
)
