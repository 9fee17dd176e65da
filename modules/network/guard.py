"""The last gate: while Arvis is offline, no Python code in this process reaches another machine, whoever wrote it."""

from __future__ import annotations

import sys
from typing import Any

from modules.network.addresses import is_address
from modules.network.policy import POLICY

_PURPOSE = "a library"
_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
"""Audit events with the socket and the address of the peer (documentation of Python, "Audit events table")."""
_LOOKING_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
"""Audit events whose first argument is a name, or an address, which needs no look-up."""
_NAMING = "socket.gethostbyaddr"
"""Audit event whose first argument is an address that is looked up, or a name."""
_NAMING_PEER = "socket.getnameinfo"
"""Audit event whose first argument is the address of a peer that is looked up."""
_installed = False


def set_offline(offline: bool) -> None:
    """Refuse or allow connections to other machines, in the whole process, from now on.

    The first time that they are refused, an audit hook is installed, which stays; it looks at events of sockets only.
    """
    global _installed
    POLICY.offline = offline
    if offline and not _installed:
        _installed = True
        sys.addaudithook(refuse)


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise where a socket is about to leave this machine.

    Raises:
        modules.network.base.OfflineError: It is, and Arvis is offline.
    """
    if not event.startswith("socket.") or not POLICY.offline:
        return
    host = None
    if event in _CONNECTING:
        # Addresses of families other than the Internet's are paths, numbers, or have none.
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and address else None
    elif event == _NAMING_PEER:
        host = arguments[0][0]
    elif event in _LOOKING_UP or event == _NAMING:
        host = arguments[0]
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    if isinstance(host, str) and host and not (event in _LOOKING_UP and is_address(host)):
        POLICY.check(host, _PURPOSE)
