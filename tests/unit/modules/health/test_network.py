"""Networks that are not needed, not wanted, there, slow and broken."""

from __future__ import annotations

import asyncio
import socket

import pytest

from modules.health.base import Finding, HealthError, Status
from modules.health.network import Server, check_network, connect, resolve
from modules.network.base import RemoteUse
from modules.network.policy import NetworkPolicy
from tests.fakes.clock import loop_time, run_virtual

ELSEWHERE = Server("models.example", 443, "language model")
HERE = Server("127.0.0.1", 8080, "language model")


class Net:
    """Counts what is asked of it."""

    def __init__(self, seconds: float = 0.05, error: str = "") -> None:
        self.seconds = seconds
        self.error = error
        self.resolved: list[str] = []
        self.connected: list[tuple[str, int]] = []
        self.policy = NetworkPolicy()
        self.uses: list[tuple[RemoteUse, ...]] = []
        self.policy.subscribe(self.uses.append)

    async def resolve(self, host: str) -> None:
        self.resolved.append(host)
        await asyncio.sleep(self.seconds)
        if self.error == "name":
            raise OSError("Name or service not known")

    async def connect(self, host: str, port: int) -> None:
        self.connected.append((host, port))
        await asyncio.sleep(self.seconds)
        if self.error == "port":
            raise ConnectionRefusedError(111, "Connection refused")

    def check(self, *servers: Server, proxy: bool = False, problem: str = "") -> Finding:
        return run_virtual(
            lambda: check_network(
                servers,
                self.policy,
                proxy=proxy,
                offline_because=lambda: problem,
                resolve=self.resolve,
                connect=self.connect,
                clock=loop_time,
            )
        )


@pytest.mark.parametrize("servers", [(), (HERE,), (Server("localhost", 11434, "language model"),)])
def test_where_everything_runs_here_no_network_is_used(servers: tuple[Server, ...]) -> None:
    net = Net()
    found = net.check(*servers)
    assert (found.status, found.reason) == (Status.HEALTHY, "Not needed: everything runs on this machine.")
    assert (net.resolved, net.connected) == ([], [])


def test_offline_by_choice_is_no_fault_and_no_connection() -> None:
    net = Net()
    net.policy.offline = True
    found = net.check(ELSEWHERE)
    assert (found.status, found.reason) == (Status.HEALTHY, "Offline by choice: nothing leaves this machine.")
    assert (net.resolved, net.connected) == ([], [])


def test_offline_that_nobody_chose_is_told_as_that() -> None:
    net = Net()
    net.policy.offline = True
    found = net.check(ELSEWHERE, problem="The file is broken.")
    assert found.status is Status.DEGRADED
    assert found.reason == "Nothing leaves this machine, to be on the safe side. The file is broken."
    assert net.connected == []
    net.policy.offline = False
    assert net.check(ELSEWHERE, problem="The file is broken.").status is Status.HEALTHY


def test_a_server_that_can_be_reached_is_in_use_meanwhile() -> None:
    net = Net()
    found = net.check(ELSEWHERE, HERE)
    assert (found.status, found.reason) == (Status.HEALTHY, "models.example can be reached.")
    assert found.figures == {"connect_ms": 100.0}
    assert (net.resolved, net.connected) == (["models.example"], [("models.example", 443)])
    assert net.uses == [(), (RemoteUse("models.example", "the health check"),), ()]


def test_a_slow_network() -> None:
    found = Net(seconds=0.6).check(ELSEWHERE)
    assert (found.status, found.reason) == (Status.DEGRADED, "models.example can be reached, but that took 1.2 s.")


@pytest.mark.parametrize(
    ("error", "words"), [("name", "The name of models.example"), ("port", "takes no connection at port 443")]
)
def test_a_server_that_cannot_be_reached(error: str, words: str) -> None:
    net = Net(error=error)
    with pytest.raises(HealthError, match=words):
        net.check(ELSEWHERE)
    assert net.policy.active == ()


def test_behind_a_proxy_it_cannot_be_found_out() -> None:
    net = Net()
    assert net.check(ELSEWHERE, proxy=True).status is Status.UNKNOWN
    assert net.resolved == []


async def test_a_real_connection() -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        await resolve("localhost")
        await connect("localhost", port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await connect("127.0.0.1", taken.getsockname()[1])
