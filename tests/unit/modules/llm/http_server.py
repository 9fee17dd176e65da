"""A web server on this machine that does what a test tells it to, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Exchange:
    """One request, and the way back."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    def json(self) -> Any:
        return json.loads(self.body)

    async def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        """Status line and headers of an answer in chunks."""
        lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", "transfer-encoding: chunked"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.raw(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def raw(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def send(self, data: bytes) -> None:
        """One chunk of the answer."""
        await self.raw(b"%x\r\n%b\r\n" % (len(data), data))

    async def end(self) -> None:
        await self.raw(b"0\r\n\r\n")

    async def hang_up(self) -> None:
        """Close the connection, whatever was promised."""
        self._writer.close()

    async def wait_for_client_to_leave(self) -> None:
        while await self._reader.read(1024):
            pass


Handler = Callable[[Exchange], Awaitable[None]]


@dataclass
class Server:
    """What the server was told and what it saw."""

    handlers: Sequence[Handler]
    """One for each request; the last one serves all others too."""
    url: str = ""
    requests: list[Exchange] = field(default_factory=list)
    connections: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """A client went away."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                exchange = await _read(reader, writer)
                handler = self.handlers[min(len(self.requests), len(self.handlers) - 1)]
                self.requests.append(exchange)
                await handler(exchange)
        self.left.set()
        writer.close()


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, path, _ = lines[0].split(" ")
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    headers = {name.lower(): value for name, value in headers.items()}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Exchange(method, path, headers, body, reader, writer)


@asynccontextmanager
async def serving(*handlers: Handler) -> AsyncGenerator[Server, None]:
    """Serve on a free port of this machine until the block is left."""
    server = Server(handlers)
    listener = await asyncio.start_server(server.connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        listener.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)
        await listener.wait_closed()


def event(payload: object) -> bytes:
    """A server-sent event."""
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


def delta(text: str, finish: str | None = None) -> bytes:
    """A chunk of a streamed completion."""
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})


DONE = b"data: [DONE]\n\n"


def streaming(*packets: bytes) -> Handler:
    """Answer with these packets, then end properly."""

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        for packet in packets:
            await exchange.send(packet)
        await exchange.end()

    return handler


def answering(status: int, payload: object = None, kind: str = "application/json", **headers: str) -> Handler:
    """Answer with a status and a JSON text, or with bytes as they are."""

    async def handler(exchange: Exchange) -> None:
        await exchange.head(status, kind, **headers)
        await exchange.send(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
        await exchange.end()

    return handler


def dying(*packets: bytes) -> Handler:
    """Send the head and these packets, then close the connection."""

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        for packet in packets:
            await exchange.send(packet)
        await exchange.hang_up()

    return handler


def silent(*packets: bytes, head: bool = True) -> Handler:
    """Send these packets and then nothing more, until the client leaves."""

    async def handler(exchange: Exchange) -> None:
        if head:
            await exchange.head()
        for packet in packets:
            await exchange.send(packet)
        await exchange.wait_for_client_to_leave()

    return handler


async def vanishing(exchange: Exchange) -> None:
    """Close the connection without a word."""
    await exchange.hang_up()
