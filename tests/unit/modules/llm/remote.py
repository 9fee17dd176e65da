"""A loaded engine in front of a server that misbehaves, and how to ask it."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from modules.llm.base import GenerationOptions, LanguageModelError, Message
from modules.llm.openai_compatible import OpenAICompatible
from modules.network.client import CLIENTS, ClientPool
from modules.network.retries import Retries
from tests.unit.modules.llm.http_server import (
    DONE,
    Handler,
    Server,
    answering,
    delta,
    serving,
    streaming,
)

KEY = "sk-very-secret-0123456789"
QUESTION = [Message("system", "Be brief."), Message("user", "What is the capital of France?")]
MODELS = answering(200, {"data": [{"id": "first"}, {"id": "second"}]})
PARIS = streaming(delta("Pa"), delta("ris."), delta("", "stop"), DONE)
TIMEOUT = 0.1
PUNCTUAL = Retries(chance=lambda: 0.0)
"""Without jitter."""


class Waits:
    """Takes the place of sleeping."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@asynccontextmanager
async def engine(
    *handlers: Handler,
    waits: Waits | None = None,
    timeout_seconds: float = 5.0,
    api_key: str | None = KEY,
    clients: ClientPool = CLIENTS,
) -> AsyncGenerator[tuple[OpenAICompatible, Server], None]:
    """A loaded engine; `handlers` serve what comes after the list of models."""
    async with serving(MODELS, *handlers) as server:
        model = OpenAICompatible(
            server.url,
            api_key=api_key,
            timeout_seconds=timeout_seconds,
            retries=PUNCTUAL,
            clients=clients,
            sleep=waits or Waits(),
        )
        await model.load()
        try:
            yield model, server
        finally:
            await model.close()


async def ask(model: OpenAICompatible, options: GenerationOptions | None = None) -> list[str]:
    return [piece async for piece in model.stream(QUESTION, options)]


async def fail(model: OpenAICompatible) -> tuple[list[str], LanguageModelError]:
    """What came before the error, and the error."""
    pieces: list[str] = []

    async def collect() -> None:
        async for piece in model.stream(QUESTION):
            pieces.append(piece)

    with pytest.raises(LanguageModelError) as caught:
        await collect()
    return pieces, caught.value


def refused_url() -> str:
    """An address at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
