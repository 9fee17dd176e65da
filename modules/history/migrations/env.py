"""Runs the steps; Alembic executes this file. The caller gives the connection, and commits."""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Run them in the transaction of the caller's connection: all of them, or none."""
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


run()
