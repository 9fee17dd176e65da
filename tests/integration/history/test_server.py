"""A history on PostgreSQL: what is refused, and what happens when the server goes away."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modules.history.base import HistoryError, Selection, SessionRecord
from modules.history.database import _server_url
from modules.history.opening import open_history
from modules.history.saver import Pace
from modules.history.store import HistoryStore
from modules.history.writer import HistoryWriter
from modules.network.base import OfflineError
from modules.network.policy import POLICY
from tests.integration.history.server import Server
from tests.unit.modules.history.keeping import told, turn
from utils.errors import ArvisError, MissingDependencyError


@pytest.fixture
def offline() -> Iterator[None]:
    POLICY.offline = True
    yield
    POLICY.offline = False


@pytest.mark.parametrize(
    "url",
    [
        "mysql://host/name",
        "history.db",
        "sqlite:///x.db",
        "postgresql://host",
        "postgresql://[::1/name",
        "postgresql://host:port/name",
        "postgresql://localhost/name?service=elsewhere",
        "postgresql://localhost/name?options=-c",
        "",
    ],
)
def test_an_address_that_means_nothing_is_told(path: Path, url: str) -> None:
    if not url:
        open_history(path, url).close()
        return
    with pytest.raises(HistoryError, match=r"history\.url") as caught:
        open_history(path, url)
    assert (caught.value.code, caught.value.retryable) == ("bad-url", False)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://example.com/name",
        "postgresql://localhost,example.com/name",
        "postgresql://localhost/name?host=example.com:5432",
        "postgresql://localhost/name?hostaddr=192.0.2.7",
    ],
)
def test_while_arvis_is_offline_no_other_machine_is_contacted(path: Path, offline: None, url: str) -> None:
    with pytest.raises(OfflineError, match="history"):
        open_history(path, url)
    assert POLICY.active == ()


def test_offline_counts_for_a_history_that_is_open(
    path: Path, url: str, session: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modules.network.policy.is_loopback", lambda host: False)  # as if it were another machine
    store = open_history(path, url)
    assert [(use.host, use.purpose) for use in POLICY.active] == [("127.0.0.1", "the history")]
    monkeypatch.setattr(POLICY, "offline", True)
    with pytest.raises(OfflineError):
        store.save(session, [turn(session, 1)])
    monkeypatch.setattr(POLICY, "offline", False)
    store.save(session, [turn(session, 1)])
    store.close()
    assert POLICY.active == ()


def test_without_a_host_it_is_this_machine(path: Path, offline: None) -> None:
    with pytest.raises(HistoryError) as caught:
        open_history(path, "postgresql:///there-is-no-such-database")
    assert caught.value.code in ("refused", "unreachable")
    assert "localhost" in _server_url("postgresql:///name").render_as_string()


def test_without_a_server_that_is_told(path: Path) -> None:
    with pytest.raises(HistoryError, match="cannot be reached") as caught:
        open_history(path, "postgresql://arvis@127.0.0.1:1/name")
    assert (caught.value.code, caught.value.retryable) == ("unreachable", True)


def test_a_database_that_there_is_not_is_told(path: Path, server: Server) -> None:
    with pytest.raises(HistoryError) as caught:
        open_history(path, server.url("nowhere").replace("arvis@", "arvis:nobody-checks-this@"))
    assert caught.value.code in ("refused", "unreachable")
    assert "nobody-checks" not in caught.value.message


def test_without_the_driver_the_command_that_installs_it_is_told(
    path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingDependencyError, match=r"arvis\[postgres\]"):
        open_history(path, server.url("postgres"))
    assert POLICY.active == ()


def test_what_is_said_while_the_server_is_away_is_stored_when_it_is_back(path: Path, url: str, server: Server) -> None:
    complaints: list[ArvisError] = []
    stores: list[HistoryStore] = []

    def opening() -> HistoryStore:
        stores.append(open_history(path, url))
        return stores[-1]

    pace = Pace(first_retry=0.01, longest_retry=0.05, patience=0.1)
    writer = HistoryWriter(opening, complaints.append, pace=pace)
    writer.start()
    _tell(writer, 1)
    assert writer.flush(30.0)
    server.end()
    try:
        _tell(writer, 2)
        _tell(writer, 3)
        assert not writer.flush(0.5)
    finally:
        server.begin()
    assert writer.flush(30.0)
    assert stores[0].count(Selection(everything=True)) == 3
    assert [error.code for error in complaints] == ["unreachable"]
    assert writer.close(30.0)


def _tell(writer: HistoryWriter, number: int) -> None:
    for event in told(number):
        writer(event)
