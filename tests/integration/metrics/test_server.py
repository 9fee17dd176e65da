"""The server over real sockets."""

from __future__ import annotations

import http.client
import json
import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.metrics import server as serving
from modules.metrics.base import MetricsError
from modules.metrics.collector import MetricsCollector
from modules.metrics.server import MAX_CONNECTIONS, MetricsServer
from modules.metrics.serving import serve_collector, serve_folder
from modules.metrics.store import MetricsStore
from tests.unit.modules.metrics.helpers import Clock, sample

TOKEN = "s3cret-töken"


@pytest.fixture
def health() -> dict[str, Any]:
    return {"ok": True}


@pytest.fixture
def collector() -> MetricsCollector:
    collector = MetricsCollector()
    collector.increment("wake_words_total", 3)
    return collector


@pytest.fixture
def server(collector: MetricsCollector, health: dict[str, Any]) -> Iterator[MetricsServer]:
    server = serve_collector(
        collector, lambda: (True, {"status": "live"}), lambda: (health["ok"], {"stt": "HEALTHY"}), port=0
    )
    yield server
    server.close()


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=10)
        assert not thread.is_alive(), thread.name


def get(
    server: MetricsServer, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", int(server.address.rpartition(":")[2]), timeout=10)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def raw(server: MetricsServer, request: bytes) -> bytes:
    """What comes back for these bytes, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2])), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while more := connection.recv(65_536):
            answer += more
        return answer


def test_metrics(server: MetricsServer) -> None:
    status, headers, content = get(server, "/metrics")
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert b"arvis_wake_words_total 3.0\n" in content
    assert headers["Server"].strip() == "Arvis"
    status, headers, _ = get(server, "/metrics?x=1", {"Accept": "application/openmetrics-text;version=1.0.0"})
    assert (status, headers["Content-Type"].split(";")[0]) == (200, "application/openmetrics-text")


def test_health(server: MetricsServer, health: dict[str, Any]) -> None:
    assert get(server, "/health/live")[::2] == (200, b'{"status": "live"}\n')
    status, headers, content = get(server, "/health/ready")
    assert (status, headers["Content-Type"], json.loads(content)) == (200, "application/json", {"stt": "HEALTHY"})
    health["ok"] = False
    assert get(server, "/health/ready")[0] == 503


def test_head_has_no_content(server: MetricsServer) -> None:
    status, headers, content = get(server, "/metrics", method="HEAD")
    assert (status, content) == (200, b"")
    assert int(headers["Content-Length"]) > 100


@pytest.mark.parametrize("path", ["/", "/metrics/", "/health", "/../metrics", "/%6detrics"])
def test_nothing_else_is_there(server: MetricsServer, path: str) -> None:
    assert get(server, path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"])
def test_nothing_can_be_changed(server: MetricsServer, method: str) -> None:
    assert get(server, "/metrics", method=method)[0] == 501


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:9464", "127.0.0.1:1", "[::1]:9464"])
def test_hosts_that_are_this_machine(server: MetricsServer, host: str) -> None:
    assert get(server, "/metrics", {"Host": host})[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:9464", "127.0.0.1.evil.example", "localhost.evil.example", "", "192.168.0.9", "a:b"],
)
def test_a_page_that_was_rebound_to_this_machine_gets_nothing(server: MetricsServer, host: str) -> None:
    status, _, content = get(server, "/metrics", {"Host": host})
    assert (status, b"arvis_" in content) == (403, False)


def test_one_host_has_to_be_named(server: MetricsServer) -> None:
    assert raw(server, b"GET /metrics HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 403")
    two = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    assert raw(server, two).startswith(b"HTTP/1.0 403")


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_pages_of_the_web_get_nothing(server: MetricsServer, headers: dict[str, str]) -> None:
    assert get(server, "/metrics", headers)[0] == 403


def test_an_address_that_the_user_typed_into_a_browser(server: MetricsServer) -> None:
    assert get(server, "/metrics", {"Sec-Fetch-Site": "none"})[0] == 200


def test_only_this_machine_can_connect(server: MetricsServer) -> None:
    assert server.address.startswith("http://127.0.0.1:")
    port = int(server.address.rpartition(":")[2])
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))  # so nobody listens on all addresses


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        (f"Bearer {TOKEN}".encode().decode("latin-1"), 200),
        (None, 401),
        ("", 401),
        ("Bearer ", 401),
        ("Bearer s3cret", 401),
        (f"Basic {TOKEN}".encode().decode("latin-1"), 401),
        ("Bearer " + "x" * 1000, 401),
    ],
)
@pytest.mark.parametrize("path", ["/metrics", "/health/live", "/health/ready", "/nothing"])
def test_a_token(collector: MetricsCollector, shown: str | None, status: int, path: str) -> None:
    server = serve_collector(collector, lambda: (True, {}), lambda: (True, {}), port=0, token=TOKEN)
    try:
        found, headers, content = get(server, path, {} if shown is None else {"Authorization": shown})
    finally:
        server.close()
    assert found == (404 if status == 200 and path == "/nothing" else status)
    assert (headers.get("WWW-Authenticate") == 'Bearer realm="arvis"') == (status == 401)
    assert TOKEN.encode() not in content


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"GET /metrics HTTP/9.9\r\n\r\n", b"505"),
        (b"GET\r\n\r\n", b"400"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.0\r\n\r\n", b"414"),
        (b"GET /metrics HTTP/1.0\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(200)) + b"\r\n", b"431"),
        (b"GET /metrics HTTP/1.0\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", b"431"),
    ],
)
def test_what_is_no_request_or_too_much(server: MetricsServer, request_bytes: bytes, status: bytes) -> None:
    try:
        answer = raw(server, request_bytes)
    except ConnectionResetError:  # it was closed with part of the request unread, and the answer went with it
        answer = b""
    assert answer == b"" or status in answer.split(b"\r\n")[0]
    assert b"arvis_" not in answer
    assert get(server, "/metrics")[0] == 200


def test_those_who_dawdle_are_cut_off(server: MetricsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 0.3)
    assert raw(server, b"GET /metrics HTTP/1.0\r\nHost: local") == b""
    assert get(server, "/metrics")[0] == 200


def test_those_who_send_a_little_again_and_again_are_cut_off_too(
    server: MetricsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\nX: ")
        for _ in range(100):  # ten seconds
            connection.sendall(b"x")
            if select.select([connection], [], [], 0.1)[0]:
                break
        else:
            pytest.fail("it is still connected")
        assert connection.recv(10) == b""


def test_connections_are_limited(server: MetricsServer) -> None:
    address = ("127.0.0.1", int(server.address.rpartition(":")[2]))
    waiting = [socket.create_connection(address, timeout=10) for _ in range(MAX_CONNECTIONS)]
    try:
        with socket.create_connection(address, timeout=10) as one_more:
            assert one_more.recv(10) == b""
    finally:
        for connection in waiting:
            connection.sendall(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.0 200"
            while connection.recv(65_536):
                pass
            connection.close()
    assert get(server, "/metrics")[0] == 200


def test_many_readers_at_once_all_get_the_whole_page(server: MetricsServer) -> None:
    pages: list[bytes] = []

    def read() -> None:
        pages.extend(get(server, "/metrics")[2] for _ in range(10))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pages) == 40
    assert len(set(pages)) == 1


def test_a_page_that_cannot_be_made(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: str) -> tuple[bytes, str]:
        raise RuntimeError("private")

    server = MetricsServer(broken, lambda: (True, {}), lambda: (True, {}))
    server.open()
    try:
        with pytest.raises(http.client.RemoteDisconnected):
            get(server, "/metrics")
        assert get(server, "/health/live")[0] == 200
    finally:
        server.close()
    assert "RuntimeError" in caplog.text
    assert "private" not in caplog.text


def test_a_port_that_is_taken(server: MetricsServer) -> None:
    port = int(server.address.rpartition(":")[2])
    with pytest.raises(MetricsError, match=f"Port {port} cannot be used") as raised:
        MetricsServer(lambda _: (b"", ""), lambda: (True, {}), lambda: (True, {}), port=port).open()
    assert (raised.value.code, "metrics.port" in raised.value.message) == ("port-taken", True)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_is_none(port: int) -> None:
    with pytest.raises(MetricsError):
        MetricsServer(lambda _: (b"", ""), lambda: (True, {}), lambda: (True, {}), port=port).open()


def test_it_can_be_closed_twice_and_opened_again(collector: MetricsCollector) -> None:
    server = serve_collector(collector, lambda: (True, {}), lambda: (True, {}), port=0)
    port = int(server.address.rpartition(":")[2])
    server.close()
    server.close()
    again = serve_collector(collector, lambda: (True, {}), lambda: (True, {}), port=port)
    assert get(again, "/metrics")[0] == 200
    again.close()


def test_those_who_are_connected_are_cut_off_at_the_end(collector: MetricsCollector) -> None:
    server = serve_collector(collector, lambda: (True, {}), lambda: (True, {}), port=0)
    with socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(b"GET /metrics")
        assert get(server, "/metrics")[0] == 200  # so the other one was taken, too
        server.close()
        assert connection.recv(10) == b""


def test_what_another_process_stores(tmp_path: Path) -> None:
    clock = Clock()
    store = MetricsStore(tmp_path / "metrics")
    server = serve_folder(store.folder, port=0, interval=10.0, clock=clock)
    try:
        assert get(server, "/health/live")[0] == 200
        assert get(server, "/health/ready")[::2] == (503, b'{"status": "not running"}\n')
        store.append([sample(clock.now, 2.0, "wake_words_total"), sample(clock.now, 5.0, "process_threads")])
        assert get(server, "/health/ready")[0] == 200
        assert b"arvis_wake_words_total 2.0" in get(server, "/metrics")[2]
        clock.now += 31
        assert get(server, "/health/ready")[0] == 503
        store.append([sample(clock.now, 1.0, "wake_words_total")])
        content = get(server, "/metrics")[2]
        assert b"arvis_wake_words_total 3.0" in content
        assert b"arvis_process_threads 5.0" in content
        clock.now += 1000
        assert b"arvis_process_threads" not in get(server, "/metrics")[2]
    finally:
        server.close()
