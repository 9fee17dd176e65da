"""Serves metrics and health to programs on this machine, and to nobody else."""

from __future__ import annotations

import hmac
import json
import logging
import os
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

from modules.metrics.base import MetricsError

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
MAX_CONNECTIONS = 8
"""At a time; a further one is closed at once."""
REQUEST_SECONDS = 5.0
"""A connection that has not got its answer by then is closed."""
_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
_POLL_SECONDS = 0.2

Page = Callable[[str], tuple[bytes, str]]
"""Makes the page of the metrics from an Accept header: content, content type."""
Health = Callable[[], tuple[bool, Mapping[str, Any]]]
"""Whether all is well, and what can be said about it; from any thread."""


class MetricsServer:
    """`/metrics`, `/health/live` and `/health/ready` over HTTP, on the loopback address only.

    A page of the web that guesses the address gets nothing: requests that name another host, as they do after DNS
    rebinding, or that come from a page of any site, are refused.

    Args:
        page: Makes the page of the metrics.
        live: Whether the program runs.
        ready: Whether it can be used.
        port: 0 for any that is free.
        token: What a reader has to show ("Authorization: Bearer ..."); empty for none.
    """

    def __init__(self, page: Page, live: Health, ready: Health, *, port: int = 0, token: str = "") -> None:
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._port = port
        self._routes: dict[str, Callable[[str], tuple[int, bytes, str]]] = {
            "/metrics": lambda accept: (200, *page(accept)),
            "/health/live": lambda _: _health(live),
            "/health/ready": lambda _: _health(ready),
        }
        self._token = token

    @property
    def address(self) -> str:
        """Where it is, for example "http://127.0.0.1:9464"; only once it is open."""
        assert self._server is not None
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def open(self) -> None:
        """Begin to serve, on a thread of its own.

        Raises:
            MetricsError: The port is taken, or may not be used.
        """
        try:
            self._server = _Server((LOOPBACK, self._port), self._routes, self._token)
        except (OSError, OverflowError) as error:
            raise MetricsError(
                "port-taken",
                f"Port {self._port} cannot be used ({getattr(error, 'strerror', None) or error}). "
                "Choose another with metrics.port or --port.",
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="metrics-server", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Serve no longer; what is being answered is cut off."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None


class _Server(ThreadingHTTPServer):
    """A server that keeps count of its connections, and of how long they last."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name == "posix"  # elsewhere it would let two programs have the same port

    def __init__(
        self,
        address: tuple[str, int],
        routes: Mapping[str, Callable[[str], tuple[int, bytes, str]]],
        token: str,
    ) -> None:
        self.routes = routes
        self.token = token
        self._open: dict[socket.socket, float] = {}
        self._guard = threading.Lock()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Take the port. The name of this machine is not looked up: that may ask somebody else."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether there is room for one more."""
        with self._guard:
            if len(self._open) >= MAX_CONNECTIONS:
                return False
            self._open[request] = time.monotonic()
        return True

    def shutdown_request(self, request: Any) -> None:
        """A connection is over."""
        with self._guard:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Called every poll: cut off who takes too long."""
        now = time.monotonic()
        with self._guard:
            late = [request for request, begun in self._open.items() if now - begun > REQUEST_SECONDS]
        for request in late:
            _cut(request)

    def server_close(self) -> None:
        """Close the port and every connection."""
        super().server_close()
        with self._guard:
            still = list(self._open)
        for request in still:
            _cut(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection broke, or a page could not be made."""
        error = sys.exception()
        if not isinstance(error, OSError):
            log.warning("a page of figures could not be made: %s", type(error).__name__)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request; the connection is closed after it."""

    server: _Server
    timeout: ClassVar[float] = REQUEST_SECONDS
    server_version = "Arvis"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    def do_HEAD(self) -> None:
        """Answer without the content."""
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: what a stranger asks for is his own choice of words."""

    def _answer(self) -> None:
        refused = self._refusal()
        if refused is not None:
            self._send(*refused)
            return
        route = self.server.routes.get(urlsplit(self.path).path)
        if route is None:
            self._send(404, b"There are /metrics, /health/live and /health/ready.\n")
            return
        self._send(*route(self.headers.get("Accept", "")))

    def _refusal(self) -> tuple[int, bytes] | None:
        if _host(self.headers.get_all("Host", [])) not in _HOSTS:
            return 403, b"Ask for 127.0.0.1 or localhost.\n"
        if "Origin" in self.headers or self.headers.get("Sec-Fetch-Site", "none") != "none":
            return 403, b"Pages of the web get nothing here.\n"
        shown = self.headers.get("Authorization", "").encode("latin-1", "replace")
        if self.server.token and not hmac.compare_digest(shown, b"Bearer " + self.server.token.encode()):
            return 401, b"A token is needed: Authorization: Bearer TOKEN\n"
        return None

    def _send(self, status: int, content: bytes, content_type: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if status == 401:
            self.send_header("WWW-Authenticate", 'Bearer realm="arvis"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _cut(request: socket.socket) -> None:
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:  # it is gone already
        return


def _host(named: list[str]) -> str:
    """The host without its port; empty unless exactly one is named."""
    if len(named) != 1:
        return ""
    host, colon, port = named[0].strip().lower().rpartition(":")
    return host if colon and port.isdecimal() else named[0].strip().lower()


def _health(check: Health) -> tuple[int, bytes, str]:
    well, body = check()
    return 200 if well else 503, json.dumps(dict(body)).encode() + b"\n", "application/json"
