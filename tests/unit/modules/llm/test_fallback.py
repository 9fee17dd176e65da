from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest

from modules.engine import ProgressCallback
from modules.fallback.events import SwitchEvent
from modules.llm.base import GenerationOptions, LanguageModelCapabilities, LanguageModelError, Message
from modules.llm.fallback import FallbackLanguageModel
from modules.llm.thinking import ThoughtFilter
from tests.fakes.clock import loop_time, run_virtual

PROMPT = [Message("user", "What is the capital of France?")]
BROKEN = LanguageModelError("server-failed", "It broke.", retryable=True)


@dataclass
class Mind:
    """Writes what it is told to, word by word; an error in it is raised, and None hangs."""

    name: str
    script: Sequence[str | Exception | None] = ("The capital", " of France", " is Paris.")
    exact: bool = True
    closed: bool = False
    prompts: list[list[Message]] = field(default_factory=list)
    options: list[GenerationOptions] = field(default_factory=list)
    prefilled: int = 0
    load_error: Exception | None = None

    @property
    def capabilities(self) -> LanguageModelCapabilities:
        return LanguageModelCapabilities(1000, local=self.exact, continues_replies=self.exact)

    async def load(self, progress: ProgressCallback | None = None) -> None:
        if self.load_error is not None:
            raise self.load_error

    async def warm_up(self) -> float:
        return 0.2

    async def close(self) -> None:
        self.closed = True

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return len(self.name) + sum(len(message.content.split()) for message in messages)

    async def prefill(self, messages: Sequence[Message]) -> int:
        self.prefilled += 1
        return 3

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        self.prompts.append(list(messages))
        self.options.append(options or GenerationOptions())
        for step in self.script:
            await asyncio.sleep(0.05)
            if step is None:
                await asyncio.Event().wait()
            elif isinstance(step, Exception):
                raise step
            else:
                yield step


def play(script: Callable[[FallbackLanguageModel], Coroutine[Any, Any, None]], *minds: Mind) -> list[SwitchEvent]:
    events: list[SwitchEvent] = []

    async def main() -> None:
        fallback = FallbackLanguageModel(minds, events.append, deadline_seconds=20.0, clock=loop_time)
        await fallback.load()
        await script(fallback)
        await fallback.close()

    run_virtual(main)
    return events


async def answer(model: FallbackLanguageModel, options: GenerationOptions | None = None) -> str:
    return "".join([piece async for piece in model.stream(PROMPT, options)])


def answered(*minds: Mind) -> tuple[str, list[SwitchEvent]]:
    given: list[str] = []

    async def script(fallback: FallbackLanguageModel) -> None:
        given.append(await answer(fallback))

    events = play(script, *minds)
    return given[0], events


def test_the_first_engine_answers_and_is_asked_for_everything() -> None:
    first = Mind("first")

    async def script(fallback: FallbackLanguageModel) -> None:
        assert await answer(fallback) == "The capital of France is Paris."
        assert fallback.name == "first"
        assert fallback.capabilities.context_tokens == 1000
        assert fallback.count_tokens(PROMPT) == first.count_tokens(PROMPT)
        assert await fallback.prefill(PROMPT) == 3
        assert await fallback.warm_up() == 0.2

    assert play(script, first, Mind("second")) == []
    assert first.prompts == [PROMPT]
    assert first.closed


@pytest.mark.parametrize("error", [BROKEN, RuntimeError("native"), MemoryError()])
def test_a_failure_before_the_first_word_is_not_noticed(error: Exception) -> None:
    second = Mind("second")
    text, events = answered(Mind("first", [error]), second)
    assert text == "The capital of France is Paris."
    assert second.prompts == [PROMPT]
    assert [(event.moment.value, event.successor) for event in events] == [("first result", "second")]


@pytest.mark.parametrize("broken", [BROKEN, None])
@pytest.mark.parametrize(
    ("exact", "rest"),
    [
        (True, [" of France", " is Paris."]),
        (False, ["capital of France", " is Paris."]),
        (False, ["The capital of", " France is Paris."]),
        (False, ["of France is Paris."]),
    ],
)
def test_the_next_engine_goes_on_where_the_first_one_broke_off(
    broken: Exception | None, exact: bool, rest: list[str]
) -> None:
    second = Mind("second", rest, exact=exact)
    text, events = answered(Mind("first", ["The", " capital", broken]), second)
    assert text == "The capital of France is Paris."
    assert second.prompts[0][1] == Message("assistant", "The capital" if exact else "The")
    assert second.options[0].max_tokens == GenerationOptions().max_tokens - 2
    assert events[0].moment.value == "middle"
    assert events[0].added_seconds == pytest.approx(6.0 if broken is None else 0.05, abs=0.01)


def test_an_answer_may_pass_through_three_hands() -> None:
    text, events = answered(
        Mind("first", ["The", BROKEN]), Mind("second", [" capital", BROKEN]), Mind("third", [" of France is Paris."])
    )
    assert text == "The capital of France is Paris."
    assert [event.successor for event in events] == ["second", "third"]


