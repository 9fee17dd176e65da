from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from modules.llm.base import GenerationOptions, LanguageModelError, Message
from modules.llm.openai_compatible import OpenAICompatible
from tests.integration.llm.conftest import RealServer

QUESTION = [
    Message("system", "You are a helpful voice assistant. Answer in one short sentence."),
    Message("user", "What is the capital of France?"),
]
STORY = [Message("user", "Count from one to one thousand, please.")]
SURE = GenerationOptions(max_tokens=40, temperature=0)
LONG = GenerationOptions(max_tokens=800, temperature=0)


@pytest.fixture
async def remote(server: RealServer) -> AsyncGenerator[OpenAICompatible, None]:
    model = OpenAICompatible(server.url)
    await model.load()
    yield model
    await model.close()


async def test_a_real_server_answers_in_a_stream(remote: OpenAICompatible) -> None:
    pieces = [piece async for piece in remote.stream(QUESTION, SURE)]
    assert "Paris" in "".join(pieces)
    assert len(pieces) > 3
    assert remote.capabilities.local


async def test_an_answer_that_is_closed_leaves_the_server_free(remote: OpenAICompatible) -> None:
    async with aclosing(remote.stream(STORY, LONG)) as pieces:
        for _ in range(3):
            await anext(pieces)
    assert "Paris" in "".join([piece async for piece in remote.stream(QUESTION, SURE)])


async def test_warming_up_at_a_real_server(remote: OpenAICompatible) -> None:
    assert await remote.warm_up() > 0


async def test_a_prompt_beyond_the_servers_context(remote: OpenAICompatible, server: RealServer) -> None:
    with pytest.raises(LanguageModelError) as caught:
        await anext(remote.stream([Message("user", "word " * 3000)], SURE))
    assert f"The language model server at {server.url}" in caught.value.message
    assert "Paris" in "".join([piece async for piece in remote.stream(QUESTION, SURE)])


async def test_a_server_that_is_killed_in_mid_answer(doomed_server: RealServer) -> None:
    model = OpenAICompatible(doomed_server.url)
    await model.load()
    pieces: list[str] = []

    async def listen() -> None:
        async for piece in model.stream(STORY, LONG):
            pieces.append(piece)
            doomed_server.kill()

    with pytest.raises(LanguageModelError) as broken:
        await listen()
    assert pieces
    assert broken.value.code == "incomplete"
    with pytest.raises(LanguageModelError) as gone:
        await anext(model.stream(QUESTION, SURE))
    await model.close()
    assert gone.value.code == "unreachable"
    assert doomed_server.url in gone.value.message
