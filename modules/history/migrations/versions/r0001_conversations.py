"""Sessions, turns, what engines did in them, and what failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("ended", sa.Double),
        sa.Column("title", sa.Text, nullable=False, server_default=""),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    )
    _make_turns()
    op.create_table(
        "engine_calls",
        sa.Column("turn", _ID, sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("engine", sa.Text, nullable=False),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("milliseconds", sa.Double, nullable=False),
        sa.Column("error_code", sa.Text, nullable=False),
    )
    op.create_table(
        "failures",
        sa.Column("session", sa.Text, sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("at", sa.Double, primary_key=True),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("turn", _ID, sa.ForeignKey("turns.id", ondelete="CASCADE")),
    )
    op.create_index("failures_by_turn", "failures", ["turn"])


def _make_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("session", sa.Text, sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("ended", sa.Double),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("heard", sa.Text, nullable=False),
        sa.Column("interrupted", sa.Boolean, nullable=False),
        sa.Column("typed", sa.Boolean, nullable=False),
        sa.Column("spoken", sa.Boolean, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("trace_id", sa.Text, nullable=False),
        sa.Column("phases", sa.JSON, nullable=False),
        sa.Column("latency", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("session", "number", name="one_turn_of_a_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("turns_by_time", "turns", ["started"])
