"""Which addresses are this machine's own."""

from __future__ import annotations

import ipaddress

LOCALHOST = "localhost"


def is_loopback(host: str) -> bool:
    """Whether a connection to `host` stays on this machine; decided from its spelling, without looking it up.

    Names that end in ".localhost" do (RFC 6761, 6.3). A name that merely resolves to this machine does not count, for
    only a look-up could tell, and neither does an address of its network card.
    """
    name = plain(host)
    if name == LOCALHOST or name.endswith(f".{LOCALHOST}"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def is_address(host: str) -> bool:
    """Whether `host` is a numeric address, which needs no look-up."""
    try:
        ipaddress.ip_address(plain(host))
    except ValueError:
        return False
    return True


def plain(host: str) -> str:
    """A host as it is compared: lower case, without brackets and without the dot of the root."""
    return host.strip("[]").rstrip(".").lower()
