"""What a failure of the database means for the user. Imports SQLAlchemy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from modules.history.base import HistoryError

_SERVER_CODES = {
    "53100": "disk-full",  # disk_full
    "40001": "busy",  # serialization_failure
    "40P01": "busy",  # deadlock_detected
    "55P03": "busy",  # lock_not_available
    "28000": "refused",  # invalid_authorization_specification
    "28P01": "refused",  # invalid_password
    "3D000": "refused",  # invalid_catalog_name
    "42501": "refused",  # insufficient_privilege
    "25006": "cannot-write",  # read_only_sql_transaction
}
"""Of PostgreSQL (its documentation, appendix A)."""
_FILE_CODES = {
    "SQLITE_BUSY": "busy",
    "SQLITE_LOCKED": "busy",
    "SQLITE_PROTOCOL": "busy",
    "SQLITE_FULL": "disk-full",
    "SQLITE_CORRUPT": "damaged",
    "SQLITE_NOTADB": "damaged",
    "SQLITE_IOERR": "cannot-write",
    "SQLITE_READONLY": "cannot-write",
    "SQLITE_CANTOPEN": "cannot-write",
    "SQLITE_PERM": "cannot-write",
}
"""Beginnings of the names of SQLite's result codes."""
_SENTENCES = {
    "busy": "Another program is using the history {place}. Close other windows of Arvis and try again.",
    "disk-full": "The disk with the history is full. Make room on it: what is said meanwhile is stored then.",
    "damaged": "The history {place} is damaged. Move it away, and Arvis begins a new one.",
    "cannot-write": "The history {place} cannot be written. Look at its permissions and at the disk.",
    "refused": "The server of the history refuses Arvis. Correct the setting history.url or the rights on the server.",
    "unreachable": "The server of the history cannot be reached. Start it, or correct the setting history.url.",
    "failed": "The history {place} could not be used ({detail}). The log of Arvis says when it began.",
}
_RETRYABLE = frozenset({"busy", "disk-full", "cannot-write", "unreachable"})


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Have what fails in the block raise a `HistoryError`; neither words nor values of a record get into it.

    Args:
        place: Of the history, for the user.
    """
    try:
        yield
    except SQLAlchemyError as error:
        code, detail = _judge(error)
        sentence = _SENTENCES[code].format(place=place, detail=detail)
        raise HistoryError(code, sentence, retryable=code in _RETRYABLE) from error


def _judge(error: SQLAlchemyError) -> tuple[str, str]:
    """A code of ours, and the name that the database gives the failure."""
    if not isinstance(error, DBAPIError):
        return "failed", type(error).__name__
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", type(cause).__name__)
        return next((code for begin, code in _FILE_CODES.items() if name.startswith(begin)), "failed"), name
    state = getattr(cause, "sqlstate", None)
    if state in _SERVER_CODES:
        return _SERVER_CODES[state], state
    if error.connection_invalidated or isinstance(error, OperationalError):
        return "unreachable", state or type(cause).__name__
    return "failed", state or type(cause).__name__
