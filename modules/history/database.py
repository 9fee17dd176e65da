"""The database of the history: a file of SQLite, or a server of PostgreSQL. Imports SQLAlchemy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from modules.history.base import HistoryError
from modules.history.faults import explained
from modules.history.migrate import upgrade
from modules.network.policy import POLICY
from utils.discretion import redact
from utils.files import FILE_MODE, locked, open_append, refuse_link
from utils.files import explained as file_error
from utils.optional import require

OPENING_SECONDS = 30.0
"""How long one waits for others that open the same file."""
BUSY_SECONDS = 2.0
"""How long SQLite waits for another process, before somebody else decides whether to try again."""
ERASING_SECONDS = 10.0
"""How long erasing waits for others who read."""
CONNECT_SECONDS = 5
PURPOSE = "the history"
_LOCK = 0x41525649
"""Any number: PostgreSQL's lock for those who bring the tables up to date at the same time."""
_PRAGMAS = (
    f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # what is committed survives a loss of power, too
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",  # else what VACUUM copies would pass through the folder of temporary files
)
_ABOUT_SERVERS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "host", "hostaddr", "port"})
"""What may follow the question mark of a URL; other options could lead to other servers than the URL says."""


class Database:
    """Transactions on a history whose tables are up to date. Blocking; several threads may use it.

    Args:
        place: The file, or the URL of a server: "postgresql://user@host/name".

    Raises:
        HistoryError: It cannot be opened, or a newer version of Arvis has written it.
        utils.files.FileError: The file is a link, or cannot be made.
        modules.network.base.OfflineError: The server is on another machine, and Arvis is offline.
    """

    def __init__(self, place: Path | str) -> None:
        self._uses = ExitStack()
        self._hosts: tuple[str, ...] = ()
        self.is_file = isinstance(place, Path)
        with self._uses:
            self._engine = self._of_file(place) if isinstance(place, Path) else self._of_server(place)
            self._uses.callback(self._engine.dispose)
            # One after the other: bringing a file up to date may take longer than a writer waits for another.
            turn = locked(place, OPENING_SECONDS) if isinstance(place, Path) else nullcontext()
            with turn, self.writing() as connection:
                if not self.is_file:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                upgrade(connection)
            self._uses = self._uses.pop_all()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that changes nothing."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, or not at all."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def scrub(self) -> None:
        """Leave nothing in the file of what was deleted.

        Raises:
            HistoryError: "busy": Somebody reads the file all the time, and so keeps its old state.
        """
        with explained(self.place), self._engine.connect() as connection:
            if not self.is_file:
                connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM FULL")
                return
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(ERASING_SECONDS * 1000)}")
            connection.exec_driver_sql("VACUUM")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        if busy:
            raise HistoryError(
                "busy",
                f"What was erased is still in {self.place}, as another program reads it. Close it and erase again.",
                retryable=True,
            )

    def close(self) -> None:
        """Let the file or the server go."""
        self._uses.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        for host in self._hosts:
            POLICY.check(host, PURPOSE)
        with (
            explained(self.place),
            self._engine.connect() as connection,
            connection.execution_options(arvis_begin=begin).begin(),
        ):
            yield connection

    def _of_file(self, path: Path) -> Engine:
        self.place = str(path)
        for beside in ("", "-wal", "-shm", "-journal"):
            refuse_link(path.with_name(path.name + beside))
        os.close(open_append(path))  # SQLite gives its other files the same permissions
        try:
            path.chmod(FILE_MODE)
        except OSError as error:
            raise file_error(path, error) from error
        url = URL.create("sqlite", database=str(path))
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
        return engine

    def _of_server(self, place: str) -> Engine:
        url = _server_url(place)
        self.place = f"on {url.host or 'the server'}"
        self._hosts = _hosts(url)
        for host in self._hosts:
            self._uses.enter_context(POLICY.using(host, PURPOSE))
        require("psycopg", extra="postgres", purpose="A history on PostgreSQL")
        redact(url.password or "")
        options = {"connect_timeout": CONNECT_SECONDS, "application_name": "arvis", "tcp_user_timeout": 10_000}
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=options)


def _set_up(connection: Any, _: object) -> None:
    """Have the driver leave transactions to us, and SQLite be as safe as it can."""
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()


def _begin(connection: Connection) -> None:
    if begin := connection.get_execution_options().get("arvis_begin"):
        connection.exec_driver_sql(begin)


def _server_url(place: str) -> URL:
    try:
        url = make_url(place)
        wrong = url.drivername not in ("postgresql", "postgres", "postgresql+psycopg") or not url.database
    except (ArgumentError, ValueError):
        wrong = True
    if wrong or set(url.query) - _ABOUT_SERVERS:
        raise HistoryError(
            "bad-url",
            "The setting history.url is no address of a database. Write postgresql://user@host/database, or leave it "
            "empty for a file.",
        )
    if not (url.host or "host" in url.query or "hostaddr" in url.query):
        url = url.set(host="localhost")  # else the environment could lead anywhere
    return url.set(drivername="postgresql+psycopg")


def _hosts(url: URL) -> tuple[str, ...]:
    """Every host that the URL can lead to, but for sockets in this machine's files."""
    named = [url.host or ""]
    for option in ("host", "hostaddr"):
        value = url.query.get(option, "")
        named += [value] if isinstance(value, str) else value
    hosts = [host.rpartition(":")[0] or host for names in named for host in names.split(",")]
    return tuple(host for host in hosts if host and not host.startswith(("/", "@")))
