"""Reading the answer of an OpenAI-compatible server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Any

import httpx

from modules.llm.server_errors import Explainer
from modules.llm.sse import EventParser, EventTooLongError

_DONE = "[DONE]"
_BODY_LIMIT = 1 << 20
"""Bytes of an answer that is read in one piece."""
_DRAIN_SECONDS = 0.1
"""What follows the last event is a few bytes, and most often already there."""


async def read_completion(response: httpx.Response, explain: Explainer) -> AsyncGenerator[str, None]:
    """Yield the text of a chat completion, whether the server streams it or sends it in one piece.

    Raises:
        ServerError: The answer is an error, is not a chat completion, or breaks off.
        httpx.HTTPError: The connection failed.
    """
    if response.status_code != httpx.codes.OK:
        raise explain.status(response.status_code, response.headers, await _body(response))
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        text, _ = _choice(_parse((await _body(response)).decode("utf-8", "replace"), explain), "message", explain)
        if text:
            yield text
        return
    if kind != "text/event-stream":
        raise explain.unreadable()
    packets, finished = response.aiter_bytes(), False
    async with aclosing(_events(packets, explain)) as events:
        async for data in events:
            if data.strip() == _DONE:
                await _drain(packets)
                return
            text, ended = _choice(_parse(data, explain), "delta", explain)
            finished = finished or ended
            if text:
                yield text
    if not finished:
        raise explain.cut_short()


async def _events(packets: AsyncIterator[bytes], explain: Explainer) -> AsyncGenerator[str, None]:
    """Data of the server-sent events in `packets`."""
    parser = EventParser()
    try:
        async for packet in packets:
            for event in parser.feed(packet):
                yield event
    except EventTooLongError as error:
        raise explain.unreadable() from error
    for event in parser.finish():
        yield event


async def _drain(packets: AsyncIterator[bytes]) -> None:
    """Read the end of an answer whose text is complete: only then can the connection serve the next turn."""
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in packets:
                pass


async def read_models(response: httpx.Response, explain: Explainer) -> list[str]:
    """Names of the models that a server lists.

    Raises:
        ServerError: The answer is an error or not a list of models.
        httpx.HTTPError: The connection failed.
    """
    body = await _body(response)
    if response.status_code != httpx.codes.OK:
        raise explain.status(response.status_code, response.headers, body)
    found = _parse(body.decode("utf-8", "replace"), explain)
    models = found.get("data")
    if not isinstance(models, list):
        raise explain.unreadable()
    return [model["id"] for model in models if isinstance(model, dict) and isinstance(model.get("id"), str)]


async def _body(response: httpx.Response) -> bytes:
    """The answer, but no more of it than is sensible."""
    body = b""
    async for packet in response.aiter_bytes():
        body += packet
        if len(body) > _BODY_LIMIT:
            break
    return body


def _parse(data: str, explain: Explainer) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise explain.unreadable() from error
    if not isinstance(found, dict):
        raise explain.unreadable()
    if found.get("error"):
        raise explain.reported(found["error"])
    return found


def _choice(chunk: dict[str, Any], part: str, explain: Explainer) -> tuple[str, bool]:
    """Text of the first choice, and whether it is the last; chunks without choices carry statistics only."""
    choices = chunk.get("choices")
    if not isinstance(choices, list):
        raise explain.unreadable()
    if not choices:
        return "", False
    choice = choices[0] if isinstance(choices[0], dict) else {}
    message = choice.get(part)
    content = message.get("content") if isinstance(message, dict) else None
    return content if isinstance(content, str) else "", bool(choice.get("finish_reason"))
