"""A web server on this machine that does to a download what servers and networks do."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Page:
    """Something that the server has. What it does wrong, it does at the first `times` requests, or always."""

    data: bytes
    status: int = 200
    """Status instead of the content."""
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    """Whether it can send the rest of a file."""
    etag: str | None = None
    """The ETag; None for one of the content, "" for none."""
    times: int = 10**9
    break_at: int | None = None
    """Closes the connection after so many bytes of the content."""
    stall_at: int | None = None
    """Falls silent after so many bytes of the content, until the client goes."""
    length: int | None = None
    """Says that there are so many bytes; what there is is sent all the same."""
    chunked: bool = False
    """Says nothing of the length."""
    extra: int = 0
    """Sends so many bytes more than there are, without end if it is large."""
    corrupt: bool = False
    shift: int = 0
    """Begins so many bytes beside what it was asked for."""


@dataclass
class Request:
    """What was asked."""

    path: str
    headers: dict[str, str]


class FileServer:
    """Pages, and what was asked of them."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.requests: list[Request] = []
        self.base = ""
        self.over = threading.Event()
        self.sent: Callable[[str, int], None] = lambda path, count: None
        self._lock = threading.Lock()

    def url(self, path: str) -> str:
        """Address of a page."""
        return self.base + path

    def put(self, path: str, data: bytes, **options: Any) -> Page:
        """Have a page."""
        page = self.pages[path] = Page(data, **options)
        return page

    def asked(self, path: str) -> list[Request]:
        """The requests for a page."""
        return [request for request in self.requests if request.path == path]

    def take(self, path: str, headers: dict[str, str]) -> tuple[Page | None, bool]:
        """Note a request; returns the page and whether it does what it does wrong."""
        with self._lock:
            self.requests.append(Request(path, headers))
            page = self.pages.get(path)
            return page, page is not None and len(self.asked(path)) <= page.times


@contextmanager
def serving() -> Iterator[FileServer]:
    """A server for the time of the block."""
    server = FileServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) as http:
        http.daemon_threads = False
        server.base = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            http.shutdown()
            thread.join()


def _handler(server: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Be quiet."""

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = self.path.partition("?")[0]
            page, wrong = server.take(path, headers)
            if page is None:
                self._head(404, {"Content-Length": "0"})
            elif page.status != 200 and wrong:
                self._head(page.status, {"Content-Length": "0", **page.headers})
            else:
                self._content(path, page if wrong else Page(page.data, ranges=page.ranges, etag=page.etag), headers)

        def _content(self, path: str, page: Page, asked: dict[str, str]) -> None:
            data = bytes(255 - byte for byte in page.data) if page.corrupt else page.data
            etag = page.etag if page.etag is not None else f'"{hashlib.md5(page.data).hexdigest()}"'
            headers = {**({"ETag": etag} if etag else {}), **page.headers}
            start = 0
            if page.ranges and "range" in asked and asked.get("if-range", etag) == etag:
                start = max(0, int(asked["range"].removeprefix("bytes=").rstrip("-")) + page.shift)
                if start >= len(data):
                    self._head(416, {"Content-Range": f"bytes */{len(data)}", "Content-Length": "0"})
                    return
                headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{page.length or len(data)}"
            length = (page.length or len(data)) - start
            ending = {"Connection": "close"} if page.chunked else {"Content-Length": str(length)}
            self._head(206 if "Content-Range" in headers else 200, {**headers, **ending})
            self._body(path, page, data[start:] + b"!" * page.extra)

        def _body(self, path: str, page: Page, body: bytes) -> None:
            stops = [stop for stop in (page.break_at, page.stall_at) if stop is not None]
            end = min([*stops, len(body)])
            try:
                for begin in range(0, end, 65_536):
                    self.wfile.write(body[begin : min(begin + 65_536, end)])
                    server.sent(path, min(begin + 65_536, end))
                self.wfile.flush()
                if page.stall_at is not None:
                    self._wait_until_the_client_is_gone()
            except OSError:
                pass
            if stops or page.chunked or page.length:
                self.close_connection = True

        def _wait_until_the_client_is_gone(self) -> None:
            self.connection.settimeout(0.05)
            while not server.over.is_set():
                try:
                    if not self.connection.recv(1):
                        return
                except TimeoutError:
                    continue

        def _head(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

    return Handler
