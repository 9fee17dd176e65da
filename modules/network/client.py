"""The one HTTP client of everything remote: connections are shared and kept, and each request passes the policy."""

from __future__ import annotations

import asyncio
import importlib.util
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import cast
from weakref import WeakKeyDictionary

import httpx

from modules.network.addresses import LOCALHOST, is_loopback, plain
from modules.network.policy import POLICY, NetworkPolicy
from modules.network.timeouts import ServerTimeouts

PURPOSE = "purpose"
"""Extension of a request that says what it is for, in words for the user."""
_SOMETHING = "a request"
LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=5, keepalive_expiry=60.0)
"""A session talks to a handful of servers, with a turn every few seconds to minutes."""


class ClientPool:
    """Lends the client to engines; those of one event loop share it, and with it their connections.

    Args:
        policy: Asked before each request.
    """

    def __init__(self, policy: NetworkPolicy = POLICY) -> None:
        self.policy = policy
        self._lent: WeakKeyDictionary[asyncio.AbstractEventLoop, _Lent] = WeakKeyDictionary()

    def acquire(self) -> httpx.AsyncClient:
        """The client of the running loop; each call needs its `release`, on the same loop.

        It gives up a connection that is not accepted; how long silence is borne is for each request to say. It follows
        no redirects.
        """
        loop = asyncio.get_running_loop()
        lent = self._lent.get(loop)
        if lent is None:
            lent = self._lent[loop] = _Lent(self._make())
        lent.users += 1
        return lent.client

    async def release(self) -> None:
        """Give the client back; the last one to do so closes its connections."""
        loop = asyncio.get_running_loop()
        lent = self._lent[loop]
        lent.users -= 1
        if not lent.users:
            del self._lent[loop]
            await lent.client.aclose()

    def _make(self) -> httpx.AsyncClient:
        timeout = httpx.Timeout(None, connect=ServerTimeouts.LONGEST_CONNECT)
        return httpx.AsyncClient(transport=GuardedTransport(self.policy), timeout=timeout)


@dataclass(slots=True)
class _Lent:
    client: httpx.AsyncClient
    users: int = 0


class GuardedTransport(httpx.AsyncBaseTransport):
    """Lets a request through if the policy does, on the way that its host needs.

    This machine is reached directly, others through the proxy that the environment names, if any.

    Args:
        policy: Asked before each request, before each piece of an answer, and told how long the host is in use.
    """

    def __init__(self, policy: NetworkPolicy) -> None:
        self._policy = policy
        self._routes: dict[str, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            OfflineError: Its host is another machine, and Arvis is offline.
            httpx.TransportError: The connection failed.
        """
        host, purpose = request.url.host, request.extensions.get(PURPOSE, _SOMETHING)
        with ExitStack() as stack:
            stack.enter_context(self._policy.using(host, purpose))
            response = await self._route(request).handle_async_request(_resolvable(request))
            answer = cast(httpx.AsyncByteStream, response.stream)
            stream = _GuardedStream(answer, lambda: self._policy.check(host, purpose), stack.pop_all().close)
        return httpx.Response(
            response.status_code, headers=response.headers, stream=stream, extensions=response.extensions
        )

    def _route(self, request: httpx.Request) -> httpx.AsyncHTTPTransport:
        proxy = proxy_for(request.url)
        if proxy not in self._routes:
            http2 = importlib.util.find_spec("h2") is not None
            try:
                self._routes[proxy] = httpx.AsyncHTTPTransport(proxy=proxy or None, limits=LIMITS, http2=http2)
            except (ImportError, ValueError, httpx.InvalidURL) as error:  # no proxy, or of a kind that is not supported
                raise httpx.ConnectError(str(error), request=request) from error
        return self._routes[proxy]

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._routes.values():
            await transport.aclose()


class _GuardedStream(httpx.AsyncByteStream):
    """An answer that ends with an error when Arvis goes offline meanwhile."""

    def __init__(self, stream: httpx.AsyncByteStream, check: Callable[[], None], done: Callable[[], None]) -> None:
        self._stream = stream
        self._check = check
        self._done = done

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for packet in self._stream:
            self._check()
            yield packet

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            self._done()


def proxy_for(url: httpx.URL) -> str:
    """Address of the proxy through which the environment wants `url` to be reached; empty for none."""
    if is_loopback(url.host):
        return ""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all") or ""
    if not proxy or urllib.request.proxy_bypass(url.host):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _resolvable(request: httpx.Request) -> httpx.Request:
    """The request, with a name below ".localhost" as the name that every system knows without asking a server."""
    if plain(request.url.host).endswith(f".{LOCALHOST}"):
        request.extensions = {"sni_hostname": request.url.host, **request.extensions}
        request.url = request.url.copy_with(host=LOCALHOST)
    return request


CLIENTS = ClientPool()
"""The pool of this process."""
