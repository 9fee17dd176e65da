"""Check of the network: whether the servers can be reached that the settings name, and nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from modules.health.base import Finding, HealthError, Status
from modules.network.addresses import is_loopback
from modules.network.policy import NetworkPolicy

SLOW_SECONDS = 1.0
"""To look a name up and to connect; a good network needs a tenth of that."""

Resolve = Callable[[str], Awaitable[None]]
"""Looks a name up; raises OSError when nobody knows it."""
Connect = Callable[[str, int], Awaitable[None]]
"""Opens a connection to a host and a port, and closes it; raises OSError."""
_NEXT_ADDRESS = 0.25
"""Seconds after which the next address of a host is tried as well (RFC 8305, 5)."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that an engine needs."""

    host: str
    port: int
    purpose: str
    """What it is for, in words, for example "language model"."""


async def resolve(host: str) -> None:
    """Ask the system's resolver."""
    await asyncio.get_running_loop().getaddrinfo(host, None)


async def connect(host: str, port: int) -> None:
    """Connect by TCP; nothing is sent."""
    _, writer = await asyncio.open_connection(host, port, happy_eyeballs_delay=_NEXT_ADDRESS)
    writer.close()
    await writer.wait_closed()


async def check_network(
    servers: Sequence[Server],
    policy: NetworkPolicy,
    *,
    proxy: bool = False,
    offline_because: Callable[[], str] = str,
    resolve: Resolve = resolve,
    connect: Connect = connect,
    clock: Callable[[], float] = time.monotonic,
) -> Finding:
    """Reach each server that is not on this machine.

    Args:
        servers: Those that the settings name; without one that is elsewhere, no network is needed and none is used.
        policy: Says whether the user wants any connection at all, and is told of each.
        proxy: Whether connections go through a proxy, which hides whether the server can be reached.
        offline_because: What is wrong in the settings, where nobody has chosen to be offline; else empty.
        resolve: Looks names up.
        connect: Tries connections.
        clock: Monotonic seconds.

    Raises:
        HealthError: One cannot be reached.
    """
    if policy.offline and (problem := offline_because()):
        reason = f"Nothing leaves this machine, to be on the safe side. {problem}"
        return Finding(Status.DEGRADED, reason, "Correct the settings: `arvis config edit`")
    if policy.offline:
        return Finding(Status.HEALTHY, "Offline by choice: nothing leaves this machine.")
    elsewhere = [server for server in servers if not is_loopback(server.host)]
    if not elsewhere:
        return Finding(Status.HEALTHY, "Not needed: everything runs on this machine.")
    if proxy:
        return Finding(Status.UNKNOWN, "Connections go through a proxy, so only what uses them can tell.")
    slowest = 0.0
    for server in elsewhere:
        started = clock()
        with policy.using(server.host, "the health check"):
            await _reach(server, resolve, connect)
        slowest = max(slowest, clock() - started)
    reached = ", ".join(server.host for server in elsewhere)
    figures = {"connect_ms": round(slowest * 1000, 1)}
    if slowest > SLOW_SECONDS:
        reason = f"{reached} can be reached, but that took {slowest:.1f} s."
        return Finding(Status.DEGRADED, reason, "Check the network.", figures)
    return Finding(Status.HEALTHY, f"{reached} can be reached.", figures=figures)


async def _reach(server: Server, resolve: Resolve, connect: Connect) -> None:
    where = f"{server.host} ({server.purpose})"
    try:
        await resolve(server.host)
    except OSError as error:
        raise HealthError(
            "unknown-host", f"The name of {where} is not known. Check the network, and the address in the settings."
        ) from error
    try:
        await connect(server.host, server.port)
    except OSError as error:
        raise HealthError(
            "no-connection",
            f"{where} takes no connection at port {server.port}. Check the network, and whether the server runs.",
        ) from error
