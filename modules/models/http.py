"""Requests for models: redirects are followed, silence is not borne, and every failure has a code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from modules.models.base import DownloadError
from modules.network.retries import retry_after

if TYPE_CHECKING:
    import httpx

    from modules.network.client import ClientPool

STALL_SECONDS = 30.0
"""Longest silence of a server: until its answer begins, and between two pieces of it."""
MAX_REDIRECTS = 5
_PURPOSE = "a model"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """The beginning of an answer."""

    url: str
    """Where it came from in the end."""
    status: int
    """200, 206 or 416."""
    headers: Mapping[str, str]
    """Names in lower case."""
    blocks: AsyncIterator[bytes]
    """The content as it was sent, piece by piece."""


class ModelHttp:
    """Asks servers for models, through the one client of this process.

    Args:
        pool: Lends the client; None for the pool of this process.
        stall_seconds: Longest silence of a server.
    """

    def __init__(self, pool: ClientPool | None = None, *, stall_seconds: float = STALL_SECONDS) -> None:
        self._pool = pool
        self._stall_seconds = stall_seconds

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> AsyncGenerator[Answer, None]:
        """Ask for something; what was sent may be read within the context.

        Raises:
            DownloadError: The server cannot be reached, falls silent, refuses, or has no such thing; also while the
                blocks are read.
            OfflineError: Arvis is offline.
        """
        import httpx

        from modules.network.client import CLIENTS

        pool = self._pool or CLIENTS
        client = pool.acquire()
        host = _host(url)
        try:
            response = await self._send(client, url, {"Accept-Encoding": "identity", **(headers or {})})
            try:
                _refuse(response)
                blocks = self._blocks(response, host)
                yield Answer(
                    str(response.url), response.status_code, {k.lower(): v for k, v in response.headers.items()}, blocks
                )
            finally:
                await response.aclose()
        except httpx.TransportError as error:
            raise _lost(host) from error
        except (httpx.InvalidURL, httpx.StreamError, httpx.DecodingError) as error:
            raise DownloadError("bad-answer", f"{host} does not answer as it should.") from error
        finally:
            await pool.release()

    async def document(self, url: str, accept: str, limit: int) -> tuple[Answer, bytes]:
        """Fetch something small.

        Args:
            url: Its address.
            accept: The media types that are understood.
            limit: Bytes that it may have at most.

        Raises:
            DownloadError: As `get`, or it is larger.
            OfflineError: Arvis is offline.
        """
        async with self.get(url, {"Accept": accept}) as answer:
            content = bytearray()
            async for block in answer.blocks:
                content += block
                if len(content) > limit:
                    raise DownloadError("wrong-size", f"{_host(url)} sends more than it should.")
            return answer, bytes(content)

    async def _send(self, client: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> httpx.Response:
        from modules.network.client import PURPOSE

        for _ in range(MAX_REDIRECTS + 1):
            if urlsplit(url).scheme not in ("http", "https"):
                raise DownloadError("bad-answer", f"'{urlsplit(url).scheme}' is no way to fetch a model.")
            request = client.build_request("GET", url, headers=headers, extensions={PURPOSE: _PURPOSE})
            try:
                async with asyncio.timeout(self._stall_seconds):
                    response = await client.send(request, stream=True)
            except TimeoutError as error:
                raise _silent(_host(url)) from error
            if response.status_code not in _REDIRECTS:
                return response
            target = urljoin(url, response.headers.get("location", ""))
            await response.aclose()
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                raise DownloadError("bad-answer", f"{_host(url)} wants to send the model without encryption.")
            url = target
        raise DownloadError("bad-answer", f"{_host(url)} sends from one place to the next.")

    async def _blocks(self, response: httpx.Response, host: str) -> AsyncIterator[bytes]:
        stream = response.aiter_raw()
        while True:
            try:
                async with asyncio.timeout(self._stall_seconds):
                    block = await anext(stream, None)
            except TimeoutError as error:
                raise _silent(host) from error
            if block is None:
                return
            yield block


def _host(url: str) -> str:
    """The server's name, without credentials."""
    return urlsplit(url).hostname or "The server"


def _lost(host: str) -> DownloadError:
    return DownloadError(
        "connection-lost", f"The connection to {host} failed. Check the network and try again.", retryable=True
    )


def _silent(host: str) -> DownloadError:
    return DownloadError("timed-out", f"{host} has fallen silent. Try again later.", retryable=True)


def _refuse(response: httpx.Response) -> None:
    """Raise unless there is something to read."""
    status, host = response.status_code, response.url.host
    if status in (200, 206, 416):
        if response.headers.get("content-encoding", "identity") != "identity":
            raise DownloadError("bad-answer", f"{host} sends something that was packed on the way.")
        return
    if status == 429:
        raise DownloadError(
            "rate-limited",
            f"{host} gets too many requests. Try again later.",
            retryable=True,
            retry_after=retry_after(response.headers.get("retry-after")),
        )
    if status >= 500:
        raise DownloadError(
            "server-failed",
            f"{host} has a failure (status {status}). Try again later.",
            retryable=True,
            retry_after=retry_after(response.headers.get("retry-after")),
        )
    if status in (401, 403, 407, 451):
        raise DownloadError("not-allowed", f"{host} does not give this to everyone (status {status}).")
    if status in (404, 410):
        raise DownloadError("not-there", f"{host} does not have it (status {status}).")
    raise DownloadError("bad-answer", f"{host} does not answer as it should (status {status}).")
