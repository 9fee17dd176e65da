"""Brings the tables of a history up to date, with Alembic, which is imported only where there is something to do."""

from __future__ import annotations

import logging
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from modules.history.base import HistoryError

if TYPE_CHECKING:
    from sqlalchemy import Connection

NEWEST = "0003"
"""The step that this program's tables are at."""
log = logging.getLogger(__name__)


def revision_of(connection: Connection) -> str | None:
    """The step that the tables are at; None where there are none yet."""
    from sqlalchemy import inspect

    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def upgrade(connection: Connection, target: str = NEWEST) -> None:
    """Run the steps that are missing, in the transaction of the connection.

    Raises:
        HistoryError: A newer version of Arvis has made the tables.
    """
    present = revision_of(connection)
    if present == target:
        return
    if present is not None and present > NEWEST:
        raise HistoryError(
            "newer", "A newer version of Arvis has written the history, and this one cannot read it. Update Arvis."
        )
    from alembic import command
    from alembic.config import Config

    log.info("the history is brought from revision %s to %s", present or "none", target)
    with as_file(files("modules.history") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, target)
