from __future__ import annotations

import pytest

from modules.llm.base import Message
from modules.llm.conversation import Conversation, Turn


def test_the_prompt_of_a_conversation() -> None:
    conversation = Conversation("Be brief.")
    conversation.add_turn("Hello. ", " Hi!\n")
    assert conversation.messages_for(" How are you?") == [
        Message("system", "Be brief."),
        Message("user", "Hello."),
        Message("assistant", "Hi!"),
        Message("user", "How are you?"),
    ]


def test_without_a_system_prompt() -> None:
    assert Conversation(" ").messages_for("Hello.") == [Message("user", "Hello.")]


def test_what_was_returned_does_not_change() -> None:
    conversation = Conversation("Be brief.")
    before, prompt = conversation.turns, conversation.messages_for("One")
    turn = conversation.add_turn("One", "Two")
    assert before == ()
    assert len(prompt) == 2
    assert conversation.turns == (turn,) == (Turn("One", "Two", False),)


@pytest.mark.parametrize("heard", ["The capital is", "The capital is…", "The capital is ... ", "The capital is …\n"])
def test_an_interrupted_answer_is_what_was_heard_without_an_ellipsis(heard: str) -> None:
    turn = Conversation("").add_turn("Capital?", heard, interrupted=True)
    assert turn == Turn("Capital?", "The capital is", True)


@pytest.mark.parametrize("heard", ["It is Paris.", "Is it Paris?"])
def test_the_end_of_a_heard_sentence_stays(heard: str) -> None:
    assert Conversation("").add_turn("Capital?", heard, interrupted=True).assistant == heard


def test_an_ellipsis_that_was_meant_stays() -> None:
    assert Conversation("").add_turn("Count.", "One, two, three…").assistant == "One, two, three…"


def test_roles_alternate_when_answers_were_never_heard() -> None:
    conversation = Conversation("Be brief.")
    conversation.add_turn("Hello.", "Hi!")
    conversation.add_turn("What is the", "…", interrupted=True)
    conversation.add_turn("I mean,", "", interrupted=True)
    assert [turn.interrupted for turn in conversation.turns] == [False, True, True]
    assert conversation.messages_for("what time is it?")[-2:] == [
        Message("assistant", "Hi!"),
        Message("user", "What is the\nI mean,\nwhat time is it?"),
    ]
