"""Histories in a file and on a server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modules.history.base import SessionRecord, new_session
from modules.history.opening import open_history
from modules.history.store import HistoryStore
from tests.integration.history.server import Server, programs, running_server
from tests.unit.modules.history.keeping import NOW

Open = Callable[[], HistoryStore]

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql), so only the file is tested")
    with running_server(found) as running:
        yield running


@pytest.fixture
def url(server: Server) -> str:
    """An empty database."""
    name = f"history{next(_numbers)}"
    server.make(name)
    return server.url(name)


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest) -> str:
    """The URL of an empty history; empty for a file."""
    return request.getfixturevalue("url") if request.param == "server" else ""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


@pytest.fixture
def opened(path: Path, place: str) -> Iterator[Open]:
    """Opens the history, once more each time."""
    made: list[HistoryStore] = []

    def open_it() -> HistoryStore:
        made.append(open_history(path, place))
        return made[-1]

    yield open_it
    for store in made:
        store.close()


@pytest.fixture
def store(opened: Open) -> HistoryStore:
    return opened()


@pytest.fixture
def session() -> SessionRecord:
    return new_session(NOW)
