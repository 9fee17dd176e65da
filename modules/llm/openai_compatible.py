"""Language models behind any server that speaks OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Any

import httpx

from modules.engine import LoadProgress, ProgressCallback
from modules.llm.base import GenerationOptions, LanguageModelCapabilities, LanguageModelError, Message
from modules.llm.completion_stream import read_completion, read_models
from modules.llm.server_errors import Explainer, ServerError
from modules.network.addresses import is_loopback
from modules.network.client import CLIENTS, PURPOSE, ClientPool
from modules.network.connect_time import connect_observer
from modules.network.retries import Retries
from modules.network.timeouts import ServerTimeouts

_PURPOSE = "the language model"
_BYTES_PER_TOKEN = 2
"""Fewer than any tokenizer in use has on average (about 4 in English, about 3 in Chinese), so counts are too high."""
_TOKENS_PER_MESSAGE = 8
"""Role and separators; 4 or 5 in common templates."""
_WARM_UP = Message("user", "Hello.")


class OpenAICompatible:
    """A model at an OpenAI-compatible server: Ollama, llama-server, vLLM, LM Studio, OpenAI and others.

    Args:
        base_url: Address up to and without "/chat/completions", for example "http://127.0.0.1:8080/v1".
        model: Name of the model at the server; empty for the first one that it lists.
        api_key: Sent as bearer token; never shown or logged. A callable is asked for it, in a thread, by `load`.
        timeout_seconds: Longest silence of the server: to the first token, and between tokens. Once it is known how
            fast the server is, less is borne.
        context_tokens: Prompt and reply together; what the server's model really takes is not known.
        retries: How often a request is made again.
        clients: Lends the HTTP client.
        sleep: Waits between tries.

    Raises:
        LanguageModelError: The address or the key cannot be used.
    """

    name = "openai"

    def __init__(
        self,
        base_url: str,
        model: str = "",
        *,
        api_key: str | Callable[[], str | None] | None = None,
        timeout_seconds: float = 20.0,
        context_tokens: int = 2048,
        retries: Retries | None = None,
        clients: ClientPool = CLIENTS,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._url = _checked_url(base_url)
        self._local = is_loopback(self._url.host)
        self._model = model
        self._ask_key = api_key if callable(api_key) else None
        self._key = None if callable(api_key) else _checked_key(api_key)
        self._timeouts = ServerTimeouts(timeout_seconds)
        self._context_tokens = context_tokens
        self._retries = retries or Retries()
        self._sleep = sleep
        self._explain = self._explainer()
        self._clients = clients
        self._loading = asyncio.Lock()
        self._client: httpx.AsyncClient | None = None

    def __repr__(self) -> str:
        return f"OpenAICompatible({self._explain.server!r}, {self._model!r})"

    @property
    def capabilities(self) -> LanguageModelCapabilities:
        """Local if the server's address is this machine's own; counts are estimates on the safe side."""
        return LanguageModelCapabilities(self._context_tokens, local=self._local)

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Ask the server for its models; a second call returns at once.

        Raises:
            LanguageModelError: The server cannot be reached, refuses the key, or lists no model when none was named.
            OfflineError: It is on another machine, and Arvis is offline.
        """
        async with self._loading:
            if self._client is not None:
                return
            if self._ask_key is not None:
                self._key = _checked_key(await asyncio.to_thread(self._ask_key))
                self._explain = self._explainer()
            if progress is not None:
                progress(LoadProgress(self.name, f"Asking {self._explain.server} for its models"))
            async with AsyncExitStack() as stack:
                client = self._clients.acquire()
                stack.push_async_callback(self._clients.release)
                models = await self._list_models(client)
                if not self._model and not models:
                    raise ServerError(
                        "no-model",
                        f"The language model server at {self._explain.server} lists no model. Set the model's name.",
                    )
                stack.pop_all()
            self._model = self._model or models[0]
            self._client = client

    async def _list_models(self, client: httpx.AsyncClient) -> list[str]:
        seconds = self._timeouts.answer
        try:
            async with (
                asyncio.timeout(seconds),
                client.stream("GET", self._endpoint("models"), **self._request()) as response,
            ):
                if response.status_code == httpx.codes.NOT_FOUND and self._model:
                    return []  # the list is optional; that somebody answers is enough
                return await read_models(response, self._explain)
        except httpx.HTTPError as error:
            raise self._explain.transport(error) from error
        except TimeoutError as error:
            raise self._explain.timed_out(seconds) from error

    async def warm_up(self) -> float:
        """Open a connection with a first tiny answer; return the seconds to the first token of a second one."""
        seconds = 0.0
        for _ in range(2):
            started = time.perf_counter()
            async with aclosing(self.stream([_WARM_UP], GenerationOptions(max_tokens=1))) as pieces:
                async for _piece in pieces:
                    break
            seconds = time.perf_counter() - started
        return seconds

    async def prefill(self, messages: Sequence[Message]) -> int:
        """Do nothing: what a server keeps of a prompt is its own affair."""
        return 0

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """An over-estimate from the length of the texts; the server's tokenizer is not known."""
        return sum(
            -(-len(message.content.encode("utf-8", "replace")) // _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE
            for message in messages
        )

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the reply piece by piece; closing the generator closes the connection, which stops the server.

        A request that fails before its first token is made again where that can help.

        Raises:
            LanguageModelError: The engine is not loaded, or the server failed. With the code "incomplete", what was
                yielded is the beginning of an answer that broke off.
            OfflineError: The server is on another machine, and Arvis is, or went, offline.
        """
        client = self._client
        if client is None:
            raise LanguageModelError(
                "not-loaded", "The language model is not loaded yet. Try again in a moment.", retryable=True
            )
        options = options or GenerationOptions()
        body = self._body(messages, options)
        failures: Counter[str] = Counter()
        while True:
            begun = False
            try:
                async with aclosing(self._once(client, body)) as pieces:
                    left = options.max_tokens
                    async for piece in pieces:
                        begun = True
                        yield piece
                        left -= 1  # a piece is a token at least
                        if left <= 0:  # a server that knows no limit would go on for ever
                            return
                return
            except ServerError as failure:
                if begun:
                    raise self._explain.incomplete(failure) from failure
                failures[failure.code] += 1
                wait = self._retries.wait(failure, failures[failure.code])
                if wait is None:
                    raise
            await self._sleep(wait)

    async def _once(self, client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncGenerator[str, None]:
        """One try, with every failure as a ServerError."""
        expected = self._timeouts.first_token
        try:
            async with aclosing(self._answer(client, body)) as pieces:
                while True:
                    began, seconds = time.perf_counter(), expected.seconds
                    async with asyncio.timeout(seconds):
                        piece = await anext(pieces, None)
                    if piece is None:
                        return
                    expected.observe(time.perf_counter() - began)
                    expected = self._timeouts.between_tokens
                    yield piece
        except httpx.ConnectTimeout as error:
            self._timeouts.connect.expired()
            raise self._explain.transport(error) from error
        except httpx.HTTPError as error:
            raise self._explain.transport(error) from error
        except TimeoutError as error:
            expected.expired()
            raise self._explain.timed_out(seconds) from error

    async def _answer(self, client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncGenerator[str, None]:
        async with (
            client.stream("POST", self._endpoint("chat/completions"), json=body, **self._request()) as response,
            aclosing(read_completion(response, self._explain)) as pieces,
        ):
            async for piece in pieces:
                yield piece

    def _request(self) -> dict[str, Any]:
        """What every request has: the key, its purpose, and its time-out.

        Silence is timed by this class, for a server may keep a connection alive without saying anything.
        """
        connect = self._timeouts.connect
        return {
            "headers": {"Authorization": f"Bearer {self._key}"} if self._key else {},
            "timeout": httpx.Timeout(None, connect=connect.seconds),
            "extensions": {PURPOSE: _PURPOSE, "trace": connect_observer(connect.observe)},
        }

    def _explainer(self) -> Explainer:
        return Explainer(str(self._url.copy_with(userinfo=b"", query=None, fragment=None)), self._key)

    def _endpoint(self, path: str) -> httpx.URL:
        return self._url.copy_with(path=f"{self._url.path}/{path}")

    def _body(self, messages: Sequence[Message], options: GenerationOptions) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "stream": True,
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
        }
        if options.seed is not None:
            body["seed"] = options.seed
        return body

    async def close(self) -> None:
        """Close the connections; the engine may be loaded again."""
        async with self._loading:
            client, self._client = self._client, None
            if client is not None:
                await self._clients.release()


def _checked_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.port not in (None, *range(1, 65_536)):
        raise LanguageModelError(
            "bad-address",
            "The address of the language model server must look like http://127.0.0.1:8080/v1. Correct it.",
        )
    return url.copy_with(path=url.path.rstrip("/"))


def _checked_key(key: str | None) -> str | None:
    """The key as it can be sent in a header; None for an empty one."""
    key = (key or "").strip()
    if not all("!" <= character <= "~" for character in key):
        raise LanguageModelError(
            "bad-key", "The API key of the language model server contains characters that no key has. Correct it."
        )
    return key or None