def test_a_prompt_that_is_too_long_is_nobodys_failure() -> None:
    async def script(fallback: FallbackLanguageModel) -> None:
        with pytest.raises(LanguageModelError, match="Shorter"):
            await answer(fallback)
        assert fallback.name == "first"

    assert play(script, Mind("first", [LanguageModelError("too-long", "Shorter.")]), Mind("second")) == []


def test_when_none_is_left_in_the_middle_the_beginning_was_given_and_the_error_says_why() -> None:
    async def script(fallback: FallbackLanguageModel) -> None:
        pieces = fallback.stream(PROMPT)
        assert await anext(pieces) == "The"
        with pytest.raises(LanguageModelError, match=r"No language model works\. It broke\.") as raised:
            await anext(pieces)
        assert raised.value.code == "no-model"

    play(script, Mind("first", ["The", BROKEN]), Mind("second", [BROKEN]))


def test_an_empty_answer_is_asked_for_again_elsewhere() -> None:
    text, events = answered(Mind("first", []), Mind("second"))
    assert text == "The capital of France is Paris."
    assert events == []


def test_if_nobody_has_an_answer_the_error_is_the_usual_one() -> None:
    async def script(fallback: FallbackLanguageModel) -> None:
        with pytest.raises(LanguageModelError) as raised:
            await answer(fallback)
        assert raised.value.code == "empty-reply"

    play(script, Mind("first", []))


def test_noise_is_not_passed_on() -> None:
    text, events = answered(Mind("first", ["The", *["\ufffd\ufffd"] * 20]), Mind("second", [" capital."]))
    assert text == "The capital."
    assert events[0].error is not None
    assert events[0].error.code == "garbage"


def test_a_little_noise_is_left_out() -> None:
    text, events = answered(Mind("first", ["The", "\ufffd", " capital."]))
    assert (text, events) == ("The capital.", [])


def shown(raw: str) -> str:
    """What one sees who leaves out the thought at the beginning."""
    thoughts = ThoughtFilter()
    return thoughts.feed(raw) + thoughts.flush()


@pytest.mark.parametrize("second", [["Paris."], ["<think>", "Hm.", "</think>", "Paris."]])
@pytest.mark.parametrize("first", [["<think>", "Let me", BROKEN], ["<thi", BROKEN], ["<think>x</think>", BROKEN]])
def test_a_thought_that_broke_off_is_thought_anew(first: list[Any], second: list[Any]) -> None:
    other = Mind("second", second)
    text, _ = answered(Mind("first", first), other)
    assert shown(text) == "Paris."
    assert other.prompts == [PROMPT]


def test_what_the_next_one_thinks_in_the_middle_is_not_said() -> None:
    text, _ = answered(
        Mind("first", ["<think>x</think>", "It is", BROKEN]),
        Mind("second", ["<think>", "They said it is", "</think>", "is Paris."], exact=False),
    )
    assert shown(text) == "It is Paris."


def test_the_limit_of_the_answer_holds_for_all_together() -> None:
    async def script(fallback: FallbackLanguageModel) -> None:
        assert await answer(fallback, GenerationOptions(max_tokens=2)) == "The capital"

    play(script, Mind("first", ["The", " capital", BROKEN]), Mind("second", [" of France"]))


def test_reading_ahead_is_not_asked_of_one_that_is_left_alone() -> None:
    first = Mind("first", [None])

    async def script(fallback: FallbackLanguageModel) -> None:
        with pytest.raises(LanguageModelError):
            await answer(fallback)
        assert await fallback.prefill(PROMPT) == 0

    play(script, first)
    assert first.prefilled == 0


def test_an_answer_that_is_given_up_leaves_the_engine_free() -> None:
    first = Mind("first")

    async def script(fallback: FallbackLanguageModel) -> None:
        async with aclosing(fallback.stream(PROMPT)) as pieces:
            assert await anext(pieces) == "The capital"
        assert await answer(fallback) == "The capital of France is Paris."

    assert play(script, first, Mind("second")) == []


def test_an_engine_is_tried_with_a_real_question_before_it_comes_back() -> None:
    first = Mind("first", [], load_error=BROKEN)

    async def script(fallback: FallbackLanguageModel) -> None:
        assert fallback.name == "second"
        first.load_error = None
        await asyncio.sleep(60.0)
        assert fallback.name == "second"
        first.script = ("Hi.",)
        await asyncio.sleep(120.0)
        assert fallback.name == "first"

    play(script, first, Mind("second"))


def test_an_answer_that_is_not_gone_on_with_in_the_middle_of_a_sentence_goes_to_the_next() -> None:
    text, _ = answered(
        Mind("first", ["The capital", BROKEN]),
        Mind("second", ["The capital"], exact=False),
        Mind("third", [" of France."]),
    )
    assert text == "The capital of France."


def test_an_answer_to_which_nothing_is_to_be_added_is_whole() -> None:
    text, events = answered(Mind("first", ["It is Paris.", BROKEN]), Mind("second", []), Mind("third", [" No."]))
    assert text == "It is Paris."
    assert len(events) == 1
