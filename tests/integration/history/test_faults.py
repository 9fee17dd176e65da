"""What failures of a database mean."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, InvalidRequestError, OperationalError, ProgrammingError

from modules.history.base import HistoryError
from modules.history.faults import explained


def of_file(name: str) -> DBAPIError:
    error = sqlite3.OperationalError("near 'my secret'")
    error.sqlite_errorname = name
    return OperationalError("SELECT 'my secret'", {}, error)


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (of_file("SQLITE_BUSY_SNAPSHOT"), "busy", True),
        (of_file("SQLITE_FULL"), "disk-full", True),
        (of_file("SQLITE_IOERR_FSYNC"), "cannot-write", True),
        (of_file("SQLITE_READONLY_DBMOVED"), "cannot-write", True),
        (of_file("SQLITE_CORRUPT_VTAB"), "damaged", False),
        (of_file("SQLITE_ERROR"), "failed", False),
        (OperationalError("x", {}, psycopg.errors.DiskFull()), "disk-full", True),
        (OperationalError("x", {}, psycopg.errors.AdminShutdown()), "unreachable", True),
        (OperationalError("x", {}, psycopg.OperationalError("no route to 'my secret'")), "unreachable", True),
        (OperationalError("x", {}, psycopg.errors.InvalidPassword()), "refused", False),
        (OperationalError("x", {}, psycopg.errors.DeadlockDetected()), "busy", True),
        (ProgrammingError("x", {}, psycopg.errors.UndefinedTable("'my secret'")), "failed", False),
        (InvalidRequestError("'my secret'"), "failed", False),
    ],
)
def test_each_is_told_with_what_to_do_and_without_words(error: Exception, code: str, retryable: bool) -> None:
    with pytest.raises(HistoryError) as caught, explained("history.db"):
        raise error
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert "secret" not in caught.value.message
    assert caught.value.__cause__ is error


def test_what_is_no_failure_of_the_database_passes() -> None:
    with pytest.raises(ZeroDivisionError), explained("history.db"):
        raise ZeroDivisionError
