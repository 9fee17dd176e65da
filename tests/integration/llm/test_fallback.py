"""Real models that take over from each other in the middle of an answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import pytest

from modules.engine import ProgressCallback
from modules.fallback.events import SwitchEvent
from modules.llm.base import (
    GenerationOptions,
    LanguageModel,
    LanguageModelCapabilities,
    LanguageModelError,
    Message,
)
from modules.llm.fallback import FallbackLanguageModel
from modules.llm.llama_cpp import LlamaCpp
from modules.llm.openai_compatible import OpenAICompatible
from tests.integration.llm.conftest import RealServer

QUESTION = [
    Message("system", "You are a helpful voice assistant. Answer in one short sentence."),
    Message("user", "What is the capital of France?"),
]
SURE = GenerationOptions(max_tokens=60, temperature=0)
STORY = [Message("user", "Tell me a story about a dog and a cat.")]


@dataclass
class BreakingModel:
    """A real model that fails after so many pieces of an answer; it stays open."""

    model: LanguageModel
    pieces: int

    @property
    def name(self) -> str:
        return f"breaking {self.model.name}"

    @property
    def capabilities(self) -> LanguageModelCapabilities:
        return self.model.capabilities

    async def load(self, progress: ProgressCallback | None = None) -> None:
        await self.model.load(progress)

    async def warm_up(self) -> float:
        return await self.model.warm_up()

    async def close(self) -> None:
        """The test closes it."""

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return self.model.count_tokens(messages)

    async def prefill(self, messages: Sequence[Message]) -> int:
        return await self.model.prefill(messages)

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        left = self.pieces
        async with aclosing(self.model.stream(messages, options)) as pieces:
            async for piece in pieces:
                if left == 0:
                    break
                left -= 1
                yield piece
        raise LanguageModelError("generation-failed", "It broke.", retryable=True)


async def _answer(model: LanguageModel, messages: list[Message]) -> str:
    return "".join([piece async for piece in model.stream(messages, SURE)])


@pytest.mark.parametrize("broken_after", [0, 1, 2, 3, 4, 5, 6])
async def test_the_model_on_this_machine_goes_on_word_for_word(smollm: LlamaCpp, broken_after: int) -> None:
    """With the same model on both sides the answer has to be the one that a single model gives."""
    events: list[SwitchEvent] = []
    fallback = FallbackLanguageModel([BreakingModel(smollm, broken_after), smollm], events.append)
    await fallback.load()
    whole = await _answer(smollm, QUESTION)
    assert "Paris" in whole
    assert await _answer(fallback, QUESTION) == whole
    assert [event.moment.value for event in events] == ["middle" if broken_after else "first result"]


@pytest.mark.parametrize("broken_after", [3, 10, 20])
async def test_a_long_answer_goes_on(smollm: LlamaCpp, broken_after: int) -> None:
    fallback = FallbackLanguageModel([BreakingModel(smollm, broken_after), smollm])
    await fallback.load()
    joined, whole = await _answer(fallback, STORY), await _answer(smollm, STORY)
    beginning = await _beginning(smollm, broken_after)
    assert joined.startswith(beginning)
    assert len(joined) > len(beginning) + 50
    assert abs(len(joined.split()) - len(whole.split())) <= 15
    assert not _repeats(joined, beginning)


async def _beginning(model: LanguageModel, count: int) -> str:
    """The first pieces of a story."""
    given: list[str] = []
    async with aclosing(model.stream(STORY, SURE)) as pieces:
        async for piece in pieces:
            if len(given) == count:
                break
            given.append(piece)
    return "".join(given)


def _repeats(joined: str, beginning: str) -> bool:
    """Whether the last four words of the beginning come again at once."""
    last = " ".join(beginning.split()[-4:])
    return joined[len(beginning) :].lstrip(" .").startswith(last)


@pytest.mark.parametrize("broken_after", [2, 5])
async def test_a_server_goes_on_from_the_model_on_this_machine(
    smollm: LlamaCpp, server: RealServer, broken_after: int
) -> None:
    fallback = FallbackLanguageModel([BreakingModel(smollm, broken_after), OpenAICompatible(server.url)])
    await fallback.load()
    answer = await _answer(fallback, QUESTION)
    await fallback.chain.links[1].engine.close()
    assert answer.count("The capital") == 1
    assert "  " not in answer
    assert answer.startswith("The capital")


async def test_the_model_on_this_machine_goes_on_when_the_server_is_killed(
    smollm: LlamaCpp, doomed_server: RealServer
) -> None:
    events: list[SwitchEvent] = []
    fallback = FallbackLanguageModel([OpenAICompatible(doomed_server.url), smollm], events.append)
    await fallback.load()
    given: list[str] = []
    async with aclosing(fallback.stream(STORY, SURE)) as pieces:
        async for piece in pieces:
            given.append(piece)
            if len(given) == 3:
                doomed_server.kill()
    assert len("".join(given).split()) > 20
    assert [(event.failed, event.successor, event.moment.value) for event in events] == [
        ("openai", "llama-cpp", "middle")
    ]
    assert "Paris" in await _answer(fallback, QUESTION)
    await fallback.close()


async def test_a_server_that_is_not_there_is_passed_over(smollm: LlamaCpp) -> None:
    fallback = FallbackLanguageModel([OpenAICompatible("http://127.0.0.1:9/v1"), smollm])
    await fallback.load()
    assert fallback.name == "llama-cpp"
    assert fallback.count_tokens(QUESTION) == smollm.count_tokens(QUESTION)
    assert "Paris" in await _answer(fallback, QUESTION)
    await fallback.close()
