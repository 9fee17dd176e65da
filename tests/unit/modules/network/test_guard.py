"""What the audit hook decides; real sockets ask it in a process of its own, in `tests.integration.offline`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from modules.network import guard
from modules.network.base import OfflineError
from modules.network.policy import POLICY


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[..., object]]]:
    """Hooks that would have been installed, which they could not be undone."""
    added: list[Callable[..., object]] = []
    monkeypatch.setattr(sys, "addaudithook", added.append)
    monkeypatch.setattr(guard, "_installed", False)
    yield added
    POLICY.offline = False


def test_the_hook_is_installed_when_it_is_first_needed_and_once(hooks: list[Callable[..., object]]) -> None:
    guard.set_offline(False)
    assert hooks == []
    for offline in (True, False, True):
        guard.set_offline(offline)
        assert POLICY.offline is offline
    assert hooks == [guard.refuse]


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", (None, ("192.168.1.2", 80))),
        ("socket.connect", (None, ("fe80::1", 80, 0, 2))),
        ("socket.connect", (None, (b"example.com", 80))),
        ("socket.sendto", (None, ("10.0.0.1", 80))),
        ("socket.sendmsg", (None, ("10.0.0.1", 80))),
        ("socket.getaddrinfo", ("example.com", 80, 0, 0, 0)),
        ("socket.getaddrinfo", (b"example.com", 80, 0, 0, 0)),
        ("socket.gethostbyname", ("example.com",)),
        ("socket.gethostbyaddr", ("8.8.8.8",)),
        ("socket.getnameinfo", (("8.8.8.8", 53),)),
        ("socket.connect", (None, (bytearray(b"8.8.8.8"), 53))),
    ],
)
def test_what_would_leave_this_machine_is_refused_while_offline(event: str, arguments: tuple[Any, ...]) -> None:
    guard.refuse(event, arguments)
    POLICY.offline = True
    with pytest.raises(OfflineError):
        guard.refuse(event, arguments)


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("open", ("example.com", "r", 0)),
        ("socket.bind", (None, ("0.0.0.0", 80))),
        ("socket.connect", (None, "/run/pulse/native")),
        ("socket.connect", (None, b"\x00abstract")),
        ("socket.connect", (None, (0, 0))),
        ("socket.connect", (None, ("127.0.0.1", 80))),
        ("socket.connect", (None, ("::1", 80, 0, 0))),
        ("socket.sendmsg", (None, None)),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0)),
        ("socket.getaddrinfo", ("", 80, 0, 0, 0)),
        ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0)),
        ("socket.getaddrinfo", ("192.0.2.1", 80, 0, 0, 0)),
        ("socket.gethostbyaddr", ("127.0.0.1",)),
        ("socket.getnameinfo", (("127.0.0.1", 53),)),
    ],
)
def test_what_stays_here_is_not(event: str, arguments: tuple[Any, ...]) -> None:
    POLICY.offline = True
    guard.refuse(event, arguments)
