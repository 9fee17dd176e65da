from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from modules.llm.base import GenerationOptions, LanguageModelCapabilities, LanguageModelError, Message
from modules.llm.context import fit
from modules.llm.conversation import Conversation
from tests.fakes.engines import FakeLanguageModel


class CountingModel(FakeLanguageModel):
    """A word is a token, and each message costs three more."""

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content.split()) + 3 for message in messages)


def model_of(context_tokens: int) -> CountingModel:
    return CountingModel(capabilities=LanguageModelCapabilities(context_tokens, local=True))


def words(count: int, name: str = "word") -> str:
    return " ".join([name] * count)


def talk(turns: Sequence[tuple[int, int]], system: int = 5) -> Conversation:
    conversation = Conversation(words(system, "rule"))
    for number, (user, assistant) in enumerate(turns):
        conversation.add_turn(words(user, f"question{number}"), words(assistant, f"answer{number}"))
    return conversation


@settings(deadline=None)
@given(
    turns=st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), max_size=40),
    newest=st.integers(1, 60),
    context=st.integers(200, 1000),
    max_tokens=st.integers(1, 2000),
)
def test_the_prompt_fits_and_is_the_end_of_the_conversation(
    turns: list[tuple[int, int]], newest: int, context: int, max_tokens: int
) -> None:
    assume(5 + 3 + newest + 3 <= context - min(max_tokens, context // 2))
    model, conversation, text = model_of(context), talk(turns), words(newest, "now")
    whole = conversation.messages_for(text)
    kept = fit(conversation, text, model, GenerationOptions(max_tokens=max_tokens))
    assert model.count_tokens(kept) <= context - min(max_tokens, context // 2)
    assert kept[0] == whole[0]
    assert kept[1].role == "user"
    assert kept[1:] == whole[len(whole) - len(kept) + 1 :]
    if model.count_tokens(whole) <= context - min(max_tokens, context // 2):
        assert kept == whole


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=80, max_size=120))
def test_the_cut_moves_seldom_and_only_forward(turns: list[tuple[int, int]]) -> None:
    model, conversation, cuts = model_of(1000), talk([]), []
    for user, assistant in turns:
        whole = conversation.messages_for("now")
        cuts.append(len(whole) - len(fit(conversation, "now", model, GenerationOptions(max_tokens=200))))
        conversation.add_turn(words(user), words(assistant))
    assert cuts == sorted(cuts)
    # Each cut takes a quarter of the budget of 800 tokens.
    assert len(set(cuts)) <= 2 + model.count_tokens(conversation.messages_for("now")) // 200


def test_a_short_conversation_is_left_alone() -> None:
    conversation = talk([(5, 5), (5, 5)])
    assert fit(conversation, "now", model_of(500)) == conversation.messages_for("now")


def test_half_of_the_context_is_for_the_prompt_even_if_the_reply_may_be_longer() -> None:
    conversation = talk([])
    assert fit(conversation, words(80), model_of(200), GenerationOptions(max_tokens=4096))


@pytest.mark.parametrize("turns", [[], [(10, 10)] * 5])
def test_a_message_that_alone_is_too_long_is_refused(turns: list[tuple[int, int]]) -> None:
    with pytest.raises(LanguageModelError, match=r"it takes 100 tokens, and this has 1011\. Say it") as caught:
        fit(talk(turns), words(1000), model_of(200), GenerationOptions(max_tokens=100))
    assert caught.value.code == "too-long"
