from __future__ import annotations

import pytest

from modules.network.addresses import is_address, is_loopback


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "llm.localhost",
        "127.0.0.1",
        "127.8.8.8",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
    ],
)
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "0.0.0.0",
        "192.168.1.2",
        "10.0.0.1",
        "169.254.1.1",
        "fe80::1",
        "::ffff:192.168.1.2",
        "localhost.example.com",
        "mylocalhost",
        "127.0.0.1.example.com",
        "127.1",
        "2130706433",
        "example.com",
        "router.local",
    ],
)
def test_other_machines_and_what_might_be_one(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(("host", "numeric"), [("8.8.8.8", True), ("[2001:db8::1]", True), ("one.one", False)])
def test_numeric_addresses(host: str, numeric: bool) -> None:
    assert is_address(host) is numeric
